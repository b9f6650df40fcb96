// What the hostile guest has found, each as small as it could be made. Registers and layouts by facts bhyve 3.1, 3.2 and 3.4.

import { beforeEach, describe, expect, test } from 'vitest';
import type { GuestCpu } from '../src/hw/vcpu.ts';
import type { VmEntry } from '../src/host/kernel/vmm.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { Outside, allocators, canaries, dirtyFree } from './hostile-guest-judge.ts';
import { boot, pass, run, until, vmWith } from './typed.ts';

let w: World, vm: VmEntry, cpu: GuestCpu, io: number, csb: number, queues: number[];
const CANARY = 0xc5c5c5c5;
const PT = 0x22;

beforeEach(() => {
  const v = vmWith('-s 2:0,ptnetmap-memdev -s 2:1,virtio-net,ptvale1:1', (x) => canaries(x, 200));
  ({ w, vm, cpu } = v);
  const sc = w.tree.guests.netmapvm?.vtnets[0];
  if (!sc) throw new Error('no vtnet0');
  io = sc.iobase;
  csb = sc.csb;
  // a driver that has its queues in single pages: those of the guest's kernel lie in one run
  queues = [0x40000000, 0x40010000];
  queues.forEach((gpa, q) => {
    for (let o = 0; o < L.VRING_BYTES; o += L.PAGE) cpu.ram(gpa + o);
    cpu.out(io + 14, 2, q);
    cpu.out(io + 8, 4, gpa / L.PAGE);
  });
});

/** As the driver's iowrite4: a byte at a time, the highest first. */
const write4 = (reg: number, v: number) => {
  for (let i = 3; i >= 0; i--) cpu.out(io + PT + reg + i, 1, Math.floor(v / 2 ** (8 * i)) % 256);
};
const status = () => cpu.in(io + PT + 8, 1);
const ptctl = (cmd: number) => {
  write4(4, cmd);
  for (let i = 0; i < 100 && cpu.busy(); i++) w.advance(1000, w.m.clock + 1e6);
  return status();
};
const REGIF = 10,
  UNREGIF = 11,
  CONFIG = 1;
/** The frame on the host after the one of a guest page. */
const beside = (gpa: number) => (w.host.vmm.hostAddress(vm, gpa) ?? 0) + L.PAGE;

test('the pages of this guest lie between pages of others', () => {
  expect(w.m.ld32(beside(csb))).toBe(CANARY);
});

describe('a CSB is 156 bytes of RAM', () => {
  const refused = (gpa: number, high = 0) => {
    const was = csbWords();
    write4(12, high);
    write4(16, gpa);
    expect(ptctl(CONFIG)).toBe(0); // goes to the CSB that there was: the guest's attach gave one
    expect(csbWords()).toEqual(was);
    expect(w.m.ld16((w.host.vmm.hostAddress(vm, csb) ?? 0) + L.CSB_NUM_TX_SLOTS)).toBe(8);
  };
  const csbWords = () => [w.m.ld32(beside(csb)), w.m.ld32(beside(queues[0] ?? 0))];
  test('not beyond its page: the next on the host is somebody else’s', () => {
    for (const at of [4096 - 152, 4096 - 16, 4092]) {
      refused(csb + at);
      expect(w.m.ld32(beside(csb))).toBe(CANARY);
    }
  });
  test('not off the words, where no atomic access is possible', () => {
    for (const at of [1, 2, 3]) refused(csb + at);
  });
  test('not a BAR, not beyond RAM, not beyond the map', () => {
    const bar = w.tree.guests.netmapvm?.memdevs[0]?.bar ?? 0,
      before = w.m.ld32(w.m.wasm.va(vm.vm, bar) + L.CSB_NIFP_OFFSET);
    for (const gpa of [bar, bar + 4096, 0x80000000, 0xfee00000, 0xfffff000]) refused(gpa);
    refused(csb, 1); // the same page, 4 GiB on
    expect(w.m.ld32(w.m.wasm.va(vm.vm, bar) + L.CSB_NIFP_OFFSET)).toBe(before);
  });
  test('and where it is one, it is taken', () => {
    write4(12, 0);
    write4(16, csb + 1024);
    expect(ptctl(CONFIG)).toBe(0);
    expect(w.m.ld16((w.host.vmm.hostAddress(vm, csb) ?? 0) + 1024 + L.CSB_NUM_TX_SLOTS)).toBe(8);
  });
});

