// Oracle: the ptnetmap registers of 2015 byte by byte (facts bhyve 3.1, 3.2, 3.9, 3.10, netmap 5A.3), and the rules of
// VM_IO_REG_HANDLER and VM_MAP_USER_BUF (bhyve 5.3, 5.4, netmap 5A.6).

import { beforeAll, describe, expect, it } from 'vitest';
import type { GuestCpu } from '../src/hw/vcpu.ts';
import * as L from '../wasm/layout.ts';
import { begin, finish, freshLab, run, since, until, vmWith } from './typed.ts';

const VALE_PORT = 42_369_024; // 12 × 1024 + 20 × 20480 + 20482 × 2048
const MiB = 1024 * 1024;

/** vtnet_ptnetmap_iowrite4 and _ioread4 of the guest's patch. */
const write4 = (cpu: GuestCpu, at: number, v: number, bytes = [3, 2, 1, 0]) => {
  for (const i of bytes) cpu.out(at + i, 1, (v >>> (8 * i)) & 255);
};
const read4 = (cpu: GuestCpu, at: number) => [0, 1, 2, 3].reduce((v, i) => v + cpu.in(at + i, 1) * 256 ** i, 0);

describe('the registers of ptnetmap', () => {
  const PTFEAT = 0x2000 + 0x22,
    PTCTL = 0x2000 + 0x26,
    PTSTS = 0x2000 + 0x2a,
    CSBBAH = 0x2000 + 0x2e,
    CSBBAL = 0x2000 + 0x32;
  let g: ReturnType<typeof vmWith>, ctl: (cmd: number) => number, csb: number;
  beforeAll(() => {
    g = vmWith('-s 3,virtio-net,ptvale1:1 -s 4,ptnetmap-memdev', (w) => {
      w.tree.host.lastMemId = 299;
    });
    ctl = (cmd) => {
      write4(g.cpu, PTCTL, cmd);
      return read4(g.cpu, PTSTS);
    };
    csb = g.w.host.vmm.hostAddress(g.vm, g.w.tree.guests.netmapvm?.vtnets[0]?.csb ?? 0) ?? 0;
  });

  it('features: the intersection with BASE', () => {
    for (const [want, got] of [
      [0, 0],
      [3, 1],
      [2, 0],
      [0xffffffff, 1],
      [1, 1],
    ] as const) {
      write4(g.cpu, PTFEAT, want);
      expect(read4(g.cpu, PTFEAT)).toBe(got);
    }
  });
  it('commands', () => {
    for (const cmd of [2, 3, 4, 7]) expect(ctl(cmd), `command ${cmd}`).toBe(0);
    for (const cmd of [0, 5, 6, 8, 9, 13, 0x0100, 0x01000001]) {
      ctl(2);
      expect(ctl(cmd), `command ${cmd}`).toBe(22);
    }
  });
  it('acts on the byte at +0, whatever the other bytes are', () => {
    expect(ctl(2)).toBe(0);
    write4(g.cpu, PTCTL, 5, [3, 2, 1]);
    expect(read4(g.cpu, PTSTS)).toBe(0);
    g.cpu.out(PTCTL, 1, 5);
    expect(read4(g.cpu, PTSTS)).toBe(22);
    g.cpu.out(PTCTL + 1, 1, 7); // 0x0705 is not executed
    g.cpu.out(PTCTL, 1, 2); // 0x0702 is no command
    expect(read4(g.cpu, PTSTS)).toBe(22);
  });
  it('PTSTS has eight bits: the allocator id 300 becomes 44, and so the guest does not find its memdev', () => {
    expect([g.cpu.in(0x2048, 2), g.cpu.in(0x2044, 4)]).toEqual([300, VALE_PORT]);
    expect(ctl(12)).toBe(300 & 255);
    const a = run(g.w, 'ttyv0', 'pkt-gen -i vtnet0 -f tx -n 1');
    expect([a.status, a.text.includes('Cannot allocate memory')]).toEqual([1, true]);
  });
  it('CONFIG fills in the CSB; address 0 leaves the old page', () => {
    const { m } = g.w;
    m.u8.fill(0xee, csb + 0x68, csb + 0x74);
    expect(ctl(1)).toBe(0);
    const fd = g.w.tree.host.fds[0];
    expect([m.ld32(csb + 0x68), m.ld16(csb + 0x6c), m.ld16(csb + 0x6e), m.ld16(csb + 0x70), m.ld16(csb + 0x72)]).toEqual([
      (fd?.nifp ?? 0) - m.ld32(m.ld32((fd?.na ?? 0) + L.NA_MEM) + L.MEM_BASE),
      1,
      1,
      8,
      8,
    ]);
    write4(g.cpu, CSBBAH, 0);
    write4(g.cpu, CSBBAL, 0);
    m.st32(csb + 0x68, 0);
    expect([ctl(1), m.ld32(csb + 0x68) !== 0]).toEqual([0, true]);
  });
  it('REGIF: CSB flags, indices, two handlers; a second one is refused', () => {
    const { m } = g.w,
      handlers = () =>
        Array.from({ length: 16 }, (_, i) => g.vm.vm + L.VM_IOREGH + i * L.VM_IOREGH_SIZE)
          .filter((h) => m.ld32(h + L.IOREGH_TYPE))
          .map((h) => [
            m.ld16(h + L.IOREGH_PORT),
            m.ld16(h + L.IOREGH_IN),
            m.ld32(h + L.IOREGH_MASK),
            m.ld32(h + L.IOREGH_DATA),
            m.ld32(h + L.IOREGH_TYPE),
          ]);
    expect(handlers()).toEqual([]);
    m.u8.fill(0xee, csb + 0x74, csb + 0x84);
    expect(ctl(10)).toBe(0);
    expect(
      [0x44, 0x54, 0x04, 0x08].map((o) => m.ld32(csb + o)),
      'host_need_txkick, host_need_rxkick, guest_need_txkick, guest_need_rxkick',
    ).toEqual([1, 1, 0, 1]);
    expect(
      [0x74, 0x78, 0x7c, 0x80, 0x88, 0x8c, 0x90, 0x94].map((o) => m.ld32(csb + o)),
      'head, cur, hwcur, hwtail of TX and RX',
    ).toEqual([0, 0, 0, 7, 0, 0, 0, 0]);
    expect(handlers()).toEqual([
      [0x2010, 0, 0xffffffff, 0, 1],
      [0x2010, 0, 0xffffffff, 1, 1],
    ]);
    expect(ctl(10)).toBe(255);
    expect(g.console()).toContain('ERROR ptnetmap: already UP');
    expect(handlers()).toHaveLength(2);
  });
  it('a kick ends in the kernel, a queue that is not there in bhyve', () => {
    const { m } = g.w,
      stat = (i: number) => m.ld64(g.vm.vm + L.VM_STAT + i * 8),
      before = [stat(L.STAT_KICK_KERNEL), stat(L.STAT_USERSPACE)];
    g.cpu.out(0x2010, 2, 1);
    g.cpu.out(0x2010, 2, 0);
    expect([stat(L.STAT_KICK_KERNEL), stat(L.STAT_USERSPACE)]).toEqual([(before[0] ?? 0) + 2, before[1]]);
    g.cpu.out(0x2010, 2, 2);
    expect([stat(L.STAT_KICK_KERNEL), stat(L.STAT_USERSPACE)]).toEqual([(before[0] ?? 0) + 2, (before[1] ?? 0) + 1]);
    expect(g.console()).toContain('vtnet: queue 2 notify out of range');
  });
  it('without a CSB: CONFIG 22, REGIF 255', () => {
    const h = vmWith('-s 3,virtio-net,ptvale1:1'),
      f = h.fn('3:0');
    h.w.m.st32((f?.page ?? 0) + L.VN_CSB, 0);
    const status = [1, 10].map((cmd) => {
      write4(h.cpu, PTCTL, cmd);
      return read4(h.cpu, PTSTS);
    });
    expect(status).toEqual([22, 255]);
    expect(h.console()).toContain('ERROR ptnetmap: CSB undefined');
  });
  it('eight ports at most: the ninth REGIF is ENOMEM', () => {
    const n = Array.from({ length: 9 }, (_, i) => i),
      h = vmWith(n.map((i) => `-s ${i + 3},virtio-net,ptvale1:${i}`).join(' '));
    const status = n.map((i) => {
      write4(h.cpu, PTCTL + i * 64, 10);
      return read4(h.cpu, PTSTS + i * 64);
    });
    expect(status).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 12]);
    expect(h.console()).toContain('ERROR ptnetmap: vm_io_reg_handler 12');
    finish(h.w, 'ttyv0', begin(h.w, 'ttyv0', 'poweroff'));
    const t = h.w.tree.host;
    expect([t.fds, t.ptn, t.adapters, t.mems], 'a power-off gives all of it back').toEqual([[], [], [], []]);
  });
});

