// Boot to an open port, exit by exit: facts bhyve 9.1, rows 1 to 8, with 3.1, 3.2, 3.8, 3.9, 3.11 and 5.3. Every number here is
// the document's.

import { beforeAll, describe, expect, test } from 'vitest';
import type { BhyveState } from '../src/host/bhyve/ctx.ts';
import type { VmEntry } from '../src/host/kernel/vmm.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { type Exit, exitsOf, ptnOf, stat } from './trail.ts';
import { END, begin, finish, freshLab, mark, run, until } from './typed.ts';

const CONFIG_ADDRESS = 0xcf8,
  CONFIG_DATA = 0xcfc,
  SMI_CMD = 0xb2,
  PM1 = 0x400;
const PTFEAT = 0x22,
  PTCTL = 0x26,
  PTSTS = 0x2a,
  CSBBAH = 0x2e,
  CSBBAL = 0x32;
const CTL = { CONFIG: 1, REGIF: 10, UNREGIF: 11, HOSTMEMID: 12 };
const uart = (e: Exit) => e.what !== 'mmio' && e.port >= 0x3f8 && e.port < 0x400;
const acpi = (port: number) => port === SMI_CMD || (port >= PM1 && port < PM1 + 8);
const config = (e: Exit) => e.what !== 'mmio' && (e.port === CONFIG_ADDRESS || (e.port >= CONFIG_DATA && e.port < 0xd00));

/** Four OUTs of a byte, highest first: the value that +0 completes. */
const written = (exits: readonly Exit[], at: number) => exits.slice(at, at + 4).reduce((v, e) => v * 256 + e.value, 0);
/** A 32-bit register as the driver writes it (four exits from +3 to +0) or reads it (four from +0 to +3). */
const byteWise = (exits: readonly Exit[], base: number, reg: number, what: 'in' | 'out') =>
  exits.length === 4 &&
  exits.every(
    (e, i) => e.what === what && e.bytes === 1 && e.exits === 1 && e.user === 1 && e.port === base + reg + (what === 'out' ? 3 - i : i),
  );

const VALE = '-s 2:0,ptnetmap-memdev -s 2:1,virtio-net,ptvale1:1',
  PIPE = "-s 2:0,ptnetmap-memdev -s '2:1,virtio-net,ptvale2{1'";
// the later revision has the same registers; its handlers are of the lab's own type
const PORTS = [
  { of: 2015, port: 'vale1:1', slots: VALE, type: L.VM_IO_REGH_KWEVENTS },
  { of: 2015, port: 'vale2{1', slots: PIPE, type: L.VM_IO_REGH_KWEVENTS },
  { of: 2019, port: 'vale1:1', slots: `-o lab.protocol=2019 ${VALE}`, type: L.VM_IO_REGH_CONDSIGNAL },
];

