// Comparing the two paths of a VM: both get as many packets, and a switch without a receiver gets one.
import { expect, test } from 'vitest';
import type { PicturePort, PictureView } from '../../lab/protocol';
import { linesOf, portsShown } from './ports';

const port = (p: Partial<PicturePort>): PicturePort =>
  ({ id: p.backend, vm: '', name: '', open: true, kind: 'vale', ends: [], switch: '', ...p }) as PicturePort;
const end = (name: string, line = '') => ({ name, vm: '', programs: line ? [{ pid: 1, line }] : [] });
const own = port({ backend: 'vale1:2', path: 'passthrough', switch: 'vale1' }),
  pt = port({
    backend: 'ptvale1:1',
    vm: 'netmapvm',
    name: 'vtnet0',
    path: 'passthrough',
    switch: 'vale1',
    ends: [end('vale1:2', 'pkt-gen')],
  }),
  copy = port({ backend: 'vale0:1', vm: 'netmapvm', name: 'vtnet1', path: 'copying', switch: 'vale0', ends: [end('vale0:2')] });

test('the two paths of the VM stand together, whichever port is shown', () => {
  const view = { ports: [own, pt, copy] } as unknown as PictureView;
  for (const chosen of ['', 'vale1:2', 'ptvale1:1', 'vale0:1']) expect(portsShown(view, chosen, true)).toEqual([pt, copy]);
});

test('the same packets on both, and a receiver where there is none', () => {
  expect(linesOf([pt, copy])).toEqual({
    host: ['pkt-gen -i vale0:3 -f rx &'],
    guest: 'pkt-gen -i vtnet0 -f tx -R 1000 -b 10 -w 1 & pkt-gen -i vtnet1 -f tx -R 1000 -b 10 -w 1',
  });
});