describe('the guest’s driver', () => {
  const g = vmWith('-s 3,virtio-net,ptvale1:1 -s 4,ptnetmap-memdev'),
    lines = () =>
      (w.tree.guests.netmapvm?.dmesg ?? [])
        .filter((l) => /^\d{3}\.\d{6} \[ *\d+\] \S+ +\S/.test(l))
        .map((l) => l.replace(/^\S+ \[ *\d+\] \S+ +/, '')),
    { w } = g;
  const ATTACH = [
    'max rings 1',
    'ptnetmap support: base',
    'ptnetmap supported',
    'PTCTL = 12',
    'PTSTS = 2',
    'virtio attached txq=1, txd=1024 rxq=1, rxd=1024',
  ];
  const MEMDEV = ['ptn_memdev_driver probe', 'ptn_memdev_driver attach', 'ptn_memdev_driver probe OK - host_id: 2'];
  it('attach: features, the allocator’s id, the CSB', () => {
    expect(lines()).toEqual([...ATTACH, ...MEMDEV]);
  });
  it('open: CONFIG, the memory, REGIF; close: UNREGIF; the rings’ state is the host’s', () => {
    const m = begin(w, 'ttyv0', 'pkt-gen -i vtnet0 -f rx -w 0');
    until(w, () => since(w, 'ttyv0', m).includes('Ready...'));
    expect(lines().slice(ATTACH.length + MEMDEV.length)).toEqual([
      'PTCTL = 1',
      'PTSTS = 0',
      'ptn_memdev_driver iomap',
      `=== BAR 1 start c4000000 len 4000000 mem_size ${VALE_PORT.toString(16)} ===`,
      'PTCTL = 10',
      'PTSTS = 0',
    ]);
    for (const queue of w.tree.guests.netmapvm?.vtnets[0]?.queues ?? []) {
      const used = w.host.vmm.hostAddress(g.vm, queue + 20480) ?? 0; // after 16 KiB of descriptors and the available ring
      expect([w.m.ld16(used), w.m.ld16(used + 2), w.m.ld32(used + 8)], 'NO_NOTIFY off, one element, of length 0').toEqual([0, 1, 0]);
    }
    w.type('ttyv0', '\x03');
    finish(w, 'ttyv0', m);
    expect(lines().slice(-3)).toEqual(['PTCTL = 11', 'PTSTS = 0', 'ptn_memdev_driver iounmap']);
  });
  it('a second run finds the rings where the first left them', () => {
    const send = (n: number) => expect(run(w, 'ttyv0', `pkt-gen -i vtnet0 -f tx -n ${n} -w 0`).status).toBe(0),
      tx = () => w.tree.host.fds[0]?.tx ?? 0;
    send(5);
    expect(w.m.ld32(tx() + L.KR_NR_HWCUR)).toBe(5);
    send(6);
    expect([w.m.ld32(tx() + L.KR_NR_HWCUR), w.m.ld32(tx() + L.KR_NR_HWTAIL)]).toEqual([11 % 8, (11 % 8) - 1]);
  });
});

