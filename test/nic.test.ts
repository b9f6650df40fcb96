// The 10G NICs: the wire's rate for every frame size, what arrives where, link partners, address filter, RSS, interrupts
// (facts netmap 2.10, 7.1; the RSS vectors are those that Microsoft publishes with the hash's key).

import { describe, expect, it } from 'vitest';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { begin, finish, freshLab, pass, run as type, vmWith } from './typed.ts';

const nicOf = (w: World, n: number) => w.tree.host.nics.find((e) => e.unit === n)?.addr ?? 0;
const stat = (w: World, n: number, o: number) => w.m.ld64(nicOf(w, n) + o);
const run = (w: World, line: string) => type(w, 'ttyv0', line);
/** A receiver in the other terminal while `sends` is done; answers what it printed. */
function receiving(w: World, command: string, sends: () => void): string {
  const m = begin(w, 'ttyv1', command);
  pass(w, 0.01);
  sends();
  pass(w, 0.01);
  w.type('ttyv1', '\x03');
  return finish(w, 'ttyv1', m);
}
const lines = (w: World, ...commands: string[]) => commands.map((c) => run(w, c));

describe('the wire', () => {
  // 10^10 / (8·L + 160), L with CRC
  it.each([64, 65, 100, 128, 256, 512, 1024, 1518])('frames of %i bytes go at the line rate', (size) => {
    const w = freshLab(64, 2),
      n = size < 200 ? 200_000 : 40_000;
    lines(w, 'sysctl hw.ix.num_queues=1', `pkt-gen -i ix0 -f tx -n ${n} -l ${size - 4} -w 0`);
    const nic = nicOf(w, 0);
    expect(stat(w, 0, L.NIC_STAT_GPTC)).toBe(n);
    expect(stat(w, 0, L.NIC_STAT_GOTC)).toBe(n * size);
    const wire = w.m.ld64(nic + L.NIC_TX_FREE) - n * (8 * size + 160) * 100; // ps: what is not frames was waiting
    expect(wire / (n * (8 * size + 160) * 100)).toBeLessThan(0.002);
  });

  it('a million frames of 64 bytes: within 0.1 % of 14.88 Mpps from the first to the last', () => {
    const w = freshLab(64, 2),
      n = 1_000_000;
    lines(w, 'sysctl hw.ix.num_queues=1');
    const { text } = run(w, `pkt-gen -i ix0 -f tx -n ${n} -l 60 -w 0`);
    const pps = Number(/Speed: ([\d.]+) Mpps/.exec(text)?.[1]) * 1e6;
    expect(Math.abs(pps / (1e10 / (8 * 64 + 160)) - 1)).toBeLessThan(0.001);
  });
  it('a short frame is padded to 64 bytes with its CRC', () => {
    const w = freshLab(64, 2);
    receiving(w, 'pkt-gen -i ix1 -f rx -w 0', () => run(w, 'pkt-gen -i ix0 -f tx -n 100 -l 20 -w 0'));
    expect(stat(w, 0, L.NIC_STAT_GOTC)).toBe(6400);
    expect(stat(w, 1, L.NIC_STAT_GPRC)).toBe(100);
  });
});

