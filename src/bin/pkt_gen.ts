// pkt-gen, control plane: opens its port, starts its threads, prints what they count. Mirrors main(), start_threads() and
// main_thread() of pkt-gen.c of 2015 (facts netmap 6.1). Its threads are wasm/bin/pkt_gen*.ts. Same program on host and guest.

import * as L from '../../wasm/layout.ts';
import type { Proc, Program } from '../sh/proc.ts';
import { SIGINT } from '../sh/signals.ts';
import { debugLine } from './debug_line.ts';
import { nmOpen, ringAddress } from './nm_open.ts';
import { NETMAP_BDG_VNET_HDR, NETMAP_NO_TX_POLL, NIOCREGIF, newNmreq } from './nmreq.ts';
import { dotted, isRange, wholeFrame } from './pkt_gen_frame.ts';
import { type Options, parseOptions } from './pkt_gen_options.ts';
import { type Counters, dump, pingPeriod, pingTotal, report, summary } from './pkt_gen_words.ts';
import type { NetmapDesc, Strerror, Sys, ThreadHandle } from './sys.ts';

const S = 1e9;
/** A process opens its first file as descriptor 3, each thread its own. */
const MAIN_FD = 3;

interface Thread {
  me: number;
  h: ThreadHandle;
}
interface State {
  phase: 'init' | 'open' | 'wait' | 'run' | 'closing';
  g: Options;
  /** What the main thread opened. */
  desc: NetmapDesc;
  /** Descriptors that are open, the main thread's first. */
  fds: number[];
  threads: Thread[];
  prev: Counters & { at: number };
  nextReport: number;
  code: number;
  waitUntil: number;
}

export const pktGen: Program<Sys> = {
  catches: [SIGINT],
  run(p, sys) {
    const st = p.st as State;
    st.phase ??= 'init';
    if (st.phase === 'init' && !parse(p, st, sys)) return;
    if (st.phase === 'open' && !open(p, st, sys)) return;
    if (st.phase === 'wait' && !waitLink(p, st, sys)) return;
    if (st.phase === 'run' && !mainThread(p, st, sys)) return;
    if (st.phase === 'closing') close(p, st, sys);
  },
};

/** A line of the D() macro. */
function d(p: Proc, sys: Sys, fn: string, line: number, text: string) {
  sys.os.writeErr(p, debugLine(sys.now(), fn, line, text));
}

function parse(p: Proc, st: State, sys: Sys): boolean {
  const ncpus = Number(sys.sysctl()['hw.ncpu']),
    r = parseOptions(p.argv, sys.now(), ncpus, (name) => sys.ifconfig().find((i) => i.name === name)?.ether ?? '');
  sys.os.writeErr(p, r.said);
  if (!('g' in r)) {
    if (r.hint) sys.os.writeErr(p, `lab: ${r.hint}\n`);
    sys.os.exit(p, 1);
    return false;
  }
  st.g = r.g;
  st.phase = 'open';
  return true;
}

export const OPEN_HINTS: Record<number, string> = {
  255: 'the port is still registered on the host since an open that failed with the interface down (2015 answers so); reboot the VM.',
  16: 'a port that a VM passes through belongs to bhyve; use another port of the same switch, or the other end of the pipe.',
  6: 'no such interface here: ports of the lab are vale<switch>:<port>, pipes end in {n or }n, in the guest vtnet0, vtnet1, …',
  22: 'not a port name, or a monitor (/t, /r) of a port that nobody has open.',
  1: 'the interface must be up first: ifconfig vtnet0 up.',
};

/** The name under which ring i alone is opened. */
export function oneRing(ifname: string, i: number): string {
  const m = /^([^-*^/@]*)[^/@]*(.*)$/.exec(ifname);
  return `${m?.[1]}-${i}${m?.[2]}`;
}

