// Invariants 1, 3, 5, 6 and 7 of facts bhyve 9.4 on the free engine, where threads run truly at once: real traffic of a guest, both
// ways, through a pipe, a VALE port and a NIC. How each is seen there:
//  1  by counters: no exit of the stream reaches userspace, so bhyve moves nothing; the switch's copies are one a packet that came,
//     pipe and NIC have none; and the receiver checks every byte.
//  3  while threads run, index by index: each is a slot at any moment. Parked, all together. And by the log: no ring was repaired.
//  5, 6  while threads run, and parked.
//  7  by what bhyve prints and its status, with a VM running beside it.
// Counts and states only: how far a run goes in its time is nobody's business.

import { afterEach, describe, expect, test } from 'vitest';
import type { VmEntry } from '../src/host/kernel/vmm.ts';
import { Lab } from '../src/lab/lab.ts';
import { spawnNode } from '../src/sim/spawn_node.ts';
import * as L from '../wasm/layout.ts';
import { handlers, indices, memdevs, upPorts } from './invariants.ts';
import { wasm } from './sending.ts';
import { ptnOf, stat } from './trail.ts';
import { END, begin, boot, finish, mark, run, since, until } from './typed.ts';
import { MISTAKES, good, mixed } from './wrong-lines.ts';

let lab: Lab | undefined;
afterEach(() => {
  lab?.reset(); // its workers end
  lab = undefined;
});

