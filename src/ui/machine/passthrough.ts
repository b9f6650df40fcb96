// A band of the picture: a port whose rings and buffers both sides map. Signals go through vmm.ko, indices through the CSB, slots
// and bytes do not cross at all. Pure.
import type { PicturePort } from '../../lab/protocol';
import { csbCard } from './csb';
import type { Frame } from './frame';
import { guestSide } from './guest_side';
import { machineWords as words } from './machine_words';
import { drawThread, hostEnd, lines, offer, type Shown, threadOf } from './parts';
import { choose, type Pen } from './scene';
import { signalsLane } from './signals';
import { slab } from './slab';

export function passthroughBand(pen: Pen, s: Shown, f: Frame, p: PicturePort | undefined, key: string): void {
  signalsLane(pen, s, f, p, key);
  csbCard(pen, s, f, p, key);
  guestSide(pen, s, f, p, key);
  slab(pen, s, f, p, key);
  const top = f.signals.y,
    h = f.indices.y + f.indices.h - top,
    moving = p?.movers.filter((x) => threadOf(s, x.thread)) ?? [],
    threads = pen.place({
      id: `${key}.threads`,
      zone: 'host',
      hue: 'host',
      form: 'kernel',
      x: f.host.x,
      y: top,
      w: f.host.w,
      h,
      ...(moving.length ? {} : { empty: true }),
    });
  if (moving.length) {
    const each = h / moving.length;
    moving.forEach((x, i) => {
      const t = threadOf(s, x.thread),
        y = top + i * each;
      if (i) pen.scene.rules.push({ x1: f.host.x + 10, y1: y, x2: f.host.x + f.host.w - 10, y2: y, hue: 'host' });
      drawThread(pen, s, x.thread, t?.name.split(' ')[0] ?? '', x.dir, threads, y + 6, true);
      if (f.second && !f.narrow && each > 84)
        lines(
          pen,
          { ...threads, y: y + 44, h: each - 44 },
          [
            [words.hostLoads, { hue: 'ink2' }],
            [words.hostStores, { hue: 'ink2' }],
          ],
          2,
        );
    });
  } else
    lines(pen, threads, [
      [p ? words.noThreads : words.empty.threads, { hue: 'ink2' }],
      p ? [words.threadsStart, { hue: 'ink2' }] : undefined,
    ]);
  if (p) hostEnd(pen, s, f, p, key);
  else {
    const box = pen.place({
      id: `${key}.backend`,
      zone: 'host',
      hue: 'host',
      form: 'kernel',
      empty: true,
      x: f.host.x,
      y: f.memory.y,
      w: f.host.w,
      h: Math.floor(f.memory.h / 2) - 5,
    });
    lines(pen, box, [[words.empty.switch, { hue: 'ink2' }]], 6);
    const end = pen.place({
      id: `${key}.hostprogram`,
      zone: 'host',
      hue: 'host',
      form: 'program',
      empty: true,
      x: f.host.x,
      y: box.y + box.h + 10,
      w: f.host.w,
      h: f.memory.h - box.h - 10,
    });
    offer(pen, end, words.empty.hostEnd, words.commands.rx, s.hostPrompt, 'host');
  }
  between(pen, f, p);
  below(pen, s, f, p, key);
}

/** Arrows where a word crosses, bars where loads and stores go straight. */
function between(pen: Pen, f: Frame, p: PicturePort | undefined): void {
  const open = p?.open === true,
    has = p !== undefined && p.rings.length > 0,
    { indices: i, memory: m } = f,
    ge = f.guest.x + f.guest.w,
    he = f.host.x,
    ri = i.x + i.w,
    a = i.y + i.h * 0.4,
    b = i.y + i.h * 0.72;
  pen.arrow(
    [
      [ge, a],
      [i.x - 3, a],
    ],
    'guest',
    { dashed: !open },
  );
  pen.arrow(
    [
      [i.x, b],
      [ge + 4, b],
    ],
    'host',
    { dashed: !open },
  );
  pen.arrow(
    [
      [ri, a],
      [he - 4, a],
    ],
    'guest',
    { dashed: !open },
  );
  pen.arrow(
    [
      [he, b],
      [ri + 4, b],
    ],
    'host',
    { dashed: !open },
  );
  const y1 = m.y + 40,
    y2 = m.y + m.h - 16;
  for (const y of [y1, y2]) {
    pen.arrow(
      [
        [ge, y],
        [m.x, y],
      ],
      'guest',
      { width: 3, head: false, dashed: !open },
    );
    pen.arrow(
      [
        [he, y],
        [ri, y],
      ],
      'host',
      { width: 3, head: false, dashed: !has },
    );
  }
}

/** bhyve, off the path: a zero that can be watched. */
function below(pen: Pen, s: Shown, f: Frame, p: PicturePort | undefined, key: string): void {
  const b = f.bhyve,
    vm = p ? s.view.vms.find((v) => v.name === p.vm) : undefined,
    box = pen.place({ id: `${key}.bhyve`, zone: 'below', hue: 'off', form: 'program', empty: true, ...b });
  const pad = 14,
    y = b.y + b.h / 2 + 4;
  if (!p || !vm?.running) {
    pen.text(b.x + pad, y, choose(b.w - 2 * pad, 12, false, `${words.bhyve}: ${words.empty.bhyve}`, words.bhyve), b.w - 2 * pad, {
      hue: 'ink2',
    });
    if (s.hostPrompt) {
      box.act = { t: 'boot' };
      box.label = words.types(words.bhyveLine);
    }
    return;
  }
  const n = p.counts.bhyveExits,
    said = p.open
      ? choose(
          b.w - 2 * pad,
          12,
          false,
          `${words.bhyve}: ${words.bhyveSince(n)}, ${words.bhyveOther(p.counts.otherExits)}; ${words.bhyveOff}`,
          `${words.bhyve}: ${words.bhyveSince(n)}, ${words.bhyveOther(p.counts.otherExits)}`,
          `${words.bhyve}: ${words.bhyveSince(n)}`,
          words.bhyveShort(n),
        )
      : choose(b.w - 2 * pad, 12, false, `${words.bhyve}: ${words.bhyveBefore}`, words.bhyve);
  pen.text(b.x + b.w / 2, y, said, b.w - 2 * pad, { anchor: 'middle', hue: 'ink2' });
}