function open(p: Proc, st: State, sys: Sys): boolean {
  const { g } = st,
    several = g.threads > 1;
  const desc = nmOpen(p, sys, several ? oneRing(g.ifname, 0) : g.ifname, {
    ringCfg: g.ringCfg,
    ...(g.extraBufs ? { arg3: g.extraBufs } : {}),
  });
  if (!desc) return false;
  if (isError(desc)) {
    d(p, sys, 'main', 1873, `Unable to open ${g.ifname}: ${desc.text}`);
    const hint =
      OPEN_HINTS[desc.errno] ??
      (/^tap\d/.test(g.ifname) ? `a tap's own device is not one of pkt-gen's here: its netmap port is netmap:${g.ifname}.` : undefined);
    if (hint) sys.os.writeErr(p, `lab: ${hint}\n`);
    sys.os.exit(p, 1);
    return false;
  }
  st.desc = desc;
  st.fds = [desc.fd];
  const itf = sys.ifconfig().find((i) => i.name === desc.name);
  if (itf && !itf.flags.includes('UP')) sys.os.writeErr(p, `lab: ${itf.name} is down, so nothing leaves it: ifconfig ${itf.name} up.\n`);
  d(p, sys, 'main', 1895, `mapped ${desc.memsize >>> 10}KB at 0x${desc.mem.toString(16)}`);
  const queues = g.type === 'sender' ? desc.txRings : desc.rxRings;
  if (g.threads < 1 || g.threads > queues) d(p, sys, 'main', 1903, `bad nthreads ${g.threads}, have ${queues} queues`); // and goes on
  if (g.verbose) tellLayout(p, sys, desc);
  if (g.extraBufs) extraBuffers(p, sys, desc, g.extraBufs);
  const doing = g.type === 'sender' ? 'Sending on' : g.type === 'receiver' ? 'Receiving from' : 'Working on';
  sys.os.write(p, `${doing} ${g.ifname}: ${queues} queues, ${g.threads} threads and ${g.cpus} cpus.\n`);
  if (g.type === 'sender') sys.os.write(p, `${dotted(g.src.start)} -> ${dotted(g.dst.start)} (${g.srcMac} -> ${g.dstMac})\n`);
  const special = (
    [
      ['prefetch', L.PGO_PREFETCH],
      ['access', L.PGO_ACCESS],
      ['memcpy', L.PGO_MEMCPY],
      ['indirect', L.PGO_INDIRECT],
      ['copy', L.PGO_COPY],
    ] as const
  ).flatMap(([word, bit]) => (g.options & bit ? [` ${word}`] : []));
  if (g.options) d(p, sys, 'main', 1920, `--- SPECIAL OPTIONS:${special.join('')}`);
  if (g.type === 'sender') {
    const ns = period(g);
    d(p, sys, 'main', 1931, `Sending ${g.burst} packets every  ${Math.trunc(ns / S)}.${String(ns % S).padStart(9, '0')} s`);
  }
  st.phase = 'wait';
  st.waitUntil = sys.now() + g.waitLink * S;
  if (g.waitLink) d(p, sys, 'main', 1938, `Wait ${g.waitLink} secs for phy reset`);
  return true;
}

/** A rate makes bursts of at most a 300th of a second; answers their period, ns, 0 without a rate. */
function period(g: Options): number {
  if (!g.rate) return 0;
  g.burst = Math.max(1, Math.min(g.burst, Math.trunc(g.rate / 300)));
  return Math.trunc((S * g.burst) / g.rate);
}

/** -v: where everything is. */
function tellLayout(p: Proc, sys: Sys, x: NetmapDesc) {
  d(p, sys, 'main', 1906, `nifp at offset ${x.nifp - x.mem}, ${x.txRings} tx ${x.rxRings} rx region ${x.memId}`);
  for (const tx of [true, false])
    for (let i = 0; i <= (tx ? x.txRings : x.rxRings); i++) {
      const at = ringAddress(sys, x, tx, i),
        slots = sys.m.ld32((sys.m.wasm.va(x.as, at) >>> 0) + L.RING_NUM_SLOTS);
      d(p, sys, 'main', 1910, `   ${tx ? 'TX' : 'RX'}${i} at 0x${(at - x.nifp).toString(16)} slots ${slots}`);
    }
}

