// Oracle: where bhyve of 2015 puts what (facts bhyve 1.8, 4.1, 4.2, 4.4 to 4.6): MAC addresses,
// configuration space, BARs, and which memdev gets which allocator.

import { beforeAll, describe, expect, it } from 'vitest';
import { pciRead, pciWrite } from '../src/guest/kernel/pci.ts';
import { bhyveMac } from '../src/host/bhyve/mac.ts';
import { END, freshLab, run, vmWith } from './typed.ts';

const VALE_PORT = 42_369_024; // 12 × 1024 + 20 × 20480 + 20482 × 2048
const MiB = 1024 * 1024;

const io = (addr: number, size: number) => `io 0x${addr.toString(16)} ${size}`;
const mem = (addr: number, size: number) => `mem32 0x${addr.toString(16)} ${size}`;

describe('MAC addresses', () => {
  it.each([
    ['2:0', '88:ac:bb'],
    ['2:1', '48:d9:69'],
    ['2:2', 'd3:1b:f3'],
    ['2:3', '26:88:a5'],
    ['2:4', '41:d8:72'],
    ['2:5', '12:5a:3a'],
    ['3:0', '13:5c:a1'],
    ['4:0', '80:82:3c'],
    ['5:0', '5d:ab:35'],
    ['3:1', '32:91:6b'],
    ['4:1', '63:7b:0c'],
  ])('of %s in netmapvm', (where, tail) => {
    const [slot = 0, func = 0] = where.split(':').map(Number);
    expect(bhyveMac(slot, func, 'netmapvm')).toBe(`00:a0:98:${tail}`);
  });
  it('of a real session', () => {
    expect(bhyveMac(5, 0, 'vm0')).toBe('00:a0:98:1b:c8:07');
  });
});

describe('two passthrough ports, slots 3 and 4', () => {
  let g: ReturnType<typeof vmWith>;
  beforeAll(() => {
    g = vmWith("-s 4:1,virtio-net,'ptvale2{1' -s 4:0,ptnetmap-memdev -s 3:1,virtio-net,ptvale1:1 -s 3:0,ptnetmap-memdev");
  });

  it('addresses in order of slot and function, whatever the order on the command line', () => {
    expect(g.bars('3:0')).toEqual([io(0x2000, 16), mem(0xc0000000, 64 * MiB)]);
    expect(g.bars('3:1')).toEqual([io(0x2040, 64), mem(0xc4000000, 8192)]);
    expect(g.bars('4:0')).toEqual([io(0x2080, 16), mem(0xc8000000, 64 * MiB)]);
    expect(g.bars('4:1')).toEqual([io(0x20c0, 64), mem(0xcc000000, 8192)]);
  });
  it('the guest finds them there, with their MACs', () => {
    expect(g.dmesg()).toContain(
      'ptnetmap-memdev0: <ptnetmap-memdev PCI adapter> port 0x2000-0x200f mem 0xc0000000-0xc3ffffff at device 3.0 on pci0',
    );
    expect(g.dmesg()).toContain(
      'ptnetmap-memdev1: <ptnetmap-memdev PCI adapter> port 0x2080-0x208f mem 0xc8000000-0xcbffffff at device 4.0 on pci0',
    );
    expect(g.dmesg()).toContain('vtnet0: Ethernet address: 00:a0:98:32:91:6b');
    expect(g.dmesg()).toContain('vtnet1: Ethernet address: 00:a0:98:63:7b:0c');
    expect(g.dmesg()).toMatch(/ptn_memdev_driver probe OK - host_id: 2\n[\s\S]*ptn_memdev_driver probe OK - host_id: 3\n/);
  });
  it('identities', () => {
    const id = (s: number, f: number) =>
      [0, 8, 0x2c].map((r) => (pciRead(g.cpu, 0, s, f, r, 4) >>> (r === 8 ? 8 : 0)).toString(16).padStart(r === 8 ? 6 : 8, '0'));
    expect(id(0, 0).slice(0, 2)).toEqual(['12751275', '060000']);
    expect(id(1, 0).slice(0, 2)).toEqual(['70008086', '060100']);
    expect(id(3, 0)).toEqual(['00013333', '020000', '00013333']);
    expect(id(3, 1)).toEqual(['10001af4', '020000', '00010000']);
    expect([0, 1].map((s) => pciRead(g.cpu, 0, s, 0, 0x0e, 1))).toEqual([0x01, 0x00]);
    expect([3, 4].flatMap((s) => [0, 1].map((f) => pciRead(g.cpu, 0, s, f, 0x0e, 1)))).toEqual([0x80, 0x80, 0x80, 0x80]);
    expect([pciRead(g.cpu, 0, 3, 0, 6, 2) & 0x10, pciRead(g.cpu, 0, 3, 0, 0x34, 1)], 'the memdev has no capabilities').toEqual([0, 0]);
  });
  it('the memdev: size, id, and its two misspelt complaints', () => {
    expect([g.cpu.in(0x2004, 4), g.cpu.in(0x2008, 2), g.cpu.in(0x2084, 4), g.cpu.in(0x2088, 2)]).toEqual([VALE_PORT, 2, VALE_PORT, 3]);
    expect(g.console()).not.toContain('unexpected');
    expect(g.cpu.in(0x2000, 4)).toBe(0);
    expect(g.console()).toContain('ptnentmap_memdev: read io reg unexpected');
    g.cpu.out(0x2004, 4, 1);
    expect(g.console()).toContain('ptnentmap_memdev: write io reg unexpected');
    expect(g.cpu.in(0x2004, 4)).toBe(VALE_PORT);
  });
  it('virtio registers', () => {
    expect(g.cpu.in(0x2040, 4)).toBe(0x03018020);
    g.cpu.out(0x2044, 4, 0xffffffff);
    expect(g.cpu.in(0x2044, 4), 'accepted features are masked by the offered').toBe(0x03018020);
    const mac = Array.from({ length: 6 }, (_, i) => g.cpu.in(0x2040 + 0x18 + i, 1));
    expect(mac).toEqual([0x00, 0xa0, 0x98, 0x32, 0x91, 0x6b]);
    expect([g.cpu.in(0x2040 + 0x1e, 2) & 1, g.cpu.in(0x2040 + 0x20, 2)]).toEqual([1, 1]);
    for (const [q, size] of [
      [0, 1024],
      [1, 1024],
      [2, 0],
    ] as const) {
      g.cpu.out(0x204e, 2, q);
      expect([g.cpu.in(0x204e, 2), g.cpu.in(0x204c, 2)]).toEqual([q, size]);
    }
    g.cpu.out(0x204e, 2, 0);
  });
});

