// labtap, a program of the lab's own (no FreeBSD has it): somebody at the other end of a tap. It shows what is sent on the tap, sends
// frames into it, or is a station that answers ARP and ping. Its thread is wasm/bin/labtap.ts.

import * as L from '../../wasm/layout.ts';
import { ip4, parseIp4 } from '../bin/inet.ts';
import { buildFrame, parseMac } from '../bin/pkt_gen_frame.ts';
import { getopt } from '../sh/getopt.ts';
import type { Proc, Program } from '../sh/proc.ts';
import { NO_FD, type ThreadHandle } from '../bin/sys.ts';
import type { HostSys } from './kernel/sys.ts';

const USAGE =
  'lab: labtap [-q] [-n count] tapN             show what is sent on it (-q: count only)\n' +
  'lab: labtap -f tx -n count [-l size] [-D dst-mac] [-S src-mac] tapN\n' +
  'lab: labtap -f answer -s address [-S mac] tapN   a station that answers ARP and ping\n';
const MODES: Record<string, number> = { rx: L.LTM_RX, tx: L.LTM_TX, answer: L.LTM_ANSWER };
const RETRY_NS = 10000;

interface State {
  tap?: string;
  h: ThreadHandle;
  ended?: boolean;
}

export const labtap: Program<HostSys> = {
  run(p, sys) {
    const st = p.st as State,
      { m } = sys;
    if (st.tap === undefined && !start(p, st, sys)) return;
    if (!st.ended) {
      show(p, st, sys);
      if (p.signals.length) {
        p.signals = [];
        Atomics.store(m.u32, (st.h.targ + L.LT_CANCEL) >>> 2, 1);
        sys.poke(st.h);
      }
      if (!sys.threadDone(st.h)) {
        sys.os.pause(p);
        return;
      }
      st.ended = true;
    }
    if (!sys.taps.close(st.tap ?? '')) {
      sys.os.sleep(p, sys.now() + RETRY_NS);
      return;
    }
    const a = st.h.targ,
      n = (f: number) => m.ld64(a + f),
      secs = Math.max(n(L.LT_TOC) - n(L.LT_TIC), 0) / 1e9,
      error = m.ld32(a + L.LT_ERROR);
    sys.os.write(
      p,
      `lab: read ${n(L.LT_READ)} frames, ${n(L.LT_BYTES)} bytes; wrote ${n(L.LT_WRITTEN)}; answered ${n(L.LT_ANSWERED)}; in ${secs.toFixed(6)} s\n`,
    );
    if (error)
      sys.os.write(
        p,
        `labtap: write: ${error === 55 ? 'No buffer space available' : error === 5 ? 'Input/output error' : `error ${error}`}\n`,
      );
    sys.endThread(p, st.h);
    sys.os.exit(p, error ? 1 : 0);
  },
};

function start(p: Proc, st: State, sys: HostSys): boolean {
  const r = getopt(p.argv, 'f:n:l:s:S:D:q'),
    arg = (o: string) => r.opts.find((x) => x.opt === o)?.arg,
    no = (text: string) => {
      sys.os.writeErr(p, text);
      sys.os.exit(p, 1);
      return false;
    };
  const fn = arg('f') ?? 'rx',
    mode = Object.hasOwn(MODES, fn) ? (MODES[fn] as number) : undefined,
    [name] = r.rest,
    count = Number(arg('n') ?? 0),
    size = Number(arg('l') ?? 60),
    ip = parseIp4(arg('s') ?? ''),
    mac = arg('S') ?? '02:00:00:00:01:01',
    dst = arg('D') ?? 'ff:ff:ff:ff:ff:ff';
  if (r.errors.length || mode === undefined || !name || r.rest.length !== 1 || !Number.isInteger(count) || count < 0)
    return no(`${r.errors[0] ? `${r.errors[0]}\n` : ''}${USAGE}`);
  if (
    (mode === L.LTM_TX && !count) ||
    (mode === L.LTM_ANSWER && ip === undefined) ||
    size < 14 ||
    size > 512 ||
    !parseMac(mac) ||
    !parseMac(dst)
  )
    return no(USAGE);
  const sc = sys.taps.open(name, p.pid);
  if (typeof sc !== 'number') return no(`labtap: /dev/${name}: ${sc.text}\n`);
  const h = sys.startThread(p, NO_FD, L.OP_LABTAP, (a) => {
    const { m } = sys;
    m.st32(a + L.LT_TAP, sc);
    m.st32(a + L.LT_MODE, mode);
    m.st32(a + L.LT_COUNT, count);
    m.st32(a + L.LT_IP, ip ?? 0);
    m.st32(a + L.LT_LEN, size);
    m.st32(a + L.LT_SHOW, mode === L.LTM_RX && !r.opts.some((o) => o.opt === 'q') ? 1 : 0);
    (parseMac(mac) ?? []).forEach((b, i) => {
      m.st8(a + L.LT_MAC + i, b);
    });
    buildFrame({ size, srcIp: '10.0.0.1:1234', dstIp: '10.1.0.1:1234', dstMac: dst }, mac).forEach((b, i) => {
      if (i < size) m.st8(a + L.LT_FRAME + i, b);
    });
  });
  if (!h) {
    sys.taps.close(name);
    return no('labtap: Resource temporarily unavailable\n');
  }
  Object.assign(st, { tap: name, h });
  return true;
}

/** Frames since the last time, a line each. */
function show(p: Proc, st: State, sys: HostSys) {
  const { m } = sys,
    a = st.h.targ,
    put = Atomics.load(m.u32, (a + L.LT_PUT) >>> 2);
  for (let got = m.ld32(a + L.LT_GOT); got !== put; got++) {
    const r = a + L.LT_SEEN + (got & (L.LT_SLOTS - 1)) * 64,
      b = (i: number) => m.ld8(r + 4 + i),
      mac = (i: number) =>
        Array.from({ length: 6 }, (_, k) =>
          b(i + k)
            .toString(16)
            .padStart(2, '0'),
        ).join(':'),
      ip = (i: number) => ip4((b(i) | (b(i + 1) << 8) | (b(i + 2) << 16) | (b(i + 3) << 24)) >>> 0),
      type = b(12) * 256 + b(13);
    const what =
      type === 0x806
        ? b(21) === 1
          ? `ARP, Request who-has ${ip(38)} tell ${ip(28)}`
          : `ARP, Reply ${ip(28)} is-at ${mac(22)}`
        : type === 0x800
          ? `IPv4 ${ip(26)} > ${ip(30)}: ${b(23) === 1 ? `ICMP echo ${b(34) === 8 ? 'request' : 'reply'}` : `proto ${b(23)}`}`
          : `ethertype 0x${type.toString(16).padStart(4, '0')}`;
    sys.os.write(p, `lab: ${mac(6)} > ${mac(0)}, ${what}, length ${m.ld32(r)}\n`);
  }
  Atomics.store(m.u32, (a + L.LT_GOT) >>> 2, put);
}