/** -e: walks the chain that the kernel has made. */
function extraBuffers(p: Proc, sys: Sys, x: NetmapDesc, want: number) {
  const { m } = sys,
    rd = (a: number) => m.ld32(m.wasm.va(x.as, a) >>> 0),
    ring = ringAddress(sys, x, true, 0);
  let got = 0;
  for (let i = rd(x.nifp + L.NIF_BUFS_HEAD); i && got < want; got++)
    i = rd(ring + rd(ring + L.RING_BUF_OFS) + i * rd(ring + L.RING_NR_BUF_SIZE));
  if (got < want) sys.os.writeErr(p, `lab: asked for ${want} extra buffers, given ${got}.\n`);
}

function waitLink(p: Proc, st: State, sys: Sys): boolean {
  st.threads = [];
  if (p.signals.length) {
    st.code = 0;
    p.signals = [];
    st.phase = 'closing';
    return true;
  }
  if (sys.now() < st.waitUntil) {
    sys.os.sleep(p, st.waitUntil);
    return false;
  }
  d(p, sys, 'main', 1940, 'Ready...');
  startThreads(p, st, sys);
  st.prev = { pkts: 0, events: 0, bytes: 0, at: sys.now() };
  st.nextReport = sys.now() + st.g.reportMs * 1e6;
  st.phase = st.threads.length ? 'run' : 'closing';
  if (!st.threads.length && st.g.type !== 'other') sys.os.write(p, `${st.g.type === 'sender' ? 'Sent' : 'Received'} nothing.\n`);
  return true;
}

const BODIES: Record<number, [op: number, name: string, line: number]> = {
  [L.PG_TX]: [L.OP_PKTGEN_SENDER, 'sender_body', 1041],
  [L.PG_TXSEQ]: [L.OP_PKTGEN_SENDER, 'txseq_body', 1402],
  [L.PG_RX]: [L.OP_PKTGEN_RECEIVER, 'receiver_body', 1307],
  [L.PG_RXSEQ]: [L.OP_PKTGEN_RECEIVER, 'rxseq_body', 1560],
  [L.PG_PING]: [L.OP_PKTGEN_PINGER, 'pinger_body', 640],
  [L.PG_PONG]: [L.OP_PKTGEN_PONGER, 'ponger_body', 801],
};
const ALONE: Record<number, string> = {
  [L.PG_TXSEQ]: 'can only txseq with 1 thread',
  [L.PG_PING]: 'can only ping with 1 thread',
  [L.PG_PONG]: 'can only reply ping with 1 thread',
};

/** The first thread has the main thread's descriptor, each other one opens its own ring; who cannot is left out. */
function startThreads(p: Proc, st: State, sys: Sys) {
  const { g } = st,
    [op, name, line] = BODIES[g.fn] ?? BODIES[L.PG_RX] ?? [0, '', 0];
  for (let me = 0; me < g.threads; me++) {
    let x = st.desc;
    if (me > 0) {
      const own = nmOpen(p, sys, oneRing(g.ifname, me), g.type === 'receiver' ? { ringid: NETMAP_NO_TX_POLL } : {});
      if (!own || isError(own)) {
        d(p, sys, 'start_threads', 1380, `Unable to open ${g.ifname}: ${own?.text ?? 'Device busy'}`);
        continue;
      }
      x = own;
      st.fds.push(x.fd);
    }
    if (g.hdr && sys.ioctl(p, x.fd, NIOCREGIF, newNmreq(x.name, { nr_cmd: NETMAP_BDG_VNET_HDR, nr_arg1: g.hdr })))
      d(p, sys, 'set_vnet_hdr_len', 1360, `Unable to set vnet header length ${g.hdr}`);
    if (g.threads > 1 && ALONE[g.fn]) {
      d(p, sys, name, line, ALONE[g.fn] ?? '');
      continue;
    }
    const h = sys.startThread(p, x.fd, op, (targ) => {
      setUp(sys, targ, g, me);
    });
    if (!h) {
      d(p, sys, 'start_threads', 1407, `Unable to create thread ${me}: Resource temporarily unavailable`);
      st.code = 1;
      continue;
    }
    // the thread does not run before this action has ended
    sys.m.st32(h.targ + L.TARG_FRAME_VA, sys.m.ld32(h.td + L.TD_PRIV_VA) + L.TARG_FRAME);
    st.threads.push({ me, h });
    const what = g.type === 'receiver' ? `reading from ${g.ifname}` : 'start,';
    if (g.type !== 'other') d(p, sys, name, line, `${what} fd ${MAIN_FD + me} main_fd ${MAIN_FD}`);
    if (g.fn === L.PG_PONG && g.npackets) d(p, sys, name, line, `understood ponger ${g.npackets} but don't know how to do it`);
  }
}

