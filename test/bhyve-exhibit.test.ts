// Oracle: the command line of the mail of 2015, row by row and stage by stage (facts bhyve 1.5). Each stage is typed at a fresh
// host and must answer exactly what sh and bhyve of 2015 answer; what lab explain says of it is held against the same table.

import { describe, expect, it } from 'vitest';
import { GOLDEN } from '../src/lab/boot_lines.ts';
import { DEFECTS, MAIL, SLOTS, STAGES, readyLines } from '../src/lab/exhibit.ts';
import { USAGE } from '../src/host/bhyve/options.ts';
import { EXPLAIN } from '../src/lab/explain_command.ts';
import type { Lab } from '../src/lab/lab.ts';
import { freshLab, finish, begin, run, since, until, vmWith } from './typed.ts';

const explain = (...args: string[]) => EXPLAIN.run({} as Lab, args);
const usage = USAGE.split('\n').slice(0, -1);

describe('as printed', () => {
  it('ten lines, nine -s, 23 typographic hyphens and no other dash', () => {
    const text = MAIL.join('\n');
    expect([MAIL.length, text.match(/\u2010s /g)?.length, text.match(/\u2010/g)?.length, text.includes('-')]).toEqual([10, 9, 23, false]);
  });
  it('row by row, in order', () => {
    expect(DEFECTS.map((d) => d.n)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    // each row that names an option names one that is printed
    const slots = [SLOTS[2], SLOTS[3], SLOTS[4], SLOTS[5], SLOTS[6]];
    expect(DEFECTS.slice(2, 7).map((d, i) => d.printed.startsWith(slots[i] ?? '-'))).toEqual(Array(5).fill(true));
    expect(
      [...new Set(STAGES.flatMap((s) => s.rows))].sort((a, b) => a - b),
      'what is to be repaired is repaired',
    ).toEqual([0, 1, 5, 6, 7, 10, 11, 12]);
  });
  it('pasted: three commands, the first of them bhyve’s usage, the others not found', () => {
    const w = freshLab(8),
      m = begin(w, 'ttyv0', MAIL.join('\r'));
    until(w, () => (since(w, 'ttyv0', m).match(/not found/g)?.length ?? 0) === 2);
    const shown = since(w, 'ttyv0', m).split('\n');
    expect(shown.filter((l) => l.startsWith('Usage:'))).toHaveLength(1);
    expect(shown.filter((l) => l.startsWith('sh: '))).toEqual(Array(2).fill('sh: \u2010s: not found'));
    expect(run(w, 'ttyv0', ':').status).toBe(0);
    expect(w.tree.host.vms).toEqual([]);
  });
  it('the glob becomes the directories of the root, and each is a word too many', () => {
    const w = freshLab(8);
    expect(run(w, 'ttyv0', 'echo /* comment */').text).toMatch(/^\/bin \/boot \/dev .* comment .*\n$/);
    const a = run(w, 'ttyv0', 'bhyve -s 0,hostbridge \\   /* comment */');
    expect([a.real, a.status]).toEqual([usage, 1]);
    expect(a.lab.join('\n')).toContain('lab explain');
  });
});

describe('stages', () => {
  it.each(STAGES.map((s, i) => [i, s.words, s] as const).filter(([i]) => i > 0))('%i: %s', (i, _words, s) => {
    const w = freshLab(8);
    for (const line of s.first) expect(run(w, 'ttyv0', line).status).toBe(0);
    expect(s.lines).toHaveLength(1);
    if (s.status !== null) {
      const a = run(w, 'ttyv0', s.lines[0] ?? '');
      expect([a.real, a.status]).toEqual([[...s.says, ...(s.usage ? usage : [])], s.status]);
      return;
    }
    const m = begin(w, 'ttyv0', s.lines[0] ?? '');
    until(w, () => w.guestAtPrompt('netmapvm'));
    const shown = since(w, 'ttyv0', m).split('\n'),
      boots = shown.findIndex((l) => l.startsWith('Copyright'));
    expect(shown.slice(1, boots).filter((l) => l.startsWith('ptnetmap_memdev'))).toEqual(s.says);
    const ports = w.tree.guests.netmapvm?.vtnets.length;
    expect(ports, 'slot 2 is passed over until it has function 0').toBe(i === STAGES.length - 1 ? 4 : 1);
    finish(w, 'ttyv0', begin(w, 'ttyv0', 'poweroff'));
  });
  it('the last stage is the golden command line', () => {
    expect(STAGES.at(-1)?.lines).toEqual([GOLDEN]);
  });
  it('every ready line is one line, and ends with the VM’s name', () => {
    for (const r of readyLines()) expect([r.line.includes('\n'), r.line.endsWith('netmapvm')]).toEqual([false, true]);
    expect(readyLines().some((r) => r.line.includes('-s 5,virtio-net,vale0:1'))).toBe(true);
    expect(readyLines().some((r) => r.line.includes('virtio-net,tap0') && r.first.includes('ifconfig tap0 create'))).toBe(true);
  });
  it('an empty slot 2, seen from the guest', () => {
    const g = vmWith(
      SLOTS.slice(2, 5)
        .map((s) => `-s ${s}`)
        .join(' '),
    );
    expect(g.dmesg()).not.toMatch(/vtnet|memdev/);
  });
});

describe('lab explain', () => {
  it('in a terminal: the list, the mail, a row, a step, and what there is not', () => {
    expect(
      explain()
        .text.split('\n')
        .filter((l) => l.startsWith('lab explain step')),
    ).toHaveLength(STAGES.length);
    const all = explain('mail').text;
    for (const l of MAIL) expect(all).toContain(l);
    for (const d of DEFECTS) expect(all.replace(/\s+/g, ' ')).toContain(d.does);
    for (const l of all.split('\n').slice(MAIL.length)) expect(l.length, l).toBeLessThanOrEqual(80);
    expect(explain('11').text).toContain('function 0');
    expect(explain('step', '4').text).toContain('pci slot 2:3 already occupied!');
    for (const bad of [['13'], ['x'], ['step'], ['step', '99'], ['step', '-1'], ['1.5']])
      expect(explain(...bad).ok, bad.join(' ')).toBe(false);
  });
});
