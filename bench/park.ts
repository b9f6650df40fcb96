// How long it takes to stop the free engine under full traffic and hand the machine to the step engine, and to let go
// again: until the call returns, and until the next packet has arrived.

import * as L from '../wasm/layout.ts';
import { krings, park, runFree, underTraffic } from './lab.ts';
import type { Row } from './numbers.ts';

export async function parks(build: URL, options: { times: number }): Promise<Row[]> {
  const lab = underTraffic(build, { way: 'pipe', slots: 1024, burst: 512, shared: true }),
    { m } = lab.world,
    k = krings(lab.world, 'pipe'),
    ms: { parked: number[]; over: number[]; go: number[]; packet: number[] } = { parked: [], over: [], go: [], packet: [] };
  const packets = () => m.ld64(k.rx + L.KR_STAT_PACKETS);
  try {
    for (let i = 0; i <= options.times; i++) {
      const before = packets(),
        t0 = performance.now();
      lab.start('free');
      const t1 = performance.now();
      while (packets() === before) {
        lab.pump(() => false);
        await new Promise((r) => {
          setImmediate(r);
        });
        if (performance.now() - t0 > 10_000) throw new Error('no packet after letting go');
      }
      const t2 = performance.now(),
        first = packets();
      await runFree(lab, 100 + 7 * i);
      if (packets() - first < 10_000) throw new Error(`the traffic stands still: ${packets() - first} packets in ${100 + 7 * i} ms`);
      const t3 = performance.now();
      await park(lab);
      const t4 = performance.now();
      lab.timeline.root(); // what park() does last, alone
      const t5 = performance.now();
      if (!i) continue; // the first round spawns the workers
      ms.go.push(t1 - t0);
      ms.packet.push(t2 - t0);
      ms.parked.push(t4 - t3);
      ms.over.push(t5 - t4);
    }
  } finally {
    lab.reset();
  }
  return [
    { what: 'park, asked to stepping', unit: 'ms', rounds: ms.parked },
    { what: 'of which a first checkpoint (made once more, alone)', unit: 'ms', rounds: ms.over },
    { what: 'let go, until the call returns', unit: 'ms', rounds: ms.go },
    { what: 'let go, until the next packet has arrived', unit: 'ms', rounds: ms.packet },
  ];
}