describe('the other end of the cable', () => {
  it('a second NIC gets every frame, in order, unchanged', () => {
    const w = freshLab(64, 2);
    lines(w, 'sysctl hw.ix.num_queues=1');
    let tx = '';
    const out = receiving(w, 'pkt-gen -i ix1 -f rxseq -w 0', () => {
      tx = run(w, 'pkt-gen -i ix0 -f txseq -n 30000 -w 0').text;
    });
    expect(out).toMatch(/Sequence: 30000 received, 0 lost, 0 out of order, 0 with wrong content/);
    expect(/digest (\w+)/.exec(/Sequence: 30000 received.*/.exec(out)?.[0] ?? '')?.[1]).toBe(/digest (\w+)/.exec(tx)?.[1]);
    expect(stat(w, 1, L.NIC_STAT_MPC)).toBe(0);
  });
  it('nobody receives: the frames are missed, and the sender does not know', () => {
    const w = freshLab(64, 2);
    lines(w, 'pkt-gen -i ix1 -f tx -n 1 -w 0', 'pkt-gen -i ix0 -f tx -n 5000 -w 0');
    expect(stat(w, 0, L.NIC_STAT_GPTC)).toBe(5000);
    expect(stat(w, 1, L.NIC_STAT_MPC)).toBeGreaterThanOrEqual(5000);
  });
  it('loop: a NIC hears itself', () => {
    const w = freshLab(64, 2);
    lines(w, 'sysctl dev.lab.ix.0.partner=loop');
    receiving(w, 'pkt-gen -i ix0 -f rx -w 0', () => run(w, 'pkt-gen -i ix0 -f tx -n 1000 -w 0'));
    expect(stat(w, 0, L.NIC_STAT_GPRC)).toBe(1000);
  });
  it('source: frames come at its rate', () => {
    const w = freshLab(64, 2);
    lines(w, 'sysctl hw.ix.num_queues=1 dev.lab.ix.0.partner=source dev.lab.ix.0.source_pps=1000000 dev.lab.ix.0.source_len=124');
    receiving(w, 'pkt-gen -i ix0 -f rx -w 0', () => {
      pass(w, 0.48);
    });
    expect(Math.abs(stat(w, 0, L.NIC_STAT_GPRC) - 500_000)).toBeLessThan(1000);
    expect(stat(w, 0, L.NIC_STAT_GORC) / stat(w, 0, L.NIC_STAT_GPRC)).toBe(128);
  });
  it('none: no carrier, and nothing leaves', () => {
    const w = freshLab(64, 2);
    lines(w, 'sysctl dev.lab.ix.0.partner=none');
    expect(run(w, 'ifconfig ix0').text).toContain('status: no carrier');
    expect(run(w, 'sysctl dev.lab.ix.0.partner=nowhere').status).toBe(1);
  });
});

describe('what a NIC takes', () => {
  it('frames to others are not for it, unless it is promiscuous', () => {
    const w = freshLab(64, 2);
    receiving(w, 'pkt-gen -i ix1 -f rx -w 0', () => run(w, 'pkt-gen -i ix0 -f tx -n 100 -D 02:00:00:00:00:77 -w 0'));
    expect([stat(w, 1, L.NIC_STAT_FILTERED), stat(w, 1, L.NIC_STAT_GPRC)]).toEqual([100, 0]);
    run(w, 'ifconfig ix1 promisc');
    receiving(w, 'pkt-gen -i ix1 -f rx -w 0', () => run(w, 'pkt-gen -i ix0 -f tx -n 100 -D 02:00:00:00:00:77 -w 0'));
    expect(stat(w, 1, L.NIC_STAT_GPRC)).toBe(100);
  });
  it('to itself and to everybody', () => {
    const w = freshLab(64, 2);
    receiving(w, 'pkt-gen -i ix1 -f rx -w 0', () => {
      lines(w, 'pkt-gen -i ix0 -f tx -n 50 -D 90:e2:ba:00:00:02 -w 0', 'pkt-gen -i ix0 -f tx -n 50 -D 01:00:5e:00:00:01 -w 0');
    });
    expect(stat(w, 1, L.NIC_STAT_GPRC)).toBe(100);
  });

  // Published verification vectors of receive side scaling, IPv4 with and without ports.
  it.each([
    ['66.9.149.187', 2794, '161.142.100.80', 1766, 0x51ccc178, 0x323e8fc2],
    ['199.92.111.2', 14230, '65.69.140.83', 4739, 0xc626b0ea, 0xd718262a],
    ['24.19.198.95', 12898, '12.22.207.184', 38024, 0x5c2b394a, 0xd2d0a5de],
    ['38.27.205.30', 48228, '209.142.163.6', 2217, 0xafc7327f, 0x82989176],
    ['153.39.163.191', 44251, '202.188.127.2', 1303, 0x10e828a2, 0x5d1809c5],
  ])('RSS of %s:%i to %s:%i', (src, sport, dst, dport, withPorts, alone) => {
    const w = freshLab(64, 2),
      { m } = w,
      at = m.alloc(4096),
      bytes = [...src.split('.'), ...dst.split('.')].map(Number);
    const put = (a: number, b: number[]) => {
      b.forEach((x, i) => {
        m.st8(a + i, x);
      });
    };
    put(at, [...bytes, sport >> 8, sport & 255, dport >> 8, dport & 255]);
    const rss = m.wasm as unknown as { toeplitz(p: number, n: number): number; rss(p: number, n: number): number };
    expect([rss.toeplitz(at, 12) >>> 0, rss.toeplitz(at, 8) >>> 0]).toEqual([withPorts, alone]);
    const frame = at + 256;
    put(frame, [255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, ...bytes]);
    put(frame + 34, [sport >> 8, sport & 255, dport >> 8, dport & 255]);
    expect(rss.rss(frame, 60) >>> 0).toBe(withPorts);
  });
  it('flows spread over the queues, one flow stays on one', () => {
    const w = freshLab(64, 2);
    lines(w, 'sysctl hw.ix.num_queues=4 dev.lab.ix.0.partner=source dev.lab.ix.0.source_pps=100000 dev.lab.ix.0.source_flows=256');
    w.host.netmap.open(1, 'netmap:ix0');
    w.advance(10_000_000, w.m.clock + 5e6);
    const got = Array.from({ length: 4 }, (_, q) => w.m.ld32(nicOf(w, 0) + L.NIC_Q + q * L.NICQ_SIZE + L.NICQ_RDH));
    expect(got.reduce((a, b) => a + b)).toBeGreaterThan(490);
    expect(Math.min(...got)).toBeGreaterThan(60);
  });
});

