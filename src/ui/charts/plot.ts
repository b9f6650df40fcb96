// One chart on its canvas, by uPlot: level lines (nothing is known between two looks), their names and values at their ends, the
// cursor and the playhead. Colours are the owners' tokens. Outside React; painted when numbers change, never by itself.
import uPlot from 'uplot';
import { palette } from '../theme';
import { now } from './follow';
import { type ChartId, type Drawn, isFill, isLog, type Line, spread } from './plots';
import { decades, short, tick, topOf } from './series';

/** What stands beside the lines' area: the scale at its left, the lines' names at its right. */
export const LEFT = 44,
  RIGHT = 138;
export const HEIGHT = 84,
  AXIS_HEIGHT = 20;
const APART = 14,
  SAMPLE = 18,
  PAD = 7;

const more = matchMedia('(prefers-contrast: more)'),
  forced = matchMedia('(forced-colors: active)');
/** An owner's lines by their place among them. What is modelled has no solid line; only rates are by modelled time. */
const DASHES: readonly (readonly number[])[] = [[], [7, 4], [8, 3, 2, 3], [2, 3], [9, 2, 2, 2, 2, 2], [4, 2]],
  MODELLED: readonly (readonly number[])[] = [[4, 3], [10, 3], ...DASHES.slice(2)];
/** `i`: its place among all lines of the chart, by which they are told apart where there are no owners' colours. */
const dashOf = (l: Line, i: number): number[] => [
  ...((now.modelled && l.measure.kind === 'count' ? MODELLED : DASHES)[forced.matches ? i : l.dash] ?? []),
];
const wide = () => (more.matches ? 3 : 2);
const colour = (l: Line): string => palette()[l.owner];
const font = () => `400 11px ${palette().sans}`;

/** A place on the axis in words: "−12.3 s", "1,284". */
export const placeWords = (x: number, figures = short): string =>
  now.axis === 'steps' ? Math.round(x).toLocaleString('en-US') : `${x < 0 ? '−' : ''}${figures(Math.abs(x))} ${now.unit}`;

const xScale = (): uPlot.Scale => ({ time: false, range: () => [now.from, now.to] });
const xAxis = (words: boolean): uPlot.Axis => ({
  side: words ? 0 : 2,
  size: words ? AXIS_HEIGHT : 4,
  gap: 2,
  space: 56,
  font: font(),
  stroke: () => palette().ink3,
  values: (_, at) => at.map((x) => (words ? placeWords(x, tick) : '')),
  grid: { show: !words, stroke: () => palette().hair, width: 1 },
  ticks: { show: words, stroke: () => palette().edge, width: 1, size: 4 },
  incrs: now.axis === 'steps' ? [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7] : [],
});
const base = (width: number, height: number): uPlot.Options => ({
  width,
  height,
  legend: { show: false },
  cursor: { show: false },
  padding: [PAD, RIGHT, 0, 0],
  series: [{}],
});

/** A line as far as it is known: from look to look, level, with nothing where there is no value. A count is the stretch's that ends there. */
function held(level: boolean): uPlot.Series.PathBuilder {
  return (u, series) => {
    const stroke = new Path2D(),
      xs = u.data[0],
      ys = u.data[series] ?? [],
      x = (i: number) => u.valToPos(xs[i] ?? 0, 'x', true);
    let down = false;
    for (let i = 0; i < xs.length; i++) {
      const v = ys[i],
        from = level ? i : i - 1;
      if (v === null || v === undefined || from < 0) {
        down = false;
        continue;
      }
      const y = u.valToPos(v, 'y', true);
      if (down) stroke.lineTo(x(from), y);
      else stroke.moveTo(x(from), y);
      // a level holds to the next look, where somebody looked
      stroke.lineTo(x(level && now.seen[i + 1]?.gap ? i : Math.min(from + 1, xs.length - 1)), y);
      down = !(level && now.seen[i + 1]?.gap);
    }
    return { stroke };
  };
}

/** uPlot's options as it takes them: what is left to it must not be there. */
function cleaned(axis: uPlot.Axis): uPlot.Axis {
  if (axis.incrs && (axis.incrs as number[]).length === 0) delete axis.incrs;
  return axis;
}

/** How wide each host is, asked once: asking in a frame lays out the whole page before the frame does. */
let widths = new WeakMap<HTMLElement, number>();
function widthOf(host: HTMLElement): number {
  const known = widths.get(host) || host.clientWidth;
  widths.set(host, known);
  return known;
}
/** The panel has another width. */
export function forgetWidths(): void {
  widths = new WeakMap();
}

