// nmreplay, control plane: the packets of a capture file are prepared in memory, and its thread (wasm/bin/nmreplay.ts) sends them
// with the times of the file, or as fast as the port takes them. After netmap's nmreplay of 2016; -n and -T are the lab's own.

import * as L from '../../wasm/layout.ts';
import type { CapturedPacket } from '../pcap/capture.ts';
import { readCaptureSoFar } from '../pcap/read.ts';
import { getopt } from '../sh/getopt.ts';
import type { Proc, Program } from '../sh/proc.ts';
import { complain, readFile, toBytes } from './binary_file.ts';
import { nmOpen } from './nm_open.ts';
import { OWN_MAX, type OwnPages, allocOwn, freeOwn, giveOwn, writeOwn } from './own_pages.ts';
import { norm } from './pkt_gen_words.ts';
import type { NetmapDesc, Strerror, Sys, ThreadHandle } from './sys.ts';
import { portName } from './tcpdump_options.ts';

const USAGE =
  'usage: nmreplay -f pcap-file -i port [-b burst] [-n loops] [-T speed|asap]\nlab: -n 0 goes on for ever; -T 10 is ten times as fast as it was captured. -B, -D, -L, -C, -w are not built.\n';
const S = 1e9;

interface Options {
  file: string;
  port: string;
  burst: number;
  loops: number;
  /** 0: as fast as it goes. */
  speed: number;
}
interface State {
  phase?: 'run' | 'closing';
  o: Options;
  desc: NetmapDesc;
  own: OwnPages;
  h: ThreadHandle;
  code: number;
}
/** The frames in a row as the thread reads them. */
export interface Row {
  bytes: number;
  packets: number;
  /** Time from one loop's first frame to the next one's. */
  period: number;
  records: { at: number; ns: number; data: Uint8Array }[];
}

const padded = (n: number) => Math.ceil(n / L.NRR_DATA) * L.NRR_DATA;

/** Times from the first frame on, never backwards, divided by the speed; a loop ends a mean gap after its last frame. */
export function row(packets: readonly CapturedPacket[], speed: number): Row {
  const first = packets.find((x) => x.ts)?.ts ?? { sec: 0, nsec: 0 };
  let ns = 0,
    at = 0;
  const records = packets.map(({ ts, data }) => {
    if (ts && speed) ns = Math.max(ns, Math.round(((ts.sec - first.sec) * S + (ts.nsec - first.nsec)) / speed));
    const r = { at, ns, data };
    at += L.NRR_DATA + padded(data.length);
    return r;
  });
  const period = records.length > 1 ? Math.round((ns * records.length) / (records.length - 1)) : 0;
  return { bytes: at, packets: records.length, period, records };
}

export const nmreplay: Program<Sys> = {
  run(p, sys) {
    const st = p.st as State;
    if (!st.phase && !begin(p, st, sys)) return;
    if (st.phase === 'run' && !replay(p, st, sys)) return;
    if (st.phase === 'closing') close(p, st, sys);
  },
};

function quit(p: Proc, sys: Sys, text: string): false {
  complain(sys, p, text);
  sys.os.exit(p, 1);
  return false;
}

function parse(p: Proc, sys: Sys): Options | undefined {
  const r = getopt(p.argv, 'f:i:b:n:T:B:D:L:C:w:v'),
    o: Options = { file: '', port: '', burst: 512, loops: 1, speed: 1 };
  let bad = r.rest.length ? `nmreplay: ${r.rest[0]}: one file and one port\n` : '';
  for (const { opt, arg = '' } of r.opts) {
    const n = /^\d{1,9}$/.test(arg) ? Number(arg) : undefined,
      x = /^\d+(\.\d+)?$|^\.\d+$/.test(arg) ? Number(arg) : undefined;
    if (opt === 'f') o.file = arg;
    else if (opt === 'i') o.port = portName(arg);
    else if (opt === 'b' && n) o.burst = n;
    else if (opt === 'n' && n !== undefined) o.loops = n;
    else if (opt === 'T' && arg === 'asap') o.speed = 0;
    else if (opt === 'T' && x && x <= 1e6) o.speed = x;
    else if (opt !== 'v') bad ||= opt === '?' ? `${r.errors[0] ?? ''}\n` : `nmreplay: invalid -${opt} ${arg}\n`;
  }
  if (!bad && !o.file) bad = 'nmreplay: no capture file\n';
  if (!bad && !o.port) bad = 'nmreplay: no port\n';
  if (!bad) return o;
  quit(p, sys, `${bad}${USAGE}`);
  return undefined;
}

