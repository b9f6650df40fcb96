// Every scenario of the gallery has its file, runs to the moment at which the page opens it, and shows there what its card says.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { counters } from '../src/lab/counters.ts';
import type { Lab } from '../src/lab/lab.ts';
import { Runner } from '../src/lab/run.ts';
import { parseFile, slotsOf } from '../src/lab/run_lines.ts';
import { rings, threads, vms } from '../src/lab/view.ts';
import { scenes } from '../src/ui/guide/gallery_words.ts';
import { wasmFile } from './booted.ts';

const root = new URL('../', import.meta.url);
const count = (lab: Lab, group: string | RegExp, row: string): number =>
  counters(lab.world)
    .filter((g) => (typeof group === 'string' ? g.id === group : group.test(g.id)))
    .flatMap((g) => g.rows)
    .find((r) => r.name === row)?.value ?? -1;

/** What must hold at a scenario's moment. */
const SHOWS: Record<string, (lab: Lab) => void> = {
  'labs/vale.lab': (lab) => {
    expect(count(lab, 'port.vale1:2', 'RX packets copied in')).toBeGreaterThan(1000);
    expect(count(lab, 'vm.netmapvm', 'QNOTIFY exits to userspace')).toBe(0);
  },
  'labs/pipe.lab': (lab) => {
    expect(rings(lab.world)[0]).toMatchObject({ slots: 16, user: 'guest' });
    expect(count(lab, 'port.vale2}1', 'RX packets')).toBeGreaterThan(100);
    expect(count(lab, 'port.vale2}1', 'RX packets copied in')).toBe(0);
  },
  'labs/nic.lab': (lab) => expect(count(lab, 'port.ix0-PTN', 'TX packets')).toBeGreaterThan(500),
  'labs/two-vms.lab': (lab) => {
    expect(count(lab, 'port.vale1:2-PTN', 'RX guest packets')).toBeGreaterThan(1000);
    expect(threads(lab.world, false).filter((t) => t.name.startsWith('nm-kthread'))).toHaveLength(4);
  },
  'labs/copy-and-passthrough.lab': (lab) => {
    const sent = count(lab, 'port.vale1:1-PTN', 'TX packets');
    expect(sent).toBeGreaterThan(400);
    expect(Math.abs(count(lab, /^vtnet\./, 'TX packets') - sent)).toBeLessThanOrEqual(8);
    expect(count(lab, /^vtnet\./, 'TX copies')).toBe(count(lab, /^vtnet\./, 'TX packets'));
    expect(count(lab, /^vtnet\./, 'TX kicks that reached bhyve')).toBeGreaterThan(100);
  },
  'labs/mail.lab': (lab) => expect(lab.world.tree.host.vms.map((v) => v.name)).toEqual(['netmapvm']),
  'labs/virtio-tap.lab': (lab) => expect(count(lab, /^vtnet\./, 'TX packets')).toBeGreaterThanOrEqual(5),
  'labs/vale-drops.lab': (lab) => expect(count(lab, 'port.vale1:2', 'RX dropped (ring full)')).toBeGreaterThan(0),
};

test('each has a check here', () => {
  expect(Object.keys(SHOWS).sort()).toEqual(scenes.map((s) => s.file).sort());
});

test.each(scenes.map((s) => s.file))('%s', async (file) => {
  const text = readFileSync(new URL(file, root), 'utf8');
  expect(text).toContain('\n# The page opens it here.');
  const lines = parseFile(text.split('\n# The page opens it here.')[0] ?? ''),
    runner = new Runner({ step: wasmFile('step') }, { engine: 'step', seed: 1, slots: slotsOf(lines) ?? 1024, record: true });
  expect((await runner.run(lines)).stalled).toBeUndefined();
  expect(vms(runner.lab.world).every((v) => v.state === 'running')).toBe(true);
  SHOWS[file]?.(runner.lab);
});
