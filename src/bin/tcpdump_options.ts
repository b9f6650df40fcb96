// tcpdump's command line: options as tcpdump 4.7 has them, and what it says of those that are wrong.

import { FilterError, compileFilter } from '../pcap/filter.ts';
import type { DumpStyle, TimeStyle } from '../pcap/summary.ts';
import { getopt } from '../sh/getopt.ts';
import { OWN_MAX } from './own_pages.ts';
import type { Sys } from './sys.ts';

const OPTIONS = 'aAbB:c:C:dDeE:fF:G:hHi:Ij:JKlLm:M:nNOpqr:Rs:StT:uUvV:w:W:xXy:Yz:Z:#';
/** Without an effect here, as nothing is looked up, promiscuous, optimised or buffered. */
const IGNORED = 'abfHKlnNOpRuU';
const SNAPLEN = 262144;
const BUFFER = 512 * 1024;
const TIMES: readonly TimeStyle[] = ['clock', 'none', 'epoch', 'delta', 'date', 'first'];

export interface TcpdumpOptions {
  /** As nm_open takes it. */
  port: string;
  count: number;
  write: string;
  read: string;
  snaplen: number;
  /** Bytes, a power of two. */
  buffer: number;
  filter: string;
  time: TimeStyle;
  link: boolean;
  quiet: boolean;
  verbose: number;
  absolute: boolean;
  dump: DumpStyle | null;
  dumpLink: boolean;
}
/** It ends here: what it says, where, and its status. */
export interface End {
  out: string;
  err: string;
  status: number;
}
export const isEnd = (o: TcpdumpOptions | End): o is End => 'status' in o;
const end = (err: string, status = 1, out = ''): End => ({ out, err, status });

const VERSION = 'tcpdump version 4.7.4\nlibpcap version 1.7.4\n';
const USAGE = `${VERSION}Usage: tcpdump [-AdDefhKlLnNOpqStUvxX] [ -B size ] [ -c count ]
\t\t[ -F file ] [ -i interface ] [ -r file ] [ -s snaplen ]
\t\t[ -w file ] [ -y datalinktype ] [ expression ]
`;

/** A whole number at the beginning of a word, as strtol and atoi leave it; undefined without one. */
const whole = (s: string) => (/^\d{1,10}$/.test(s) ? Number(s) : undefined);

/** Interface names of the shell's user as nm_open takes them. */
export const portName = (name: string) => (/^(netmap:|vale)/.test(name) ? name : `netmap:${name}`);

function devices(sys: Sys): string {
  const words = (flags: string[]) =>
    [flags.includes('UP') ? 'Up' : '', flags.includes('RUNNING') ? 'Running' : '', flags.includes('LOOPBACK') ? 'Loopback' : '']
      .filter((x) => x)
      .join(', ');
  return sys
    .ifconfig()
    .map((i, n) => `${n + 1}.${i.name}${words(i.flags) ? ` [${words(i.flags)}]` : ''}\n`)
    .join('');
}

export function parseTcpdump(argv: readonly string[], sys: Sys, file: (name: string) => string | undefined): TcpdumpOptions | End {
  const o: TcpdumpOptions = {
    port: '',
    count: 0,
    write: '',
    read: '',
    snaplen: SNAPLEN,
    buffer: BUFFER,
    filter: '',
    time: 'clock',
    link: false,
    quiet: false,
    verbose: 0,
    absolute: false,
    dump: null,
    dumpLink: false,
  };
  const r = getopt(argv, OPTIONS),
    letters = r.opts.map((x) => x.opt),
    times = (letter: string) => letters.filter((x) => x === letter).length;
  let from = '';
  for (const { opt, arg = '' } of r.opts) {
    const n = whole(arg);
    if (opt === '?') return end(`${r.errors[0] ?? ''}\n${USAGE}`);
    if (opt === 'h') return end('', 0, USAGE);
    if (opt === 'D') return end('', 0, devices(sys));
    if (opt === 'i') o.port = portName(arg);
    else if (opt === 'w') o.write = arg;
    else if (opt === 'r') o.read = arg;
    else if (opt === 'F') from = arg;
    else if (opt === 'c') {
      if (!n) return end(`tcpdump: invalid packet count ${arg}\n`);
      o.count = n;
    } else if (opt === 's') {
      if (n === undefined || n > SNAPLEN) return end(`tcpdump: invalid snaplen ${arg}\n`);
      o.snaplen = n || SNAPLEN;
    } else if (opt === 'B') {
      if (!n) return end(`tcpdump: invalid packet buffer size ${arg}\n`);
      o.buffer = Math.min(OWN_MAX, 2 ** Math.ceil(Math.log2(Math.max(4, n) * 1024)));
    } else if (opt === 'y') {
      if (!/^EN10MB$/i.test(arg)) return end(`tcpdump: invalid data link type ${arg}\n`);
    } else if (!`${IGNORED}eqSvtxXAL`.includes(opt)) return end(`tcpdump: -${opt}: not supported\nlab: tcpdump's -${opt} is not built.\n`);
  }
  o.link = times('e') > 0;
  o.quiet = times('q') > 0;
  o.absolute = times('S') > 0;
  o.verbose = times('v');
  if (times('t') > 5) return end('tcpdump: only -t, -tt, -ttt, -tttt, and -ttttt are supported\n');
  o.time = TIMES[times('t')] ?? 'clock';
  const dump = times('A') ? 'A' : times('X') ? 'X' : times('x') ? 'x' : '';
  if (dump) o.dump = dump === 'A' ? 'text' : dump === 'X' ? 'ascii' : 'hex';
  o.dumpLink = times(dump) > 1;
  o.filter = r.rest.join(' ');
  if (from) {
    const text = file(from);
    if (text === undefined) return end(`tcpdump: can't open ${from}: No such file or directory\n`);
    o.filter = text.replace(/#.*$/gm, ' ');
  }
  if (!o.port && !o.read) {
    const first = sys.ifconfig().find((i) => i.flags.includes('UP') && !i.flags.includes('LOOPBACK'));
    if (!first) return end('tcpdump: no suitable device found\nlab: name a port, as in tcpdump -i vale0:1\n');
    o.port = portName(first.name);
  }
  if (times('L')) return end(`Data link types for ${o.port} (use option -y to set):\n  EN10MB (Ethernet)\n`, 0);
  try {
    compileFilter(o.filter);
  } catch (e) {
    if (!(e instanceof FilterError)) throw e;
    return end(`tcpdump: ${e.message}\nlab: at the ${e.at + 1}. character: ${o.filter.slice(e.at, e.at + 40) || 'the end'}\n`);
  }
  return o;
}
