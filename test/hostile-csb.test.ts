// The guest is untrusted: it owns the page of the CSB and may write anything into any word of it at any time. Whatever it
// writes, the host runs on: no trap, its other ports and the VM's other port still move packets, the VM can be ended.

import { expect, test } from 'vitest';
import { STOPPED_BY_LAB, counters } from '../src/lab/counters.ts';
import { csbs } from '../src/lab/view.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { booted, settle, text, type } from './booted.ts';

const SLOTS = 16;
const WORDS = {
  guest_need_txkick: L.CSB_GUEST_NEED_TXKICK,
  guest_need_rxkick: L.CSB_GUEST_NEED_RXKICK,
  guest_csb_on: L.CSB_GUEST_CSB_ON,
  host_need_txkick: L.CSB_HOST_NEED_TXKICK,
  host_need_rxkick: L.CSB_HOST_NEED_RXKICK,
  nifp_offset: L.CSB_NIFP_OFFSET,
  tx_rings_rx_rings: L.CSB_NUM_TX_RINGS,
  tx_slots_rx_slots: L.CSB_NUM_TX_SLOTS,
  ...Object.fromEntries(
    (['tx', 'rx'] as const).flatMap((d) =>
      (['HEAD', 'CUR', 'HWCUR', 'HWTAIL', 'SYNC_FLAGS'] as const).map((f) => [
        `${d}_ring.${f.toLowerCase()}`,
        (d === 'tx' ? L.CSB_TX_RING : L.CSB_RX_RING) + L[`PTR_${f}`],
      ]),
    ),
  ),
};
const VALUES = [0, SLOTS - 1, SLOTS, 0x80000000, 0xffffffff];

/** Packets that a host program has received on a port. */
const received = (w: World, port: string) => {
  const fd = w.tree.host.fds.find((f) => f.name === port);
  if (!fd) throw new Error(`${port} is not open`);
  return w.m.ld64(fd.rx + L.KR_STAT_PACKETS);
};

for (const [word, at] of Object.entries(WORDS))
  test(`${word}: hostile values, again and again under traffic`, { timeout: 60_000 }, () => {
    for (const value of VALUES) {
      const w = booted(SLOTS);
      type(w, 'ttyv1', 'pkt-gen -i vale1:2 -f rx &');
      type(w, 'ttyv1', "pkt-gen -i 'vale2}1' -f rx &");
      // packets go the way of the ring whose words are written, so that its worker looks at them
      const rx = word.startsWith('rx');
      type(w, 'ttyv1', rx ? 'pkt-gen -i vale1:4 -f tx &' : 'sleep 9 &');
      type(w, 'netmapvm', `pkt-gen -i vtnet0 -f ${rx ? 'rx' : 'tx'} -w 0 &`);
      type(w, 'netmapvm', 'pkt-gen -i vtnet1 -f tx -w 0 &');
      settle(w, 0.02);
      const csb = csbs(w).find((c) => c.id.includes('vale1:1'));
      if (!csb) throw new Error('vale1:1 has no CSB');
      const page = Number(csb.hostAddress);
      for (let i = 0; i < 40; i++) {
        w.m.st32(page + at, value);
        w.advance(37 + i, w.m.clock + 1e6);
      }
      // an index beyond the ring is reported, and nothing else is taken for one
      const said = counters(w).some((g) => g.id === 'port.vale1:1-PTN' && g.rows.some((r) => r.name === STOPPED_BY_LAB));
      expect(said, `${word} ${value}`).toBe(word.endsWith('.head') && value >= SLOTS);
      // the VM's other port
      const pipe = received(w, 'vale2}1');
      settle(w, 0.005);
      expect(received(w, 'vale2}1'), `${word} ${value}`).toBeGreaterThan(pipe);
      // the same switch, from the host; the senders are stopped first, so that there is room
      type(w, 'ttyv1', 'kill -9 %3');
      type(w, 'netmapvm', 'kill -9 %1 %2');
      settle(w, 0.05);
      const before = received(w, 'vale1:2');
      type(w, 'ttyv1', 'pkt-gen -i vale1:3 -f tx -n 10 -w 0');
      settle(w, 0.05);
      expect(received(w, 'vale1:2') - before, `${word} ${value}`).toBe(10);
      expect(text(w, 'ttyv1')).toMatch(/Sent 10 packets/);
      // and the VM goes when it is told to
      type(w, 'ttyv1', 'bhyvectl --destroy --vm=netmapvm');
      settle(w, 0.2);
      expect(
        w.tree.host.vms.some((v) => v.block),
        `${word} ${value}`,
      ).toBe(false);
    }
  });
