// tcpdump, control plane: what is captured is filtered, printed or written to a file. Mirrors tcpdump 4.7 with a libpcap that knows
// netmap ports; its half in the data plane is wasm/bin/tcpdump.ts. The same program on host and guest.

import * as L from '../../wasm/layout.ts';
import { type Stamp, stampOfNs } from '../pcap/capture.ts';
import { type FilterPredicate, compileFilter } from '../pcap/filter.ts';
import { readCaptureSoFar } from '../pcap/read.ts';
import { type Conversations, dumpText, summary, timeText } from '../pcap/summary.ts';
import { pcapHeader, pcapPacket } from '../pcap/write.ts';
import type { Proc, Program } from '../sh/proc.ts';
import { SIGHUP, SIGINT, SIGPIPE, SIGTERM } from '../sh/signals.ts';
import { append, complain, createFile, fromBytes, readFile, toBytes } from './binary_file.ts';
import { nmOpen } from './nm_open.ts';
import { type OwnPages, allocOwn, freeOwn, giveOwn, readOwn } from './own_pages.ts';
import type { NetmapDesc, Strerror, Sys, ThreadHandle } from './sys.ts';
import { type TcpdumpOptions, isEnd, parseTcpdump } from './tcpdump_options.ts';

const LINK = 'link-type EN10MB (Ethernet)';

interface State {
  phase?: 'open' | 'run' | 'stopping' | 'closing';
  o: TcpdumpOptions;
  desc: NetmapDesc;
  h: ThreadHandle;
  own: OwnPages;
  /** Path of the -w file; '' is standard output. */
  file: string | null;
  captured: number;
  seen: number;
  drops: number;
  talk: Conversations;
  first: Stamp | null;
  last: Stamp | null;
  interrupted: boolean;
  code: number;
}
interface Packet {
  ts: Stamp;
  len: number;
  data: Uint8Array;
  /** Where it was, when it was captured here. */
  where?: string;
}

export const tcpdump: Program<Sys> = {
  catches: [SIGINT, SIGTERM, SIGHUP, SIGPIPE],
  run(p, sys) {
    const st = p.st as State;
    if (!st.phase && !begin(p, st, sys)) return;
    if (st.phase === 'open' && !open(p, st, sys)) return;
    if (st.phase === 'run' || st.phase === 'stopping') if (!capture(p, st, sys)) return;
    if (st.phase === 'closing') close(p, st, sys);
  },
};

function quit(p: Proc, sys: Sys, text: string, status: number): false {
  if (text) complain(sys, p, text);
  sys.os.exit(p, status);
  return false;
}

function begin(p: Proc, st: State, sys: Sys): boolean {
  const o = parseTcpdump(p.argv, sys, (name) => readFile(sys.os.tree(), p, name));
  if (isEnd(o)) {
    if (o.out) sys.os.write(p, o.out);
    return quit(p, sys, o.err, o.status);
  }
  Object.assign(st, { o, file: null, captured: 0, seen: 0, drops: 0, talk: {}, first: null, last: null, interrupted: false, code: 0 });
  if (o.write !== '') {
    const f = o.write === '-' ? { path: '' } : createFile(sys.os.tree(), p, o.write);
    if ('error' in f) return quit(p, sys, `tcpdump: ${o.write}: ${f.error}\n`, 1);
    st.file = f.path;
  }
  if (o.read !== '') return fromFile(p, st, sys);
  st.phase = 'open';
  return true;
}

