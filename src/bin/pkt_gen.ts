// pkt-gen, control plane: options, the frame, the reports. Mirrors pkt-gen.c of 2015 (facts netmap.md 6.1); txseq and
// rxseq are of later pkt-gens. Its threads are wasm/bin/pkt_gen.ts. Same program on host and guest.

import * as L from '../../wasm/layout.ts';
import { getopt } from '../sh/getopt.ts';
import type { Proc, Program } from '../sh/proc.ts';
import { debugLine } from './debug_line.ts';
import { nmOpen } from './nm_open.ts';
import { buildFrame, parseMac, parseRange } from './pkt_gen_frame.ts';
import type { NetmapDesc, Strerror, Sys, ThreadHandle } from './sys.ts';

const OPTIONS = 'a:f:F:n:i:Il:d:s:D:S:b:c:o:p:T:w:WvR:XC:H:e:E:r';
const FUNCTIONS: Record<string, number> = { tx: L.PG_TX, rx: L.PG_RX, txseq: L.PG_TXSEQ, rxseq: L.PG_RXSEQ };
const S = 1e9;

interface Options {
  ifname: string;
  fn: number;
  npackets: number;
  size: number;
  burst: number;
  reportMs: number;
  waitLink: number;
  rate: number;
  exitIdle: boolean;
  options: number;
  srcIp: string;
  dstIp: string;
  srcMac: string;
  dstMac: string;
  verbose: number;
  rubbish: boolean;
}
interface State {
  phase: 'init' | 'open' | 'wait' | 'run' | 'closing';
  g: Options;
  desc: NetmapDesc;
  h: ThreadHandle;
  prev: { pkts: number; events: number; at: number };
  nextReport: number;
  interrupted: boolean;
  code: number;
  waitUntil: number;
}

/** norm(): three decimals and a unit. */
export function norm(x: number): string {
  const units = ['', 'K', 'M', 'G', 'T'];
  let i = 0;
  while (x >= 1000 && i < units.length - 1) {
    x /= 1000;
    i++;
  }
  return `${x.toFixed(3)} ${units[i]}`;
}

const usage = (p: Proc) =>
  `Usage:\n${p.argv[0]} arguments\n` +
  '\t-i interface\t\tinterface name\n\t-f function\t\ttx rx ping pong txseq rxseq\n\t-n count\t\tnumber of iterations (can be 0)\n' +
  '\t-l pkt_size\t\tin bytes excluding CRC\n\t-d dst_ip[:port[-dst_ip:port]]\tsingle or range\n\t-s src_ip[:port[-src_ip:port]]\tsingle or range\n' +
  '\t-D dst-mac\n\t-S src-mac\n\t-b burst size\t\ttesting, mostly\n\t-T report_ms\t\tmilliseconds between reports\n' +
  '\t-w wait_for_link_time\tin seconds\n\t-R rate\t\t\tin packets per second\n\t-W\t\t\texit when receiving no packets\n\n';

/** atoi(3): the leading integer, 0 without one; within `max`. */
const atoi = (s: string, max = 2 ** 31 - 1) => Math.max(-max, Math.min(max, Number(/^\s*([+-]?\d+)/.exec(s)?.[1] ?? 0)));

