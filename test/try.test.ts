import { expect, it } from 'vitest';
import { vmWith, run, pass } from './typed.ts';
import { VtnetDriver, frame } from './vtnet_driver.ts';
import { counters } from '../src/lab/counters.ts';
it('x', () => {
  const g = vmWith('-s 2:0,virtio-net,vale0:1');
  console.log(g.console().slice(0,400), g.bars('2:0'));
  const d = new VtnetDriver(g.w, g.cpu, 0x2000);
  d.init(0x01018020, { msix: 0xc0000000, cfg: { bus: 0, slot: 2, func: 0 } });
  run(g.w, 'ttyv1', 'pkt-gen -i vale0:2 -f rx -w 1 > rx.txt 2>&1 &');
  pass(g.w, 2.01);
  for (let i = 0; i < 5; i++) { d.send(frame(i)); d.kick(1); }
  pass(g.w, 0.01);
  console.log(d.used(1), d.usedIdx(1), d.noNotify(1));
  d.post(4); console.log('kick', d.kick(0), d.kick(0));
  console.log(run(g.w,'ttyv1','kill -INT %1; wait; tail -3 rx.txt').text);
  console.log(run(g.w,'ttyv1','pkt-gen -i vale0:3 -f tx -n 6 -w 1').text);
  pass(g.w, 0.01);
  console.log(d.used(0));
  console.log(run(g.w,'ttyv1','top -SHb | head -30; procstat -t $(pgrep bhyve)').text);
  console.log(JSON.stringify(counters(g.w).filter(c=>c.id.startsWith('vtnet')),null,1));
});