/** A thread's page (struct targ). */
function setUp(sys: Sys, targ: number, g: Options, me: number) {
  const { m } = sys,
    set = (field: number, v: number) => m.st32(targ + field, v);
  set(L.TARG_ME, me);
  set(L.TARG_FN, g.fn);
  set(L.TARG_BURST, g.burst);
  m.st64(targ + L.TARG_NPACKETS, g.npackets);
  set(L.TARG_HDR, g.hdr);
  set(L.TARG_LEN, g.size + g.hdr);
  set(L.TARG_OPTIONS, g.options);
  set(L.TARG_WAIT_IDLE, g.exitIdle ? 1 : 0);
  set(L.TARG_FRAGS, Math.min(g.frags, g.size));
  const ranges = isRange(g.src) || isRange(g.dst);
  set(L.TARG_RANGES, ranges ? 1 : 0);
  set(L.TARG_SPECIAL, g.frags > 1 || ranges || g.options & L.PGO_INDIRECT ? 1 : 0);
  [g.src.port0, g.src.port1, g.src.start, g.src.end, g.dst.port0, g.dst.port1, g.dst.start, g.dst.end].forEach((v, i) => {
    set(L.TARG_RANGE + i * 4, v);
  });
  m.st64(targ + L.TARG_RATE_NS, g.type === 'sender' ? period(g) : 0);
  // rxseq compares with whatever length arrives
  const size = g.fn === L.PG_RXSEQ ? 1536 : g.size;
  wholeFrame({ size, src: g.src, dst: g.dst, dstMac: g.dstMac, indirect: (g.options & L.PGO_INDIRECT) !== 0 }, g.srcMac).forEach((b, i) => {
    m.st8(targ + L.TARG_FRAME + g.hdr + i, b);
  });
}

const sum = (sys: Sys, ts: Thread[]): Counters => {
  const all = (field: number) => ts.reduce((n, t) => n + sys.m.ld64(t.h.targ + field), 0);
  return { pkts: all(L.TARG_COUNT), events: all(L.TARG_EVENTS), bytes: all(L.TARG_BYTES) };
};

/** Prints what the threads have to say; each goes on when it has been said. */
function listen(p: Proc, st: State, sys: Sys) {
  const { m } = sys,
    name = BODIES[st.g.fn]?.[1] ?? '';
  for (const t of st.threads) {
    const at = (t.h.targ + L.TARG_SAY) >>> 2,
      what = Atomics.load(m.u32, at),
      arg = (i: number) => m.ld32(t.h.targ + L.TARG_SAY_ARG + i * 4);
    if (!what) continue;
    if (what === L.SAY_TIMEOUT) d(p, sys, name, 1083, `poll error/timeout on queue ${t.me}: No error: 0`);
    if (what === L.SAY_FULL) d(p, sys, name, 668, '-- ouch, cannot send');
    if (what === L.SAY_RTT) for (const [i, text] of pingPeriod(m, t.h.targ).entries()) d(p, sys, name, 720 + i, text);
    if (what === L.SAY_DUMP) sys.os.write(p, dump(m, m.ld32(t.h.td + L.TD_AS), arg(0), arg(1), arg(2), arg(3) === 1));
    Atomics.store(m.u32, at, 0);
    sys.poke(t.h);
  }
}