function begin(p: Proc, st: State, sys: Sys): boolean {
  const o = parse(p, sys);
  if (!o) return false;
  const text = readFile(sys.os.tree(), p, o.file);
  if (text === undefined) return quit(p, sys, `nmreplay: ${o.file}: No such file or directory\n`);
  const { capture, error } = readCaptureSoFar(toBytes(text));
  if (error) complain(sys, p, `nmreplay: ${o.file}: ${error.message}\n`);
  if (!capture.packets.length) return quit(p, sys, `nmreplay: ${o.file}: no packets\n`);
  const r = row(capture.packets, o.speed),
    cut = capture.packets.filter((x) => x.data.length < x.len).length;
  if (cut) complain(sys, p, `lab: ${cut} of the packets were captured in part, and are sent as they were captured.\n`);
  if (r.bytes > OWN_MAX) return quit(p, sys, `nmreplay: ${o.file}: Cannot allocate memory\nlab: it may have ${OWN_MAX >> 20} MiB.\n`);
  const d: NetmapDesc | Strerror | undefined = nmOpen(p, sys, o.port);
  if (!d) return false;
  if ('errno' in d) return quit(p, sys, `nmreplay: cannot open ${o.port}: ${d.errno ? d.text : 'Invalid argument'}\n`);
  Object.assign(st, { o, desc: d, code: error ? 1 : 0, phase: 'closing' });
  const own = allocOwn(sys, p, r.bytes);
  if (!own) {
    complain(sys, p, 'nmreplay: Cannot allocate memory\n');
    st.code = 1;
    return true;
  }
  st.own = own;
  for (const x of r.records) {
    const head = new DataView(new ArrayBuffer(L.NRR_DATA));
    head.setBigUint64(L.NRR_AT, BigInt(x.ns), true);
    head.setUint32(L.NRR_LEN, x.data.length, true);
    writeOwn(sys, own, x.at, new Uint8Array(head.buffer));
    writeOwn(sys, own, x.at + L.NRR_DATA, x.data);
  }
  const h = sys.startThread(p, d.fd, L.OP_NMREPLAY, (targ) => {
    const { m } = sys;
    giveOwn(sys, own, targ);
    m.st32(targ + L.TARG_BURST, o.burst);
    m.st32(targ + L.NRP_END, r.bytes);
    m.st32(targ + L.NRP_LOOPS, o.loops);
    m.st32(targ + L.NRP_ASAP, o.speed ? 0 : 1);
    m.st64(targ + L.NRP_PERIOD, r.period);
  });
  if (!h) {
    complain(sys, p, 'nmreplay: Resource temporarily unavailable\n');
    st.code = 1;
    return true;
  }
  st.h = h;
  const how = o.speed === 0 ? 'as fast as it goes' : o.speed === 1 ? 'with its own times' : `at ${o.speed} times its speed`;
  sys.os.write(p, `nmreplay: ${r.packets} packets of ${o.file} into ${o.port}, ${o.loops || 'endless'} times, ${how}\n`);
  st.phase = 'run';
  return true;
}

function replay(p: Proc, st: State, sys: Sys): boolean {
  const { m } = sys,
    { targ } = st.h;
  if (p.signals.length) {
    p.signals = [];
    Atomics.store(m.u32, (targ + L.TARG_CANCEL) >>> 2, 1);
    sys.poke(st.h);
  }
  if (!sys.threadDone(st.h)) {
    sys.os.pause(p);
    return false;
  }
  const read = (f: number) => m.ld64(targ + f),
    packets = read(L.TARG_COUNT),
    bytes = read(L.TARG_BYTES),
    secs = Math.max(1, read(L.TARG_TOC) - read(L.TARG_TIC)) / S;
  if (m.ld32(targ + L.TARG_ERROR)) {
    complain(sys, p, 'nmreplay: poll: Input/output error\n');
    st.code = 1;
  }
  sys.os.write(
    p,
    `Sent ${packets} packets ${bytes} bytes ${read(L.TARG_EVENTS)} events in ${secs.toFixed(6)} seconds.\nSpeed: ${norm(packets / secs)}pps Bandwidth: ${norm((8 * bytes) / secs)}bps\n`,
  );
  if (st.o.speed) sys.os.write(p, `lab: a frame left at most ${(read(L.NRP_LATE) / 1000).toFixed(3)} us after its time.\n`);
  const tooLong = read(L.NRP_TOOLONG);
  if (tooLong) {
    complain(sys, p, `nmreplay: ${tooLong} frames do not fit in a buffer of ${st.o.port}\n`);
    st.code = 1;
  }
  sys.endThread(p, st.h);
  st.phase = 'closing';
  return true;
}

function close(p: Proc, st: State, sys: Sys) {
  if (!sys.netmapClose(p, st.desc.fd)) return;
  if (st.own) freeOwn(sys, p, st.own);
  sys.os.exit(p, st.code);
}
