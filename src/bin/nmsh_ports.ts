// open, use, info, ioctl: descriptors of /dev/netmap and requests with exactly the fields that were typed.

import * as L from '../../wasm/layout.ts';
import type { Json, Proc } from '../sh/proc.ts';
import { nmDesc, openRequest } from './nm_open.ts';
import * as Q from './nmreq.ts';
import { store } from './nmsh_op.ts';
import { extraChain } from './nmsh_rings.ts';
import { hex } from './nmsh_show.ts';
import { type Fd, type NmshState, type Op, type Outcome, bad, fdOf, good } from './nmsh_state.ts';
import { U32, number, pairs } from './nmsh_words.ts';
import type { Strerror, Sys } from './sys.ts';

const FDS_MAX = 32;
const OPEN = ['txslots', 'rxslots', 'txrings', 'rxrings', 'extra', 'mem', 'pipes'] as const;
const CMDS: Record<string, number> = {
  NIOCGINFO: Q.NIOCGINFO,
  NIOCREGIF: Q.NIOCREGIF,
  NIOCTXSYNC: Q.NIOCTXSYNC,
  NIOCRXSYNC: Q.NIOCRXSYNC,
};
/** Fields of struct nmreq as they are typed, without nr_. */
const FIELDS = [
  'version',
  'offset',
  'memsize',
  'tx_slots',
  'rx_slots',
  'tx_rings',
  'rx_rings',
  'ringid',
  'cmd',
  'arg1',
  'arg2',
  'arg3',
  'flags',
];

const WHY: Record<number, string> = {
  1: 'the interface must be up: ifconfig vtnet0 up',
  6: 'no such port: here are vale<switch>:<port>, pipes as vale1{2 and vale1}2, in the guest vtnet0, vtnet1',
  12: 'the allocator has not enough, or the rings are larger than its objects',
  16: 'the port or these rings are taken: a port that a VM passes through belongs to bhyve',
  255: 'the port is still registered on the host since an open that failed; reboot the VM',
};

/** A descriptor with the lowest free number. */
function newFd(p: Proc, st: NmshState, sys: Sys, label: string): Fd | undefined {
  let num = 3;
  while (fdOf(st, num)) num++;
  if (num >= 3 + FDS_MAX) return undefined;
  const fd: Fd = { num, id: sys.openNetmap(p), label, desc: null, krTx: 0, krRx: 0, ntx: 0, nrx: 0 };
  st.fds.push(fd);
  st.fds.sort((a, b) => a.num - b.num);
  return fd;
}
const tooMany = () => bad(`Too many open files; nmsh keeps ${FDS_MAX} at most`, 24);

function failed(st: NmshState, e: Strerror, why = WHY[e.errno]): Outcome {
  st.last = { errno: e.errno, revents: 0, ok: 0 };
  return bad(`${e.text}${e.why ? `; ${e.why}` : why ? `; ${why}` : ''}`, e.errno);
}
function worked(st: NmshState) {
  st.last = { errno: 0, revents: 0, ok: 1 };
}

/** A descriptor that a failed command made goes at once: it is bound to nothing, so nobody is waited for. */
function drop(p: Proc, st: NmshState, sys: Sys, fd: Fd) {
  sys.netmapClose(p, fd.id);
  st.fds = st.fds.filter((f) => f !== fd);
}

const span = ([a, b]: [number, number], total: number, dir: string) => {
  const one = (i: number) => `${dir}${i === total ? 'H' : i}`;
  return a === b ? one(a) : `${one(a)} to ${one(b)}`;
};

