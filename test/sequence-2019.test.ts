// Rows 9 to 16 of facts bhyve 9.1, and 9.2, as revision 2019 does them: netmap 5A.13 (what is written and read first), 5B.4 to 5B.6
// (barriers, flags that their owner alone clears, the kick last). The doorbell is the lab's: lock, count, wake.

import { describe, expect, test } from 'vitest';
import * as L from '../wasm/layout.ts';
import * as P from '../wasm/points.ts';
import { ROOM, asleep, scene } from './scene.ts';
import { type Step, inOrder } from './trail.ts';
import { begin } from './typed.ts';

const OPTIONS = '-o lab.protocol=2019';

describe('transmit through ptvale1:1', () => {
  const s = scene('vale1:1', 'pkt-gen -i vtnet0 -f tx -w 0 -b 2', OPTIONS),
    { hand, vm, many, word } = s;
  let steps: Step[] = [];

  test('rows 9 and 10: cur, head, a barrier, the host’s flag; one exit, ended in the kernel, that takes the worker’s lock and counts', () => {
    const m = s.moved(() => {
      steps = hand.run(vm.block, (x) => x.point === P.P_NMK_WAKE_UNLOCK);
    });
    expect(
      inOrder(steps, [
        ['the program stores head', P.P_PG_TX_ST_HEAD, 2],
        ['guest_need_txkick = 0', P.P_GTX_ST_NEED0, 0],
        ['tx_ring.cur', P.P_GTX_ST_CUR, 2],
        ['tx_ring.head', P.P_GTX_ST_HEAD, 2],
        ['a store-load barrier', P.P_GTX_BARRIER],
        ['host_need_txkick is read: 1', P.P_GTX_KICK, 1],
        ['OUT to QNOTIFY', P.P_IO_OUT],
        ['the worker’s lock', P.P_NMK_WAKE_LOCK],
        ['wakeup', P.P_NMK_WAKE],
      ]),
    ).toBe('');
    expect(m).toEqual({ exits: 1, user: 0, kicks: 1, hlt: 0, lost: 0 });
    expect(s.w.m.wasm.runnable(s.tx)).toBe(1);
  });

  test('rows 12 and 13: no further exit; full, it asks, a barrier, looks again, halts', () => {
    hand.run(s.tx, (x) => x.point === P.P_PTN_TX_CUR0);
    let list: Step[] = [];
    const m = s.moved(() => {
      list = hand.run(vm.block);
    });
    expect(
      inOrder(list, [
        ['guest_need_txkick = 1', P.P_GTX_ST_NEED1, 1],
        ['a store-load barrier', P.P_GTX_L_BARRIER],
        ['hwtail again, first', P.P_GTX_L_HWTAIL3],
        ['then hwcur', P.P_GTX_L_HWCUR3],
        ['HLT', P.P_VCPU_HLT],
      ]),
    ).toBe('');
    expect(many(list, P.P_GTX_HWTAIL3) + many(list, P.P_GTX_MB3), 'nothing of 2015').toBe(0);
    expect(m).toEqual({ exits: 1, user: 0, kicks: 0, hlt: 1, lost: 0 });
  });

  test('rows 11, 14 and 15: hwcur, then hwtail; an interrupt; the guest’s flag stays', () => {
    const list = hand.run(s.tx);
    expect(
      inOrder(list, [
        ['the switch', P.P_VALE_TX_RLOCK],
        ['hwcur', P.P_PTN_TX_L_ST_HWCUR],
        ['hwtail', P.P_PTN_TX_L_ST_HWTAIL],
        ['guest_need_txkick is read: 1', P.P_PTN_TX_NEED, 1],
        ['IRR', P.P_MSI_SET_IRR],
      ]),
    ).toBe('');
    expect(many(list, P.P_PTN_TX_ST_NEED) + many(list, P.P_PTN_TX_ST_NEED_END) + many(list, P.P_PTN_TX_ST_HWTAIL)).toBe(0);
    expect(word(L.CSB_GUEST_NEED_TXKICK)).toBe(1);
    expect(
      inOrder(list, [
        ['host_need_txkick = 1', P.P_PTN_TX_ST_KICK1, 1],
        ['a store-load barrier', P.P_PTN_TX_BARRIER],
        ['head again', P.P_PTN_TX_HEAD2],
      ]),
    ).toBe('');
    expect([word(L.CSB_TX_RING + L.PTR_HWCUR), word(L.CSB_HOST_NEED_TXKICK), asleep(s, s.tx)]).toEqual([ROOM, 1, true]);
  });

  test('row 16: the program goes on, and clears its flag itself', () => {
    const list = hand.run(vm.block, (x) => x.point === P.P_GTX_ST_CUR);
    expect(
      inOrder(list, [
        ['the vector', P.P_VCPU_TAKE_IRR],
        ['guest_need_txkick = 0', P.P_GTX_ST_NEED0, 0],
      ]),
    ).toBe('');
  });
});

