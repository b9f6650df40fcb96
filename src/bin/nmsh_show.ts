// show, dump, extra: memory as text and as JSON. What a program could not read for itself is marked.

import * as L from '../../wasm/layout.ts';
import type { Json } from '../sh/proc.ts';
import * as R from './nmsh_rings.ts';
import { type KrSnap, type NmshState, type Outcome, type RingSnap, bad, good } from './nmsh_state.ts';
import { number } from './nmsh_words.ts';
import type { Sys } from './sys.ts';

export const HIDDEN = "the kernel's own, a program cannot see it";
export const hex = (n: number) => `0x${n.toString(16)}`;
/** Flags as names, bits without one as a number. */
export function flagText(value: number, names: Record<string, number>): string {
  const known = Object.entries(names).filter(([, b]) => value & b),
    rest = known.reduce((v, [, b]) => v & ~b, value);
  return [...known.map(([k]) => k), ...(rest ? [hex(rest)] : [])].join('|') || '-';
}
const plain = (o: object): Record<string, Json> => ({ ...(o as Record<string, Json>) });
const many = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;

/** Whose the slots are, from the indices as they stand. */
function owners(r: R.Ring, x: { head: number; tail: number }): string {
  if (x.head >= r.n || x.tail >= r.n) return `an index is no slot: slots are 0 to ${r.n - 1}`;
  const k = (x.tail - x.head + r.n) % r.n,
    what = r.tx ? 'to fill' : 'received';
  if (!k) return `yours: none; the kernel's: all ${r.n}`;
  const range = (a: number, count: number) => (count === 1 ? `${a}` : `${a}..${(a + count - 1) % r.n}`);
  return `yours: ${range(x.head, k)} (${many(k, 'slot')} ${what}); the kernel's: ${range(x.tail, r.n - k)}`;
}

function ring(sys: Sys, r: R.Ring): Outcome {
  const w = (o: number) => R.ringWord(sys, r, o),
    x = R.indices(sys, r),
    flags = w(L.RING_FLAGS),
    dir = R.rd16(sys, r.d, r.addr + L.RING_DIR),
    ts = [R.rd64(sys, r.d, r.addr + L.RING_TS), R.rd64(sys, r.d, r.addr + L.RING_TS + 8)] as const;
  const out = {
    ring: r.name,
    fd: r.fd.num,
    ringid: R.rd16(sys, r.d, r.addr + L.RING_RINGID),
    dir,
    num_slots: w(L.RING_NUM_SLOTS),
    nr_buf_size: r.bufsize,
    buf_ofs: R.rd64(sys, r.d, r.addr + L.RING_BUF_OFS),
    ...x,
    flags,
    ts: ts[0] * 1e6 + ts[1],
    offset: r.addr - r.d.mem,
  };
  const text =
    `${r.name} of fd ${r.fd.num} (${r.fd.label}) at mem + ${hex(out.offset)}\n` +
    `  ringid ${out.ringid}  dir ${dir} (${dir ? 'TX' : 'RX'})  num_slots ${out.num_slots}  nr_buf_size ${r.bufsize}  buf_ofs ${hex(out.buf_ofs)}\n` +
    `  head ${x.head}  cur ${x.cur}  tail ${x.tail}  flags ${flagText(flags, R.RING_FLAGS)}  ts ${ts[0]}.${String(ts[1]).padStart(6, '0')}\n` +
    `  ${owners(r, x)}\n`;
  return good(text, out);
}

function slotJson(sys: Sys, r: R.Ring, i: number): Record<string, Json> {
  const s = R.readSlot(sys, r, i),
    x = R.indices(sys, r),
    mine = x.head <= x.tail ? i >= x.head && i < x.tail : i >= x.head || i < x.tail;
  return { ...plain(s), owner: mine ? 'user' : 'kernel' };
}
function slotRow(sys: Sys, r: R.Ring, i: number): string {
  const s = R.readSlot(sys, r, i),
    x = R.indices(sys, r),
    marks = (['head', 'cur', 'tail'] as const).filter((k) => x[k] === i).join(' ');
  return (
    `  ${String(i).padStart(5)}  ${String(s.buf_idx).padStart(7)}  ${String(s.len).padStart(5)}  ${hex(s.ptr).padEnd(10)}  ` +
    `${slotJson(sys, r, i).owner === 'user' ? 'yours ' : 'kernel'}  ${flagText(s.flags, R.SLOT_FLAGS)}${marks ? `  <- ${marks}` : ''}\n`
  );
}
const SLOT_HEAD = '   slot  buf_idx    len  ptr         whose   flags\n';
const SLOTS_MAX = 64;