test('REGIF returns one chain a queue: the 512th used element crosses a page, and nothing of the host is written', () => {
  const avail = (q: number) => (w.host.vmm.hostAddress(vm, (queues[q] ?? 0) + 16384) ?? 0) + 2;
  for (let n = 1; n <= 515; n++) {
    for (const q of [0, 1]) w.m.st16(avail(q), w.m.ld16(avail(q)) + 1);
    expect(ptctl(REGIF), `REGIF ${n}`).toBe(0);
    expect(ptctl(UNREGIF)).toBe(0);
  }
  const used = w.host.vmm.hostAddress(vm, (queues[1] ?? 0) + 20480) ?? 0;
  expect(w.m.ld16(used + 2)).toBe(515);
  expect(w.m.ld32(used + L.PAGE)).toBe(CANARY);
});

test('a queue whose page frame number is beyond the map is no queue, and not one 4 GiB below', () => {
  cpu.out(io + 14, 2, 1);
  cpu.out(io + 8, 4, 0x100000 + (queues[1] ?? 0) / 4096);
  const host = w.host.vmm.hostAddress(vm, (queues[1] ?? 0) + 16384) ?? 0;
  w.m.st16(host + 2, 5);
  expect(ptctl(REGIF)).toBe(0);
  expect(w.m.ld16((w.host.vmm.hostAddress(vm, (queues[1] ?? 0) + 20480) ?? 0) + 2)).toBe(0);
});

test('what a guest wrote to free buffers is gone with its VM: a new page is zero', () => {
  const d = w.tree.guests.netmapvm?.memdevs[0];
  if (!d) throw new Error('no memdev');
  for (let at = d.size - 40 * 4096; at < d.size; at += 4096) w.m.st32(w.m.wasm.va(vm.vm, d.bar + at), 0xbad);
  cpu.out(0x404, 2, 0x3400);
  w.host.vmHold(vm);
  until(w, () => !w.host.vmm.find('netmapvm')?.block);
  pass(w, 0.01);
  run(w, 'ttyv1', 'bhyvectl --destroy --vm=netmapvm');
  expect(dirtyFree(w)).toBe(undefined);
});

describe('the judge sees what a host must not lose', () => {
  const changed = (hand: () => void) => {
    const outside = new Outside(w, 'netmapvm', ['vale1:']);
    expect(outside.changed()).toBe('');
    hand();
    return outside.changed();
  };
  test('a word of somebody else beside its CSB', () => {
    expect(changed(() => w.m.st32(beside(csb), 1))).toMatch(/: somebody else$/);
  });
  test('the machine’s settings, and its table of functions', () => {
    expect(changed(() => w.m.st32(L.MACHINE + L.M_DOUBLE_CHECK, 0))).toBe('the settings of the machine');
    expect(changed(() => w.m.st32(L.OPS + 8, 1))).toMatch(/0x3000: a fixed page/);
  });
  test('a word of another VM: its RAM, its struct vm, its registers', () => {
    boot(
      w,
      'ttyv1',
      'bhyve -s 0,hostbridge -s 1,lpc -s 2:0,ptnetmap-memdev -s 2:1,virtio-net,ptvale5:1 -l com1,stdio -A -H -P -m 2G other',
      'other',
    );
    const other = w.host.vmm.find('other') as VmEntry;
    for (const [addr, says] of [
      [other.frames.at(-1) ?? 0, /RAM of other/],
      [other.vm, /struct vm of other/],
      [other.pages[0] ?? 0, /EPT of other/],
    ] as const)
      expect(changed(() => w.m.st32(addr + 64, w.m.ld32(addr + 64) ^ 1))).toMatch(says);
  });
  test('a port of another switch, and an allocator', () => {
    const fd = w.host.netmap.open(1, 'vale9:idle');
    if (typeof fd === 'string') throw new Error(fd);
    expect(changed(() => w.m.st32(fd.tx + L.KR_NR_HWCUR, 3))).toMatch(/krings of vale9:idle|adapter vale9:idle/);
    expect(allocators(w)).toBe('');
    const e = w.tree.host.mems.at(-1);
    const map = w.m.ld32((e?.addr ?? 0) + L.MEM_POOL + 2 * L.MEM_POOL_SIZE + L.POOL_BITMAP);
    w.m.st32(map + 16, w.m.ld32(map + 16) ^ 8);
    expect(allocators(w)).toMatch(/pool 2: \d+ bits free, \d+ counted/);
  });
  test('a free frame that holds something', () => {
    expect(dirtyFree(w)).toBe(undefined);
    const page = w.m.alloc(L.PAGE);
    w.m.release(page, L.PAGE);
    w.m.st32(page + 8, 1);
    expect(dirtyFree(w)).toBe(page);
  });
});