describe('receive through ptvale1:1', () => {
  const s = scene('vale1:1', 'pkt-gen -i vtnet0 -f rx -w 0', OPTIONS),
    { hand, vm, many, word, w } = s;
  let sender = 0;

  test('rows 1 to 3: the worker publishes hwcur, then hwtail, interrupts, and leaves the guest’s flag', () => {
    hand.settle(vm.block, s.rx); // a program that would block kicks too: the worker looks, and rests
    begin(w, 'ttyv1', 'pkt-gen -i vale1:2 -f tx -w 0 -b 2 -n 100');
    for (let i = 0; i < 200 && !w.tree.host.threads[0]; i++) {
      while (w.act());
      w.tick();
    }
    sender = w.tree.host.threads[0]?.block ?? 0;
    hand.run(sender, (x) => x.point === P.P_NMK_WAKE_UNLOCK);
    const list = hand.run(s.rx);
    expect(
      inOrder(list, [
        ['host_need_rxkick = 0', P.P_PTN_RX_ST_KICK0, 0],
        ['rx_ring.hwcur', P.P_PTN_RX_L_ST_HWCUR, 0],
        ['rx_ring.hwtail', P.P_PTN_RX_L_ST_HWTAIL, 2],
        ['guest_need_rxkick is read: 1', P.P_PTN_RX_NEED, 1],
        ['IRR', P.P_MSI_SET_IRR],
      ]),
    ).toBe('');
    expect(many(list, P.P_PTN_RX_ST_NEED) + many(list, P.P_PTN_RX_ST_NEED_END)).toBe(0);
    expect(word(L.CSB_GUEST_NEED_RXKICK)).toBe(1);
    expect(many(list, P.P_PTN_RX_L_ST_HWTAIL), 'two dry rounds at the most').toBeLessThanOrEqual(3);
  });

  test('row 4: hwtail and then hwcur; consumed; when it would block it asks, looks again, and the kick comes last', () => {
    const list = hand.run(vm.block);
    expect(
      inOrder(list, [
        ['the vector', P.P_VCPU_TAKE_IRR],
        ['guest_need_rxkick = 0', P.P_GRX_ST_NEED0, 0],
        ['hwtail', P.P_GRX_L_HWTAIL, 2],
        ['hwcur', P.P_GRX_L_HWCUR, 0],
        ['rx_ring.cur', P.P_GRX_ST_CUR, 2],
        ['rx_ring.head', P.P_GRX_ST_HEAD, 2],
        ['guest_need_rxkick = 1', P.P_GRX_ST_NEED1, 1],
        ['a store-load barrier', P.P_GRX_L_BARRIER],
        ['hwtail again', P.P_GRX_L_HWTAIL3],
        ['a store-load barrier', P.P_GRX_L_BARRIER2],
        ['host_need_rxkick is read', P.P_GRX_L_KICK],
        ['HLT', P.P_VCPU_HLT],
      ]),
    ).toBe('');
    expect(many(list, P.P_GRX_KICK) + many(list, P.P_GRX_HWTAIL)).toBe(0);
  });

  test('a full ring, row 5 and row 6: the worker asks with a barrier and rests; OUT 0 is ended in the kernel and brings it back', () => {
    let list: Step[] = [];
    for (let i = 0; i < 40 && word(L.CSB_HOST_NEED_RXKICK) === 0; i++) {
      hand.run(sender, (x) => x.point === P.P_NMK_WAKE_UNLOCK || x.point === P.P_VALE_DST_UNLOCK_FULL);
      list = list.concat(hand.run(s.rx));
    }
    expect(
      inOrder(list, [
        ['host_need_rxkick = 1', P.P_PTN_RX_ST_KICK1, 1],
        ['a store-load barrier', P.P_PTN_RX_BARRIER],
        ['head again', P.P_PTN_RX_HEAD2],
      ]),
    ).toBe('');
    expect(asleep(s, s.rx)).toBe(true);
    const m = s.moved(() => {
      list = hand.run(vm.block, (x) => x.point === P.P_NMK_WAKE_UNLOCK);
    });
    expect([m.user, m.kicks, m.lost]).toEqual([0, 1, 0]);
    expect([w.m.wasm.runnable(s.rx), w.m.wasm.runnable(s.tx)]).toEqual([1, 0]);
    expect(
      inOrder(hand.run(s.rx), [
        ['host_need_rxkick = 0', P.P_PTN_RX_ST_KICK0, 0],
        ['hwcur', P.P_PTN_RX_L_ST_HWCUR],
      ]),
    ).toBe('');
    expect(asleep(s, s.rx)).toBe(true);
  });
});
