// The picture of the machine: what the lab says of real machines, and where the page puts it. Guest left of the slab, host right
// of it, no place on another, every word in its room and none on another; at every width.

import { beforeAll, describe, expect, it } from 'vitest';
import { GOLDEN, GOLDEN_FIRST, READY } from '../src/lab/boot_lines.ts';
import type { Lab } from '../src/lab/lab.ts';
import { picture } from '../src/lab/picture.ts';
import { labState } from '../src/lab/state.ts';
import { layOut } from '../src/ui/machine/layout.ts';
import { machineTwin } from '../src/ui/machine/machine_twin.ts';
import type { Shown } from '../src/ui/machine/parts.ts';
import { otherPath, portsShown } from '../src/ui/machine/ports.ts';
import { type Box, type Scene, widthOf } from '../src/ui/machine/scene.ts';
import { enter, go, newLab, sending, withVm } from './sending.ts';

const WIDTHS = [300, 344, 358, 390, 480, 559, 560, 640, 720, 768, 900, 1024, 1056, 1280, 1440, 1536, 1920],
  HEIGHTS = [230, 256, 300, 360, 430, 520, 640];

function shown(lab: Lab, chosen = '', paths = false): Shown {
  const view = picture(lab),
    state = labState(lab);
  return {
    view,
    ports: portsShown(view, chosen, paths),
    threads: state.threads,
    csbs: state.csbs,
    rates: new Map(),
    running: false,
    touched: state.touched,
    touchedRing: '',
    guestPrompt: true,
    hostPrompt: true,
  };
}

/** A host whose VM was started by other lines. */
function booted(first: readonly string[], line: string): Lab {
  const lab = newLab(16),
    w = lab.world;
  go(lab, () => !w.host.os.ready());
  for (const l of first) {
    enter(lab, 'ttyv0', l);
    go(lab, () => !w.host.os.ready());
  }
  enter(lab, 'ttyv0', line);
  go(lab, () => w.guestAtPrompt('netmapvm'));
  lab.timeline.do({ k: 'open' });
  return lab;
}

const right = (b: Box) => b.x + b.w,
  bottom = (b: Box) => b.y + b.h,
  over = (a: Box, b: Box) => a.x < right(b) - 0.5 && b.x < right(a) - 0.5 && a.y < bottom(b) - 0.5 && b.y < bottom(a) - 0.5;

/** What is wrong with a scene, in words. */
function faults(s: Scene, sides: boolean): string[] {
  const out: string[] = [],
    own = s.places.filter((p) => !p.on),
    zone = (z: string) => own.filter((p) => p.zone === z);
  if (sides)
    for (const m of [...zone('middle'), ...zone('below')]) {
      for (const g of zone('guest')) if (right(g) > m.x) out.push(`${g.id} is not left of ${m.id}`);
      for (const h of zone('host')) if (h.x < right(m)) out.push(`${h.id} is not right of ${m.id}`);
    }
  for (const [i, a] of own.entries()) {
    if (a.x < 0 || right(a) > s.width || a.y < 0 || bottom(a) > s.height) out.push(`${a.id} is outside`);
    if (a.w < 16 || a.h < 16) out.push(`${a.id} is too small`);
    for (const b of own.slice(i + 1)) if (over(a, b)) out.push(`${a.id} lies on ${b.id}`);
  }
  for (const p of s.places.filter((x) => x.on)) {
    const on = s.places.find((x) => x.id === p.on);
    if (!on) out.push(`${p.id} lies on nothing`);
    else if (p.x < on.x - 6 || right(p) > right(on) + 6 || p.y < on.y - 10 || bottom(p) > bottom(on) + 8)
      out.push(`${p.id} leaves ${on.id}`);
  }
  const texts = s.texts.map((t) => {
    const w = widthOf(t.text, t.size, t.mono, t.bold),
      x = t.anchor === 'end' ? t.x - w : t.anchor === 'middle' ? t.x - w / 2 : t.x;
    return { text: t.text, x, y: t.y - t.size * 0.8, w, h: t.size };
  });
  for (const [i, a] of texts.entries()) {
    if (a.x < -1 || right(a) > s.width + 1 || a.y < 0 || bottom(a) > s.height) out.push(`“${a.text}” is outside`);
    for (const b of texts.slice(i + 1)) if (over(a, b)) out.push(`“${a.text}” lies on “${b.text}”`);
    // a text that begins in a place ends in it
    for (const p of own) {
      const inside = a.x >= p.x && a.x < right(p) && a.y >= p.y - 1 && bottom(a) <= bottom(p) + 4;
      if (inside && right(a) > right(p) + 1) out.push(`“${a.text}” leaves ${p.id}`);
    }
  }
  return out;
}

const machines: Record<string, Shown> = {};
const names = ['no VM', 'closed', 'vale', 'pipe', 'both paths', 'copying', 'nic', 'host alone'];

