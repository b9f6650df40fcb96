// The named fields of the machine: what a name of the expression language (expr.ts) means, and where it is in memory
// now. Names are the kernels' own; a port that is not named is the first open passthrough port, else the first open one.

import * as L from '../../wasm/layout.ts';
import { type Fields, type Found, type Name, type Problem, compile, nameText } from './expr.ts';
import type { Owner, RingRef } from './protocol.ts';
import { csbs, nameOf, rings } from './view.ts';
import type { World } from './world.ts';

type Base = 'csb' | 'ring' | 'slot' | 'kr' | 'gkr' | 'vcpu' | 'thread' | 'machine';
export type Bytes = 2 | 4 | 8;
type Dir = 'tx' | 'rx';
/** A named field where it is now. */
export interface Place {
  /** The name to show and to write. */
  path: string;
  addr: number;
  bytes: Bytes;
  owner: Owner;
  /** Whether a parked student may change it. */
  writable: boolean;
  doc: string;
}
/** A field wherever it is. Owner user: the side whose program has the ring open. */
type Spec = Omit<Place, 'addr' | 'owner'> & { base: Base; dir?: Dir; offset: number; owner: Owner | 'user' };

// ── the table ─────────────────────────────────────────────────────────────────────────────────────────────────────

const SPECS: Spec[] = [];
/** Every way to write a name, index left out of the brackets. */
const NAMES = new Map<string, Spec>();
const add = (s: Spec, ...also: string[]) => {
  SPECS.push(s);
  for (const p of [s.path, ...also]) NAMES.set(p, s);
};
type Row = [name: string, offset: number, owner: Owner | 'user', doc: string, bytes?: Bytes, fixed?: 'fixed'];

