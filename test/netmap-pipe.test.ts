// Oracle: a pipe's two syncs (facts netmap 4.2), every state of small rings, against a model written from the text: whole
// slots change sides, back-pressure by the receiver's space, one slot stays empty. The free build, in private memory.

import { describe, expect, it } from 'vitest';
import { forMemory } from '../src/sim/machine.ts';
import * as L from '../wasm/layout.ts';
import { wasmFile } from './typed.ts';

const TXKR = 0x60000,
  RXKR = 0x60200,
  TXRING = 0x61000,
  RXRING = 0x62000; // any free addresses
const memory = new WebAssembly.Memory({ initial: 64, maximum: 16384 });
const u32 = new Uint32Array(memory.buffer),
  u16 = new Uint16Array(memory.buffer),
  u64 = new BigUint64Array(memory.buffer);
const wasm = new WebAssembly.Instance(new WebAssembly.Module(forMemory(wasmFile('free'), false)), {
  env: { memory, self: new WebAssembly.Global({ value: 'i32', mutable: false }, L.THREADS) },
  asyncify: { start_unwind() {}, stop_unwind() {}, start_rewind() {}, stop_rewind() {} },
}).exports as unknown as { ops_setup(): void; table: WebAssembly.Table };
wasm.ops_setup();
const op = (i: number) => wasm.table.get(u32[(L.OPS + i * 4) >>> 2] ?? 0) as (kr: number, flags: number) => number;
const txsync = op(L.OP_PIPE_TXSYNC),
  rxsync = op(L.OP_PIPE_RXSYNC);

const at = (a: number) => u32[a >>> 2] ?? 0;
const put = (a: number, v: number) => {
  u32[a >>> 2] = v;
};
const NS_BUF_CHANGED = 1;
type Slot = [idx: number, len: number, flags: number, ptr: number];
function slots(ring: number, n: number): Slot[] {
  return Array.from({ length: n }, (_, i) => {
    const a = ring + 256 + 16 * i;
    return [at(a), u16[(a + 4) >>> 1] ?? 0, u16[(a + 6) >>> 1] ?? 0, Number(u64[(a + 8) >>> 3])];
  });
}
function fill(ring: number, from: Slot[]) {
  from.forEach(([idx, len, flags, ptr], i) => {
    const a = ring + 256 + 16 * i;
    put(a, idx);
    u16[(a + 4) >>> 1] = len;
    u16[(a + 6) >>> 1] = flags;
    u64[(a + 8) >>> 3] = BigInt(ptr);
  });
}
function setUp(n: number, tx: { hwcur: number; hwtail: number; rhead: number }, rx: { hwcur: number; hwtail: number; rhead: number }) {
  u32.fill(0, TXKR >>> 2, (RXRING + 4096) >>> 2);
  for (const [kr, ring, peer, k] of [
    [TXKR, TXRING, RXKR, tx],
    [RXKR, RXRING, TXKR, rx],
  ] as const) {
    put(kr + L.KR_RING, ring);
    put(kr + L.KR_NUM_SLOTS, n);
    put(kr + L.KR_PIPE, peer);
    put(kr + L.KR_NM_NOTIFY, at(L.OPS + L.OP_KRING_NOTIFY * 4));
    put(kr + L.KR_NR_HWCUR, k.hwcur);
    put(kr + L.KR_NR_HWTAIL, k.hwtail);
    put(kr + L.KR_RHEAD, k.rhead);
  }
  fill(
    TXRING,
    Array.from({ length: n }, (_, i): Slot => [100 + i, 60 + i, i % 2 ? 2 : 0x20, 7000 + i]),
  );
  fill(
    RXRING,
    Array.from({ length: n }, (_, i): Slot => [200 + i, 2048, 0, 9000 + i]),
  );
}
const notified = (kr: number) => at(kr + L.KR_STAT_NOTIFY);

describe.each([2, 3, 4, 5])('a pipe with rings of %i slots', (n) => {
  const range = Array.from({ length: n }, (_, i) => i),
    d = (to: number, from: number) => (to - from + n) % n;

  it('txsync', () => {
    for (const hwcur of range)
      for (const rhead of range)
        for (const rxcur of range)
          for (const rxtail of range) {
            setUp(n, { hwcur, hwtail: (hwcur + n - 1) % n, rhead }, { hwcur: rxcur, hwtail: rxtail, rhead: rxcur });
            const tx = slots(TXRING, n),
              rx = slots(RXRING, n);
            expect(txsync(TXKR, 0)).toBe(0);
            const moved = Math.min(d(rhead, hwcur), n - 1 - d(rxtail, rxcur));
            for (let i = 0; i < moved; i++) {
              const k = (hwcur + i) % n,
                j = (rxtail + i) % n,
                [a, b] = [tx[k], rx[j]];
              if (!a || !b) throw new Error('no slot');
              tx[k] = [b[0], b[1], b[2] | NS_BUF_CHANGED, b[3]];
              rx[j] = [a[0], a[1], a[2] | NS_BUF_CHANGED, a[3]];
            }
            const k = (hwcur + moved) % n,
              what = `${moved} from ${hwcur} to ${rhead}, receiver ${rxcur} to ${rxtail}`;
            expect([slots(TXRING, n), slots(RXRING, n)], what).toEqual([tx, rx]);
            expect(
              [TXKR, RXKR].map((kr) => [at(kr + L.KR_NR_HWCUR), at(kr + L.KR_NR_HWTAIL)]),
              what,
            ).toEqual([
              [k, (k + n - 1) % n],
              [rxcur, (rxtail + moved) % n],
            ]);
            expect([notified(TXKR), notified(RXKR)], what).toEqual([0, moved ? 1 : 0]);
          }
  });
  it('rxsync', () => {
    for (const hwcur of range)
      for (const rhead of range)
        for (const hwtail of range) {
          setUp(n, { hwcur: 0, hwtail: n - 1, rhead: 0 }, { hwcur, hwtail, rhead });
          const before = [slots(TXRING, n), slots(RXRING, n)];
          expect(rxsync(RXKR, 0)).toBe(0);
          expect([at(RXKR + L.KR_NR_HWCUR), at(RXKR + L.KR_NR_HWTAIL)]).toEqual([rhead, hwtail]);
          expect([notified(TXKR), notified(RXKR)], 'the sender hears of it if something was given back').toEqual([
            rhead === hwcur ? 0 : 1,
            0,
          ]);
          expect([slots(TXRING, n), slots(RXRING, n)]).toEqual(before);
        }
  });
});
