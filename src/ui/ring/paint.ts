// Paints one ring on one canvas: strip or sheet, and the queue bar. Does nothing when nothing changed.
import type { RingRef } from '../../lab/protocol';
import { paintedBy } from '../picture/pen';
import type { Look } from '../samples';
import { type Palette, palette } from '../theme';
import { paintBar } from './bar';
import { type Brush, makeBrush } from './brush';
import { type Over, paintOver } from './overlay';
import { runsOf } from './ownership';
import { paintSheet } from './sheet';
import type { Shape } from './shape';
import { paintStrip } from './strip';

export class RingPainter {
  #canvas: HTMLCanvasElement;
  #brush: Brush | undefined;
  #colors: Palette | undefined;
  #ref: RingRef | undefined;
  #ratio = 0;
  #size = '';
  #key = '';

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  paint(ref: RingRef, shape: Shape, look: Look, over: Over): void {
    const colors = palette(),
      ratio = (devicePixelRatio || 1) * (this.#canvas.currentCSSZoom ?? 1),
      s = look.sample;
    const size = `${shape.total} ${shape.height} ${ratio}`;
    const key = [
      s.id,
      s.n,
      s.head,
      s.cur,
      s.tail,
      s.rhead,
      s.hwcur,
      s.hwtail,
      s.first,
      shape.columns,
      ...s.slots.map((x) => `${x.bufIdx}.${x.len}.${x.flags}`),
      over.edit ? `${over.edit.ring} ${over.edit.hand} ${over.edit.at}` : '',
      over.cursor,
      over.exact,
      ...over.lit,
      look.spread ? JSON.stringify(look.spread) : '',
    ].join(' ');
    if (size === this.#size && key === this.#key && colors === this.#colors) return;
    if (size !== this.#size) {
      this.#canvas.width = Math.round(shape.total * ratio);
      this.#canvas.height = Math.round(shape.height * ratio);
    }
    const ctx = this.#canvas.getContext('2d');
    if (!ctx) return;
    if (!this.#brush || colors !== this.#colors || ref.user !== this.#ref?.user || ratio !== this.#ratio)
      this.#brush = makeBrush(ctx, colors, ref);
    this.#size = size;
    this.#key = key;
    this.#colors = colors;
    this.#ref = ref;
    this.#ratio = ratio;
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, shape.total, shape.height);
    draw(this.#brush, ref, shape, look, over);
    paintedBy(this.#canvas, (pen) => draw(makeBrush(pen, palette(), ref), ref, shape, look, over));
  }
}

function draw(b: Brush, ref: RingRef, shape: Shape, look: Look, over: Over): void {
  const s = look.sample,
    runs = runsOf(s);
  if (shape.kind === 'strip') paintStrip(b, shape, ref, s, runs);
  else paintSheet(b, shape, ref, s, runs);
  paintBar(b, shape, ref, look, runs);
  paintOver(b, shape, ref, s, over);
}