describe('the machine as a picture', () => {
  beforeAll(() => {
    machines['no VM'] = shown(newLab(16));
    machines.closed = shown(withVm());
    machines.vale = shown(sending(16, 'vale'));
    machines.pipe = shown(sending(16, 'pipe'));
    const two = booted(READY[1]?.first ?? [], READY[1]?.line ?? '');
    enter(two, 'ttyv1', 'pkt-gen -i vale0:2 -f rx');
    enter(two, 'ttyv0', 'pkt-gen -i vtnet1 -f tx -w 0 -n 40');
    go(two, () => picture(two).ports.some((p) => p.path === 'copying' && p.counts.ferried >= 20));
    machines['both paths'] = shown(two, '', true);
    machines.copying = shown(two, picture(two).ports.find((p) => p.path === 'copying')?.id);
    const nic = booted([...GOLDEN_FIRST, READY[0]?.first[0] ?? ''], GOLDEN);
    machines.nic = shown(nic, picture(nic).ports.find((p) => p.kind === 'nic')?.id);
    const alone = newLab(16);
    go(alone, () => !alone.world.host.os.ready());
    enter(alone, 'ttyv0', 'pkt-gen -i vale3:1 -f tx -w 0');
    go(alone, () => picture(alone).ports.some((p) => p.counts.tx > 0));
    machines['host alone'] = shown(alone);
  }, 60_000);

  it.each(names)('%s: guest left, host right, nothing on anything else, at every size', (name) => {
    const s = machines[name] as Shown,
      found = new Set<string>();
    for (const w of WIDTHS)
      for (const h of HEIGHTS) for (const f of faults(layOut(s, w, h), name !== 'host alone')) found.add(`${w}×${h}: ${f}`);
    expect([...found].slice(0, 12)).toEqual([]);
  });

  it('finds a fault where there is one', () => {
    const scene = layOut(machines.vale as Shown, 1024, 360),
      host = scene.places.find((p) => p.zone === 'host');
    if (host) host.x = 300;
    expect(faults(scene, true)).not.toEqual([]);
  });

  it('the same state gives the same picture', () => {
    const s = machines.vale as Shown;
    expect(layOut(s, 1000, 400)).toEqual(layOut(s, 1000, 400));
  });

  it('reads ports, paths and ends from the machine', () => {
    const of = (name: string) => machines[name]?.ports[0];
    expect(of('closed')).toMatchObject({
      name: 'vtnet0',
      backend: 'vale1:1',
      kind: 'vale',
      path: 'passthrough',
      open: false,
      vm: 'netmapvm',
    });
    expect(of('vale')).toMatchObject({ open: true, csb: 'vale1:1-PTN', switch: 'vale1', ends: [{ name: 'vale1:2' }] });
    expect(of('vale')?.programs[0]?.line).toBe('pkt-gen -i vtnet0 -f tx -w 0 -b 3');
    expect(of('pipe')).toMatchObject({ kind: 'pipe', ends: [{ name: 'vale2}1' }] });
    expect(of('pipe')?.peerRings.map((r) => r.dir)).toContain('RX');
    expect(machines['both paths']?.ports.map((p) => p.path)).toEqual(['passthrough', 'copying']);
    expect(of('copying')?.queues.map((q) => q.dir)).toEqual(['TX', 'RX']);
    expect(of('nic')).toMatchObject({ kind: 'nic', nic: { name: 'ix0' } });
    expect(of('host alone')).toMatchObject({ vm: '', backend: 'vale3:1', kind: 'vale' });
    expect(machines['no VM']?.ports).toEqual([]);
    expect(otherPath((machines['both paths'] as Shown).view, of('copying') as never)?.path).toBe('passthrough');
  });

  it('no kick of an open passthrough port reaches bhyve, each of a copying one does', () => {
    const pt = machines.vale?.ports[0]?.counts,
      copy = machines.copying?.ports[0]?.counts;
    expect(pt?.bhyveExits).toBe(0);
    expect(pt?.ferried).toBe(0);
    expect(copy?.bhyveExits).toBe(copy?.kicks);
    expect(copy?.ferried).toBeGreaterThanOrEqual(20);
  });

  it('says it all in words, with the numbers of the memory', () => {
    for (const name of names) {
      const s = machines[name] as Shown,
        twin = machineTwin(s),
        text = twin.sentences.join(' ');
      for (const p of s.ports) {
        expect(text).toContain(p.name || p.backend);
        const c = s.csbs.find((x) => x.id === p.csb);
        if (c && p.open) expect(text).toContain(`head ${c.fields.find((f) => f.name === 'tx_ring.head')?.value},`);
        for (const x of p.programs) expect(twin.rows.map((r) => r.what)).toContain(x.line);
      }
    }
  });
});
