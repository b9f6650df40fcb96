// pkt-gen's command line. Mirrors main() of pkt-gen.c of 2015: its option string, defaults, checks in their order, messages
// (facts netmap 6.1). txseq and rxseq are of later pkt-gens.

import * as L from '../../wasm/layout.ts';
import { getopt } from '../sh/getopt.ts';
import { debugLine } from './debug_line.ts';
import { type IpRange, dotted, isRange, parseMac, parseRange } from './pkt_gen_frame.ts';

const OPTIONS = 'a:f:F:n:i:Il:d:s:D:S:b:c:o:p:T:w:WvR:XC:H:e:E:r';
/** Functions: number, whether it sends or receives, default burst. */
const FUNCTIONS: Record<string, { fn: number; type: 'sender' | 'receiver' | 'other'; burst: number }> = {
  tx: { fn: L.PG_TX, type: 'sender', burst: 512 },
  rx: { fn: L.PG_RX, type: 'receiver', burst: 512 },
  ping: { fn: L.PG_PING, type: 'other', burst: 1 },
  pong: { fn: L.PG_PONG, type: 'other', burst: 1 },
  txseq: { fn: L.PG_TXSEQ, type: 'sender', burst: 512 },
  rxseq: { fn: L.PG_RXSEQ, type: 'receiver', burst: 512 },
};
const MIN_SIZE = 16,
  MAX_SIZE = 1536,
  SEQ_SIZE = 60;

export interface Options {
  ifname: string;
  fn: number;
  type: 'sender' | 'receiver' | 'other';
  npackets: number;
  size: number;
  burst: number;
  reportMs: number;
  waitLink: number;
  rate: number;
  exitIdle: boolean;
  /** PGO_*. */
  options: number;
  src: IpRange;
  dst: IpRange;
  srcMac: string;
  dstMac: string;
  verbose: number;
  threads: number;
  cpus: number;
  affinity: number;
  frags: number;
  hdr: number;
  extraBufs: number;
  extraPipes: number;
  /** nr_tx_slots, nr_rx_slots, nr_tx_rings, nr_rx_rings. */
  ringCfg: [number, number, number, number];
}
export interface Parsed {
  g: Options;
  /** What it said meanwhile. */
  said: string;
}
export interface Refused {
  said: string;
  hint?: string;
}

export const usage = (name: string) =>
  `Usage:\n${name} arguments\n` +
  '\t-i interface\t\tinterface name\n\t-f function\t\ttx rx ping pong txseq rxseq\n\t-n count\t\tnumber of iterations (can be 0)\n' +
  '\t-l pkt_size\t\tin bytes excluding CRC\n\t-d dst_ip[:port[-dst_ip:port]]\tsingle or range\n\t-s src_ip[:port[-src_ip:port]]\tsingle or range\n' +
  '\t-D dst-mac\n\t-S src-mac\n\t-a cpu_id\t\tuse setaffinity\n\t-b burst size\t\ttesting, mostly\n\t-c cores\t\tcores to use\n' +
  '\t-p threads\t\tprocesses/threads to use\n\t-T report_ms\t\tmilliseconds between reports\n\t-w wait_for_link_time\tin seconds\n' +
  '\t-R rate\t\t\tin packets per second\n\t-X\t\t\tdump payload\n\t-H len\t\t\tadd empty virtio-net-header with size len\n' +
  '\t-F num_frags\t\tsend multi-slot packets\n\t-I\t\t\tuse indirect buffers, tx only\n\t-C tx_slots[,rx_slots[,tx_rings[,rx_rings]]]\n' +
  '\t-e extra-bufs\t\textra_bufs - goes in nr_arg3\n\t-E extra-pipes\t\textra_pipes - goes in nr_arg1\n' +
  '\t-o options\t\tdata generation options (a number)\n\t-r\t\t\tdo not touch the buffers\n\t-W\t\t\texit when receiving no packets\n\t-v\t\t\tverbose\n\n';