/** The axis that all charts of the panel share, with its words. */
export class AxisPlot {
  #u: uPlot | undefined;
  #made = '';
  constructor(private readonly host: HTMLElement) {}
  paint(): void {
    const width = widthOf(this.host);
    if (!width) return;
    const like = `${width} ${now.axis} ${devicePixelRatio}`;
    if (like !== this.#made) {
      this.#made = like;
      this.#u?.destroy();
      this.#u = new uPlot(
        {
          ...base(width, AXIS_HEIGHT + 1),
          padding: [0, RIGHT, 0, LEFT],
          scales: { x: xScale(), y: { range: () => [0, 1] } },
          axes: [cleaned(xAxis(true)), { show: false }],
          series: [{}, { show: false }],
        },
        [
          [0, 1],
          [null, null],
        ],
        this.host,
      );
    }
    this.#u?.setData([
      [now.from, now.to],
      [null, null],
    ]);
  }
  destroy(): void {
    this.#u?.destroy();
  }
}

export class Plot {
  #u: uPlot | undefined;
  #made = '';
  #lines: Drawn[] = [];
  #range: [number, number] = [0, 1];

  constructor(
    private readonly host: HTMLElement,
    readonly chart: ChartId,
    readonly port: string,
  ) {}

  /** `reach`: the least and the greatest of all ports' charts of this kind: one scale for them. */
  paint(lines: Drawn[], reach: { least: number; most: number }, slots: number): void {
    const width = widthOf(this.host);
    if (!width) return;
    this.#lines = lines;
    this.#range = isLog(this.chart) ? decades(reach.least, reach.most) : [0, isFill(this.chart) ? Math.max(1, slots) : topOf(reach.most)];
    const like = [
      width,
      now.axis,
      now.modelled,
      devicePixelRatio,
      more.matches,
      ...lines.map((d) => `${d.line.owner} ${d.line.dash}`),
    ].join();
    if (like !== this.#made) this.#make(width, like);
    const log = isLog(this.chart);
    this.#u?.setData([now.xs, ...lines.map((d) => (log ? d.ys.map((y) => y || null) : d.ys))]);
  }
  /** The cursor or the colours are others, the lines the same. */
  again(lines: Drawn[]): void {
    this.#lines = lines;
    this.#u?.redraw(false);
  }
  destroy(): void {
    this.#u?.destroy();
    this.#u = undefined;
    this.#made = '';
  }
  /** The look nearest to a place on the page; -1: it is not over the lines. */
  at(clientX: number): number {
    const u = this.#u;
    if (!u || !now.xs.length) return -1;
    const r = u.over.getBoundingClientRect();
    return clientX < r.left - 4 || clientX > r.right + 4 ? -1 : u.posToIdx(Math.min(Math.max(0, clientX - r.left), r.width));
  }

  #make(width: number, like: string): void {
    this.#made = like;
    this.#u?.destroy();
    const log = isLog(this.chart),
      level = isFill(this.chart),
      ratio = devicePixelRatio,
      paths = log ? () => null : held(level);
    const y: uPlot.Axis = {
      size: LEFT,
      gap: 6,
      font: font(),
      stroke: () => palette().ink3,
      splits: () => this.#splits(),
      filter: (_, at) => at,
      values: (_, at) => at.map((v) => tick(v)),
      grid: { stroke: () => palette().hair, width: 1 },
      ticks: { show: false },
    };
    this.#u = new uPlot(
      {
        ...base(width, HEIGHT),
        scales: { x: xScale(), y: { ...(log ? { distr: 3, log: 10 } : {}), range: () => this.#range } },
        axes: [cleaned(xAxis(false)), y],
        series: [
          {},
          ...this.#lines.map(
            (d, i): uPlot.Series => ({
              stroke: () => colour(this.#lines[i]?.line ?? d.line),
              width: wide(),
              dash: dashOf(d.line, i).map((n) => n * ratio),
              paths,
              points: { show: log, size: 6, width: 1.5, fill: () => palette()[d.line.dash ? 'surface' : d.line.owner] },
            }),
          ),
        ],
        hooks: { draw: [(u) => this.#over(u)] },
      },
      [now.xs, ...this.#lines.map((d) => d.ys)],
      this.host,
    );
  }

  /** 0, half and the end; of a log scale the powers of ten, four at most. */
  #splits(): number[] {
    const [a, b] = this.#range;
    if (!isLog(this.chart)) return b >= 10 || (b > 1 && b % 2 === 0) ? [0, b / 2, b] : [0, b];
    const n = Math.round(Math.log10(b / a)),
      by = Math.max(1, Math.ceil(n / 3));
    return Array.from({ length: Math.floor(n / by) + 1 }, (_, i) => a * 10 ** (i * by));
  }

  /** What stands over the lines: the playhead, the cursor, the names with their values. */
  #over(u: uPlot): void {
    const { ctx, bbox } = u,
      k = devicePixelRatio,
      c = palette(),
      right = bbox.left + bbox.width;
    const rule = (x: number, color: string, dash: number[]) => {
      if (Number.isNaN(x)) return;
      const at = Math.round(u.valToPos(x, 'x', true)) + 0.5;
      if (at < bbox.left - 1 || at > right + 1) return;
      ctx.beginPath();
      ctx.strokeStyle = color;
      ctx.lineWidth = wide() * k * 0.75;
      ctx.setLineDash(dash);
      ctx.moveTo(at, bbox.top);
      ctx.lineTo(at, bbox.top + bbox.height);
      ctx.stroke();
    };
    ctx.save();
    rule(now.playhead, c.ink, []);
    if (now.cursor >= 0) {
      const x = now.xs[now.cursor] ?? Number.NaN;
      rule(x, c.ink2, [3 * k, 3 * k]);
      ctx.setLineDash([]);
      for (const d of this.#lines) {
        const v = d.ys[now.cursor];
        if (v === null || v === undefined || (isLog(this.chart) && !v)) continue;
        ctx.beginPath();
        ctx.arc(u.valToPos(x, 'x', true), u.valToPos(v, 'y', true), 3.5 * k, 0, 2 * Math.PI);
        ctx.fillStyle = c.surface;
        ctx.strokeStyle = colour(d.line);
        ctx.lineWidth = 1.5 * k;
        ctx.fill();
        ctx.stroke();
      }
    }
    this.#names(u, right, k);
    ctx.restore();
  }

  #names(u: uPlot, right: number, k: number): void {
    const { ctx, bbox } = u,
      half = (APART / 2) * k;
    const wanted = this.#lines.map((d) => {
      const v = (now.cursor >= 0 ? d.ys[now.cursor] : undefined) ?? d.ys.findLast((y) => y !== null) ?? 0;
      return u.valToPos(isLog(this.chart) ? Math.max(v, this.#range[0]) : v, 'y', true);
    });
    const at = spread(wanted, APART * k, Math.min(bbox.top, half), u.ctx.canvas.height - half);
    const p = palette();
    ctx.textBaseline = 'middle';
    this.#lines.forEach((d, i) => {
      const y = at[i] ?? 0,
        x = right + 8 * k,
        color = colour(d.line);
      ctx.strokeStyle = color;
      ctx.beginPath();
      if (isLog(this.chart)) {
        ctx.arc(x + (SAMPLE / 2) * k, y, 3 * k, 0, 2 * Math.PI);
        ctx.fillStyle = d.line.dash ? p.surface : color;
        ctx.lineWidth = 1.5 * k;
        ctx.fill();
      } else {
        ctx.lineWidth = wide() * k;
        ctx.setLineDash(dashOf(d.line, i).map((n) => n * k));
        ctx.moveTo(x, y);
        ctx.lineTo(x + SAMPLE * k, y);
      }
      ctx.stroke();
      ctx.setLineDash([]);
      ctx.fillStyle = color;
      ctx.textAlign = 'left';
      ctx.font = `400 ${11 * k}px ${p.sans}`;
      const from = x + (SAMPLE + 5) * k,
        value = d.value === null ? '–' : short(d.value);
      ctx.font = `600 ${11 * k}px ${p.sans}`;
      const room = u.ctx.canvas.width - from - ctx.measureText(value).width - 5 * k;
      ctx.textAlign = 'right';
      ctx.fillText(value, u.ctx.canvas.width - k, y);
      ctx.font = `400 ${11 * k}px ${p.sans}`;
      ctx.textAlign = 'left';
      ctx.fillText(fitted(ctx, d.line.label, room), from, y);
    });
  }
}

/** As much of a name as there is room for; the table has it whole. */
function fitted(ctx: CanvasRenderingContext2D, text: string, room: number): string {
  if (ctx.measureText(text).width <= room) return text;
  let n = text.length - 1;
  while (n > 1 && ctx.measureText(`${text.slice(0, n)}…`).width > room) n--;
  return `${text.slice(0, n)}…`;
}
