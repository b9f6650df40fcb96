// bridge, control plane: opens two netmap ports, has its thread forward between them, prints what that says. Mirrors bridge.c
// of netmap's examples, 2015 (facts netmap 6.2). Its thread is wasm/bin/bridge.ts.

import * as L from '../../wasm/layout.ts';
import { getopt } from '../sh/getopt.ts';
import type { Proc, Program } from '../sh/proc.ts';
import { SIGINT } from '../sh/signals.ts';
import { debugLine } from './debug_line.ts';
import { nmOpen } from './nm_open.ts';
import { OPEN_HINTS } from './pkt_gen.ts';
import { atoi } from './pkt_gen_options.ts';
import type { NetmapDesc, Strerror, Sys, ThreadHandle } from './sys.ts';

const S = 1e9,
  BURST = 1024,
  MOST_BURST = 8192,
  WAIT = 4,
  MOST_WAIT = 100;

interface Options {
  ifs: string[];
  burst: number;
  zerocopy: boolean;
  verbose: number;
  waitLink: number;
  loop: boolean;
}
interface State {
  phase: 'init' | 'open' | 'wait' | 'run' | 'closing';
  g: Options;
  /** The two ports, and their descriptors that are still open. */
  ports: NetmapDesc[];
  fds: number[];
  h: ThreadHandle;
  waitUntil: number;
  code: number;
}

const USAGE =
  'usage: bridge [-v] [-c] [-L] [-i ifa] [-i ifb] [-b burst] [-w wait_time]\n' +
  '       bridge [-v] [-c] [-L] [-w wait_time] [ifa [ifb [burst]]]\n' +
  'Names are those of nm_open(): netmap:NAME or valeX:PORT. With one port (or the same twice), packets go\n' +
  'between it and the host stack; with -L, from it to itself.\n';

export const bridge: Program<Sys> = {
  catches: [SIGINT],
  run(p, sys) {
    const st = p.st as State;
    st.phase ??= 'init';
    if (st.phase === 'init' && !parse(p, st, sys)) return;
    if (st.phase === 'open' && !open(p, st, sys)) return;
    if (st.phase === 'wait' && !waitLink(p, st, sys)) return;
    if (st.phase === 'run' && !forward(p, st, sys)) return;
    if (st.phase === 'closing') close(p, st, sys);
  },
};

function d(p: Proc, sys: Sys, fn: string, line: number, text: string) {
  sys.os.writeErr(p, debugLine(sys.now(), fn, line, text));
}

function parse(p: Proc, st: State, sys: Sys): boolean {
  const g: Options = { ifs: [], burst: BURST, zerocopy: true, verbose: 0, waitLink: WAIT, loop: false },
    usage = () => {
      sys.os.writeErr(p, USAGE);
      sys.os.exit(p, 1);
      return false;
    };
  const r = getopt(p.argv, 'hb:ci:vw:L');
  for (const { opt, arg = '', optopt } of r.opts)
    switch (opt) {
      case 'b':
        g.burst = atoi(arg);
        break;
      case 'i':
        if (g.ifs.length < 2) g.ifs.push(arg);
        else d(p, sys, 'main', 204, `${arg} ignored, already have 2 interfaces`);
        break;
      case 'c':
        g.zerocopy = false;
        break;
      case 'v':
        g.verbose++;
        break;
      case 'w':
        g.waitLink = atoi(arg);
        break;
      case 'L':
        g.loop = true;
        break;
      case 'h':
        return usage();
      default:
        sys.os.writeErr(p, `${r.errors[0] ?? ''}\n`);
        d(p, sys, 'main', 193, `bad option ${optopt ?? '?'}`);
        return usage();
    }
  const [a, b, burst] = r.rest;
  if (a !== undefined) g.ifs[0] = a;
  if (b !== undefined) g.ifs[1] = b;
  if (burst !== undefined) g.burst = atoi(burst);
  const ifa = g.ifs[0],
    ifb = g.ifs[1] ?? ifa;
  if (!ifa || !ifb) {
    d(p, sys, 'main', 240, 'missing interface');
    return usage();
  }
  if (g.burst < 1 || g.burst > MOST_BURST) {
    d(p, sys, 'main', 244, `invalid burst ${g.burst}, set to ${BURST}`);
    g.burst = BURST;
  }
  if (g.waitLink > MOST_WAIT || g.waitLink < 0) {
    d(p, sys, 'main', 248, `invalid wait_link ${g.waitLink}, set to ${WAIT}`);
    g.waitLink = WAIT;
  }
  g.ifs = [ifa, ifb];
  if (ifa === ifb) {
    if (g.loop) d(p, sys, 'main', 258, 'same interface, loopback');
    else {
      d(p, sys, 'main', 255, 'same interface, endpoint 0 goes to host');
      g.ifs[0] = `${ifa}^`;
    }
  }
  st.g = g;
  st.ports = [];
  st.fds = [];
  st.code = 0;
  st.phase = 'open';
  return true;
}

