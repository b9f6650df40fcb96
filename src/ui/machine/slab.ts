// Slots and bytes: one netmap memory with its rings and buffers, an address on each edge. Pure.
import type { PicturePort } from '../../lab/protocol';
import type { Frame } from './frame';
import { machineWords as words } from './machine_words';
import type { Shown } from './parts';
import { drawRing } from './rings';
import { type Pen, type Place, widthOf } from './scene';

/** Rings, bars and buffers in the one slab. */
export function slab(pen: Pen, s: Shown, f: Frame, p: PicturePort | undefined, key: string, user: 'guest' | 'host' = 'guest'): Place {
  const b = f.memory,
    has = p !== undefined && p.rings.length > 0,
    box = pen.place({
      id: `${key}.slab`,
      zone: 'middle',
      hue: 'shared',
      form: 'slab',
      ...b,
      lends: 'right',
      ...(has ? {} : { empty: true }),
    }),
    m = p?.memory;
  const pad = f.narrow ? 8 : 14,
    room = b.w - 2 * pad;
  if (!has) {
    pen.text(b.x + pad, b.y + 20, words.slab, room, { bold: true, hue: 'shared' });
    pen.text(b.x + pad, b.y + 40, words.empty.slab, room, { hue: 'ink2' });
    return box;
  }
  const third = room / 3,
    // three names do not fit: the guest's address at its edge, the memory's name at the host's
    two = third < 104 && !f.narrow;
  if (m && !f.narrow) {
    pen.text(
      b.x + pad,
      b.y + 17,
      m.guestAddress ? (two ? m.guestAddress : words.guestAt(m.guestAddress)) : words.guestNone,
      two ? room / 2 : third,
      {
        mono: true,
        size: 11,
        hue: m.guestAddress ? 'guest' : 'ink2',
      },
    );
    if (!two) pen.text(b.x + b.w - pad, b.y + 17, words.hostAt(m.id), third, { mono: true, size: 11, hue: 'host', anchor: 'end' });
  }
  if (two) pen.text(b.x + b.w - pad, b.y + 17, words.slab, room / 2, { bold: true, hue: 'shared', anchor: 'end' });
  else pen.text(b.x + b.w / 2, b.y + 17, words.slab, f.narrow ? room : third, { bold: true, hue: 'shared', anchor: 'middle' });
  const first = p.rings.filter((r) => !r.id.includes('h')),
    busy = p.counts.rx > p.counts.tx ? 'RX' : 'TX',
    shown = f.both
      ? [first.find((r) => r.dir === 'TX'), ...p.peerRings.filter((r) => r.dir === 'RX').slice(0, 1), first.find((r) => r.dir === 'RX')]
      : [first.find((r) => r.dir === busy)];
  let y = b.y + 30;
  const peer = p.peerRings.some((r) => shown.includes(r));
  shown
    .filter((r) => r !== undefined)
    .forEach((r) => {
      if (y + 24 > b.y + b.h) return;
      const other = p.peerRings.includes(r),
        touch = touchedIn(s, r.id);
      drawRing(pen, r, {
        x: b.x + pad,
        y,
        w: room,
        name: f.narrow ? 26 : peer ? 92 : 74,
        user: other ? 'host' : user,
        title: f.narrow ? words.ringShort(r.dir) : other ? words.otherEnd(r.id.split('.')[0] ?? '') : words.ring(r.dir),
        on: box.id,
        id: `${key}.ring.${r.id}`,
        ...(touch ? { touched: touch } : {}),
      });
      if (other) pen.sign('swap', b.x + b.w / 2 - 8, y - 17, 'host', 14);
      y += 34;
    });
  if (f.tiles && m) {
    const label = f.narrow ? 0 : 62,
      said = words.bufferCount(m.taken, m.buffers, m.bufferBytes),
      saidRoom = f.narrow ? 0 : Math.min(widthOf(said, 11), room * 0.5),
      n = Math.max(3, Math.floor((room - label - saidRoom - 16) / 21));
    if (label) pen.text(b.x + pad, y + 12, words.buffers, label, { bold: true });
    // one tile a slot of the busy ring from hwcur on: full where its length is not 0
    const ring = shown.find((r) => r !== undefined),
      slots = ring?.sample.slots ?? [];
    for (let i = 0; i < Math.min(n, slots.length); i++)
      pen.scene.tiles.push({ x: b.x + pad + label + i * 21, y: y + 1, w: 17, h: 15, full: (slots[i]?.len ?? 0) > 0, hue: 'shared' });
    if (saidRoom) pen.text(b.x + b.w - pad, y + 12, said, saidRoom + 4, { size: 11, hue: 'ink2', anchor: 'end' });
  }
  return box;
}

/** Whether the last step touched a word of this ring. */
function touchedIn(s: Shown, id: string): { hue: 'guest' | 'host'; read: boolean } | undefined {
  const t = s.touched,
    at = t && !s.running ? s.touchedRing : '';
  return t && at === id ? { hue: t.side, read: t.kind === 'ld' } : undefined;
}
