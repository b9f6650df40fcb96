// Oracle: how a VALE switch learns and looks up (facts netmap 3.2, 3.3, 3.5): 1024 buckets, last writer wins, no ageing,
// a cached source a port. pkt-gen sends frames one at a time; ports that nobody reads count what arrives.

import { describe, expect, it } from 'vitest';
import type { NetmapFd } from '../src/host/kernel/tree.ts';
import * as L from '../wasm/layout.ts';
import { freshLab, run } from './typed.ts';

const A = '02:00:00:00:00:01',
  A2 = '02:00:00:00:07:e7',
  A3 = '02:00:00:00:15:a6'; // one bucket: 92
const B = '02:00:00:00:00:02',
  C = '00:aa:bb:cc:0a:01',
  ALL = 'ff:ff:ff:ff:ff:ff',
  GROUP = '01:00:5e:00:00:01',
  ZERO = '00:00:00:00:00:00';

/** A switch with n open ports; send() answers which ports got the frame. */
function bench(n: number, seed = 1) {
  const w = freshLab(1024, 1, seed),
    { m } = w,
    fds: (NetmapFd | undefined)[] = [];
  const open = (i: number) => {
    const fd = w.host.netmap.open(1, `vale0:p${i}`);
    if (typeof fd === 'string') throw new Error(fd);
    fds[i] = fd;
  };
  for (let i = 0; i < n; i++) open(i);
  const got = () => fds.map((fd) => (fd ? m.ld32(fd.rx + L.KR_NR_HWTAIL) : 0));
  return {
    open,
    close(i: number) {
      const fd = fds[i];
      if (fd) w.host.netmap.close(fd);
      fds[i] = undefined;
    },
    send(from: number, src: string, dst: string): number[] {
      const before = got();
      expect(run(w, 'ttyv0', `pkt-gen -i vale0:p${from} -f tx -n 1 -S ${src} -D ${dst}`).status).toBe(0);
      return got().flatMap((x, i) => (x === (before[i] ?? 0) + 1 ? [i] : []));
    },
  };
}

/** nm_bridge_rthash written from the text. */
function bucket(mac: string): number {
  const [m0 = 0, m1 = 0, m2 = 0, m3 = 0, m4 = 0, m5 = 0] = mac.split(':').map((x) => Number.parseInt(x, 16));
  let a = 0x9e3779b9 + (m3 * 2 ** 24 + m2 * 65536 + m1 * 256 + m0),
    b = 0x9e3779b9 + m5 * 256 + m4,
    c = 0;
  const shifts = [13, -8, 13, 12, -16, 5, 3, -10, 15];
  for (let i = 0; i < 9; i++) {
    // a, b, c in turn: minus the two others, xor the last of these shifted
    const s = shifts[i] ?? 0,
      [x, y, z] = i % 3 === 0 ? [a, b, c] : i % 3 === 1 ? [b, c, a] : [c, a, b];
    const shifted = s > 0 ? (z >>> 0) >>> s : (z << -s) >>> 0,
      v = (((x - y - z) >>> 0) ^ shifted) >>> 0;
    if (i % 3 === 0) a = v;
    else if (i % 3 === 1) b = v;
    else c = v;
  }
  return c & 1023;
}

describe('the hash from the text', () => {
  it.each([
    [ZERO, 269],
    [A, 92],
    [B, 23],
    [A2, 92],
    [A3, 92],
    [C, 618],
    [ALL, 604],
    ['de:ad:be:ef:00:01', 60],
  ])('%s', (mac, n) => {
    expect(bucket(mac)).toBe(n);
  });
});

describe('a switch', () => {
  it('floods what it does not know, then delivers to the port where it was seen', () => {
    const s = bench(4);
    expect(s.send(0, A, B)).toEqual([1, 2, 3]);
    expect(s.send(1, B, A)).toEqual([0]);
    expect(s.send(2, C, B)).toEqual([1]);
    expect(s.send(2, C, ALL)).toEqual([0, 1, 3]);
    expect(s.send(2, C, GROUP)).toEqual([0, 1, 3]);
    expect(s.send(2, C, C), 'never back to where it came from').toEqual([]);
  });
  it('does not learn a multicast source', () => {
    const s = bench(3);
    s.send(0, GROUP, ALL);
    expect(s.send(1, B, '01:00:5e:00:00:01')).toEqual([0, 2]);
  });
  it('lets stations of one bucket evict each other, and does not learn a source again while it does not change', () => {
    const s = bench(4);
    s.send(0, A, ALL);
    expect(s.send(3, C, A)).toEqual([0]);
    s.send(1, A2, ALL); // evicts A
    expect(s.send(3, C, A2)).toEqual([1]);
    expect(s.send(3, C, A)).toEqual([0, 1, 2]);
    s.send(0, A, ALL); // its port's cache still says A
    expect(s.send(3, C, A)).toEqual([0, 1, 2]);
    expect(s.send(3, C, A2)).toEqual([1]);
    s.send(0, B, ALL);
    s.send(0, A, ALL); // now it is learnt
    expect(s.send(3, C, A)).toEqual([0]);
    expect(s.send(3, C, A2)).toEqual([0, 1, 2]);
  });
  it('sends destination 00:00:00:00:00:00 to port 0, for an untouched bucket is a hit', () => {
    const s = bench(3);
    expect(s.send(1, B, ZERO)).toEqual([0]);
    expect(s.send(0, A, ZERO)).toEqual([]);
  });
  it('follows a station that moves', () => {
    const s = bench(3);
    s.send(0, A, ALL);
    s.send(1, A, ALL);
    expect(s.send(2, B, A)).toEqual([1]);
  });
  it('does not age: frames for a station whose port has closed go to the empty place', () => {
    const s = bench(3);
    s.send(0, A, ALL);
    s.close(0);
    expect(s.send(1, B, A)).toEqual([]);
    s.open(0);
    expect(s.send(1, B, A), 'whoever comes there gets them').toEqual([0]);
  });
  it('is a new one after the last port', () => {
    const s = bench(2);
    s.send(0, A, ALL);
    s.close(0);
    s.close(1);
    for (const i of [1, 0, 2]) s.open(i);
    expect(s.send(1, B, A)).toEqual([0, 2]);
  });

  it.each([1, 2])('agrees with a model, frame by frame (seed %i)', (seed) => {
    const PORTS = 5,
      s = bench(PORTS, seed),
      MACS = [A, A2, A3, B, C, '52:54:00:12:34:56', GROUP, ZERO, ALL];
    const table = new Map<number, { mac: string; port: number }>(),
      last: string[] = Array(PORTS).fill(ZERO);
    let x = (seed * 2654435761) >>> 0;
    const random = (n: number) => {
      x ^= x << 13;
      x >>>= 0;
      x ^= x >>> 17;
      x ^= x << 5;
      x >>>= 0;
      return x % n;
    };
    const group = (mac: string) => (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
    for (let i = 0; i < 150; i++) {
      const from = random(PORTS),
        src = MACS[random(MACS.length)] ?? A,
        dst = MACS[random(MACS.length)] ?? A;
      if (!group(src) && last[from] !== src) {
        last[from] = src;
        table.set(bucket(src), { mac: src, port: from });
      }
      const e = table.get(bucket(dst)) ?? { mac: ZERO, port: 0 },
        others = [0, 1, 2, 3, 4].filter((p) => p !== from);
      const want = group(dst) || e.mac !== dst ? others : e.port === from ? [] : [e.port];
      expect(s.send(from, src, dst), `frame ${i}: ${src} at ${from} to ${dst}`).toEqual(want);
    }
  });
});
