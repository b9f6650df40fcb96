// The second lane of a passthrough port: the page that both sides map, the guest's words at the left, the host's at the right. Pure.
import type { CsbView, PicturePort } from '../../lab/protocol';
import type { Frame } from './frame';
import { machineWords as words } from './machine_words';
import { type Shown, touchIn } from './parts';
import { choose, type Pen, widthOf } from './scene';

const fieldOf = (csb: CsbView | undefined, name: string) => csb?.fields.find((x) => x.name === name);

/** The CSB card: the guest's words in its left half, the host's in its right one. */
export function csbCard(pen: Pen, s: Shown, f: Frame, p: PicturePort | undefined, key: string): void {
  const b = f.indices,
    csb = p?.csb && p.open ? s.csbs.find((c) => c.id === p.csb) : undefined;
  const card = pen.place({
    id: `${key}.csb`,
    zone: 'middle',
    hue: 'shared',
    form: 'card',
    ...b,
    lends: 'left',
    ...(csb ? { act: { t: 'csb' as const }, label: words.open(csb.title) } : { empty: true }),
  });
  if (!csb) {
    pen.text(b.x + 14, b.y + 20, words.csb, b.w - 28, { bold: true, hue: 'shared' });
    pen.text(b.x + 14, b.y + 40, p ? words.csbNone : words.empty.csb, b.w - 28, { hue: 'ink2' });
    return;
  }
  const small = b.w < 360,
    name = f.narrow || (small && !f.second) ? 0 : 58,
    bodyY = b.y + 22,
    bodyH = b.h - 24,
    split = f.narrow ? b.x + b.w / 2 : b.x + name + (b.w - name) * 0.5;
  pen.place({
    id: `${key}.csb.guest`,
    zone: 'middle',
    hue: 'guest',
    form: 'half',
    on: card.id,
    x: b.x + 4,
    y: bodyY,
    w: split - b.x - 4,
    h: bodyH,
  });
  pen.place({
    id: `${key}.csb.host`,
    zone: 'middle',
    hue: 'host',
    form: 'half',
    on: card.id,
    x: split,
    y: bodyY,
    w: b.x + b.w - split - 1,
    h: bodyH,
  });
  const w1 = pen.text(b.x + 12, b.y + 16, words.csb, 40, { bold: true, hue: 'shared' });
  if (!f.narrow) pen.text(b.x + 22 + w1, b.y + 16, words.csbIs, b.w - w1 - 90, { hue: 'ink2' });
  const rings = f.second ? (['tx_ring', 'rx_ring'] as const) : ([p && p.counts.rx > p.counts.tx ? 'rx_ring' : 'tx_ring'] as const);
  pen.text(b.x + b.w - 10, b.y + 16, f.second ? '' : (rings[0] ?? ''), 60, { mono: true, size: 11, anchor: 'end', hue: 'ink2' });
  const gall = split - b.x - name - 8,
    hall = b.x + b.w - split - 6,
    gw = f.narrow ? gall : Math.min(58, Math.max(gall * 0.29, small ? Math.min(42, gall * 0.37) : 0)),
    hw = f.narrow ? hall : Math.min(58, Math.max(hall * 0.29, small ? Math.min(47, hall * 0.37) : 0)),
    gk = gall - 2 * gw,
    hk = hall - 2 * hw;
  type Col = [x: number, room: number, head: string, hue: 'guest' | 'host', field: (ring: string) => string];
  const kick = (ring: string, who: string) => `${who}_need_${ring.slice(0, 2)}kick`;
  const cols: Col[] = f.narrow
    ? [
        [b.x + 10, gw - 6, words.head, 'guest', (r) => `${r}.head`],
        [split + 6, hw - 6, words.hwtail, 'host', (r) => `${r}.hwtail`],
      ]
    : [
        [b.x + name + 8, gw - 6, words.head, 'guest', (r) => `${r}.head`],
        [b.x + name + 8 + gw, gw - 6, words.cur, 'guest', (r) => `${r}.cur`],
        [
          b.x + name + 8 + 2 * gw,
          gk - 6,
          choose(gk - 6, 11, true, words.guestNeed, words.needShort, words.kick),
          'guest',
          (r) => kick(r, 'guest'),
        ],
        [split + 8, hw - 6, words.hwcur, 'host', (r) => `${r}.hwcur`],
        [split + 8 + hw, hw - 6, words.hwtail, 'host', (r) => `${r}.hwtail`],
        [split + 8 + 2 * hw, hk - 6, choose(hk - 6, 11, true, words.hostNeed, words.needShort, words.kick), 'host', (r) => kick(r, 'host')],
      ];
  for (const [x, room, head, hue] of cols) pen.text(x, bodyY + 14, head, room, { mono: true, size: 11, hue });
  const need = cols.find(([, , , , field]) => field('tx_ring') === 'guest_need_txkick');
  // in 2015 the host clears the guest's flag: its notch in the guest's half
  if (need && fieldOf(csb, 'guest_need_txkick')?.cleared)
    pen.place({
      id: `${key}.csb.notch`,
      zone: 'middle',
      hue: 'host',
      form: 'half',
      on: `${key}.csb.guest`,
      x: need[0] - 4,
      y: bodyY + 3,
      w: 2,
      h: bodyH - 6,
    });
  rings.forEach((ring, i) => {
    const y = bodyY + 33 + i * 24;
    if (!f.narrow && name) pen.text(b.x + 12, y, ring, name - 6, { mono: true, size: 11, hue: 'ink2' });
    for (const [x, room, , , field] of cols) {
      const v = fieldOf(csb, field(ring));
      if (!v) continue;
      const touch = touchIn(s, v.addr, 4);
      pen.place({
        id: `${key}.csb.${field(ring)}`,
        zone: 'middle',
        hue: 'off',
        form: 'half',
        on: card.id,
        x: x - 4,
        y: y - 16,
        w: Math.min(Math.max(widthOf(`${v.value}`, 13, true) + 8, 26), room + 6),
        h: 24,
        act: { t: 'word', addr: v.addr },
        label: words.open(`csb.${v.name} = ${v.value}`),
        ...(touch ? { lit: touch.hue, read: touch.read } : {}),
      });
      pen.text(x, y + 1, `${v.value}`, room, { mono: true, size: 13, bold: true });
    }
  });
}