describe('the man page’s slot 2', () => {
  // its first two ports; 2:1 takes the same room whatever its back-end does
  let g: ReturnType<typeof vmWith>;
  beforeAll(() => {
    g = vmWith('-s 2:1,virtio-net,vale0:1 -s 2:2,ptnetmap-memdev -s 2:3,virtio-net,ptvale1:1');
  });

  it('layout A', () => {
    expect(g.bars('2:1')).toEqual([io(0x2000, 64), mem(0xc0000000, 8192)]);
    expect(g.bars('2:2')).toEqual([io(0x2040, 16), mem(0xc4000000, 64 * MiB)]);
    expect(g.bars('2:3')).toEqual([io(0x2080, 64), mem(0xc8000000, 8192)]);
  });
  it('configuration space of 2:3, byte by byte', () => {
    const r = (reg: number, bytes: 1 | 2 | 4) => pciRead(g.cpu, 0, 2, 3, reg, bytes);
    expect([r(0, 2), r(2, 2), r(4, 2) & 3, r(6, 2) & 0x10, r(8, 1), r(9, 1), r(10, 1), r(11, 1)]).toEqual([
      0x1af4, 0x1000, 3, 0x10, 0, 0, 0, 2,
    ]);
    expect([r(0x0e, 1), r(0x10, 4), r(0x14, 4), r(0x18, 4), r(0x2c, 2), r(0x2e, 2), r(0x34, 1)]).toEqual([
      0x80, 0x2081, 0xc8000000, 0, 0, 1, 0x40,
    ]);
    expect(
      [r(0x40, 1), r(0x41, 1), r(0x42, 2) & 0x7ff, r(0x44, 4), r(0x48, 4)],
      'MSI-X: 3 vectors, table at 0, pending bits at 0x1000 of BAR 1',
    ).toEqual([0x11, 0x4c, 2, 0x00000001, 0x00001001]);
    expect([r(0x4c, 1), r(0x4d, 1), r(0x4e, 2) & 0xfffe], 'MSI: one message, 64 bits').toEqual([0x05, 0, 0x80]);
  });
  it('BARs are sized by writing ones', () => {
    for (const [reg, old, ones] of [
      [0x10, 0x2081, 0xffffffc1],
      [0x14, 0xc8000000, 0xffffe000],
      [0x18, 0, 0],
    ] as const) {
      pciWrite(g.cpu, 0, 2, 3, reg, 4, 0xffffffff);
      expect(reg === 0x10 ? pciRead(g.cpu, 0, 2, 3, reg, 4) | 0xffff0000 : pciRead(g.cpu, 0, 2, 3, reg, 4)).toBe(
        reg === 0x10 ? ones | 0xffff0000 : ones,
      );
      pciWrite(g.cpu, 0, 2, 3, reg, 4, old);
      expect(pciRead(g.cpu, 0, 2, 3, reg, 4)).toBe(old);
    }
  });
  it('an absent function reads as all ones, and without function 0 the guest skips the slot', () => {
    for (const [s, f] of [
      [2, 0],
      [2, 4],
      [5, 0],
    ] as const) {
      expect([0, 4, 0x0c, 0x10, 0x3c].map((r) => pciRead(g.cpu, 0, s, f, r, 4))).toEqual(Array(5).fill(0xffffffff));
      expect(pciRead(g.cpu, 0, s, f, 0x0e, 1)).toBe(0xff);
    }
    expect(g.dmesg()).not.toMatch(/vtnet|memdev/);
    expect(run(g.w, 'ttyv0', 'ifconfig vtnet0').status).toBe(1);
  });
});