/** -r: everything at once. */
function fromFile(p: Proc, st: State, sys: Sys): false {
  const { o } = st,
    text = readFile(sys.os.tree(), p, o.read);
  if (text === undefined) return quit(p, sys, `tcpdump: ${o.read}: No such file or directory\n`, 1);
  const { capture: c, error } = readCaptureSoFar(toBytes(text));
  if (error && !c.interfaces.length) return quit(p, sys, `tcpdump: ${error.message}\n`, 1);
  complain(sys, p, `reading from file ${o.read}, ${LINK}\n`);
  const test = compileFilter(o.filter);
  if (st.file !== null) write(p, st, sys, pcapHeader({ snaplen: o.snaplen }));
  for (const x of c.packets) {
    if (o.count && st.captured >= o.count) break;
    if (!test(x.data, x.len)) continue;
    st.captured++;
    if (!show(p, st, sys, { ts: x.ts ?? { sec: 0, nsec: 0 }, len: x.len, data: x.data.subarray(0, o.snaplen) })) break;
  }
  const cut = error && !(o.count && st.captured >= o.count);
  return quit(p, sys, cut ? `tcpdump: pcap_loop: ${error.message}\n` : '', cut ? 1 : st.code);
}

function open(p: Proc, st: State, sys: Sys): boolean {
  const { o } = st,
    d: NetmapDesc | Strerror | undefined = nmOpen(p, sys, o.port);
  if (!d) return false;
  if ('errno' in d)
    return quit(
      p,
      sys,
      `tcpdump: netmap open: cannot access ${o.port}: ${d.errno ? d.text : 'Invalid argument'}\nlab: ${hint(d.errno, o.port)}\n`,
      1,
    );
  st.desc = d;
  const own = allocOwn(sys, p, o.buffer);
  if (!own) return give(p, st, sys, 'tcpdump: malloc: Cannot allocate memory\n');
  st.own = own;
  const h = sys.startThread(p, d.fd, L.OP_TCPDUMP, (targ) => {
    giveOwn(sys, own, targ);
    sys.m.st32(targ + L.TCD_MASK, o.buffer - 1);
    sys.m.st32(targ + L.TCD_SNAP, o.snaplen);
  });
  if (!h) return give(p, st, sys, 'tcpdump: Resource temporarily unavailable\n');
  st.h = h;
  complain(
    sys,
    p,
    `tcpdump: ${st.file === null && !o.verbose ? 'verbose output suppressed, use -v or -vv for full protocol decode\n' : ''}listening on ${o.port}, ${LINK}, capture size ${o.snaplen} bytes\n`,
  );
  if (st.file !== null) write(p, st, sys, pcapHeader({ snaplen: o.snaplen }));
  st.phase = 'run';
  return true;
}
const MONITOR: Record<number, string> = {
  16: 'a zero-copy monitor (z) is the only monitor of its rings.',
  22: 'a monitor looks on at a port that somebody has open: open that first, and say /t, /r or both.',
};
const hint = (errno: number, port: string) =>
  (port.includes('/') ? MONITOR[errno] : undefined) ??
  {
    16: 'a port that a VM passes through belongs to bhyve; "lab capture start PORT" copies what passes it.',
    6: 'no such port: vale<switch>:<port>, pipes end in {n or }n, interfaces are netmap:ix0 and the like (ifconfig lists them).',
    1: 'the interface must be up first: ifconfig vtnet0 up.',
  }[errno] ??
  'ports are vale<switch>:<port>, netmap:<interface>, and pipes, which end in {n or }n.';

/** Ends with what was opened so far given back. */
function give(p: Proc, st: State, sys: Sys, text: string): boolean {
  complain(sys, p, text);
  st.code = 1;
  st.phase = 'closing';
  return true;
}

