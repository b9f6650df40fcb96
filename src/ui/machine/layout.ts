// The picture of the machine from what is known of it: places, words and arrows for a width and a height. Pure: the same state
// gives the same picture.
import type { PicturePort } from '../../lab/protocol';
import { copyingBand } from './copying';
import { type Frame, frame } from './frame';
import { machineWords as words } from './machine_words';
import { drawThread, lines, rateWords, type Shown } from './parts';
import { passthroughBand } from './passthrough';
import { choose, Pen, type Scene } from './scene';
import { slab } from './slab';

/** No picture is drawn narrower. */
const LEAST = 280;

const ringCount = (p: PicturePort | undefined): number =>
  p ? Math.max(2, p.rings.filter((r) => !r.id.includes('h')).length + Math.min(1, p.peerRings.length)) : 1;

function headers(pen: Pen, s: Shown, f: Frame, p: PicturePort | undefined): void {
  if (!f.headers) return;
  const y = f.top + 16,
    vm = s.view.vms.find((v) => v.name === p?.vm),
    copying = p?.path === 'copying';
  const w = pen.text(f.guest.x, y, words.guest, f.guest.w, { bold: true, size: 13, hue: 'guest' });
  if (!f.narrow)
    pen.text(f.guest.x + w + 18, y, vm ? words.vm(vm.name, vm.vcpus) : words.noVm, f.guest.w - w + f.gap - 26, { hue: 'ink2' });
  const right = f.host.x + f.host.w,
    hw = pen.text(right, y, words.host, f.host.w, { bold: true, size: 13, hue: 'host', anchor: 'end' });
  if (!f.narrow) pen.text(right - hw - 16, y, words.hostIs, f.host.w - hw - 16 + f.gap - 8, { hue: 'ink2', anchor: 'end' });
  const said = copying ? words.twoMemories : words.oneMemory;
  pen.text(f.slab.x + f.slab.w / 2, y, choose(f.slab.w, f.narrow ? 12 : 13, false, said, said.split(',')[0] ?? said), f.slab.w, {
    bold: true,
    size: f.narrow ? 12 : 13,
    hue: 'shared',
    anchor: 'middle',
  });
  if (f.narrow) return;
  const packets = p ? p.counts.tx + p.counts.rx : 0,
    c = p?.counts;
  const lane = (y0: number, name: string, often: string) => {
    const used = pen.text(f.slab.x, y0 - 11, name, 200, { bold: true });
    if (often) pen.text(f.slab.x + f.slab.w, y0 - 11, often, f.slab.w - used - 16, { hue: 'ink2', anchor: 'end' });
  };
  lane(f.signals.y, words.lanes.signals, c ? words.often.kicks(c.kicks, packets) : '');
  if (copying) {
    lane(f.indices.y, words.lanes.queues, c ? words.often.copies(c.ferried, packets) : '');
    return;
  }
  lane(f.indices.y, words.lanes.indices, c && p?.open ? words.often.updates(c.guestSyncs, packets) : '');
  lane(f.memory.y, words.lanes.slots, c && p?.open ? words.often.slots(c.bytes, packets) : '');
}

