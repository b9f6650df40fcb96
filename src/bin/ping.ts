// ping and arp, of both kernels' stacks. ping's thread is wasm/bin/ping.ts; here are its options, its lines and its summary,
// those of ping(8) of FreeBSD 10. arp shows the table of wasm/net/if_ether.ts.

import * as L from '../../wasm/layout.ts';
import { ip4, parseIp4 } from './inet.ts';
import { NO_FD, type Strerror, type Sys, type ThreadHandle } from './sys.ts';
import { getopt } from '../sh/getopt.ts';
import type { Proc, Program } from '../sh/proc.ts';

const USAGE = 'usage: ping [-oq] [-c count] [-i wait] [-s packetsize] [-t timeout] [-W waittime] host\n';
const SEND_ERRORS: Record<number, string> = {
  40: 'Message too long',
  50: 'Network is down',
  55: 'No buffer space available',
  64: 'Host is down',
  65: 'No route to host',
};
const RETRY_NS = 10000,
  MAX_DATA = 1472;

interface State {
  host?: string;
  size: number;
  quiet: boolean;
  one: boolean;
  until: number;
  h: ThreadHandle;
  so: number;
  rtts: { n: number; min: number; max: number; sum: number; sq: number };
  ended?: boolean;
}

const ms = (ns: number) => (ns / 1e6).toFixed(3);

export const ping: Program<Sys> = {
  run(p, sys) {
    const st = p.st as State,
      { m } = sys;
    if (st.host === undefined && !start(p, st, sys)) return;
    const a = st.h.targ;
    if (!st.ended) {
      tell(p, st, sys);
      if (p.signals.length || (st.one && m.ld32(a + L.PING_RECEIVED) > 0) || (st.until && sys.now() >= st.until)) {
        p.signals = [];
        Atomics.store(m.u32, (a + L.PING_CANCEL) >>> 2, 1);
        sys.poke(st.h);
      }
      if (!sys.threadDone(st.h)) {
        if (st.until && sys.now() < st.until) sys.os.sleep(p, st.until);
        else sys.os.pause(p);
        return;
      }
      st.ended = true;
    }
    if (!sys.closeSocket(st.so)) {
      sys.os.sleep(p, sys.now() + RETRY_NS);
      return;
    }
    summary(p, st, sys);
  },
};

function start(p: Proc, st: State, sys: Sys): boolean {
  const r = getopt(p.argv, 'c:i:s:t:W:qon'),
    arg = (o: string) => r.opts.find((x) => x.opt === o)?.arg,
    no = (text: string, status = 64) => {
      sys.os.writeErr(p, text);
      sys.os.exit(p, status);
      return false;
    };
  const num = (o: string, dflt: number) => (arg(o) === undefined ? dflt : Number(arg(o)));
  const [host] = r.rest,
    count = num('c', 0),
    wait = num('i', 1),
    size = num('s', 56),
    limit = num('t', 0),
    waitMs = num('W', 10000);
  if (r.errors.length || r.rest.length !== 1 || !host) return no(`${r.errors[0] ? `${r.errors[0]}\n` : ''}${USAGE}`);
  if (!Number.isInteger(count) || count < 0 || (arg('c') !== undefined && count === 0))
    return no(`ping: invalid count of packets to transmit: \`${arg('c')}'\n`);
  if (!(wait > 0)) return no(`ping: invalid timing interval: \`${arg('i')}'\n`);
  if (!Number.isInteger(size) || size < 0) return no(`ping: invalid packet size: \`${arg('s')}'\n`);
  if (size > MAX_DATA) return no(`ping: packet size too large: ${size} > ${MAX_DATA}\nlab: the lab's stack has no fragments.\n`);
  const dst = parseIp4(host);
  if (dst === undefined) return no(`ping: cannot resolve ${host}: Unknown host\n`, 68);
  const so = sys.socket();
  if (typeof so !== 'number') return no(`ping: socket: ${(so as Strerror).text}\n`, 71);
  const h = sys.startThread(p, NO_FD, L.OP_PING, (a) => {
    const { m } = sys;
    m.st32(a + L.PING_SOCK, so);
    m.st32(a + L.PING_DST, dst);
    m.st32(a + L.PING_ID, p.pid & 0xffff);
    m.st32(a + L.PING_SIZE, size);
    m.st32(a + L.PING_COUNT, count);
    m.st64(a + L.PING_INTERVAL, Math.round(wait * 1e9));
    m.st64(a + L.PING_WAIT, Math.round(waitMs * 1e6));
  });
  if (!h) {
    sys.closeSocket(so);
    return no('ping: Resource temporarily unavailable\n', 71);
  }
  Atomics.store(sys.m.u32, (so + L.SOCK_TD) >>> 2, h.td);
  Object.assign(st, {
    host,
    size,
    quiet: r.opts.some((o) => o.opt === 'q'),
    one: r.opts.some((o) => o.opt === 'o'),
    until: limit ? sys.now() + limit * 1e9 : 0,
    h,
    so,
    rtts: { n: 0, min: 0, max: 0, sum: 0, sq: 0 },
  });
  sys.os.write(p, `PING ${host} (${ip4(dst)}): ${size} data bytes\n`);
  return true;
}