/** Takes what the thread has left; true when the thread has ended. */
function capture(p: Proc, st: State, sys: Sys): boolean {
  const { m } = sys,
    { targ } = st.h,
    done = sys.threadDone(st.h),
    word = (o: number) => (targ + o) >>> 2;
  if (st.phase === 'run') {
    const test = compileFilter(st.o.filter),
      mask = st.o.buffer - 1,
      end = Atomics.load(m.u32, word(L.TCD_HEAD));
    let at = m.ld32(targ + L.TCD_TAIL);
    while (at !== end && st.phase === 'run') {
      const r = readOwn(sys, st.own, at & mask, L.TCR_DATA, mask),
        v = new DataView(r.buffer),
        caplen = v.getUint32(L.TCR_CAPLEN, true);
      const data = readOwn(sys, st.own, (at + L.TCR_DATA) & mask, caplen, mask);
      at = (at + L.TCR_DATA + Math.ceil(caplen / L.TCR_DATA) * L.TCR_DATA) >>> 0;
      one(p, st, sys, test, v, data);
    }
    Atomics.store(m.u32, word(L.TCD_TAIL), at);
  }
  if (p.signals.length) {
    p.signals = [];
    st.interrupted ||= st.phase === 'run';
    stop(st, sys);
  }
  if (!done) {
    sys.os.pause(p);
    return false;
  }
  const error = m.ld32(targ + L.TARG_ERROR) !== 0;
  st.seen = m.ld64(targ + L.TCD_SEEN);
  st.drops = m.ld64(targ + L.TCD_DROPS);
  sys.endThread(p, st.h);
  if (st.interrupted && st.file === null) sys.os.write(p, '\n');
  if (error) {
    complain(sys, p, 'tcpdump: pcap_loop: Input/output error\n');
    st.code = 1;
  }
  complain(sys, p, counts(st));
  st.phase = 'closing';
  return true;
}

function one(p: Proc, st: State, sys: Sys, test: FilterPredicate, v: DataView, data: Uint8Array) {
  const len = v.getUint32(L.TCR_LEN, true),
    ns = v.getUint32(L.TCR_TS, true) + v.getUint32(L.TCR_TS + 4, true) * 4294967296;
  if (!test(data, len)) return;
  st.captured++;
  const u = (o: number) => v.getUint32(o, true),
    where = `ring ${u(L.TCR_RING)} slot ${u(L.TCR_SLOT)} buf ${u(L.TCR_BUF)}`;
  const good = show(p, st, sys, { ts: stampOfNs(ns), len, data, where });
  if (!good || (st.o.count && st.captured >= st.o.count)) stop(st, sys);
}

function stop(st: State, sys: Sys) {
  st.phase = 'stopping';
  Atomics.store(sys.m.u32, (st.h.targ + L.TARG_CANCEL) >>> 2, 1);
  sys.poke(st.h);
}

const many = (n: number) => `${n} packet${n === 1 ? '' : 's'}`;
const counts = (st: State) => `${many(st.captured)} captured\n${many(st.seen)} received by filter\n${many(st.drops)} dropped by kernel\n`;

/** Prints a packet, or writes it; false when that failed. */
function show(p: Proc, st: State, sys: Sys, x: Packet): boolean {
  const { o } = st;
  if (st.file !== null) return write(p, st, sys, pcapPacket(x));
  const before = o.time === 'delta' ? st.last : o.time === 'first' ? st.first : undefined;
  let text = timeText(x.ts, o.time, before ?? undefined);
  const options = { link: o.link, quiet: o.quiet, verbose: o.verbose, dump: o.dump !== null, absolute: o.absolute };
  text += summary(x.data, x.len, options, st.talk);
  if (o.dump) text += dumpText(x.data, o.dump, o.dumpLink);
  if (x.where && o.verbose > 2) text += `\nlab: ${x.where}`;
  sys.os.write(p, `${text}\n`);
  st.first ??= x.ts;
  st.last = x.ts;
  return true;
}

function write(p: Proc, st: State, sys: Sys, data: Uint8Array): boolean {
  if (st.file === '') {
    sys.os.write(p, fromBytes(data));
    return true;
  }
  if (append(sys.os.tree(), st.file ?? '', fromBytes(data))) return true;
  complain(sys, p, `tcpdump: ${st.o.write}: File too large\n`);
  st.code = 1;
  return false;
}

function close(p: Proc, st: State, sys: Sys) {
  if (!sys.netmapClose(p, st.desc.fd)) return;
  if (st.own) freeOwn(sys, p, st.own);
  sys.os.exit(p, st.code);
}