const CSB: Row[] = [
  ['guest_need_txkick', L.CSB_GUEST_NEED_TXKICK, 'guest', 'the guest sleeps and wants an interrupt for TX; in 2015 the host clears it'],
  ['guest_need_rxkick', L.CSB_GUEST_NEED_RXKICK, 'guest', 'the guest sleeps and wants an interrupt for RX; in 2015 the host clears it'],
  ['guest_csb_on', L.CSB_GUEST_CSB_ON, 'guest', 'the guest uses the CSB'],
  ['host_need_txkick', L.CSB_HOST_NEED_TXKICK, 'host', 'the TX worker sleeps and wants a kick'],
  ['host_need_rxkick', L.CSB_HOST_NEED_RXKICK, 'host', 'the RX worker sleeps and wants a kick'],
  ['nifp_offset', L.CSB_NIFP_OFFSET, 'host', 'where the netmap_if is in the shared region'],
  ['num_tx_rings', L.CSB_NUM_TX_RINGS, 'host', 'TX rings of the port', 2],
  ['num_rx_rings', L.CSB_NUM_RX_RINGS, 'host', 'RX rings of the port', 2],
  ['num_tx_slots', L.CSB_NUM_TX_SLOTS, 'host', 'slots of a TX ring', 2],
  ['num_rx_slots', L.CSB_NUM_RX_SLOTS, 'host', 'slots of an RX ring', 2],
];
const CSB_RING: Row[] = [
  ['head', L.PTR_HEAD, 'guest', 'the first slot that the guest has not given to the host'],
  ['cur', L.PTR_CUR, 'guest', 'where the guest wants to be woken'],
  ['sync_flags', L.PTR_SYNC_FLAGS, 'guest', 'flags of the guest’s last sync'],
  ['hwcur', L.PTR_HWCUR, 'host', 'the first slot that the host has not taken'],
  ['hwtail', L.PTR_HWTAIL, 'host', 'the first slot that the host keeps'],
];
const RING: Row[] = [
  ['head', L.RING_HEAD, 'user', 'the first slot that the program keeps'],
  ['cur', L.RING_CUR, 'user', 'where the program wants to be woken'],
  ['tail', L.RING_TAIL, 'user', 'the first slot that the kernel keeps'],
  ['flags', L.RING_FLAGS, 'user', 'NR_TIMESTAMP, NR_FORWARD'],
  ['num_slots', L.RING_NUM_SLOTS, 'host', 'slots of the ring', 4, 'fixed'],
];
const SLOT: Row[] = [
  ['buf_idx', L.SLOT_BUF_IDX, 'shared', 'the buffer that the slot names'],
  ['len', L.SLOT_LEN, 'shared', 'bytes of the packet', 2],
  ['flags', L.SLOT_FLAGS, 'shared', 'NS_BUF_CHANGED and the other flags of a slot', 2],
];
const KRING: Row[] = [
  ['hwcur', L.KR_NR_HWCUR, 'host', 'nr_hwcur: the first slot that sync has not taken'],
  ['hwtail', L.KR_NR_HWTAIL, 'host', 'nr_hwtail: the first slot that sync keeps'],
  ['rhead', L.KR_RHEAD, 'host', 'head as the kernel last read it'],
  ['rcur', L.KR_RCUR, 'host', 'cur as the kernel last read it'],
  ['rtail', L.KR_RTAIL, 'host', 'tail as the kernel last published it'],
  ['nr_busy', L.KR_NR_BUSY, 'host', 'a sync holds the ring'],
  ['nkr_stopped', L.KR_STOPPED, 'host', 'the ring is stopped: no sync may begin'],
  ['users', L.KR_USERS, 'host', 'descriptors that have it open', 4, 'fixed'],
];
const THREAD: Row[] = [
  ['status', L.T_STATUS, 'shared', 'READY, ASLEEP, BLOCKED, WAITING or DEAD', 4, 'fixed'],
  ['wchan', L.T_WCHAN, 'shared', 'the channel on which it sleeps', 4, 'fixed'],
  ['deadline', L.T_DEADLINE, 'shared', 'lab time at which its sleep ends by itself, 0 for never', 8, 'fixed'],
  ['vtime', L.T_VTIME, 'shared', 'its virtual time in ns', 8, 'fixed'],
  ['stored', L.T_SB_COUNT, 'shared', 'stores that wait in its store buffer', 4, 'fixed'],
];
const spec = (path: string, base: Base, r: Row, more: Partial<Spec> = {}): Spec => {
  const [name, offset, owner, doc, bytes = 4, fixed] = r;
  return { path: path + name, base, offset, bytes, owner, writable: !fixed, doc, ...more };
};
for (const r of CSB) add(spec('csb.', 'csb', r));
for (const dir of ['tx', 'rx'] as const) {
  const at = dir === 'tx' ? L.CSB_TX_RING : L.CSB_RX_RING;
  for (const r of CSB_RING) add(spec(`csb.${dir}_ring.`, 'csb', r, { offset: at + r[1] }));
  for (const r of RING) add(spec(`${dir}.`, 'ring', r, { dir }), `ring.${dir}.${r[0]}`);
  for (const r of KRING) {
    const real = r[0].startsWith('hw') ? [`nr_${r[0]}`] : [];
    add(spec(`${dir}.`, 'kr', r, { dir }), ...real.map((n) => `${dir}.${n}`), ...[r[0], ...real].map((n) => `kr.${dir}.${n}`));
    add(spec(`gkr.${dir}.`, 'gkr', r, { dir, owner: 'guest', doc: `guest’s kring: ${r[3]}` }), ...real.map((n) => `gkr.${dir}.${n}`));
  }
  for (const r of SLOT) add(spec(`${dir}.slot[].`, 'slot', r, { dir }), `ring.${dir}.slot[].${r[0]}`);
}
add(spec('vcpu.', 'vcpu', ['irr[]', L.VCPU_IRR, 'shared', 'vectors 32·i to 32·i + 31 that are pending', 4, 'fixed']));
for (const r of THREAD) add(spec('thread.', 'thread', r), `thread[].${r[0]}`);
add(spec('', 'machine', ['clock', L.M_CLOCK, 'shared', 'the lab clock in ns', 8, 'fixed']));
add(spec('', 'machine', ['step', L.M_STEPS, 'shared', 'shared accesses since the lab was started', 8, 'fixed']));