/** After NIOCREGIF: what the program knows now. Its krings are learned from the first thread's td. */
function bound(p: Proc, st: NmshState, sys: Sys, fd: Fd, req: Q.Nmreq): Op {
  const d = nmDesc(sys, fd.id, req, p);
  fd.desc = d;
  st.cur = fd.num;
  worked(st);
  const extra = extraChain(sys, d).chain.length;
  const text =
    `fd ${fd.num}: ${fd.label}, ${span(d.tx, d.txRings, 'TX')} and ${span(d.rx, d.rxRings, 'RX')} of ${d.txRings} TX and ${d.rxRings} RX rings, ` +
    `${d.txSlots} and ${d.rxSlots} slots\n  allocator ${d.memId}: ${d.memsize} bytes at ${hex(d.mem)}, netmap_if at mem + ${hex(d.nifp - d.mem)}` +
    `${extra ? `, ${extra} extra buffers` : ''}\n`;
  const result: Json = {
    fd: fd.num,
    name: d.name,
    memId: d.memId,
    memsize: d.memsize,
    mem: d.mem,
    offset: d.nifp - d.mem,
    txRings: d.txRings,
    rxRings: d.rxRings,
    txSlots: d.txSlots,
    rxSlots: d.rxSlots,
    tx: d.tx,
    rx: d.rx,
    extra,
  };
  return store(fd.num, L.NMSH_OP_NONE, 'open', {}, text, result);
}

/** open [NAME [k=v …] [notxpoll]]: nm_open; without a name only the device. */
export function open(p: Proc, st: NmshState, sys: Sys, words: readonly string[]): Outcome | { op: Op } {
  const [name, ...rest] = words;
  if (name === undefined) {
    const fd = newFd(p, st, sys, '/dev/netmap');
    if (!fd) return tooMany();
    st.cur = fd.num;
    worked(st);
    return good(`fd ${fd.num}: /dev/netmap, not registered\n`, { fd: fd.num });
  }
  const o = pairs(
    rest.filter((w) => w !== 'notxpoll'),
    OPEN,
  );
  if (typeof o === 'string') return bad(`${o} notxpoll`);
  const v: Record<string, number> = {};
  for (const [k, text] of Object.entries(o)) {
    const n = number(text);
    if (n === undefined) return bad(`${k}=${text}: a number from 0 to ${U32} was expected`);
    v[k] = n;
  }
  const full = /^(netmap:|vale)/.test(name) ? name : `netmap:${name}`,
    req = openRequest(full, {
      ringCfg: [v.txslots ?? 0, v.rxslots ?? 0, v.txrings ?? 0, v.rxrings ?? 0],
      arg1: v.pipes ?? 0,
      arg2: v.mem ?? 0,
      arg3: v.extra ?? 0,
      ringid: rest.includes('notxpoll') ? Q.NETMAP_NO_TX_POLL : 0,
    });
  if (!req || 'error' in req) return failed(st, { errno: 22, text: 'Invalid argument', why: req?.error ?? 'not a netmap port name' });
  const fd = newFd(p, st, sys, name),
    sent = wire(req);
  if (!fd) return tooMany();
  const e = sys.ioctl(p, fd.id, Q.NIOCREGIF, sent);
  if (e) {
    drop(p, st, sys, fd);
    return failed(st, e);
  }
  return { op: bound(p, st, sys, fd, sent) };
}

/** As its 60 bytes say it: fields as wide as they are, the name cut. */
const wire = (r: Q.Nmreq) => Q.decodeNmreq(Q.encodeNmreq(r));

export function use(st: NmshState, words: readonly string[]): Outcome {
  const row = (f: Fd) => `${f.num === st.cur ? '*' : ' '} fd ${f.num}: ${f.label}${f.desc ? '' : ', not registered'}\n`,
    list: Json = st.fds.map((f) => ({ fd: f.num, name: f.label, registered: f.desc !== null, current: f.num === st.cur }));
  if (!words.length) return good(st.fds.map(row).join('') || 'no descriptor is open\n', list);
  const n = number(words[0]),
    fd = n === undefined ? undefined : fdOf(st, n);
  if (!fd || words.length > 1)
    return bad(`use FD: ${st.fds.length ? `open are ${st.fds.map((f) => f.num).join(', ')}` : 'no descriptor is open'}`);
  st.cur = fd.num;
  return good(row(fd), { fd: fd.num, name: fd.label });
}

const reply = (r: Q.Nmreq) =>
  `${Object.entries(r)
    .filter(([k]) => k !== 'spare2')
    .map(([k, x]) => `${k} ${k === 'nr_flags' || k === 'nr_ringid' ? hex(Number(x)) : x === '' ? '-' : x}`)
    .join('  ')}\n`;