describe('interrupts', () => {
  it('are at most as many as the moderation lets through', () => {
    const w = freshLab(64, 2);
    lines(w, 'sysctl hw.ix.max_interrupt_rate=10000 dev.lab.ix.0.partner=source dev.lab.ix.0.source_pps=1000000');
    w.host.netmap.open(1, 'netmap:ix0');
    const t = w.m.clock;
    w.advance(100_000_000, t + 20e6);
    expect(stat(w, 0, L.NIC_STAT_INTR)).toBeLessThanOrEqual(201);
    expect(stat(w, 0, L.NIC_STAT_INTR)).toBeGreaterThan(5);
  });
});

describe('a driver that is wrong', () => {
  it('descriptors that point nowhere, tails outside the ring: the NIC goes on', () => {
    const w = freshLab(64, 2),
      { m } = w;
    const fd = w.host.netmap.open(1, 'netmap:ix0');
    if (typeof fd === 'string') throw new Error(fd);
    const q = nicOf(w, 0) + L.NIC_Q,
      d = m.ld32(q + L.NICQ_TDBA);
    for (const [addr, len] of [
      [0, 60],
      [4096, 60],
      [0xfffffff0, 60],
      [0xffffffff, 65535],
      [m.ld32(q + L.NICQ_RDBA), 65535],
    ] as const) {
      const i = m.ld32(q + L.NICQ_TDT);
      m.st32(d + i * L.DESC_SIZE, addr);
      m.st16(d + i * L.DESC_SIZE + L.DESC_LEN, len);
      m.st32(q + L.NICQ_TDT, i + 1);
      w.host.netmap.ix.kick(w.tree.host.nics[0] as never);
      w.advance(100_000, m.clock + 1e6);
    }
    expect(m.ld32(q + L.NICQ_TDH)).toBe(5);
    expect(stat(w, 0, L.NIC_STAT_DMA)).toBeGreaterThanOrEqual(3);
    for (const t of [4096, 0x80000000, 0xffffffff]) {
      m.st32(q + L.NICQ_TDT, t);
      w.host.netmap.ix.kick(w.tree.host.nics[0] as never);
      w.advance(100_000, m.clock + 1e6);
    }
    expect(m.ld32(q + L.NICQ_TDH)).toBe(5);
  });
});

describe('a NIC that is passed through', () => {
  it('the guest sends at the line rate, and every frame arrives as it was', () => {
    // the default region rounds to a BAR of 512 MiB, which leaves none for MSI-X (facts 5A.3)
    const { w } = vmWith('-s 2:0,ptnetmap-memdev -s 2:1,virtio-net,ptnetmap:ix0', (x) => {
      run(x, 'sysctl hw.ix.num_queues=1 dev.netmap.buf_num=65536');
    });
    let tx = '';
    const out = receiving(w, 'pkt-gen -i ix1 -f rxseq -w 0', () => {
      tx = run(w, 'pkt-gen -i vtnet0 -f txseq -n 200000 -w 0').text;
    });
    expect(out).toMatch(/Sequence: 200000 received, 0 lost, 0 out of order, 0 with wrong content/);
    expect(/digest (\w+)/.exec(/Sequence: 200000 received.*/.exec(out)?.[0] ?? '')?.[1]).toBe(/digest (\w+)/.exec(tx)?.[1]);
    expect(Number(/Speed: ([\d.]+) Mpps/.exec(tx)?.[1])).toBeGreaterThan(14);
  });
});