const PATHS = [...NAMES.keys()].map((n) => n.split('.'));
const STATUS = { READY: L.TS_READY, ASLEEP: L.TS_ASLEEP, BLOCKED: L.TS_BLOCKED, WAITING: L.TS_REQUEST, DEAD: L.TS_DEAD };
const { NS_BUF_CHANGED, NS_REPORT, NS_FORWARD, NS_NO_LEARN, NS_INDIRECT, NS_MOREFRAG } = L;
const FLAGS = { NS_BUF_CHANGED, NS_REPORT, NS_FORWARD, NS_NO_LEARN, NS_INDIRECT, NS_MOREFRAG };
const CONSTANTS = new Map<string, number>(Object.entries({ ...STATUS, ...FLAGS }));
const constant = (word: string) => CONSTANTS.get(word);
/** What a single word may be short for: the last parts of the names, shortest name first. */
const longestFirst = [...SPECS].reverse().sort((a, b) => b.path.length - a.path.length);
const SHORT = new Map(longestFirst.map((s) => [s.path.split('.').at(-1) ?? '', s.path]));
for (const c of CONSTANTS.keys()) SHORT.set(c, c);
const SHORTS = [...SHORT.keys()];

// ── names ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Edit distance, a swap of neighbours counting one. */
function distance(a: string, b: string): number {
  let before: number[] = [],
    row: number[] = [];
  for (let i = 0; i <= b.length; i++) row.push(i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let k = 1; k <= b.length; k++) {
      const d = Math.min((row[k] ?? 0) + 1, (next[k - 1] ?? 0) + 1, (row[k - 1] ?? 0) + (a[i - 1] === b[k - 1] ? 0 : 1));
      const swapped = k > 1 && a[i - 1] === b[k - 2] && a[i - 2] === b[k - 1];
      next.push(swapped ? Math.min(d, (before[k - 2] ?? 0) + 1) : d);
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 0;
}

/** The name that was probably meant, if one is near. */
export function nearest(word: string, among: readonly string[]): string | undefined {
  const most = Math.max(1, Math.min(3, Math.floor(word.length / 3)));
  let best: string | undefined,
    least = most + 1;
  for (const name of among) {
    const d = Math.abs(name.length - word.length) > most ? least : distance(word.toLowerCase(), name.toLowerCase());
    if (d < least) [best, least] = [name, d];
  }
  return best;
}

type Missing = Found & { ok: false };
const missing = (step: number, message?: string, meant?: string): Missing => ({ ok: false, step, ...(message ? { message } : {}), meant });

/** Steps whose index says which ring of a port: tx[1].head. */
const RINGS = /^[rt]x$/;
const ringNumber = ({ steps }: Name) => steps.find((x) => RINGS.test(x.text))?.index ?? 0;
const indexStep = ({ steps }: Name) => steps.findIndex((x) => x.index !== undefined && !RINGS.test(x.text));

/** The field that a name is, whatever is open; or the step of it that is none. */
function look({ steps }: Name): Spec | Missing {
  const parts = steps.map((s) => (s.index === undefined || RINGS.test(s.text) ? s.text : `${s.text}[]`)),
    found = NAMES.get(parts.join('.'));
  if (found) return found;
  let here = PATHS;
  for (const [i, part] of parts.entries()) {
    const there = here.filter((n) => n[i] === part),
      word = steps[i]?.text ?? '';
    if (!there.length) {
      if (here.some((n) => n[i] === `${word}[]`)) return missing(i, `${word} needs an index: ${word}[0].`);
      if (here.some((n) => n[i] === word)) return { ...missing(i, `${word} takes no index.`), index: true };
      const among = [...new Set(here.flatMap((n) => n[i]?.replace('[]', '') ?? []))];
      return missing(i, undefined, nearest(word, among) ?? (i ? undefined : SHORT.get(nearest(word, SHORTS) ?? '')));
    }
    here = there;
  }
  const next = [...new Set(here.map((n) => n[parts.length] ?? ''))];
  return missing(steps.length - 1, `${parts.join('.')} is not one field; it has ${next.join(', ')}.`);
}

/** Names without a machine: any port, VM or thread may be named, nothing has to be open. */
export const anyFields: Fields = {
  constant,
  find(name) {
    const s = look(name);
    return 'ok' in s ? s : { ok: true, type: 'number', key: canonical(s, name) };
  },
};
function canonical(s: Spec, name: Name): string {
  const index = name.steps[indexStep(name)]?.index,
    ring = ringNumber(name);
  if (s.base === 'thread' && index !== undefined) return s.path.replace('thread.', `thread[${index}].`);
  const path = s.path.replace('[]', `[${index}]`).replace(/\b[rt]x\b/, (d) => (ring ? `${d}[${ring}]` : d));
  return name.qualifier === undefined ? path : nameText(name.qualifier, [{ text: path }]);
}

// ── where they are ────────────────────────────────────────────────────────────────────────────────────────────────

interface Port {
  /** What it may be called; the first is shown. */
  names: string[];
  passthrough: boolean;
  open: boolean;
  rings: Record<Dir, RingRef[]>;
  csb: number;
}

/** Ports with rings, in the order in which a name without a port looks at them. */
function ports(w: World): Port[] {
  const out = new Map<string, Port>(),
    pages = new Map(csbs(w).map((c) => [c.id, Number(c.hostAddress)]));
  for (const r of rings(w)) {
    const id = r.id.slice(0, r.id.lastIndexOf('.')),
      passthrough = r.user === 'guest',
      plain = passthrough ? id.replace(/-PTN$/, '') : id;
    const p: Port = out.get(id) ?? {
      names: [...new Set([r.port, plain, id, ...(passthrough ? [`pt${plain}`] : [])])],
      passthrough,
      open: !passthrough || r.guestKring !== 0,
      rings: { tx: [], rx: [] },
      csb: pages.get(id) ?? 0,
    };
    p.rings[r.dir === 'TX' ? 'tx' : 'rx'].push(r); // the first ring is what a name without a number means
    out.set(id, p);
  }
  const rank = (p: Port) => (p.passthrough ? (p.open ? 0 : 2) : 1);
  return [...out.values()].sort((a, b) => rank(a) - rank(b));
}
const shown = (p: Port) => p.names[0] ?? '';
const known = (what: string, names: string[]) =>
  names.length ? `There ${names.length > 1 ? 'are' : 'is'} ${names.join(', ')}.` : `There is no ${what}.`;

/** The port that a name means, or why there is none. */
function portOf(w: World, qualifier: string | undefined): Port | Missing {
  const all = ports(w);
  if (qualifier === undefined) return all[0] ?? missing(0, 'No port is open, so no ring is there yet.');
  const found = all.filter((p) => p.names.includes(qualifier)),
    names = all.flatMap((p) => p.names),
    which = known('open port', all.map(shown));
  if (found.length > 1) return missing(-1, `${qualifier} is in ${found.length} VMs: write ${found.map((p) => p.names[1]).join(' or ')}.`);
  return found[0] ?? missing(-1, `no port “${qualifier}”. ${which}`, nearest(qualifier, names));
}

/** Where a structure of a port is. */
function inPort(w: World, s: Spec, name: Name): { addr: number; user: Owner; slots: number } | Missing {
  const p = portOf(w, name.qualifier);
  if ('ok' in p) return p;
  const number = ringNumber(name),
    ring = s.dir ? p.rings[s.dir][number] : undefined,
    user = p.passthrough ? 'guest' : 'host',
    slots = ring?.slots ?? 0,
    at = name.qualifier === undefined ? 0 : -1;
  if (s.dir && number && !ring) {
    const n = p.rings[s.dir].length;
    return {
      ...missing(
        name.steps.findIndex((x) => RINGS.test(x.text)),
        `${shown(p)} has ${n} ${s.dir.toUpperCase()} ring${n === 1 ? '' : 's'}, from 0.`,
      ),
      index: true,
    };
  }
  const closed = `${shown(p)} is an ordinary virtio device until a netmap program opens it.`;
  if (s.base === 'csb' || s.base === 'gkr') {
    const what = s.base === 'csb' ? 'CSB' : 'guest kring',
      addr = s.base === 'csb' ? p.csb : (ring?.guestKring ?? 0);
    if (addr) return { addr, user, slots };
    return missing(at, p.passthrough ? closed : `${shown(p)} is not passed through to a guest, so it has no ${what}.`);
  }
  const addr = s.base === 'kr' ? ring?.hostKring : ring?.ringAddr;
  return addr ? { addr, user, slots } : missing(at, closed);
}

const living = (w: World) => Array.from({ length: w.m.threads }, (_, i) => w.m.block(i)).filter((t) => w.m.status(t) !== L.TS_FREE);
/** The thread that a name means: by its number, or by its name before the dot. */
function inThread(w: World, { steps, qualifier }: Name): number | Missing {
  const index = steps[0]?.index,
    blocks = living(w),
    ids = blocks.map((b) => w.m.ld32(b + L.T_ID)),
    names = blocks.map((b) => nameOf(w, b).name);
  if (index !== undefined)
    return blocks[ids.indexOf(index)] ?? { ...missing(0, `no thread ${index}. ${known('thread', ids.map(String))}`), index: true };
  if (qualifier === undefined)
    return missing(0, `Which thread? ${names[0] ? `Write "${names[0]}".thread.status.` : known('thread', names)}`);
  return blocks[names.indexOf(qualifier)] ?? missing(-1, `no thread “${qualifier}”. ${known('thread', names)}`, nearest(qualifier, names));
}

function place(w: World, s: Spec, name: Name): Place | Missing {
  const { qualifier, steps } = name,
    at = indexStep(name),
    index = steps[at]?.index ?? 0;
  const made = (base: number, owner = s.owner, step = 0): Place => ({
    path: canonical(s, name),
    addr: base + s.offset + index * step,
    bytes: s.bytes,
    owner: owner === 'user' ? 'shared' : owner,
    writable: s.writable,
    doc: s.doc,
  });
  if (s.base === 'machine') return qualifier === undefined ? made(L.MACHINE) : missing(-1, `${s.path} is the machine’s: write ${s.path}.`);
  if (s.base === 'thread') {
    const t = inThread(w, name);
    return typeof t === 'number' ? made(t) : t;
  }
  if (s.base === 'vcpu') {
    const vms = w.tree.host.vms.filter((v) => v.vcpu),
      names = vms.map((v) => v.name),
      vm = vms.find((v) => qualifier === undefined || v.name === qualifier);
    if (!vm)
      return missing(
        qualifier === undefined ? 0 : -1,
        qualifier === undefined ? 'No VM is running.' : `no VM “${qualifier}”.`,
        nearest(qualifier ?? '', names),
      );
    return index < 8 ? made(vm.vcpu, s.owner, 4) : { ...missing(at, `irr has 8 words, 0 to 7; ${index} is not one of them.`), index: true };
  }
  const p = inPort(w, s, name);
  if ('ok' in p) return p;
  if (s.base !== 'slot') return made(p.addr, s.owner === 'user' ? p.user : s.owner);
  if (index >= p.slots) return { ...missing(at, `slot ${index} is outside the ring’s ${p.slots} slots.`), index: true };
  return made(p.addr + L.RING_SLOT, s.owner, L.SLOT_SIZE);
}

export function find(w: World, name: Name): Place | Missing {
  const s = look(name);
  return 'ok' in s ? s : place(w, s, name);
}

/** Names as they are now: only what is there. */
export const fieldsOf = (w: World): Fields => ({
  constant,
  find(name) {
    const f = find(w, name);
    return 'ok' in f ? f : { ok: true, type: 'number', key: f.path };
  },
});

/** Where a field is now, by its name. */
export function addressOf(w: World, path: string): ({ ok: true } & Place) | ({ ok: false } & Problem) {
  const c = compile(path, fieldsOf(w));
  if (!c.ok) return c;
  const ref = c.expr.root.t === 'name' ? c.expr.refs[0] : undefined,
    f = ref && find(w, ref);
  return !f || 'ok' in f ? { ok: false, column: 1, message: 'This is not the name of a field.' } : { ok: true, ...f };
}

/** Every field there is now, for completion: the unqualified names first; of a ring's slots the first. */
export function listFields(w: World): Place[] {
  const named = (s: Spec, who: string | undefined, ring = 0): Place[] => {
    const steps = s.path
      .split('.')
      .map((t) => (t.endsWith('[]') ? { text: t.slice(0, -2), index: 0 } : { text: t, ...(ring && RINGS.test(t) ? { index: ring } : {}) }));
    const f = place(w, s, { key: '', steps, ...(who === undefined ? {} : { qualifier: who }) });
    return 'ok' in f ? [] : [f];
  };
  const inPorts = SPECS.filter((s) => !['vcpu', 'thread', 'machine'].includes(s.base));
  const names = (b: Base, who: (string | undefined)[]) => who.flatMap((x) => SPECS.filter((s) => s.base === b).flatMap((s) => named(s, x)));
  return [
    ...inPorts.flatMap((s) => named(s, undefined)),
    ...names('machine', [undefined]),
    ...names('vcpu', [undefined]),
    ...names('thread', [...new Set(living(w).map((t) => nameOf(w, t).name))]),
    ...ports(w).flatMap((p) => inPorts.flatMap((s) => (s.dir ? p.rings[s.dir] : [0]).flatMap((_, i) => named(s, shown(p), i)))),
  ];
}
