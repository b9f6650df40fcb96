// Queue bars of a picture: who may touch how much, turned so that hwcur is at the left. Pure.
import type { PictureRing } from '../../lab/protocol';
import { inOrder, type Owning, runsOf } from '../ring/ownership';
import { machineWords as words } from './machine_words';
import { choose, type Hue, type Pen, type Run, widthOf } from './scene';

export const amounts = (r: PictureRing, user: 'guest' | 'host'): string =>
  inOrder(r.sample)
    ? runsOf(r.sample)
        .map((x) => `${x.length} ${x.cls === 'user' ? words.may[user][r.dir] : words.runs[r.dir][x.cls]}`)
        .join(', ')
    : words.between;

const fillOf = (cls: Owning, user: 'guest' | 'host'): Run['fill'] =>
  cls === 'kept' ? 'kept' : cls === 'user' ? (user === 'guest' ? 'user-guest' : 'user-host') : 'host';

interface At {
  x: number;
  y: number;
  w: number;
  /** Room to the left for the ring's name. */
  name: number;
  user: 'guest' | 'host';
  zone?: 'middle';
  title: string;
  on: string;
  /** A name for the ring's place, unique in the scene. */
  id: string;
  touched?: { hue: Hue; read: boolean };
}

/** A ring's name, its bar and what the runs are. Takes 34 px. */
export function drawRing(pen: Pen, r: PictureRing, at: At): void {
  const { n } = r.sample,
    x = at.x + at.name,
    w = at.w - at.name,
    y = at.y,
    runs = runsOf(r.sample),
    height = 18;
  const title = at.title,
    said = amounts(r, at.user);
  pen.place({
    id: at.id,
    zone: 'middle',
    hue: 'off',
    form: 'half',
    on: at.on,
    x: at.x - 2,
    y: y - 3,
    w: at.w + 4,
    h: height + 6,
    act: { t: 'ring', ring: r.id },
    label: words.open(`${title}: ${said}`),
    ...(at.touched ? { lit: at.touched.hue, read: at.touched.read } : {}),
  });
  pen.text(at.x, y + 13, title, at.name - 6, { bold: true });
  const px = (k: number) => (k * w) / n,
    drawn: Run[] = [];
  let from = 0;
  for (const run of runs) {
    const narrow = run.cls === 'kept' ? Math.max(2, Math.min(px(1), 10)) : px(run.length);
    const left = run.cls === 'kept' ? x + w - narrow : x + px(from);
    drawn.push({
      x: left,
      y,
      w: narrow,
      h: height,
      fill: fillOf(run.cls, at.user),
      ...(run.cls === 'sending' || run.cls === 'handed'
        ? { hatch: 'toHost' as const }
        : run.cls === 'done'
          ? { hatch: 'toGuest' as const }
          : {}),
    });
    if (run.cls !== 'kept') {
      const long = run.cls === 'user' ? words.may[at.user][r.dir] : words.runs[r.dir][run.cls],
        room = px(run.length) - 6,
        text = choose(room, 11, false, `${run.length} ${long}`, `${run.length}`);
      if (widthOf(text, 11, false, true) <= room)
        pen.text(left + px(run.length) / 2, y + 13, text, room, {
          size: 11,
          anchor: 'middle',
          ...(run.cls === 'user' ? { bold: true } : { hue: 'ink2' as const }),
        });
    }
    from += run.length;
  }
  pen.scene.bars.push({ id: r.id, x, y, w, h: height, runs: drawn });
  if (!runs.length) pen.text(x + w / 2, y + 13, words.between, w - 6, { size: 11, anchor: 'middle' });
}