/** A lab whose engine is free to run, its host terminals ttyv0 to ttyv2 at their prompts. */
function freeLab() {
  const l = new Lab(wasm, { shared: true, seed: 1, slots: 64 }, spawnNode(new URL('../build/free.node.mjs', import.meta.url))),
    w = l.world;
  lab = l;
  l.timeline.untraced();
  for (let i = 1; i < 3; i++) w.openTerminal();
  for (let i = 0; i < 3; i++) w.resize(`ttyv${i}`, 4000, 24);
  until(w, () => w.tree.host.os.ttys.every((t) => /# $/.test(t.out)));
  return l;
}
/** Threads run at once until it is so; `look` is called again and again meanwhile. Then all are parked at their boundaries. */
async function freely(l: Lab, is: () => boolean, look: () => string = () => '') {
  let wrong = '';
  l.start('free');
  for (let i = 0; i < 5000 && !is() && !wrong; i++) {
    l.pump(() => false, performance.now());
    for (let k = 0; k < 20; k++) wrong ||= look();
    await new Promise((f) => setTimeout(f, 1));
  }
  while (!l.park()) {
    l.pump(() => false, performance.now());
    await new Promise((f) => setTimeout(f, 1));
  }
  expect(l.failure).toBe('');
  expect(wrong).toBe('');
  expect(is()).toBe(true);
}

const LATE = '-o lab.protocol=2019',
  PIPE = "-s 2:0,ptnetmap-memdev -s '2:1,virtio-net,ptvale2{1'",
  VALE = '-s 2:0,ptnetmap-memdev -s 2:1,virtio-net,ptvale1:1',
  NIC = '-s 2:0,ptnetmap-memdev -s 2:1,virtio-net,ptnetmap:ix0';
/** Name, which way the guest's packets go, devices, the host's port, passthrough ports. */
const CASES = [
  ['a pipe', 'tx', PIPE, 'vale2}1', 1],
  ['a pipe', 'rx', PIPE, 'vale2}1', 1],
  ['a VALE port', 'tx', VALE, 'vale1:2', 1],
  ['a VALE port', 'rx', VALE, 'vale1:2', 1],
  ['a NIC', 'tx', NIC, 'netmap:ix1', 1],
  ['a NIC', 'rx', NIC, 'netmap:ix1', 1],
  ['a pipe, protocol 2019', 'tx', `${LATE} ${PIPE}`, 'vale2}1', 1],
  ['a VALE port, protocol 2019', 'rx', `${LATE} ${VALE}`, 'vale1:2', 1],
  ['two ports', 'tx', `${PIPE} -s 3:0,ptnetmap-memdev -s 3:1,virtio-net,ptvale1:1`, 'vale2}1', 2],
] as const;

describe('1, 3, 5 and 6', () => {
  test.each(CASES)('%s, the guest’s -f %sseq', { timeout: 60_000 }, async (name, way, slots, far, up) => {
    const l = freeLab(),
      { world: w } = l,
      { m } = w,
      tx = '-f txseq -w 0 -b 16 -T 600000',
      rx = '-f rxseq -w 0 -T 600000';
    if (slots === NIC) run(w, 'ttyv1', 'sysctl hw.ix.num_queues=1 hw.ix.txd=64 hw.ix.rxd=64 dev.netmap.buf_num=4000');
    boot(w, 'ttyv0', `bhyve -s 0,hostbridge -s 1,lpc ${slots} ${END}`);
    const vm = w.host.vmm.find('netmapvm') as VmEntry,
      guest = () => w.tree.guests.netmapvm?.threads ?? [],
      running = () => guest().length + w.tree.host.threads.length,
      start = (tty: string, line: string): number => {
        const n = running(),
          at = begin(w, tty, line);
        until(w, () => running() === n + 1);
        return at;
      };
    if (up === 2) start('ttyv0', 'pkt-gen -i vtnet1 -f rx -w 0 -T 600000 &');
    const hostIs = `pkt-gen -i '${far}' ${way === 'tx' ? rx : tx}`,
      guestIs = `pkt-gen -i vtnet0 ${way === 'tx' ? tx : rx}`;
    // the receiver first
    const marks =
      way === 'tx' ? [start('ttyv1', hostIs), start('ttyv0', guestIs)] : [start('ttyv0', guestIs), start('ttyv1', hostIs)].reverse();
    const targ = () => (way === 'tx' ? (w.tree.host.threads[0]?.targ ?? 0) : (w.host.vmm.hostAddress(vm, guest()[up - 1]?.targ ?? 0) ?? 0)),
      received = () => m.ld64(targ() + L.TARG_COUNT);

    const ports = upPorts(w),
      each = () => {
        for (const p of ports)
          for (const [kr, ptr] of [
            [p.fd.tx, L.CSB_TX_RING],
            [p.fd.rx, L.CSB_RX_RING],
          ] as const) {
            const csb = m.ld32(p.entry.pts + L.PTN_CSB) + ptr,
              n = m.ld32(kr + L.KR_NUM_SLOTS);
            for (const at of [
              csb + L.PTR_HEAD,
              csb + L.PTR_CUR,
              csb + L.PTR_HWCUR,
              csb + L.PTR_HWTAIL,
              kr + L.KR_NR_HWCUR,
              kr + L.KR_NR_HWTAIL,
            ]) {
              const v = Atomics.load(m.u32, at >>> 2);
              if (v >= n) return `3: ${p.name}: ${v} is no slot of ${n}`;
            }
          }
        return handlers(w) || memdevs(w);
      };
    const user = stat(w, vm, L.STAT_USERSPACE);
    for (let round = 0, last = received(); round < 6; round++) {
      await freely(l, () => received() > last + 500, each);
      last = received();
      expect(each() || indices(w), `round ${round}`).toBe('');
      expect(upPorts(w).length).toBe(up);
    }
    // 1
    expect(stat(w, vm, L.STAT_USERSPACE) - user).toBe(0);
    for (const p of ports)
      for (const kr of [p.fd.tx, p.fd.rx]) {
        const copies = m.ld64(kr + L.KR_STAT_COPIES);
        if (p.kind !== 'vale' || kr === p.fd.tx) expect(copies, `${name} ${p.name}`).toBe(0);
        else expect(copies, `${name} ${p.name}`).toBe(m.ld64(kr + L.KR_STAT_PACKETS));
        if (p.kind === 'vale' && kr === p.fd.rx && way === 'rx') expect(copies).toBeGreaterThan(3000); // the counter counts
      }
    // the sender first
    for (const tty of way === 'tx' ? ['ttyv0', 'ttyv1'] : ['ttyv1', 'ttyv0']) {
      const n = running();
      w.type(tty, '\x03');
      await freely(l, () => running() === n - 1);
    }
    expect(stat(w, vm, L.STAT_USERSPACE), 'what the guest then printed did reach bhyve').toBeGreaterThan(user);
    const said = finish(w, way === 'tx' ? 'ttyv1' : 'ttyv0', marks[way === 'tx' ? 0 : 1] ?? 0),
      [, got, lost, wrong] = /Sequence: (\d+) received, (\d+) lost, 0 out of order, (\d+) with wrong content/.exec(said) ?? [];
    expect(Number(got), said).toBeGreaterThan(3000);
    expect(wrong).toBe('0');
    if (far.includes('}')) expect(lost).toBe('0'); // a switch and a wire may drop
    // by the log: each worker began once, and nothing was repaired or refused
    expect(w.tree.host.dmesg.filter((x) => x.includes('nm_kthread started')).length).toBe(2 * up);
    expect(w.tree.host.dmesg.filter((x) => /ERROR|reinit|panic/.test(x))).toEqual([]);
    // 5, when the first port is down
    until(w, () => upPorts(w).length === up - 1);
    expect(handlers(w)).toBe('');
    expect(vm.userbufs.length).toBe(up);
  });
});

test('7: wrong command lines beside a VM that works', { timeout: 60_000 }, async () => {
  const l = freeLab(),
    { world: w } = l;
  boot(w, 'ttyv0', `bhyve -s 0,hostbridge -s 1,lpc ${PIPE} ${END}`);
  begin(w, 'ttyv1', "pkt-gen -i 'vale2}1' -f rx -w 0 -T 600000");
  begin(w, 'ttyv0', 'pkt-gen -i vtnet0 -f tx -w 0 -T 600000');
  until(w, () => ptnOf(w, 'vale2{1') !== undefined && w.tree.host.threads.length > 0);
  const was = JSON.stringify([w.tree.host.vms, w.tree.host.fds.length, w.tree.host.mems.length]);
  /** Typed, answered, and its status, while threads run. */
  const typed = async (line: string) => {
    const at = begin(w, 'ttyv2', `${line}; echo status=$?`);
    await freely(l, () => mark(w, 'ttyv2') > at && /status=\d+\n[^\n]*# $/.test(since(w, 'ttyv2', at)));
    return since(w, 'ttyv2', at);
  };
  for (const make of Object.values(MISTAKES))
    for (let i = 0; i < 2; i++) {
      const [line, says] = make(),
        said = await typed(`bhyve ${line}`);
      expect(said, line).toMatch(says);
      expect(said, line).not.toMatch(/vm_open/);
      expect(said, line).toMatch(/status=1\n/);
    }
  expect(await typed(`bhyve ${mixed(...good(3))} nosuchvm`)).toMatch(/vm_open: No such file or directory\n(lab: .*\n)?status=1\n/);
  expect(JSON.stringify([w.tree.host.vms, w.tree.host.fds.length, w.tree.host.mems.length])).toBe(was);
  expect(handlers(w) || memdevs(w) || indices(w)).toBe('');
});