/** A request of typed fields; a text says what is wrong. */
function request(words: readonly string[]): { req: Q.Nmreq; fd: number | undefined } | string {
  const o = pairs(
    words.map((w) => w.replace(/^nr_/, '')),
    ['name', 'fd', ...FIELDS],
  );
  if (typeof o === 'string') return o;
  const req: Q.Nmreq & Record<string, number | string> = { ...Q.newNmreq(o.name ?? '') };
  for (const f of FIELDS) {
    const text = o[f];
    if (text === undefined) continue;
    const n = number(text);
    if (n === undefined) return `${f}=${text}: a number from 0 to ${U32} was expected`;
    req[`nr_${f}`] = n;
  }
  const fd = o.fd === undefined ? undefined : number(o.fd);
  if (o.fd !== undefined && fd === undefined) return `fd=${o.fd} is no number`;
  return { req: wire(req), fd };
}

function hint(errno: number, sync: boolean, fd: Fd): string | undefined {
  if (sync) return `descriptor ${fd.num} is not registered`;
  if (errno === 16 && fd.desc) return `descriptor ${fd.num} has a port already`;
  return errno === 22 ? 'the kernel says why in dmesg' : WHY[errno];
}

/** ioctl CMD [fd=N] [field=value …]: the request as typed, to the current descriptor or a new one. */
export function ioctl(p: Proc, st: NmshState, sys: Sys, words: readonly string[]): Outcome | { op: Op } | { sync: boolean; fd: number } {
  const [name, ...rest] = words,
    cmd = Object.hasOwn(CMDS, name ?? '') ? CMDS[name ?? ''] : number(name);
  if (cmd === undefined) return bad(`ioctl CMD [fd=N] [field=value …]: CMD is a number or ${Object.keys(CMDS).join(', ')}`);
  const r = request(rest);
  if (typeof r === 'string') return bad(r);
  const asked = r.fd === undefined ? undefined : fdOf(st, r.fd);
  if (r.fd !== undefined && !asked) return failed(st, { errno: 9, text: 'Bad file descriptor' }, `no descriptor ${r.fd} is open`);
  const current = asked ?? fdOf(st, st.cur),
    sync = cmd === Q.NIOCTXSYNC || cmd === Q.NIOCRXSYNC;
  if (sync && current?.desc) return { sync: cmd === Q.NIOCTXSYNC, fd: current.num };
  // a registration goes to a descriptor that has none yet, as open(2) gives it
  const made = !current || (!asked && cmd === Q.NIOCREGIF && current.desc) ? newFd(p, st, sys, r.req.nr_name || '/dev/netmap') : undefined,
    fd = made ?? current;
  if (!fd) return tooMany();
  const { req } = r,
    command = req.nr_cmd,
    e = sys.ioctl(p, fd.id, cmd, req);
  if (e || cmd !== Q.NIOCREGIF || command !== 0) {
    if (made) drop(p, st, sys, made);
    if (e) return failed(st, e, hint(e.errno, sync, fd));
    worked(st);
    return good(`${name}: 0\n  ${reply(req)}`, { ...req });
  }
  fd.label = req.nr_name;
  return { op: bound(p, st, sys, fd, req) };
}

/** info [NAME]: NIOCGINFO on a descriptor of its own. */
export function info(p: Proc, st: NmshState, sys: Sys, words: readonly string[]): Outcome {
  if (words.length > 1) return bad('info [NAME]');
  const name = words[0] ?? '',
    req = name === '' ? Q.newNmreq() : openRequest(/^(netmap:|vale)/.test(name) ? name : `netmap:${name}`);
  if (!req || 'error' in req) return failed(st, { errno: 22, text: 'Invalid argument', why: req?.error ?? 'not a netmap port name' });
  const fd = newFd(p, st, sys, '/dev/netmap');
  if (!fd) return tooMany();
  const e = sys.ioctl(p, fd.id, Q.NIOCGINFO, req);
  drop(p, st, sys, fd);
  if (e) return failed(st, e);
  worked(st);
  return good(
    `${name || 'the global allocator'}: memsize ${req.nr_memsize}  allocator ${req.nr_arg2}  tx_rings ${req.nr_tx_rings}  rx_rings ${req.nr_rx_rings}  tx_slots ${req.nr_tx_slots}  rx_slots ${req.nr_rx_slots}\n`,
    { ...req },
  );
}