/** atoi(3): the leading integer, 0 without one; within `max`. */
export const atoi = (s: string, max = 2 ** 31 - 1) => Math.max(-max, Math.min(max, Number(/^\s*([+-]?\d+)/.exec(s)?.[1] ?? 0)));

/** -C: one number of slots serves both directions, and so does one of rings. */
function ringConfig(s: string, d: (fn: string, line: number, text: string) => void): [number, number, number, number] {
  const words = s.split(',').filter((w) => w !== ''),
    v = words.map((w) => Math.max(0, atoi(w, 65535))),
    [txs = 0, rxs = txs, txr = 0, rxr = txr] = v;
  for (const w of words.slice(4)) d('parse_nmr_config', 300, `ignored config: ${w}`);
  d('parse_nmr_config', 304, `txr ${txr} txd ${txs} rxr ${rxr} rxd ${rxs}`);
  return [txs, rxs, txr, rxr];
}

/** Options of argv; `now` for the lines' stamps, `ncpus` of this machine, `macOf` the address of an interface. */
export function parseOptions(argv: string[], now: number, ncpus: number, macOf: (name: string) => string): Parsed | Refused {
  const name = argv[0] ?? 'pkt-gen';
  let said = '';
  const d = (fn: string, line: number, text: string) => {
    said += debugLine(now, fn, line, text);
  };
  const refuse = (line: number, text: string, hint?: string): Refused => {
    d('main', line, text);
    return { said: said + usage(name), ...(hint ? { hint } : {}) };
  };
  const fail = (fn: string, line: number, text: string): Refused => {
    d(fn, line, text);
    return { said };
  };
  const g: Options = {
    ifname: '',
    fn: L.PG_RX,
    type: 'receiver',
    npackets: 0,
    size: 60,
    burst: 0,
    reportMs: 1000,
    waitLink: 2,
    rate: 0,
    exitIdle: false,
    options: 0,
    src: { start: 0, end: 0, port0: 0, port1: 0 },
    dst: { start: 0, end: 0, port0: 0, port1: 0 },
    srcMac: '',
    dstMac: 'ff:ff:ff:ff:ff:ff',
    verbose: 0,
    threads: 1,
    cpus: 1,
    affinity: -1,
    frags: 1,
    hdr: 0,
    extraBufs: 0,
    extraPipes: 0,
    ringCfg: [0, 0, 0, 0],
  };
  const r = getopt(argv, OPTIONS);
  let waitSet = false,
    burst = 512,
    config = '',
    srcIp = '10.0.0.1:1234',
    dstIp = '10.1.0.1:1234';
  for (const { opt, arg } of r.opts) {
    const a = arg ?? '';
    switch (opt) {
      case 'i':
        g.ifname = /^(netmap|vale|tap)/.test(a) ? a : `netmap:${a}`;
        break;
      case 'f': {
        const f = Object.hasOwn(FUNCTIONS, a) ? FUNCTIONS[a] : undefined;
        if (!f) return refuse(1658, `unrecognised function ${a}`, `the functions are ${Object.keys(FUNCTIONS).join(', ')}.`);
        g.fn = f.fn;
        g.type = f.type;
        burst = f.burst;
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
        g.options |= L.PGO_RUBBISH;
        break;
      case 'X':
        g.options |= L.PGO_DUMP;
        break;
      case 'I':
        g.options |= L.PGO_INDIRECT;
        break;
      case 's':
        srcIp = a;
        break;
      case 'd':
        dstIp = a;
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
      case 'p':
        g.threads = atoi(a);
        break;
      case 'c':
        g.cpus = atoi(a);
        break;
      case 'a':
        g.affinity = atoi(a);
        break;
      case 'F': {
        const n = atoi(a);
        if (n < 1 || n > 63) d('main', 1664, `invalid frags ${n} [1..63], ignore`);
        else g.frags = n;
        break;
      }
      case 'H':
        g.hdr = atoi(a);
        break;
      case 'C':
        config = a;
        break;
      case 'e':
        g.extraBufs = Math.max(0, atoi(a));
        break;
      case 'E':
        g.extraPipes = Math.max(0, atoi(a));
        break;
      default:
        return { said: `${r.errors[0] ?? ''}\n${debugLine(now, 'main', 1734, 'bad option, see the usage')}${usage(name)}` };
    }
  }
  g.burst ||= burst;
  if (!g.ifname) return refuse(1746, 'missing ifname');
  if (g.cpus < 0 || g.cpus > ncpus) return refuse(1748, `${g.cpus} cpus is too high, have only ${ncpus} cpus`);
  if (g.size < MIN_SIZE || g.size > MAX_SIZE) return refuse(1752, `bad pktsize ${g.size} [${MIN_SIZE}..${MAX_SIZE}]`);
  if (![0, 10, 12].includes(g.hdr))
    return refuse(1754, 'bad virtio-net-header length', 'a header has 10 or 12 bytes, or is not there (0).');
  for (const mac of [g.srcMac, g.dstMac]) if (mac && !parseMac(mac)) return fail('main', 1760, `Unable to find MAC address for ${mac}`);
  const src = parseRange(srcIp),
    dst = parseRange(dstIp);
  if (!src || !dst) return fail('extract_ip_range', 330, `bad address ${src ? dstIp : srcIp}`);
  d('main', 1660, `interface is ${g.ifname}`);
  d('main', 1750, `running on ${g.cpus} cpus (have ${ncpus})`);
  g.cpus ||= ncpus;
  if (!g.srcMac) {
    g.srcMac = macOf(g.ifname.replace(/^netmap:/, '').replace(/[-*^{}/@].*$/, '')) || '00:00:00:00:00:00';
    if (g.srcMac === '00:00:00:00:00:00') d('main', 1770, 'Unable to retrieve source mac');
  }
  for (const x of [src, dst]) d('extract_ip_range', 367, `range is ${dotted(x.start)}:${x.port0} to ${dotted(x.end)}:${x.port1}`);
  g.src = src;
  g.dst = dst;
  if (isRange(src) || isRange(dst)) g.options |= L.PGO_COPY;
  if (config) g.ringCfg = ringConfig(config, d);
  if (!waitSet && g.ifname.startsWith('vale')) g.waitLink = 0;
  said += labLines(g);
  return { g, said };
}

/** What the lab adds, and what it changes in the options. */
function labLines(g: Options): string {
  const seq = g.fn === L.PG_TXSEQ || g.fn === L.PG_RXSEQ,
    out: string[] = [];
  if (seq) out.push('txseq and rxseq are of later pkt-gens; 2015 had tx, rx, ping and pong.');
  if ((seq || g.fn === L.PG_PING) && g.size < SEQ_SIZE) {
    out.push(`${SEQ_SIZE} bytes: a sequence number has to fit in.`);
    g.size = SEQ_SIZE;
  }
  if (g.fn === L.PG_TXSEQ && (g.frags > 1 || g.options & L.PGO_INDIRECT || isRange(g.src) || isRange(g.dst))) {
    out.push('txseq sends whole frames, all between the same addresses.');
    g.frags = 1;
    g.options &= ~L.PGO_INDIRECT;
    g.src.end = g.src.start;
    g.src.port1 = g.src.port0;
    g.dst.end = g.dst.start;
    g.dst.port1 = g.dst.port0;
  }
  if (g.fn === L.PG_PING && g.srcMac === '00:00:00:00:00:00' && !/[{}]/.test(g.ifname))
    out.push('without -S the source is 00:00:00:00:00:00, which a switch never learns: answers do not find back.');
  if (g.affinity >= 0 || g.cpus !== 1) out.push('on which CPU a thread runs is not modelled: -a and -c change nothing.');
  return out.map((l) => `lab: ${l}\n`).join('');
}