/** Answers and errors since the last time. */
function tell(p: Proc, st: State, sys: Sys) {
  const { m } = sys,
    a = st.h.targ,
    put = Atomics.load(m.u32, (a + L.PING_PUT) >>> 2);
  for (let got = m.ld32(a + L.PING_GOT); got !== put; got++) {
    const r = a + L.PING_ANSWERS + (got & (L.PING_SLOTS - 1)) * 32,
      rtt = m.ld64(r + 16),
      dup = m.ld32(r + 12) !== 0,
      w = m.ld32(r + 4);
    if (st.size >= 8 && !dup) {
      const t = st.rtts;
      t.min = t.n ? Math.min(t.min, rtt) : rtt;
      t.max = Math.max(t.max, rtt);
      t.sum += rtt;
      t.sq += rtt * rtt;
      t.n++;
    }
    const time = st.size >= 8 ? ` time=${ms(rtt)} ms` : '';
    if (!st.quiet)
      sys.os.write(
        p,
        `${w >>> 16} bytes from ${ip4(m.ld32(r + 8))}: icmp_seq=${m.ld32(r)} ttl=${w & 0xff}${time}${dup ? ' (DUP!)' : ''}\n`,
      );
  }
  Atomics.store(m.u32, (a + L.PING_GOT) >>> 2, put);
  const e = m.ld32(a + L.PING_ERROR);
  if (!e) return;
  m.st32(a + L.PING_ERROR, 0);
  sys.os.writeErr(p, `ping: sendto: ${SEND_ERRORS[e] ?? `Unknown error: ${e}`}\n`);
}

function summary(p: Proc, st: State, sys: Sys) {
  const { m } = sys,
    a = st.h.targ,
    sent = m.ld32(a + L.PING_SENT),
    got = m.ld32(a + L.PING_RECEIVED),
    dups = m.ld32(a + L.PING_DUP),
    t = st.rtts;
  sys.os.write(p, `\n--- ${st.host} ping statistics ---\n`);
  sys.os.write(
    p,
    `${sent} packets transmitted, ${got} packets received, ${dups ? `+${dups} duplicates, ` : ''}${(sent ? ((sent - got) * 100) / sent : 0).toFixed(1)}% packet loss\n`,
  );
  if (t.n) {
    const avg = t.sum / t.n,
      dev = Math.sqrt(Math.max(0, t.sq / t.n - avg * avg));
    sys.os.write(p, `round-trip min/avg/max/stddev = ${ms(t.min)}/${ms(avg)}/${ms(t.max)}/${ms(dev)} ms\n`);
  }
  sys.endThread(p, st.h);
  sys.os.exit(p, got ? 0 : 2);
}

export const arp: Program<Sys> = {
  run(p, sys) {
    if (p.argv[1] !== '-a' && p.argv[1] !== '-an') {
      sys.os.writeErr(p, 'usage: arp [-n] -a\n');
      sys.os.exit(p, 1);
      return;
    }
    const how = { permanent: 'permanent', incomplete: 'expired', reachable: '' };
    for (const e of sys.arp())
      sys.os.write(
        p,
        `? (${ip4(e.ip)}) at ${e.state === 'incomplete' ? '(incomplete)' : e.mac} on ${e.on} ${how[e.state] || `expires in ${e.left} seconds`} [ethernet]\n`,
      );
    sys.os.exit(p, 0);
  },
};
