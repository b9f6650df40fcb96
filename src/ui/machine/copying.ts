// A band of the picture: a port whose packets bhyve copies. Two memories, and its threads as the ferry between them; kicks go
// through vmm.ko on down to bhyve. Pure.
import type { PicturePort } from '../../lab/protocol';
import type { Frame } from './frame';
import { machineWords as words } from './machine_words';
import { drawThread, hostEnd, lines, type Shown, threadOf } from './parts';
import { guestSide } from './guest_side';
import { drawRing } from './rings';
import { choose, type Pen, widthOf } from './scene';
import { signalsLane } from './signals';

export function copyingBand(pen: Pen, s: Shown, f: Frame, p: PicturePort, key: string): void {
  signalsLane(pen, s, f, p, key, true);
  guestSide(pen, s, f, p, key, true);
  const top = f.indices.y,
    h = f.memory.y + f.memory.h - top,
    apart = f.narrow ? 10 : 40,
    w = Math.floor((f.slab.w - apart) / 2),
    alive = p.queues.length > 0,
    ram = pen.place({
      id: `${key}.ram`,
      zone: 'middle',
      hue: 'guest',
      form: 'slab',
      lends: 'left',
      x: f.slab.x,
      y: top,
      w,
      h,
      ...(alive ? {} : { empty: true }),
    }),
    mem = pen.place({
      id: `${key}.slab`,
      zone: 'middle',
      hue: 'host',
      form: 'slab',
      lends: 'right',
      x: f.slab.x + w + apart,
      y: top,
      w,
      h,
      ...(p.rings.length ? {} : { empty: true }),
    }),
    pad = f.narrow ? 8 : 14,
    room = w - 2 * pad;
  // the guest's RAM: virtqueues
  pen.text(ram.x + pad, ram.y + 18, words.guestRam, room, { bold: true, hue: 'guest' });
  if (!alive) pen.text(ram.x + pad, ram.y + 38, words.noQueue, room, { hue: 'ink2' });
  p.queues.forEach((q, i) => {
    const y = ram.y + 38 + i * 56;
    if (y + 32 > ram.y + ram.h) return;
    pen.text(ram.x + pad, y, choose(room, 12, false, words.queueRow(q.dir), q.dir), room, { bold: true });
    const rows = `${words.avail} ${q.avail}  ${words.taken} ${q.lastAvail}  ${words.used} ${q.used}`;
    pen.text(
      ram.x + pad,
      y + 17,
      choose(room, 11, true, rows, `${words.avail} ${q.avail} ${words.used} ${q.used}`, `${q.avail}/${q.used}`),
      room,
      { mono: true, size: 11 },
    );
    const flags = [q.noNotify ? words.noNotify : '', q.noInterrupt ? words.noInterrupt : ''].filter(Boolean).join(' ');
    if (flags && y + 42 < ram.y + ram.h) pen.text(ram.x + pad, y + 32, flags, room, { mono: true, size: 11, hue: 'ink2' });
  });
  // the host's memory: the port's rings
  const beside = p.memory && !f.narrow && w > 200 ? widthOf(words.hostAt(p.memory.id), 11, true) + 8 : 0;
  pen.text(mem.x + pad, mem.y + 18, p.kind === 'tap' ? p.backend : words.slab, room - beside, { bold: true, hue: 'host' });
  if (p.memory && !f.narrow && w > 200)
    pen.text(mem.x + w - pad, mem.y + 18, words.hostAt(p.memory.id), room / 2, { mono: true, size: 11, hue: 'host', anchor: 'end' });
  p.rings
    .filter((r) => !r.id.includes('h'))
    .slice(0, 2)
    .forEach((r, i) => {
      if (mem.y + 32 + i * 36 + 22 > mem.y + mem.h) return;
      drawRing(pen, r, {
        x: mem.x + pad,
        y: mem.y + 32 + i * 36,
        w: room,
        name: 28,
        user: 'host',
        title: words.ringShort(r.dir),
        on: mem.id,
        id: `${key}.ring.${r.id}`,
      });
    });
  // the ferry
  const b = f.bhyve,
    wide = f.narrow ? b.w : Math.min(b.w, Math.max(330, Math.round(b.w * 0.52))),
    ferry = pen.place({
      id: `${key}.bhyve`,
      zone: 'below',
      hue: 'host',
      form: 'program',
      x: b.x + Math.floor((b.w - wide) / 2),
      y: b.y,
      w: wide,
      h: b.h,
    }),
    moving = p.movers.filter((x) => threadOf(s, x.thread));
  pen.text(
    ferry.x + 12,
    ferry.y + 16,
    choose(
      wide - 24,
      12,
      false,
      `${words.bhyve}: ${words.exitsCopy(p.counts.bhyveExits)}, ${words.bhyveFerry(p.counts.ferried)}`,
      `${words.bhyve}: ${words.bhyveFerry(p.counts.ferried)}`,
    ),
    wide - 24,
    { bold: true },
  );
  if (moving.length && b.h >= 44) {
    const each = wide / moving.length;
    moving.forEach((x, i) => {
      drawThread(
        pen,
        s,
        x.thread,
        threadOf(s, x.thread)?.name.split(' of ')[0] ?? '',
        '',
        { ...ferry, x: ferry.x + i * each, w: each, id: ferry.id },
        ferry.y + 20,
        false,
      );
    });
  }
  const x1 = ram.x + Math.min(w / 2, ferry.x - ram.x > 20 ? (ferry.x - ram.x) / 2 : w / 4),
    x2 = mem.x + mem.w - (x1 - ram.x),
    under = ram.y + ram.h;
  if (ferry.x - ram.x > 20) {
    const y = ferry.y + ferry.h / 2;
    pen.arrow(
      [
        [x1, under],
        [x1, y],
        [ferry.x - 3, y],
      ],
      'guest',
    );
    pen.arrow(
      [
        [ferry.x + wide, y],
        [x2, y],
        [x2, under + 3],
      ],
      'host',
    );
    pen.sign('copy', (ferry.x + wide + x2) / 2 - 8, y - 20, 'host');
  } else {
    pen.arrow(
      [
        [x1, under],
        [x1, ferry.y - 3],
      ],
      'guest',
    );
    pen.arrow(
      [
        [x2, ferry.y],
        [x2, under + 3],
      ],
      'host',
    );
  }
  // no kernel thread on the host: it is bhyve that is asked
  const none = pen.place({
    id: `${key}.threads`,
    zone: 'host',
    hue: 'host',
    form: 'kernel',
    x: f.host.x,
    y: f.signals.y,
    w: f.host.w,
    h: f.indices.y + f.indices.h - f.signals.y,
    empty: true,
  });
  lines(pen, none, [[words.noThreads, { hue: 'ink2' }]]);
  hostEnd(pen, s, f, p, key);
  const ge = f.guest.x + f.guest.w,
    y = f.memory.y + f.memory.h / 2;
  pen.arrow(
    [
      [ge, y],
      [ram.x, y],
    ],
    'guest',
    { width: 3, head: false },
  );
  pen.arrow(
    [
      [f.host.x, y],
      [mem.x + mem.w, y],
    ],
    'host',
    { width: 3, head: false },
  );
}
