// The first packets and those that follow, access by access, with each thread run by hand: facts bhyve 9.1 (rows 9 to 16), 9.2,
// with 3.8, 3.9 and 3.12; netmap 5A.8 to 5A.13. What is checked is the order that the tables give, and their numbers of exits.

import { describe, expect, test } from 'vitest';
import * as L from '../wasm/layout.ts';
import * as P from '../wasm/points.ts';
import { ROOM, SLOTS, asleep, scene } from './scene.ts';
import { type Step, inOrder, stat } from './trail.ts';
import { begin, until } from './typed.ts';

describe.each(['vale1:1', 'vale2{1'])('transmit through pt%s', (port) => {
  const pipe = port.includes('{');
  const s = scene(port, 'pkt-gen -i vtnet0 -f tx -w 0 -b 2');
  const { hand, vm, many, word } = s;
  let steps: Step[] = [];

  test('before: both sides wait to be told, TX host_need_txkick is 1, both workers sleep', () => {
    expect([word(L.CSB_HOST_NEED_TXKICK), word(L.CSB_GUEST_NEED_TXKICK)]).toEqual([1, 0]);
    expect([asleep(s, s.tx), asleep(s, s.rx)]).toEqual([true, true]);
  });

  test('row 9: slots are filled, cur and then head go to the CSB, the flag is 1: one exit, ended in the kernel', () => {
    const m = s.moved(() => {
      steps = hand.run(vm.block, (x) => x.point === P.P_IO_WAKEUP);
    });
    expect(
      inOrder(steps, [
        ['the program stores head', P.P_PG_TX_ST_HEAD, 2],
        ['guest_need_txkick = 0', P.P_GTX_ST_NEED0, 0],
        ['tx_ring.cur', P.P_GTX_ST_CUR, 2],
        ['a barrier', P.P_GTX_MB],
        ['tx_ring.head', P.P_GTX_ST_HEAD, 2],
        ['host_need_txkick is read: 1', P.P_GTX_KICK, 1],
        ['OUT to QNOTIFY', P.P_IO_OUT],
        ['wakeup of the channel', P.P_IO_WAKEUP],
      ]),
    ).toBe('');
    expect(m).toEqual({ exits: 1, user: 0, kicks: 1, hlt: 0, lost: 0 });
    expect(steps.find((x) => x.point === P.P_IO_OUT)?.addr).toBe((s.w.tree.guests.netmapvm?.vtnets[0]?.iobase ?? 0) + 0x10);
  });

  test('row 10: the worker has been woken, by its channel', () => {
    expect(s.w.m.wasm.runnable(s.tx)).toBe(1);
    expect(asleep(s, s.rx)).toBe(true);
  });

  test('row 11: the worker turns kicks off before it looks', () => {
    const host = hand.run(s.tx, (x) => x.point === P.P_PTN_TX_CUR0);
    expect(
      inOrder(host, [
        ['host_need_txkick = 0', P.P_PTN_TX_ST_KICK0, 0],
        ['head', P.P_PTN_TX_HEAD0, 2],
        ['a barrier', P.P_PTN_TX_FENCE0],
        ['cur', P.P_PTN_TX_CUR0, 2],
      ]),
    ).toBe('');
    expect(word(L.CSB_HOST_NEED_TXKICK)).toBe(0);
  });

  test('rows 12 and 13: more txsyncs and no exit; full, it asks, looks again and halts: one exit in the kernel', () => {
    let list: Step[] = [];
    const m = s.moved(() => {
      list = hand.run(vm.block);
    });
    expect(many(list, P.P_IO_OUT)).toBe(0);
    expect(many(list, P.P_GTX_ST_HEAD)).toBeGreaterThan(1);
    expect(list.filter((x) => x.point === P.P_GTX_KICK).every((x) => x.val === 0)).toBe(true);
    expect(
      inOrder(list, [
        ['guest_need_txkick = 1', P.P_GTX_ST_NEED1, 1],
        ['hwcur again', P.P_GTX_HWCUR3],
        ['a barrier', P.P_GTX_MB3],
        ['hwtail again', P.P_GTX_HWTAIL3],
        ['the program sleeps in poll', P.P_POLL_SLEEP],
        ['HLT', P.P_VCPU_HLT],
      ]),
    ).toBe('');
    expect(m).toEqual({ exits: 1, user: 0, kicks: 0, hlt: 1, lost: 0 });
    expect([word(L.CSB_GUEST_NEED_TXKICK), word(L.CSB_TX_RING + L.PTR_HEAD)]).toEqual([1, ROOM]);
    expect(asleep(s, vm.block)).toBe(true);
  });

  test('rows 14 and 15: progress and the flag: it is cleared, then the interrupt; the vCPU wakes', () => {
    const host = hand.run(s.tx, (x) => x.point === P.P_MSI_SET_IRR);
    expect(
      inOrder(host, [
        pipe ? ['slots go to the peer', P.P_PIPE_TX_ST_RX_HWTAIL] : ['the switch is taken', P.P_VALE_TX_RLOCK],
        ['hwtail', P.P_PTN_TX_ST_HWTAIL],
        ['a barrier', P.P_PTN_TX_MB],
        ['hwcur', P.P_PTN_TX_ST_HWCUR],
        ['guest_need_txkick is read: 1', P.P_PTN_TX_NEED, 1],
        ['it is cleared', P.P_PTN_TX_ST_NEED, 0],
        ['IRR', P.P_MSI_SET_IRR],
      ]),
    ).toBe('');
    expect(many(host, P.P_MSI_SET_IRR)).toBe(1);
    hand.run(s.tx);
    expect(s.w.m.wasm.runnable(vm.block) || s.w.m.wasm.runnable(vm.intr)).toBeTruthy();
  });

  test('the worker has sent all there is: it asks for a kick, looks again, sleeps', () => {
    expect(asleep(s, s.tx)).toBe(true);
    expect(word(L.CSB_TX_RING + L.PTR_HWCUR)).toBe(ROOM);
    expect(word(L.CSB_HOST_NEED_TXKICK)).toBe(1);
  });

  test('row 16: the vector is taken, its handler wakes the program, poll returns: slots are filled again', () => {
    const list = hand.run(vm.block, (x) => x.point === P.P_PG_TX_ST_HEAD);
    expect(list.findIndex((x) => x.point === P.P_VCPU_TAKE_IRR)).toBeGreaterThanOrEqual(0);
    expect(
      inOrder(list, [
        ['the vector', P.P_VCPU_TAKE_IRR],
        ['hwtail is read', P.P_GTX_HWTAIL2],
        ['the program stores head', P.P_PG_TX_ST_HEAD],
      ]),
    ).toBe('');
    expect(stat(s.w, vm, L.STAT_INTR_TAKEN)).toBe(1);
  });

  test.runIf(pipe)('a pipe that is full: the worker leaves with kicks off, and only its reader’s notification restarts it (5A.8)', () => {
    hand.settle(vm.block, s.tx);
    expect([word(L.CSB_HOST_NEED_TXKICK), word(L.CSB_GUEST_NEED_TXKICK)]).toEqual([0, 1]);
    const ring = L.CSB_TX_RING;
    expect((word(ring + L.PTR_HEAD) - word(ring + L.PTR_HWCUR) + SLOTS) % SLOTS).toBe(ROOM);
    begin(s.w, 'ttyv1', "pkt-gen -i 'vale2}1' -f rx -w 0 -n 5");
    for (let i = 0; i < 200 && !s.w.tree.host.threads.length; i++) {
      while (s.w.act());
      s.w.tick();
    }
    const reader = s.w.tree.host.threads[0]?.block ?? 0,
      list = hand.run(reader, (x) => x.point === P.P_NMK_WAKE_UNLOCK);
    expect(
      inOrder(list, [
        ['the reader’s hwcur', P.P_PIPE_RX_ST_HWCUR],
        ['the worker’s lock', P.P_NMK_WAKE_LOCK],
        ['wakeup', P.P_NMK_WAKE],
      ]),
    ).toBe('');
    expect(s.w.m.wasm.runnable(s.tx)).toBe(1);
    const m = s.moved(() => {
      expect(
        inOrder(hand.run(s.tx), [
          ['the peer’s hwtail', P.P_PIPE_TX_ST_RX_HWTAIL],
          ['guest_need_txkick', P.P_PTN_TX_NEED, 1],
          ['IRR', P.P_MSI_SET_IRR],
        ]),
      ).toBe('');
    });
    expect([m.user, m.kicks]).toEqual([0, 0]);
  });
});