function open(p: Proc, st: State, sys: Sys): boolean {
  const { g } = st;
  for (let name = g.ifs[st.ports.length]; name !== undefined; name = g.ifs[st.ports.length]) {
    const x = nmOpen(p, sys, name);
    if (!x) return false;
    if (isError(x)) {
      d(p, sys, 'main', 268, `cannot open ${name}`);
      sys.os.writeErr(p, `lab: ${x.why ?? OPEN_HINTS[x.errno] ?? x.text}${x.why || !OPEN_HINTS[x.errno] ? '.' : ''}\n`);
      if (x.errno === 22 && name.endsWith('^')) sys.os.writeErr(p, 'lab: this port has no host rings; give a second -i, or -L.\n');
      st.code = 1;
      st.phase = 'closing';
      return true;
    }
    st.ports.push(x);
    st.fds.push(x.fd);
  }
  const [a, b] = st.ports;
  // nm_open gives the second port the first one's mapping if the allocator is the same: that is what bridge looks at
  g.zerocopy &&= a?.memId === b?.memId;
  d(p, sys, 'main', 277, `------- zerocopy ${g.zerocopy ? '' : 'NOT '}supported`);
  d(p, sys, 'main', 288, `Wait ${g.waitLink} secs for link to come up...`);
  st.phase = 'wait';
  st.waitUntil = sys.now() + g.waitLink * S;
  return true;
}

function waitLink(p: Proc, st: State, sys: Sys): boolean {
  if (p.signals.length) {
    p.signals = [];
    st.phase = 'closing';
    return true;
  }
  if (sys.now() < st.waitUntil) {
    sys.os.sleep(p, st.waitUntil);
    return false;
  }
  const [a, b] = st.ports,
    { g } = st;
  if (!a || !b) throw new Error('bridge without its ports');
  const side = (x: NetmapDesc) => `${x.name} 0x${x.rx[0].toString(16)}/${x.rxRings}`;
  d(p, sys, 'main', 290, `Ready to go, ${side(a)} <-> ${side(b)}.`);
  const h = sys.startThread(
    p,
    a.fd,
    L.OP_BRIDGE,
    (targ) => {
      sys.m.st32(targ + L.BR_BURST, g.burst);
      sys.m.st32(targ + L.BR_ZEROCOPY, g.zerocopy ? 1 : 0);
      sys.m.st32(targ + L.BR_VERBOSE, g.verbose);
    },
    b.fd,
  );
  if (!h) {
    sys.os.writeErr(p, 'lab: no thread is left for it.\n');
    st.code = 1;
    st.phase = 'closing';
    return true;
  }
  st.h = h;
  st.phase = 'run';
  return true;
}

/** Until a signal: prints what the thread says, which goes on when it has been said. */
function forward(p: Proc, st: State, sys: Sys): boolean {
  const { m } = sys,
    { targ } = st.h,
    at = (targ + L.TARG_SAY) >>> 2,
    what = Atomics.load(m.u32, at);
  if (what) {
    speak(p, st, sys, what);
    Atomics.store(m.u32, at, 0);
    sys.poke(st.h);
  }
  if (p.signals.length) {
    p.signals = [];
    Atomics.store(m.u32, (targ + L.TARG_CANCEL) >>> 2, 1);
    sys.poke(st.h);
  }
  if (!sys.threadDone(st.h)) {
    sys.os.pause(p);
    return false;
  }
  const moved = (i: number) => m.ld64(targ + L.BR_MOVED + i * 8);
  sys.os.writeErr(p, `lab: ${moved(0)} packets from ${st.g.ifs[0]} to ${st.g.ifs[1]}, ${moved(1)} back.\n`);
  sys.endThread(p, st.h);
  st.phase = 'closing';
  return true;
}

function speak(p: Proc, st: State, sys: Sys, what: number) {
  const { m } = sys,
    arg = (i: number) => m.ld32(st.h.targ + L.TARG_SAY_ARG + i * 4);
  if (what === L.SAY_POLL) {
    const port = (i: number) =>
      `[${i}] ev ${(arg(i * 4) >>> 16).toString(16)} ${(arg(i * 4) & 0xffff).toString(16)} rx ${arg(i * 4 + 1)}@${arg(i * 4 + 2)} tx ${arg(i * 4 + 3)}`;
    const idle = ((arg(0) | arg(4)) & 0xffff) === 0;
    d(p, sys, 'main', 310, `poll ${idle ? 'timeout' : 'ok'} ${port(0)}, ${port(1)}`);
  }
  if (what === L.SAY_MOVED) {
    const from = st.ports[arg(0)],
      host = from !== undefined && from.rx[0] === from.rxRings;
    d(p, sys, 'process_rings', 118, `${host ? 'host->net' : 'net->host'} sent ${arg(1)} packets to 0x${arg(2).toString(16)}`);
  }
  if (what === L.SAY_ERROR) d(p, sys, 'main', arg(0) ? 335 : 329, `error on fd${arg(0)}, rx [${arg(1)},${arg(2)},${arg(3)})`);
}

function close(p: Proc, st: State, sys: Sys) {
  for (let fd = st.fds.at(-1); fd !== undefined; fd = st.fds.at(-1)) {
    if (!sys.netmapClose(p, fd)) return;
    st.fds.pop();
  }
  sys.os.exit(p, st.code);
}

const isError = (x: NetmapDesc | Strerror): x is Strerror => 'errno' in x;