function slots(sys: Sys, r: R.Ring, from: string | undefined, count: string | undefined): Outcome {
  const a = from === undefined ? 0 : R.findSlot(sys, r, from),
    c = count === undefined ? SLOTS_MAX : number(count, 0xffff);
  if (typeof a === 'string') return bad(a);
  if (c === undefined) return bad(`'${count}' is no number of slots`);
  const n = Math.min(c, r.n - a),
    list = Array.from({ length: n }, (_, k) => a + k),
    more = count === undefined && a + n < r.n ? `  … to ${r.n - 1}: show slots ${r.name} ${a + n}\n` : '';
  return good(`${r.name} of fd ${r.fd.num}\n${SLOT_HEAD}${list.map((i) => slotRow(sys, r, i)).join('')}${more}`, {
    ring: r.name,
    fd: r.fd.num,
    slots: list.map((i) => slotJson(sys, r, i)),
  });
}

function slot(sys: Sys, r: R.Ring, which: string | undefined): Outcome {
  const i = R.findSlot(sys, r, which);
  if (typeof i === 'string') return bad(i);
  const s = R.readSlot(sys, r, i),
    a = R.bufAddress(sys, r, s.buf_idx),
    wrong = R.badIndex(sys, r.d, s.buf_idx),
    there = R.inside(r.d, a, r.bufsize);
  return good(
    `${r.name} slot ${i} at mem + ${hex(R.slotAddress(r, i) - r.d.mem)}\n${SLOT_HEAD}${slotRow(sys, r, i)}` +
      `  buffer ${s.buf_idx}: ${there ? `mem + ${hex(a - r.d.mem)}, address ${hex(a)}` : 'outside the mapping'}${wrong ? `; ${wrong}` : ''}\n`,
    { ring: r.name, fd: r.fd.num, ...slotJson(sys, r, i), address: there ? a : null },
  );
}

export const krText = (k: KrSnap) =>
  `rhead ${k.rhead}  rcur ${k.rcur}  rtail ${k.rtail}  nr_hwcur ${k.nr_hwcur}  nr_hwtail ${k.nr_hwtail}  ` +
  `nr_kflags ${hex(k.nr_kflags)}  nr_busy ${k.nr_busy}  nkr_stopped ${k.nkr_stopped}`;
function kring(sys: Sys, r: R.Ring): Outcome {
  const kr = R.kringOf(sys, r);
  if (!kr) return bad(`this kernel has no kring for ${r.name}`);
  const k = R.readKring(sys, kr);
  return good(`kring of ${r.name}, fd ${r.fd.num} (${HIDDEN})\n  ${krText(k)}  netmap_ring_reinit ${k.reinit} times\n`, {
    ring: r.name,
    fd: r.fd.num,
    ...plain(k),
  });
}