describe('receive through ptvale1:1 (9.2)', () => {
  const s = scene('vale1:1', 'pkt-gen -i vtnet0 -f rx -w 0');
  const { hand, vm, many, word, w } = s;
  const RX = L.CSB_RX_RING;
  let sender = 0;

  test('before: the guest sleeps and has asked to be told', () => {
    hand.settle(vm.block);
    expect([word(L.CSB_GUEST_NEED_RXKICK), asleep(s, vm.block)]).toEqual([1, true]);
  });

  test('row 1: another port’s txsync copies into our ring and calls our nm_notify, which wakes the RX worker with lock and count', () => {
    begin(w, 'ttyv1', 'pkt-gen -i vale1:2 -f tx -w 0 -b 2 -n 100');
    const { m } = w,
      td = () => w.tree.host.threads[0];
    // the vCPU and the workers do not run meanwhile: only processes of the host
    for (let i = 0; i < 200 && !td(); i++) {
      while (w.act());
      w.tick();
    }
    sender = td()?.block ?? 0;
    expect(sender).toBeGreaterThan(0);
    const list = hand.run(sender, (x) => x.point === P.P_NMK_WAKE_UNLOCK);
    expect(
      inOrder(list, [
        ['the program stores head', P.P_PG_TX_ST_HEAD, 2],
        ['the switch', P.P_VALE_TX_RLOCK],
        ['hwtail of our ring, under its lock', P.P_VALE_DST_ST_HWTAIL, 2],
        ['the worker’s lock', P.P_NMK_WAKE_LOCK],
        ['wakeup', P.P_NMK_WAKE],
        ['unlock', P.P_NMK_WAKE_UNLOCK],
      ]),
    ).toBe('');
    expect(m.wasm.runnable(s.rx)).toBe(1);
    expect(asleep(s, vm.block)).toBe(true); // not the guest: the notification is the worker's
  });

  test('rows 2 and 3: the worker syncs, publishes hwtail and hwcur, clears the flag, interrupts', () => {
    const list = hand.run(s.rx, (x) => x.point === P.P_MSI_SET_IRR);
    expect(
      inOrder(list, [
        ['host_need_rxkick = 0', P.P_PTN_RX_ST_KICK0, 0],
        ['rx_ring.hwtail', P.P_PTN_RX_ST_HWTAIL, 2],
        ['a barrier', P.P_PTN_RX_MB],
        ['rx_ring.hwcur', P.P_PTN_RX_ST_HWCUR, 0],
        ['guest_need_rxkick is read: 1', P.P_PTN_RX_NEED, 1],
        ['it is cleared', P.P_PTN_RX_ST_NEED, 0],
        ['IRR', P.P_MSI_SET_IRR],
      ]),
    ).toBe('');
    expect(many(list, P.P_MSI_SET_IRR)).toBe(1);
  });

  test('row 4: the interrupt, poll, hwcur and then hwtail; consumed, cur and then head; no exit but HLT', () => {
    hand.run(s.rx); // it finds no more, and leaves kicks off
    let list: Step[] = [];
    const m = s.moved(() => {
      list = hand.run(vm.block);
    });
    expect(
      inOrder(list, [
        ['the vector', P.P_VCPU_TAKE_IRR],
        ['hwcur', P.P_GRX_HWCUR, 0],
        ['a barrier', P.P_GRX_MB],
        ['hwtail', P.P_GRX_HWTAIL, 2],
        ['the program releases', P.P_PG_RX_ST_HEAD, 2],
        ['rx_ring.cur', P.P_GRX_ST_CUR, 2],
        ['a barrier', P.P_GRX_MB2],
        ['rx_ring.head', P.P_GRX_ST_HEAD, 2],
        ['host_need_rxkick is read: 0', P.P_GRX_KICK, 0],
        ['guest_need_rxkick = 1', P.P_GRX_ST_NEED1, 1],
        ['hwtail again', P.P_GRX_HWTAIL3],
        ['HLT', P.P_VCPU_HLT],
      ]),
    ).toBe('');
    expect(m).toEqual({ exits: 1, user: 0, kicks: 0, hlt: 1, lost: 0 });
  });

  test('a full ring: the worker asks for a kick, looks again, sleeps', () => {
    const { m } = w;
    // the guest does not run: its ring fills
    let list: Step[] = [];
    for (let i = 0; i < 40 && word(L.CSB_HOST_NEED_RXKICK) === 0; i++) {
      hand.run(sender, (x) => x.point === P.P_NMK_WAKE_UNLOCK || x.point === P.P_VALE_DST_UNLOCK_FULL);
      list = list.concat(hand.run(s.rx));
    }
    expect(word(L.CSB_HOST_NEED_RXKICK)).toBe(1);
    expect(asleep(s, s.rx)).toBe(true);
    expect((word(RX + L.PTR_HWTAIL) - word(RX + L.PTR_HEAD) + SLOTS) % SLOTS).toBe(ROOM);
    expect(
      inOrder(list, [
        ['host_need_rxkick = 1', P.P_PTN_RX_ST_KICK1, 1],
        ['head again', P.P_PTN_RX_HEAD2],
      ]),
    ).toBe('');
    expect(m.ld32(L.MACHINE + L.M_VIOLATIONS)).toBe(0);
  });

  test('row 5: the guest consumes, and its kick is OUT 0, ended in the kernel', () => {
    let list: Step[] = [];
    const m = s.moved(() => {
      list = hand.run(vm.block, (x) => x.point === P.P_IO_WAKEUP);
    });
    expect(
      inOrder(list, [
        ['rx_ring.cur', P.P_GRX_ST_CUR],
        ['rx_ring.head', P.P_GRX_ST_HEAD],
        ['host_need_rxkick is read: 1', P.P_GRX_KICK, 1],
        ['OUT to QNOTIFY', P.P_IO_OUT],
        ['wakeup', P.P_IO_WAKEUP],
      ]),
    ).toBe('');
    expect([m.user, m.kicks, m.lost]).toEqual([0, 1, 0]);
    expect(list.find((x) => x.point === P.P_IO_OUT)?.addr).toBe((w.tree.guests.netmapvm?.vtnets[0]?.iobase ?? 0) + 0x10);
    expect([w.m.wasm.runnable(s.rx), w.m.wasm.runnable(s.tx)]).toEqual([1, 0]); // the index was RX's
  });

  test('row 6: the worker has new buffers, and rests again', () => {
    const list = hand.run(s.rx);
    expect(
      inOrder(list, [
        ['host_need_rxkick = 0', P.P_PTN_RX_ST_KICK0, 0],
        ['the ring’s lock', P.P_VALE_RX_LOCK],
        ['hwcur', P.P_VALE_RX_ST_HWCUR],
      ]),
    ).toBe('');
    expect(asleep(s, s.rx)).toBe(true);
    // ten rounds without work at the most (PTN_RX_NOWORK_CYCLE)
    expect(many(list, P.P_PTN_RX_ST_HWTAIL)).toBeLessThanOrEqual(11);
    until(w, () => !w.tree.host.threads.length);
  });
});

test('an interrupt is an exit where the vCPU runs, and none where it halts (3.8)', () => {
  for (const running of [true, false]) {
    const s = scene('vale1:1', 'pkt-gen -i vtnet0 -f tx -w 0 -b 2'),
      { m } = s.w;
    if (running) s.hand.run(s.vm.block, (x) => x.point === P.P_IO_WAKEUP);
    else s.hand.run(s.vm.block);
    m.st32(s.csb + L.CSB_GUEST_NEED_TXKICK, 1);
    const of = () => [L.STAT_INTR, L.STAT_EXTINT, L.STAT_EXITS, L.STAT_USERSPACE].map((i) => stat(s.w, s.vm, i)),
      before = of();
    s.hand.run(s.tx, (x) => x.point === P.P_MSI_SET_IRR);
    s.hand.run(s.tx);
    const n = running ? 1 : 0;
    expect(of().map((x, i) => x - (before[i] ?? 0))).toEqual([1, n, n, 0]);
  }
});
