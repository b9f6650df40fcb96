// Packets per second from guest to host on the free engine, through the VALE switch and through the pipe, beside the C
// twin on the same machine in the same round. The counters are read where the kernel keeps them: in the krings.

import * as L from '../wasm/layout.ts';
import { type Way, krings, park, runFree, underTraffic } from './lab.ts';
import type { Row } from './numbers.ts';

export interface Native {
  packets: number;
  seconds: number;
  mpps: number;
  kicks: number;
}

export async function rates(
  build: URL,
  native: (mode: string, seconds: number) => Native | null,
  options: { rounds: number; seconds: number; warmup: number },
): Promise<Row[]> {
  const out: Row[] = [];
  for (const checked of [false, true])
    for (const way of ['vale', 'pipe'] as Way[]) out.push(...(await one(build, way, checked, native, options)));
  return out;
}

async function one(
  build: URL,
  way: Way,
  checked: boolean,
  native: (mode: string, seconds: number) => Native | null,
  { rounds, seconds, warmup }: { rounds: number; seconds: number; warmup: number },
): Promise<Row[]> {
  const lab = underTraffic(build, { way, slots: 1024, burst: 512, checked, shared: true }),
    { m } = lab.world,
    k = krings(lab.world, way);
  const g = lab.state().rings.find((r) => r.hostKring === k.tx)?.guestKring ?? 0;
  const look = () => ({
    at: performance.now(),
    got: m.ld64(k.rx + L.KR_STAT_PACKETS),
    dropped: m.ld64(k.rx + L.KR_STAT_DROPS),
    kicks: g ? m.ld64(g + L.KR_STAT_KICK) : 0,
  });
  const mpps: number[] = [],
    sent: number[] = [],
    twin: number[] = [],
    ratio: number[] = [],
    kicks: number[] = [];
  native(way, 0.1); // compiles
  try {
    for (let i = 0; i < rounds; i++) {
      lab.start('free');
      await runFree(lab, warmup * 1000);
      const a = look();
      await runFree(lab, seconds * 1000);
      const b = look();
      await park(lab);
      const got = (b.got - a.got) / (b.at - a.at) / 1000,
        n = native(way, seconds);
      mpps.push(got);
      sent.push((b.got - a.got + b.dropped - a.dropped) / (b.at - a.at) / 1000);
      kicks.push((1000 * (b.kicks - a.kicks)) / Math.max(1, b.got - a.got + b.dropped - a.dropped));
      if (n) {
        twin.push(n.mpps);
        ratio.push(got / n.mpps);
      }
    }
  } finally {
    lab.reset();
  }
  const name = `${way}, ${checked ? 'txseq to rxseq' : 'tx to rx'}`;
  return [
    { what: `${name}: lab, received`, unit: 'Mpps', rounds: mpps },
    ...(way === 'vale' ? [{ what: `${name}: lab, sent (the rest was dropped)`, unit: 'Mpps', rounds: sent }] : []),
    { what: `${name}: kicks per 1000 packets sent`, unit: '', rounds: kicks },
    ...(twin.length
      ? [
          { what: `${name}: C twin`, unit: 'Mpps', rounds: twin },
          { what: `${name}: RATIO lab received to C twin`, unit: '', rounds: ratio },
        ]
      : []),
  ];
}