function nif(st: NmshState, sys: Sys): Outcome {
  const r = R.registered(st);
  if (typeof r === 'string') return bad(r);
  const { d, fd } = r,
    w = (o: number) => R.rd32(sys, d, d.nifp + o),
    names = R.ringNames(d),
    ofs = names.map((n, k) => ({ ring: n, ofs: R.rd64(sys, d, d.nifp + L.NIF_RING_OFS + k * 8) }));
  const out = {
    fd: fd.num,
    ni_name: R.rdString(sys, d, d.nifp),
    ni_version: w(L.NIF_VERSION),
    ni_flags: w(L.NIF_FLAGS),
    ni_tx_rings: w(L.NIF_TX_RINGS),
    ni_rx_rings: w(L.NIF_RX_RINGS),
    ni_bufs_head: w(L.NIF_BUFS_HEAD),
    offset: d.nifp - d.mem,
  };
  return good(
    `netmap_if of fd ${fd.num} (${fd.label}) at mem + ${hex(out.offset)}\n` +
      `  ni_name ${out.ni_name || '-'}  ni_version ${out.ni_version}  ni_flags ${hex(out.ni_flags)}  ni_tx_rings ${out.ni_tx_rings}  ` +
      `ni_rx_rings ${out.ni_rx_rings}  ni_bufs_head ${out.ni_bufs_head}\n` +
      ofs.map((o, k) => `  ring_ofs[${k}]  ${hex(o.ofs).padEnd(9)}  ${o.ring}\n`).join(''),
    { ...out, ring_ofs: ofs },
  );
}

function mem(st: NmshState, sys: Sys): Outcome {
  const r = R.registered(st);
  if (typeof r === 'string') return bad(r);
  const i = R.memInfo(sys, r.d);
  return good(
    `memory of fd ${r.fd.num}: allocator ${i.id}, ${i.memsize} bytes mapped at ${hex(i.base)}\n` +
      `  buffers at mem + ${hex(i.buf_offset)}: ${i.buf_total} of ${i.buf_size} bytes, good indices 2 to ${i.buf_total - 1}\n`,
    { fd: r.fd.num, ...plain(i) },
  );
}

function csb(st: NmshState, sys: Sys): Outcome {
  const c = R.readCsb(st, sys);
  if (typeof c === 'string') return bad(c);
  const line = (re: RegExp) =>
    Object.entries(c)
      .filter(([k]) => re.test(k))
      .map(([k, v]) => `${k.replace(/^[tr]x_ring\./, '')} ${v}`)
      .join('  ');
  return good(
    `CSB of fd ${st.cur}, shared with the host's kernel (${HIDDEN})\n  ${line(/_need_|csb_on/)}\n  tx_ring  ${line(/^tx_ring/)}\n  rx_ring  ${line(/^rx_ring/)}\n` +
      `  ${line(/^n(ifp|um)_/)}\n`,
    c,
  );
}

function all(st: NmshState, sys: Sys): Outcome {
  const r = R.registered(st);
  if (typeof r === 'string') return bad(r);
  const rings = [true, false].flatMap((tx) => R.boundRings(st, sys, r.fd, tx)),
    parts: [string, Outcome][] = [
      ['if', nif(st, sys)],
      ['mem', mem(st, sys)],
      ...rings.flatMap((x): [string, Outcome][] => [
        [x.name, ring(sys, x)],
        [`kr.${x.name}`, kring(sys, x)],
      ]),
      ...(sys.side === 'guest' ? [['csb', csb(st, sys)] as [string, Outcome]] : []),
    ];
  return good(parts.map(([, o]) => o.text || `  ${o.error}\n`).join(''), Object.fromEntries(parts.map(([k, o]) => [k, o.result])));
}

export const SHOW = ['if', 'ring', 'slots', 'slot', 'kring', 'mem', 'csb', 'all'];

export function show(st: NmshState, sys: Sys, words: readonly string[]): Outcome {
  const [what, name, a, b] = words,
    most: Record<string, number> = { if: 1, mem: 1, csb: 1, all: 1, ring: 2, kring: 2, slots: 4, slot: 3 };
  if (what === undefined || !SHOW.includes(what)) return bad(`show what? ${SHOW.join(', ')}`);
  if (words.length > (most[what] ?? 0)) return bad(`'${words[most[what] ?? 0]}' is too much: help show`);
  if (what === 'if') return nif(st, sys);
  if (what === 'mem') return mem(st, sys);
  if (what === 'csb') return csb(st, sys);
  if (what === 'all') return all(st, sys);
  const r = R.findRing(st, sys, name);
  if (typeof r === 'string') return bad(r);
  if (what === 'ring') return ring(sys, r);
  if (what === 'kring') return kring(sys, r);
  return what === 'slots' ? slots(sys, r, a, b) : slot(sys, r, a);
}