/** The picture without a VM: the ring, above it the program, below it the kernel. */
function alone(width: number, height: number, s: Shown, p: PicturePort): Scene {
  const pen = new Pen(width, 0),
    margin = width < 560 ? 8 : 24,
    w = Math.min(width - 2 * margin, 820),
    x = Math.floor((width - w) / 2),
    tall = height > 420;
  const program = pen.place({ id: '0.program', zone: 'middle', hue: 'host', form: 'program', x, y: 12, w, h: tall ? 84 : 62 }),
    rate = rateWords(s, p, 'both');
  lines(pen, program, [
    [p.programs[0]?.line ?? '', { mono: true, bold: true }],
    [typeof rate === 'string' ? rate : `${rate[0]} ${rate[1]}`, { hue: 'ink2' }],
  ]);
  const mover = p.movers[0];
  if (mover && w >= 560)
    drawThread(
      pen,
      s,
      mover.thread,
      s.threads.find((t) => t.id === mover.thread)?.name ?? '',
      '',
      { ...program, x: x + w / 2, w: w / 2 },
      16,
      true,
    );
  const y = program.y + program.h + 28,
    m = { x, y, w, h: 34 + 34 * Math.max(1, Math.min(3, p.rings.length)) + 32 };
  const f: Frame = {
    guest: { x, w },
    slab: { x, w },
    host: { x, w },
    gap: 0,
    narrow: width < 560,
    both: true,
    headers: false,
    tiles: true,
    second: false,
    signals: m,
    indices: m,
    memory: m,
    bhyve: m,
    top: 0,
    bottom: 0,
  };
  slab(pen, s, f, p, '0', 'host');
  const below = m.y + m.h + 28,
    kernel = pen.place({
      id: '0.kernel',
      zone: 'middle',
      hue: p.kind === 'nic' ? 'hw' : 'host',
      form: p.kind === 'nic' ? 'hardware' : 'kernel',
      x,
      y: below,
      w,
      h: 62,
    });
  const end = p.ends[0],
    facts = p.nic
      ? `${p.nic.name} ${words.regs(p.nic.tdh, p.nic.tdt)} ${words.regsRx(p.nic.rdh, p.nic.rdt)}`
      : [p.backend, ...p.ends.map((e) => e.name)].join(' – ');
  lines(pen, kernel, [
    [`${words.kinds[p.kind]} ${p.switch}`.trim(), { bold: true }],
    [facts, { mono: true, hue: 'ink2' }],
    end?.programs[0] ? [end.programs[0].line, { mono: true }] : undefined,
  ]);
  const mid = x + w / 2;
  pen.arrow(
    [
      [mid, program.y + program.h],
      [mid, m.y],
    ],
    'host',
    { width: 3, head: false },
  );
  pen.arrow(
    [
      [mid, m.y + m.h],
      [mid, kernel.y],
    ],
    'host',
    { width: 3, head: false },
  );
  pen.scene.height = below + 74;
  return pen.scene;
}

/** The whole picture: one band a port, or the boxes that wait to be filled. */
export function layOut(s: Shown, width: number, height: number): Scene {
  const wide = Math.max(LEAST, Math.floor(width)),
    [first] = s.ports;
  if (first && first.vm === '') return alone(wide, height, s, first);
  const bands = s.ports.length || 1,
    pen = new Pen(wide, 0);
  let top = 0;
  const each = Math.floor(height / bands),
    frames: Frame[] = [];
  for (let i = 0; i < bands; i++) {
    const p = s.ports[i],
      f = frame(wide, top, each - (i ? 16 : 0), { rings: ringCount(p), copying: p?.path === 'copying' });
    frames.push(f);
    if (i) pen.scene.rules.push({ x1: f.guest.x, y1: f.top - 4, x2: f.host.x + f.host.w, y2: f.top - 4, hue: 'off' });
    headers(pen, s, f, p);
    if (p?.path === 'copying') copyingBand(pen, s, f, p, `${i}`);
    else passthroughBand(pen, s, f, p, `${i}`);
    top = f.bottom + 16;
  }
  const a = frames[0],
    z = frames.at(-1);
  // two VMs on one switch: the host spans both
  if (a && z && frames.length > 1 && s.ports.every((p) => p.switch && p.switch === s.ports[0]?.switch)) {
    const x = a.host.x + a.host.w + 6;
    pen.arrow(
      [
        [x - 6, a.memory.y + 20],
        [x, a.memory.y + 20],
        [x, z.memory.y + 20],
        [x - 6, z.memory.y + 20],
      ],
      'host',
      { head: false, width: 3 },
    );
  }
  pen.scene.height = (z?.bottom ?? 0) + 4;
  return pen.scene;
}