export const pktGen: Program<Sys> = {
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

function fail(p: Proc, sys: Sys, text: string, hint?: string): false {
  sys.os.writeErr(p, text);
  if (hint) sys.os.writeErr(p, `lab: ${hint}\n`);
  sys.os.exit(p, 1);
  return false;
}

function parse(p: Proc, st: State, sys: Sys): boolean {
  const g: Options = {
    ifname: '',
    fn: L.PG_RX,
    npackets: 0,
    size: 60,
    burst: 512,
    reportMs: 1000,
    waitLink: 2,
    rate: 0,
    exitIdle: false,
    options: 0,
    srcIp: '10.0.0.1:1234',
    dstIp: '10.1.0.1:1234',
    srcMac: '',
    dstMac: 'ff:ff:ff:ff:ff:ff',
    verbose: 0,
    rubbish: false,
  };
  const r = getopt(p.argv, OPTIONS);
  let waitSet = false;
  for (const { opt, arg } of r.opts) {
    const a = arg ?? '';
    switch (opt) {
      case 'i':
        g.ifname = /^(netmap|vale|tap)/.test(a) ? a : `netmap:${a}`;
        break;
      case 'f': {
        const fn = Object.hasOwn(FUNCTIONS, a) ? FUNCTIONS[a] : undefined;
        if (fn === undefined)
          return fail(
            p,
            sys,
            `${debugLine(sys.now(), 'main', 1658, `unrecognised function ${a}`)}${usage(p)}`,
            a === 'ping' || a === 'pong' ? `the function ${a} is not built yet.` : 'the functions are tx, rx, txseq and rxseq.',
          );
        g.fn = fn;
        break;
      }
      case 'n':
        g.npackets = Math.max(0, atoi(a, 2 ** 53));
        break;
      case 'l':
        g.size = atoi(a);
        break;
      case 'b':
        g.burst = Math.max(1, atoi(a));
        break;
      case 'T':
        g.reportMs = Math.max(10, atoi(a) || 1000);
        break;
      case 'w':
        g.waitLink = Math.min(Math.max(0, atoi(a)), 3600);
        waitSet = true;
        break;
      case 'W':
        g.exitIdle = true;
        break;
      case 'R':
        g.rate = Math.max(0, atoi(a));
        break;
      case 'o':
        g.options = atoi(a);
        break;
      case 'r':
        g.rubbish = true;
        break;
      case 's':
        g.srcIp = a;
        break;
      case 'd':
        g.dstIp = a;
        break;
      case 'S':
        g.srcMac = a;
        break;
      case 'D':
        g.dstMac = a;
        break;
      case 'v':
        g.verbose++;
        break;
      case '?':
        return fail(p, sys, `${r.errors[0] ?? ''}\n${debugLine(sys.now(), 'main', 1734, 'bad option, see the usage')}${usage(p)}`);
      case 'p':
      case 'c':
      case 'a':
        if (opt === 'p' && a !== '1') return fail(p, sys, usage(p), 'these ports have one ring pair, so one thread.');
        break;
      default:
        return fail(p, sys, usage(p), `pkt-gen's -${opt} is not built yet.`);
    }
  }
  if (!g.ifname) return fail(p, sys, `${debugLine(sys.now(), 'main', 1746, 'missing ifname')}${usage(p)}`);
  if (g.size < 16 || g.size > 1536) return fail(p, sys, debugLine(sys.now(), 'main', 1752, `bad pktsize ${g.size} [16..1536]`) + usage(p));
  if ((g.fn === L.PG_TXSEQ || g.fn === L.PG_RXSEQ) && g.size < 60) g.size = 60;
  if (g.srcMac && !parseMac(g.srcMac))
    return fail(p, sys, debugLine(sys.now(), 'main', 1760, `Unable to find MAC address for ${g.srcMac}`));
  if (!parseMac(g.dstMac)) return fail(p, sys, debugLine(sys.now(), 'main', 1760, `Unable to find MAC address for ${g.dstMac}`));
  if (!parseRange(g.srcIp) || !parseRange(g.dstIp)) return fail(p, sys, debugLine(sys.now(), 'extract_ip_range', 330, 'bad address'));
  if (!waitSet && g.ifname.startsWith('vale')) g.waitLink = 0;
  sys.os.writeErr(p, debugLine(sys.now(), 'main', 1660, `interface is ${g.ifname}`));
  if (g.fn === L.PG_TXSEQ || g.fn === L.PG_RXSEQ)
    sys.os.writeErr(p, 'lab: txseq and rxseq are of later pkt-gens; 2015 had tx, rx, ping and pong.\n');
  st.g = g;
  st.phase = 'open';
  return true;
}

const HINTS: Record<number, string> = {
  255: 'the port is still registered on the host since an open that failed with the interface down (2015 answers so); reboot the VM.',
  16: 'a port that a VM passes through belongs to bhyve; use another port of the same switch, or the other end of the pipe.',
  6: 'no such interface here: ports of the lab are vale<switch>:<port>, pipes end in {n or }n, in the guest vtnet0, vtnet1, …',
  1: 'the interface must be up first: ifconfig vtnet0 up.',
};

function open(p: Proc, st: State, sys: Sys): boolean {
  const d = nmOpen(p, sys, st.g.ifname);
  if (!d) return false;
  if (isError(d)) return fail(p, sys, debugLine(sys.now(), 'main', 1873, `Unable to open ${st.g.ifname}: ${d.text}`), HINTS[d.errno]);
  st.desc = d;
  const { g } = st,
    tx = g.fn === L.PG_TX || g.fn === L.PG_TXSEQ;
  sys.os.writeErr(p, debugLine(sys.now(), 'main', 1895, `mapped allocator ${d.memId} of ${d.name}`));
  sys.os.write(p, `${tx ? 'Sending on' : 'Receiving from'} ${g.ifname}: ${tx ? d.txRings : d.rxRings} queues, 1 threads and 1 cpus.\n`);
  const src = g.srcMac || d.mac || '00:00:00:00:00:00';
  if (tx) sys.os.write(p, `${g.srcIp.split(':')[0]} -> ${g.dstIp.split(':')[0]} (${src} -> ${g.dstMac})\n`);
  st.phase = 'wait';
  st.waitUntil = sys.now() + g.waitLink * S;
  if (g.waitLink) sys.os.writeErr(p, debugLine(sys.now(), 'main', 1938, `Wait ${g.waitLink} secs for phy reset`));
  return true;
}

function waitLink(p: Proc, st: State, sys: Sys): boolean {
  if (p.signals.length) {
    st.code = 0;
    p.signals = [];
    st.interrupted = true;
    st.phase = 'closing';
    return true;
  }
  if (sys.now() < st.waitUntil) {
    sys.os.sleep(p, st.waitUntil);
    return false;
  }
  const { g, desc } = st;
  sys.os.writeErr(p, debugLine(sys.now(), 'main', 1940, 'Ready...'));
  const body = g.fn === L.PG_TX || g.fn === L.PG_TXSEQ ? L.OP_PKTGEN_SENDER : L.OP_PKTGEN_RECEIVER;
  const h = sys.startThread(p, desc.fd, body, (targ) => {
    const { m } = sys;
    m.st32(targ + L.TARG_FN, g.fn);
    m.st32(targ + L.TARG_BURST, g.burst);
    m.st64(targ + L.TARG_NPACKETS, g.npackets);
    m.st32(targ + L.TARG_LEN, g.size);
    m.st32(targ + L.TARG_OPTIONS, g.options | (g.rubbish ? L.PGO_RUBBISH : 0));
    m.st32(targ + L.TARG_WAIT_IDLE, g.exitIdle ? 1 : 0);
    if (g.rate) {
      // facts 6.1: burst = min(burst, rate / 300), at least 1
      const burst = Math.max(1, Math.min(g.burst, Math.trunc(g.rate / 300)));
      m.st32(targ + L.TARG_BURST, burst);
      m.st64(targ + L.TARG_RATE_NS, Math.round((S * burst) / g.rate));
    }
    // rxseq compares with whatever length arrives
    buildFrame(g.fn === L.PG_RXSEQ ? { ...g, size: 1536 } : g, g.srcMac || desc.mac || '00:00:00:00:00:00').forEach((b, i) => {
      m.st8(targ + L.TARG_FRAME + i, b);
    });
  });
  if (!h) {
    sys.os.writeErr(p, debugLine(sys.now(), 'start_threads', 1407, 'Unable to create thread 0: Resource temporarily unavailable'));
    st.code = 1;
    st.phase = 'closing';
    return true;
  }
  st.h = h;
  sys.os.writeErr(
    p,
    debugLine(
      sys.now(),
      body === L.OP_PKTGEN_SENDER ? 'sender_body' : 'receiver_body',
      body === L.OP_PKTGEN_SENDER ? 1041 : 1307,
      `start, fd ${desc.fd} main_fd ${desc.fd}`,
    ),
  );
  st.prev = { pkts: 0, events: 0, at: sys.now() };
  st.nextReport = sys.now() + g.reportMs * 1e6;
  st.phase = 'run';
  return true;
}

/** main_thread(): a report a period until the thread has finished; a signal cancels it. */
function mainThread(p: Proc, st: State, sys: Sys): boolean {
  const { m } = sys,
    { targ } = st.h,
    done = sys.threadDone(st.h);
  if (p.signals.length) {
    p.signals = [];
    st.interrupted = true;
    Atomics.store(m.u32, (targ + L.TARG_CANCEL) >>> 2, 1);
    sys.poke(st.h);
  }
  if (!done && sys.now() >= st.nextReport) {
    const pkts = m.ld64(targ + L.TARG_COUNT),
      events = m.ld64(targ + L.TARG_EVENTS),
      us = Math.round((sys.now() - st.prev.at) / 1000);
    const n = pkts - st.prev.pkts,
      ev = events - st.prev.events;
    const pps = us > 0 ? (n * 1e6) / us : 0,
      bps = pps * (st.g.size + 24) * 8; // 24: preamble, CRC and gap, as 2015's raw rate
    sys.os.writeErr(
      p,
      debugLine(
        sys.now(),
        'main_thread',
        1488,
        `${norm(pps)}pps (${norm(n)}pkts ${norm(bps)}bps in ${us} usec) ${(ev ? n / ev : 0).toFixed(2)} avg_batch`,
      ),
    );
    st.prev = { pkts, events, at: sys.now() };
    while (st.nextReport <= sys.now()) st.nextReport += st.g.reportMs * 1e6;
  }
  if (!done) {
    sys.os.sleep(p, st.nextReport);
    return false;
  }
  const read = (f: number) => m.ld64(targ + f);
  const count = read(L.TARG_COUNT),
    secs = Math.max(read(L.TARG_TOC) - read(L.TARG_TIC), 1) / S,
    tx = st.g.fn === L.PG_TX || st.g.fn === L.PG_TXSEQ;
  if (m.ld32(targ + L.TARG_ERROR))
    sys.os.writeErr(p, debugLine(sys.now(), tx ? 'sender_body' : 'receiver_body', tx ? 1087 : 1340, 'poll err'));
  sys.os.write(p, summary(tx ? 'Sent' : 'Received', count, read(L.TARG_BYTES), read(L.TARG_EVENTS), st.g.size, secs));
  if (st.g.fn === L.PG_RXSEQ)
    sys.os.write(
      p,
      `Sequence: ${count} received, ${read(L.TARG_LOST)} lost, ${read(L.TARG_DISORDER)} out of order, ${read(L.TARG_BAD)} with wrong content, digest ${m
        .big64(targ + L.TARG_DIGEST)
        .toString(16)
        .padStart(16, '0')}\n`,
    );
  if (st.g.fn === L.PG_TXSEQ)
    sys.os.write(
      p,
      `Sequence: ${count} sent, digest ${m
        .big64(targ + L.TARG_DIGEST)
        .toString(16)
        .padStart(16, '0')}\n`,
    );
  st.code = m.ld32(targ + L.TARG_ERROR) ? 1 : 0;
  sys.endThread(p, st.h);
  st.phase = 'closing';
  return true;
}

/** tx_output(): the two closing lines. */
export function summary(verb: 'Sent' | 'Received', packets: number, bytes: number, events: number, size: number, secs: number): string {
  if (!packets) return `${verb} nothing.\n`;
  const pps = packets / secs,
    bw = (8 * bytes) / secs,
    raw = (8 * (bytes + 24 * packets)) / secs;
  return (
    `${verb} ${packets} packets ${bytes} bytes ${events} events ${size} bytes each in ${secs.toFixed(2)} seconds.\n` +
    `Speed: ${norm(pps)}pps Bandwidth: ${norm(bw)}bps (raw ${norm(raw)}bps). Average batch: ${(packets / Math.max(events, 1)).toFixed(2)} pkts\n`
  );
}

function close(p: Proc, st: State, sys: Sys) {
  if (!sys.netmapClose(p, st.desc.fd)) return;
  sys.os.exit(p, st.code ?? 0);
}

const isError = (x: NetmapDesc | Strerror): x is Strerror => 'errno' in x;