describe('memdevs and allocators', () => {
  it('a memdev after its port gets its BARs at its own turn', () => {
    const g = vmWith('-s 3,virtio-net,ptvale1:1 -s 4,ptnetmap-memdev');
    expect([g.bars('3:0'), g.bars('4:0')]).toEqual([
      [io(0x2000, 64), mem(0xc0000000, 8192)],
      [io(0x2040, 16), mem(0xc4000000, 64 * MiB)],
    ]);
  });
  it('both ends of a pipe have one allocator and need one memdev', () => {
    const g = vmWith("-s 2,ptnetmap-memdev -s 3,virtio-net,'ptvale2{1' -s 4,virtio-net,'ptvale2}1'");
    expect(g.console().match(/ptnetmap_memdev: already attched/g)).toHaveLength(1);
    expect([g.bars('2:0'), g.bars('4:0')]).toEqual([
      [io(0x2000, 16), mem(0xc0000000, 64 * MiB)],
      [io(0x2080, 64), mem(0xc4002000, 8192)],
    ]);
    expect(run(g.w, 'ttyv0', 'pkt-gen -i vtnet1 -f tx -n 5 -w 0').status).toBe(0);
  });
  it('a memdev without an allocator has no BARs; an allocator without a memdev fails only in the guest', () => {
    const g = vmWith('-s 2,ptnetmap-memdev -s 3,virtio-net,ptvale1:1 -s 4,virtio-net,ptvale1:2');
    expect(g.dmesg()).toContain('vtnet1: Ethernet address');
    expect(run(g.w, 'ttyv0', 'pkt-gen -i vtnet0 -f tx -n 5 -w 0').status).toBe(0);
    const a = run(g.w, 'ttyv0', 'pkt-gen -i vtnet1 -f tx -n 5');
    expect([a.status, a.text.includes('ptnetmap memdev not attached'), a.text.includes('Cannot allocate memory')]).toEqual([1, true, true]);
    const u = vmWith('-s 2,ptnetmap-memdev');
    expect([u.bars('2:0'), pciRead(u.cpu, 0, 2, 0, 0, 4), pciRead(u.cpu, 0, 2, 0, 0x10, 4)]).toEqual([[], 0x00013333, 0]);
  });
  it('the fifth VALE port does not fit: a message, and a memdev whose registers read 0', () => {
    const g = vmWith([2, 3, 4, 5, 6].map((s) => `-s ${s}:0,ptnetmap-memdev -s ${s}:1,virtio-net,ptvale1:${s}`).join(' '));
    expect([2, 3, 4, 5].map((s) => g.bars(`${s}:0`)[1])).toEqual(
      [0xc0000000, 0xc8000000, 0xd0000000, 0xd8000000].map((a) => mem(a, 64 * MiB)),
    );
    expect(g.console().match(/ptnetmap_memdev: .*/g)).toEqual([
      'ptnetmap_memdev: membar allocation error -1',
      'ptnetmap_memdev: configure error',
    ]);
    expect([g.bars('6:0'), g.bars('6:1')]).toEqual([[io(0x2200, 16)], [io(0x2240, 64), mem(0xdc002000, 8192)]]);
    expect([g.cpu.in(0x2204, 4), g.cpu.in(0x2208, 2)]).toEqual([0, 0]);
    expect(g.dmesg()).toContain('ptn_memdev_driver probe OK - host_id: 0');
    expect(run(g.w, 'ttyv0', 'pkt-gen -i vtnet4 -f tx -n 5').text).toContain('ptnetmap memdev not attached');
  });
  it('where it fails at the memdev’s own turn, bhyve exits', () => {
    const w = freshLab(8),
      n = [1, 2, 3, 4, 5, 6, 7, 8];
    run(w, 'ttyv0', 'bhyveload -m 2G -d mfsroot.img netmapvm');
    const a = run(
      w,
      'ttyv0',
      `bhyve -s 0,hostbridge -s 1,lpc ${n.map((i) => `-s ${i + 1},virtio-net,ptvale1:${i} -s ${i + 15},ptnetmap-memdev`).join(' ')} ${END}`,
    );
    expect([a.real, a.status]).toEqual([['ptnetmap_memdev: membar allocation error -1', 'ptnetmap_memdev: configure error'], 1]);
  });
  it('an option that is not mac= leaves a MAC of zeros; mac= is taken', () => {
    const g = vmWith('-s 3,virtio-net,ptvale1:1,foo -s 4,virtio-net,ptvale1:2,mac=02:00:00:00:07:E7');
    expect(run(g.w, 'ttyv0', 'ifconfig vtnet0').text).toContain('ether 00:00:00:00:00:00');
    expect(run(g.w, 'ttyv0', 'ifconfig vtnet1').text).toContain('ether 02:00:00:00:07:e7');
  });
});