/** main_thread(): a report a period until all threads have finished; a signal cancels them. */
function mainThread(p: Proc, st: State, sys: Sys): boolean {
  const { m } = sys;
  listen(p, st, sys);
  if (p.signals.length) {
    p.signals = [];
    for (const t of st.threads) {
      Atomics.store(m.u32, (t.h.targ + L.TARG_CANCEL) >>> 2, 1);
      sys.poke(t.h);
    }
  }
  const done = st.threads.every((t) => sys.threadDone(t.h));
  if (!done && sys.now() >= st.nextReport) {
    const c = sum(sys, st.threads),
      { prev } = st;
    d(
      p,
      sys,
      'main_thread',
      1488,
      report(
        { pkts: c.pkts - prev.pkts, events: c.events - prev.events, bytes: c.bytes - prev.bytes },
        Math.round((sys.now() - prev.at) / 1000),
      ),
    );
    st.prev = { ...c, at: sys.now() };
    while (st.nextReport <= sys.now()) st.nextReport += st.g.reportMs * 1e6;
  }
  if (!done) {
    sys.os.sleep(p, st.nextReport);
    return false;
  }
  finish(p, st, sys);
  st.phase = 'closing';
  return true;
}

function finish(p: Proc, st: State, sys: Sys) {
  const { m } = sys,
    { g, threads } = st,
    tx = g.type === 'sender',
    name = BODIES[g.fn]?.[1] ?? '',
    of = (t: Thread, field: number) => m.ld64(t.h.targ + field);
  for (const t of threads)
    if (m.ld32(t.h.targ + L.TARG_ERROR)) {
      d(p, sys, name, tx ? 1087 : 1340, 'poll err');
      d(p, sys, 'main_thread', 1505, `ouch, thread ${t.me} exited with error`);
      st.code = 1;
    }
  const c = sum(sys, threads),
    began = threads.filter((t) => of(t, L.TARG_EVENTS) > 0).map((t) => of(t, L.TARG_TIC)), // 0 is a time too
    secs = Math.max(Math.max(...threads.map((t) => of(t, L.TARG_TOC))) - Math.min(...began), 1) / S;
  const first = threads[0];
  if (g.fn === L.PG_PING && first) d(p, sys, name, 760, pingTotal(m, first.h.targ));
  if (g.type !== 'other') sys.os.write(p, summary(tx ? 'Sent' : 'Received', c, secs));
  for (const t of threads) {
    const digest = m
      .big64(t.h.targ + L.TARG_DIGEST)
      .toString(16)
      .padStart(16, '0');
    if (g.fn === L.PG_RXSEQ)
      sys.os.write(
        p,
        `Sequence: ${of(t, L.TARG_COUNT)} received, ${of(t, L.TARG_LOST)} lost, ${of(t, L.TARG_DISORDER)} out of order, ${of(t, L.TARG_BAD)} with wrong content, digest ${digest}\n`,
      );
    if (g.fn === L.PG_TXSEQ) sys.os.write(p, `Sequence: ${c.pkts} sent, digest ${digest}\n`);
    sys.endThread(p, t.h);
  }
}

function close(p: Proc, st: State, sys: Sys) {
  for (let fd = st.fds.at(-1); fd !== undefined; fd = st.fds.at(-1)) {
    if (!sys.netmapClose(p, fd)) return;
    st.fds.pop();
  }
  sys.os.exit(p, st.code ?? 0);
}

const isError = (x: NetmapDesc | Strerror): x is Strerror => 'errno' in x;