describe.each(PORTS)('protocol $of, pt$port', ({ port, slots, type }) => {
  let w: World, vm: VmEntry, exits: Exit[], boot: Exit[], open: Exit[], startUp: number, csbAtUp: number[], handlersAtUp: number[][];
  let io: number, memdevIo: number, userAtUp: number, atStart: string[], logAtUp: string[];

  const handlers = () =>
    Array.from({ length: 16 }, (_, i) => vm.vm + L.VM_IOREGH + i * L.VM_IOREGH_SIZE)
      .filter((h) => w.m.ld32(h + L.IOREGH_TYPE) !== 0)
      .map((h) => [
        w.m.ld16(h + L.IOREGH_PORT),
        w.m.ld16(h + L.IOREGH_IN),
        w.m.ld32(h + L.IOREGH_MASK),
        w.m.ld32(h + L.IOREGH_DATA),
        w.m.ld32(h + L.IOREGH_TYPE),
      ]);

  beforeAll(() => {
    w = freshLab(16, 2);
    exits = exitsOf(w, (e, v) => {
      if (io && e.what === 'out' && e.port === io + PTCTL && e.value === CTL.REGIF) {
        // the OUT has returned: nothing else has run
        vm = v;
        const csb = w.m.ld32((ptnOf(w, port)?.pts ?? 0) + L.PTN_CSB);
        csbAtUp = [L.CSB_HOST_NEED_TXKICK, L.CSB_HOST_NEED_RXKICK, L.CSB_GUEST_NEED_TXKICK, L.CSB_GUEST_NEED_RXKICK].map((o) =>
          w.m.ld32(csb + o),
        );
        handlersAtUp = handlers();
        userAtUp = e.user;
        logAtUp = w.tree.host.dmesg.slice(-7).map((l) => l.replace(/0x[\da-f]+|=(?!0x)\d+/g, '#'));
      }
    });
    run(w, 'ttyv0', 'bhyveload -m 2G -d mfsroot.img netmapvm');
    begin(w, 'ttyv0', `bhyve -s 0,hostbridge -s 1,lpc ${slots} ${END}`);
    for (let i = 0; i < 100_000 && !w.host.vmm.find('netmapvm')?.block; i++) w.advance(1);
    vm = w.host.vmm.find('netmapvm') as VmEntry;
    startUp = stat(w, vm, L.STAT_EXITS);
    const st = w.host.bhyveOf(vm)?.st as BhyveState,
      memdev = st.pci.functions.find((f) => f.emul === 'ptnetmap-memdev');
    atStart = [
      ...w.tree.host.fds.map((f) => f.name),
      ...(memdev?.bars ?? []).map((b) => `${b?.type} ${b?.addr.toString(16)} ${b?.size}`),
      ...vm.userbufs.map((u) => `${u.gpa.toString(16)} ${u.bytes}`),
      `${w.tree.host.ptn.length} up`,
    ];
    until(w, () => w.guestAtPrompt('netmapvm'));
    boot = exits.filter((e) => !uart(e));
    const g = w.tree.guests.netmapvm;
    io = g?.vtnets[0]?.iobase ?? 0;
    memdevIo = g?.memdevs[0]?.iobase ?? 0;
    const from = exits.length;
    begin(w, 'ttyv0', 'pkt-gen -i vtnet0 -f rx -w 0');
    until(w, () => (g?.threads.length ?? 0) > 0);
    open = exits.slice(from).filter((e) => !uart(e));
  });

  test('rows 1 to 3: before the guest runs there is no exit; the port is open, the memdev paired, its memory mapped, nothing up', () => {
    expect(startUp).toBe(0);
    expect(atStart).toEqual([`${port}-PTN`, 'io 2000 16', `mem32 c0000000 ${64 << 20}`, 'c0000000 42369024', '0 up']);
    expect([w.tree.host.adapters.map((x) => x.name).includes(port), w.tree.host.fds.map((f) => f.ptnetmap)]).toEqual([true, [true]]);
  });

  test('row 4: each configuration cycle is two exits to userspace, 0xCF8 and then a port of 0xCFC', () => {
    const cycles = boot.filter(config);
    expect(cycles.length % 2).toBe(0);
    expect(cycles.length / 2).toBeGreaterThan(32); // 32 slots are looked at
    cycles.forEach((e, i) => {
      expect([e.exits, e.user]).toEqual([1, 1]);
      if (i % 2) expect(e.port & ~3).toBe(CONFIG_DATA);
      else expect(e).toMatchObject({ what: 'out', port: CONFIG_ADDRESS, bytes: 4 });
    });
  });

  test('row 5: memdev attach is two exits, MEMSIZE and HOSTID, of the right sizes and values', () => {
    const mine = exits.filter((e) => e.what !== 'mmio' && e.port >= memdevIo && e.port < memdevIo + 16);
    const mem = w.tree.host.mems[0];
    expect(mine).toEqual([
      { what: 'in', port: memdevIo + 4, bytes: 4, value: 42_369_024, exits: 1, user: 1 }, // a VALE port with two pipes (4.5)
      { what: 'in', port: memdevIo + 8, bytes: 2, value: mem?.id, exits: 1, user: 1 },
    ]);
    expect(mem?.bytes).toBe(42_369_024);
  });

  test('row 6: vtnet attach: features, queues, MSI-X, then PTFEAT, HOSTMEMID, CSB address, byte by byte', () => {
    const mine = boot.filter(
      (e) => !config(e) && (e.what === 'mmio' || (!acpi(e.port) && !(e.port >= memdevIo && e.port < memdevIo + 16))),
    );
    for (const e of mine) expect([e.exits, e.user]).toEqual([1, 1]);
    const at = mine.findIndex((e) => e.port === io + PTFEAT + 3);
    const before = mine.slice(0, at),
      pt = mine.slice(at);
    // "about 40" exits: those of I/O ports; three MSI-X entries of four words more are accesses to the table
    expect(before.filter((e) => e.what !== 'mmio').length + pt.length).toBeGreaterThanOrEqual(40);
    expect(before.filter((e) => e.what !== 'mmio').length + pt.length).toBeLessThanOrEqual(60);
    expect(before.filter((e) => e.what === 'mmio').length).toBe(12);
    expect(before[0]).toMatchObject({ what: 'out', port: io + 0x12, value: 0 }); // reset first
    const order = [io, io + 4, io + 0x14, io + 0x0e, io + 0x16, io + 8].map((p) => before.findIndex((e) => e.port === p));
    expect(order.every((x) => x >= 0)).toBe(true);
    expect(order.slice(0, 2)).toEqual([...order.slice(0, 2)].sort((a, b) => a - b));
    expect(before.filter((e) => e.port === io + 8).length).toBe(2); // a PFN for RX, one for TX
    expect(before.find((e) => e.port === io)?.value).toBe(0x03018020); // HOSTCAP of ptvale (3.3)
    // 4 OUT + 4 IN; PTCTL 12 and PTSTS; 8 OUT
    expect(pt.length).toBe(8 + 8 + 8);
    expect(byteWise(pt.slice(0, 4), io, PTFEAT, 'out') && written(pt, 0) === 1).toBe(true);
    expect(byteWise(pt.slice(4, 8), io, PTFEAT, 'in') && pt[4]?.value === 1).toBe(true);
    expect(byteWise(pt.slice(8, 12), io, PTCTL, 'out') && written(pt, 8) === CTL.HOSTMEMID).toBe(true);
    expect(byteWise(pt.slice(12, 16), io, PTSTS, 'in')).toBe(true);
    expect(pt[12]?.value).toBe(w.tree.host.mems[0]?.id);
    expect(byteWise(pt.slice(16, 20), io, CSBBAH, 'out') && written(pt, 16) === 0).toBe(true);
    expect(byteWise(pt.slice(20, 24), io, CSBBAL, 'out') && written(pt, 20) % 4096 === 0).toBe(true);
  });

  test('row 7: NIOCREGIF is CONFIG (8 exits), the memory (none) and REGIF (8 exits)', () => {
    expect(open.length).toBe(16);
    expect(byteWise(open.slice(0, 4), io, PTCTL, 'out') && written(open, 0) === CTL.CONFIG).toBe(true);
    expect(byteWise(open.slice(4, 8), io, PTSTS, 'in') && open[4]?.value === 0).toBe(true);
    expect(byteWise(open.slice(8, 12), io, PTCTL, 'out') && written(open, 8) === CTL.REGIF).toBe(true);
    expect(byteWise(open.slice(12, 16), io, PTSTS, 'in') && open[12]?.value === 0).toBe(true);
  });

  test('row 8: within the last byte of REGIF: two handlers, the flags of 3.9, and no other exit', () => {
    expect(userAtUp).toBe(1);
    expect(handlersAtUp).toEqual([
      [io + 0x10, 0, 0xffffffff, 0, type],
      [io + 0x10, 0, 0xffffffff, 1, type],
    ]);
    expect(csbAtUp).toEqual([1, 1, 0, 1]);
    const p = ptnOf(w, port);
    expect([p?.txBlock, p?.rxBlock].every((b) => b && w.m.ld32(b + L.T_KIND) === L.TK_KTHREAD)).toBe(true);
    expect(logAtUp).toEqual([
      '[PTN] configuration:',
      'TX: iofd#, irqfd#',
      'RX: iofd#, irqfd#',
      'CSB: csb_addr=#',
      'nm_kthread started td #',
      'nm_kthread started td #',
      `[${port}-PTN] ptnetmap configuration DONE`,
    ]);
    // the fake element: one chain a queue returned with length 0, kicks asked for
    for (const queue of w.tree.guests.netmapvm?.vtnets[0]?.queues ?? []) {
      const used = w.host.vmm.hostAddress(vm, queue + 20480) ?? 0;
      expect([w.m.ld16(used), w.m.ld16(used + 2), w.m.ld32(used + 8)]).toEqual([0, 1, 0]);
    }
  });

  test('a byte to the console is one exit to userspace, and each look at the line status another (3.8)', () => {
    w.type('ttyv0', '\x03');
    until(w, () => ptnOf(w, port) === undefined && w.guestAtPrompt('netmapvm'));
    const from = exits.length,
      at = mark(w, 'ttyv0');
    finish(w, 'ttyv0', begin(w, 'ttyv0', 'echo hi'));
    const mine = exits.slice(from).filter(uart),
      bytes = (w.host.os.tty('ttyv0')?.written ?? 0) - at;
    expect(mine.filter((e) => e.what === 'out' && e.port === 0x3f8).length).toBe(bytes);
    expect(mine.every((e) => e.exits === 1 && e.user === 1)).toBe(true);
  });

  test('first touch of a page of the BAR is one fault in vmm, later ones are none', () => {
    const g = w.tree.guests.netmapvm,
      faults = () => stat(w, vm, L.STAT_EPT_FAULT),
      bar = g?.memdevs[0]?.bar ?? 0,
      before = faults(),
      page = bar + 0x2000000;
    for (let i = 0; i < 5; i++) w.m.wasm.va(vm.vm, page + i * 8);
    expect(faults() - before).toBe(1);
  });
});