/** dump RING SLOT [bytes]: as hd(1) shows them. */
export function dump(st: NmshState, sys: Sys, words: readonly string[]): Outcome {
  const r = R.findRing(st, sys, words[0]);
  if (typeof r === 'string') return bad(r);
  const i = R.findSlot(sys, r, words[1]);
  if (typeof i === 'string') return bad(i);
  const s = R.readSlot(sys, r, i),
    n = words[2] === undefined ? Math.min(s.len, r.bufsize) : number(words[2], r.bufsize),
    a = R.bufAddress(sys, r, s.buf_idx);
  if (n === undefined) return bad(`'${words[2]}' is no number of bytes up to ${r.bufsize}`);
  if (words.length > 3) return bad(`'${words[3]}' is too much: dump RING SLOT [bytes]`);
  if (!R.inside(r.d, a, n)) return bad(`${R.badIndex(sys, r.d, s.buf_idx) || `buffer ${s.buf_idx}`}: outside the mapping`);
  const bytes = Array.from({ length: n }, (_, k) => R.rd8(sys, r.d, a + k)),
    byte = (b: number) => b.toString(16).padStart(2, '0');
  let text = '';
  for (let k = 0; k < n; k += 16) {
    const row = bytes.slice(k, k + 16),
      cells = row.map(byte);
    text += `${k.toString(16).padStart(8, '0')}  ${cells.slice(0, 8).join(' ').padEnd(23)}  ${cells.slice(8).join(' ').padEnd(23)}  |${row
      .map((b) => (b >= 32 && b < 127 ? String.fromCharCode(b) : '.'))
      .join('')}|\n`;
  }
  return good(`${r.name} slot ${i}, buffer ${s.buf_idx}, ${many(n, 'byte')}\n${text}`, {
    ring: r.name,
    fd: r.fd.num,
    slot: i,
    buf_idx: s.buf_idx,
    hex: bytes.map(byte).join(''),
  });
}

export function extra(st: NmshState, sys: Sys): Outcome {
  const r = R.registered(st);
  if (typeof r === 'string') return bad(r);
  const { chain, end } = R.extraChain(sys, r.d);
  return good(
    chain.length || end
      ? `extra buffers of fd ${r.fd.num}, from ni_bufs_head on: ${[...chain, ...(end ? [end] : [])].join(' ')}\n`
      : `fd ${r.fd.num} has no extra buffers: open NAME extra=N\n`,
    { fd: r.fd.num, chain, end },
  );
}

/** What a system call changed: the ring as the program sees it, and the kring behind it. */
export function changes(before: RingSnap[], after: RingSnap[]): { text: string; json: Json; reinit: string[] } {
  let text = '';
  const reinit: string[] = [],
    json: Json[] = [];
  after.forEach((now, i) => {
    const was = before[i] ?? now,
      step = (k: string, a: number, b: number) => (a === b ? `${k} ${b}` : `${k} ${a} -> ${b}`);
    text += `  ${now.ring}  ${(['head', 'cur', 'tail'] as const).map((k) => step(k, was[k], now[k])).join('  ')}\n`;
    const krWas = was.kr,
      krNow = now.kr;
    if (krNow && krWas) {
      const moved = (['rhead', 'rcur', 'rtail', 'nr_hwcur', 'nr_hwtail', 'nr_kflags', 'nr_busy'] as const).filter(
        (k) => krWas[k] !== krNow[k],
      );
      text += `  kr.${now.ring}  ${moved.map((k) => step(k, krWas[k], krNow[k])).join('  ') || 'unchanged'}\n`;
      if (krNow.reinit !== krWas.reinit) reinit.push(now.ring);
    }
    json.push({
      ring: now.ring,
      before: { head: was.head, cur: was.cur, tail: was.tail },
      after: { head: now.head, cur: now.cur, tail: now.tail },
      kring: krNow && krWas ? { before: plain(krWas), after: plain(krNow) } : null,
    });
  });
  return { text, json, reinit };
}