describe('the new ioctls of vmm', () => {
  const ON = L.VM_IO_REGH_KWEVENTS,
    OFF = L.VM_IO_REGH_DELETE;
  it('VM_IO_REG_HANDLER', () => {
    const w = freshLab(8),
      { vmm } = w.host,
      vm = vmm.create('a', 256 * MiB);
    const set = (port: number, isIn: number, mask: number, data: number, type: number) =>
      vmm.ioRegHandler(vm, port, isIn, mask, data, type, 0x1234);
    expect(set(0x2010, 0, 0xffffffff, 1, OFF), 'delete what is not there').toBe('EINVAL');
    expect(set(0x2010, 0, 0xffffffff, 1, 2), 'unknown type').toBe('EINVAL');
    expect(set(0x2010, 0, 0xffffffff, 1, ON)).toBeUndefined();
    expect(set(0x2010, 0, 0xffffffff, 1, ON)).toBe('EEXIST');
    expect(w.tree.host.dmesg.at(-1)).toMatch(/already registered: port 0x2010 in 0/);
    for (const [p, i, m, d] of [
      [0x2011, 0, 0xffffffff, 1],
      [0x2010, 1, 0xffffffff, 1],
      [0x2010, 0, 0xffff, 1],
      [0x2010, 0, 0xffffffff, 2],
    ] as const)
      expect(set(p, i, m, d, ON), 'another key').toBeUndefined();
    for (let i = 5; i < 16; i++) expect(set(0x3000 + i, 0, 0xffffffff, 0, ON)).toBeUndefined();
    expect(set(0x4000, 0, 0xffffffff, 0, ON)).toBe('ENOMEM');
    expect(set(0x3005, 0, 0xffffffff, 0, OFF)).toBeUndefined();
    expect(set(0x3005, 0, 0xffffffff, 0, OFF)).toBe('EINVAL');
    expect(set(0x4000, 0, 0xffffffff, 0, ON)).toBeUndefined();
    vmm.destroy(vm);
    const again = vmm.create('a', 256 * MiB);
    expect(vmm.ioRegHandler(again, 0x2010, 0, 0xffffffff, 1, ON, 0), 'a new VM has none').toBeUndefined();
  });
  it('matches port, direction and the masked value', () => {
    const w = freshLab(8),
      { vmm } = w.host,
      vm = vmm.create('a', 256 * MiB),
      hit = (port: number, isIn: number, bytes: number, v: number) => w.m.wasm.vmm_ioreg_lookup(vm.vm, port, isIn, bytes, v) !== 0;
    vmm.ioRegHandler(vm, 0x2010, 0, 0xffffffff, 1, ON, 4);
    expect([hit(0x2010, 0, 2, 1), hit(0x2010, 0, 4, 1), hit(0x2010, 0, 1, 0x101), hit(0x2010, 0, 2, 0x10001)]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect([hit(0x2010, 0, 2, 0), hit(0x2010, 0, 2, 0x101), hit(0x2010, 1, 2, 1), hit(0x2011, 0, 2, 1)]).toEqual([
      false,
      false,
      false,
      false,
    ]);
    vmm.ioRegHandler(vm, 0x2020, 1, 0, 0, ON, 4);
    expect([hit(0x2020, 1, 4, 0xdeadbeef), hit(0x2020, 1, 1, 0), hit(0x2020, 0, 4, 0)], 'mask 0 matches every value').toEqual([
      true,
      true,
      false,
    ]);
    vmm.ioRegHandler(vm, 0x2030, 0, 0xf0, 0x20, ON, 4);
    expect([hit(0x2030, 0, 1, 0x2f), hit(0x2030, 0, 1, 0x3f)]).toEqual([true, false]);
  });
  it('VM_MAP_USER_BUF: pages only, and 64 in all', () => {
    const w = freshLab(8),
      { vmm, netmap } = w.host,
      vm = vmm.create('a', 256 * MiB),
      fd = netmap.open(1, 'vale7:1');
    if (typeof fd === 'string') throw new Error(fd);
    const mem = netmap.memOf(fd),
      ptr = w.m.ld32(mem.addr + L.MEM_BASE);
    expect([
      vmm.mapUserBuf(vm, 0xc0000800, 4096, ptr),
      vmm.mapUserBuf(vm, 0xc0000000, 4096, ptr + 16),
      vmm.mapUserBuf(vm, 0xc0000000, 0, ptr),
      vmm.mapUserBuf(vm, 0xfffff000, 8192, ptr),
      vmm.mapUserBuf(vm, 0xc0000000, 4096, ptr - 4096), // nothing of the caller's is mapped there
      vmm.mapUserBuf(vm, 0xc0000000, mem.bytes + 4096, ptr),
    ]).toEqual(Array(6).fill('EINVAL'));
    const other = vmm.create('b', 256 * MiB);
    for (let i = 0; i < 64; i++) expect(vmm.mapUserBuf(i % 2 ? vm : other, 0xc0000000 + i * 8192, 4096, ptr)).toBeUndefined();
    expect(vmm.mapUserBuf(vm, 0xd0000000, 4096, ptr)).toBe('ENOMEM');
    vmm.destroy(other);
    expect(vmm.mapUserBuf(vm, 0xd0000000, 4096, ptr), 'released with their VM').toBeUndefined();
  });
});
