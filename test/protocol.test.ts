// The verdicts of the small explorer on the 2015 protocol: pipe, CSB, kernel thread, vCPU with its interrupts, the real
// code on 4-slot rings. Guest transmit, no receiver: the machine must come to rest with the pipe and the ring full.
// Hazards H1 (double check removed) and H2 (store buffers on, no barrier) must show as a deadlock, and only those.

import { expect, test } from 'vitest';
import * as L from '../wasm/layout.ts';
import type { World } from '../src/lab/world.ts';
import { booted, type } from './booted.ts';
import { explore, notState } from './explorer.ts';

/** The guest's pkt-gen is about to send its first packets through the pipe; both kernel threads sleep. */
function aboutToSend(): World {
  const w = booted(4);
  w.m.st32(L.MACHINE + L.M_SLEEP_BOUND, L.SB_NONE);
  type(w, 'netmapvm', 'pkt-gen -i vtnet1 -f tx -w 0 -b 2');
  const guest = () => w.tree.guests.netmapvm?.threads[0];
  for (let i = 0; i < 100_000 && !guest(); i++) w.advance(1);
  const vm = w.tree.host.vms[0],
    th = guest();
  if (!vm || !th) throw new Error('pkt-gen did not start');
  const targ = w.host.vmm.hostAddress(vm, th.targ) ?? 0;
  for (let i = 0; i < 1000 && w.m.ld32(targ + L.TARG_STATE) === 0; i++) w.advance(1);
  // Time stands still from here: neither reports nor the control plane get the CPU.
  w.m.st64(vm.vcpu + L.VCPU_CTL_DEADLINE, 0);
  for (let i = 0; i < w.m.threads; i++) if (!w.m.wasm.to_boundary(w.m.block(i))) throw new Error('a thread is blocked');
  return w;
}

/** Nobody can move: every packet that fits must have been handed over. */
function judge(w: World): string | undefined {
  const {
      m,
      tree: { host },
    } = w,
    ptn = host.ptn[0],
    fd = host.fds.find((f) => f.id === ptn?.fd);
  if (!ptn || !fd) return 'the port is gone';
  const csb = m.ld32(ptn.pts + L.PTN_CSB),
    peer = m.ld32(fd.tx + L.KR_PIPE),
    n = m.ld32(fd.tx + L.KR_NUM_SLOTS);
  const held = (m.ld32(peer + L.KR_NR_HWTAIL) - m.ld32(peer + L.KR_NR_HWCUR) + n) % n;
  const pending = (m.ld32(csb + L.CSB_TX_RING + L.PTR_HEAD) - m.ld32(fd.tx + L.KR_NR_HWCUR) + n) % n;
  if (m.ld32(L.MACHINE + L.M_VIOLATIONS)) return 'a slot was touched by a thread that did not own it';
  return held === n - 1 && pending === n - 1
    ? undefined
    : `everyone sleeps; the pipe holds ${held} of ${n - 1} packets and ${pending} wait in the guest's ring`;
}

const search = (w: World, limit = 2_000_000, one = false) => explore(w, { ignore: notState(w), judge: () => judge(w), limit, one });
/** The first deadlock is the verdict; how many there are is not asked. */
const find = (w: World, limit?: number) => search(w, limit, true);
const set = (w: World, word: number, v: number) => {
  w.m.st32(L.MACHINE + word, v);
};

test('with its checks, and a doorbell that is remembered, the protocol is clean in every interleaving', { timeout: 120_000 }, () => {
  const w = aboutToSend();
  set(w, L.M_DOORBELL, 1);
  const v = search(w);
  console.log(`clean: ${v.states} states, ${v.terminal} terminal`);
  expect(v).toMatchObject({ bad: 0, complete: true });
  expect(v.terminal).toBeGreaterThan(0);
});

test('H4: the bare wakeup of 2015 can be lost', { timeout: 120_000 }, () => {
  const v = search(aboutToSend());
  console.log(`H4: ${v.states} states, ${v.bad} bad of ${v.terminal}: ${v.trace.at(-1)}`);
  expect(v.complete).toBe(true);
  expect(v.bad).toBeGreaterThan(0);
});

test('H1: without the double check the guest and the worker both sleep', { timeout: 120_000 }, () => {
  const w = aboutToSend();
  set(w, L.M_DOORBELL, 1);
  set(w, L.M_DOUBLE_CHECK, 0);
  const v = find(w);
  console.log(`H1: ${v.states} states, ${v.bad} bad of ${v.terminal}: ${v.trace.at(-1)}`);
  expect(v.bad).toBeGreaterThan(0);
});

test('H2: with store buffers and no barrier the double check does not help', { timeout: 240_000 }, () => {
  const w = aboutToSend();
  set(w, L.M_DOORBELL, 1);
  set(w, L.M_TSO, 1);
  const v = find(w, 1_000_000);
  console.log(`H2: ${v.states} states, complete ${v.complete}, ${v.bad} bad of ${v.terminal}: ${v.trace.at(-1)}`);
  expect(v.bad).toBeGreaterThan(0);
});

test('H2: the barrier on both sides closes it again', { timeout: 240_000 }, () => {
  const w = aboutToSend();
  set(w, L.M_DOORBELL, 1);
  set(w, L.M_TSO, 1);
  set(w, L.M_BARRIER, 1);
  const v = search(w);
  console.log(`H2 with the barrier: ${v.states} states, complete ${v.complete}, ${v.bad} bad of ${v.terminal}`);
  expect(v).toMatchObject({ bad: 0, complete: true });
});
