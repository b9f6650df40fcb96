// The panel of live charts: small multiples over one axis of time or of steps, a cursor that the pointer and the arrow keys move, and
// everything as a table. Its lines are painted outside React.
import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'react';
import type { ChartPort } from '../../lab/protocol';
import { onFrame } from '../frames';
import { NothingYet } from '../panels/Nothing';
import { useStore } from '../store';
import { onTheme } from '../theme';
import { chartsWords as say } from './charts_words';
import { ChartsTable } from './ChartsTable';
import { ALL, type Axis, now, rested, setCursor, setWatching, shown, startCharts, wish } from './follow';
import { AxisPlot, forgetWidths, Plot, placeWords } from './plot';
import { nearest } from './series';
import { CHARTS, type ChartId, drawn, isFill, isLog, linesOf, reach, spoken, unitOf } from './plots';

const AXES: readonly Axis[] = ['time', 'steps'];
/** The cursor rests so long before its values are said. */
const REST_MS = 500;
/** Places of the cursor's slider. */
const PLACES = 1000;
const portName = (p: ChartPort) => p.name || p.backend;
const pathOf = (p: ChartPort) => (p.vm ? (p.path === 'passthrough' ? say.passthrough : say.copying) : '');

/** Where the cursor is, in words; without one, which stretch is shown, and where in it the lab is. */
function cursorWords(): string {
  const { cursor, xs, axis, seen, playhead } = now,
    x = xs[cursor],
    step = seen[cursor]?.look.step ?? 0;
  if (!seen.length) return '';
  if (x === undefined) {
    const here = playhead < now.to ? `, ${say.here} ${placeWords(playhead)}` : '';
    return `${placeWords(now.from)} ${say.to} ${axis === 'steps' ? placeWords(now.to) : say.end}${here}`;
  }
  if (axis === 'steps') return `${say.step} ${placeWords(x)}`;
  return x === 0 ? say.end : `${placeWords(-x)} ${say.before}${now.modelled ? `, ${say.step} ${step.toLocaleString('en-US')}` : ''}`;
}

/** Everything on canvases, painted when something changed. */
function startPlots(root: HTMLElement): () => void {
  const plots = new Map<HTMLElement, Plot>(),
    seen = new Set<Element>(),
    axisHost = root.querySelector<HTMLElement>('.charts-axis-plot'),
    axis = axisHost && new AxisPlot(axisHost),
    slider = root.querySelector<HTMLInputElement>('.charts-cursor'),
    where = root.querySelector<HTMLElement>('.charts-where'),
    said = root.querySelector<HTMLElement>('.charts-said');
  let version = -1,
    touched = -1,
    sized = 0,
    resting = 0,
    late = false;
  const inView = new IntersectionObserver((list) => {
    for (const e of list) {
      if (e.isIntersecting) seen.add(e.target);
      else seen.delete(e.target);
    }
    version = -1;
    paint();
  });
  const find = () => {
    const hosts = new Set(root.querySelectorAll<HTMLElement>('.chart-plot'));
    for (const [host, plot] of plots)
      if (!hosts.has(host) || plot.port !== host.dataset.port) {
        plot.destroy();
        plots.delete(host);
        inView.unobserve(host);
        seen.delete(host);
      }
    for (const host of hosts) {
      if (plots.has(host)) continue;
      plots.set(host, new Plot(host, host.dataset.chart as ChartId, host.dataset.port ?? ''));
      inView.observe(host);
    }
  };
  const linesFor = (chart: ChartId) => new Map(now.ports.map((p) => [p.id, drawn(chart, p, now.seen, now.by, now.cursor)]));
  const tell = () => {
    if (where) where.textContent = cursorWords();
    if (!slider) return;
    const x = now.xs[now.cursor] ?? now.to;
    slider.value = String(Math.round(((x - now.from) / (now.to - now.from)) * PLACES));
    slider.setAttribute('aria-valuetext', cursorWords());
    slider.disabled = now.seen.length < 2;
    slider.toggleAttribute('data-off', now.cursor < 0);
  };
  const saySoon = () => {
    clearTimeout(resting);
    resting = window.setTimeout(() => {
      rested();
      const [p] = now.shown;
      if (said) said.textContent = now.cursor >= 0 && p ? spoken(p, now.seen, now.by, now.cursor) : '';
    }, REST_MS);
  };
  function paint(): void {
    if (version === now.version && touched === now.touched) return;
    const whole = version !== now.version;
    version = now.version;
    if (touched !== now.touched && late) saySoon();
    late = false;
    touched = now.touched;
    find();
    tell();
    if (whole) axis?.paint();
    for (const chart of CHARTS) {
      const mine = [...plots].filter(([host, p]) => p.chart === chart && seen.has(host));
      if (!mine.length) continue;
      const lines = linesFor(chart),
        span = reach([...lines.values()]);
      for (const [, plot] of mine) {
        const own = lines.get(plot.port) ?? [];
        if (whole) plot.paint(own, span, slotsOf(plot));
        else plot.again(own);
      }
    }
  }
  const slotsOf = (plot: Plot) =>
    isFill(plot.chart)
      ? (now.ports.find((p) => p.id === plot.port)?.fills.find((f) => f.dir === (plot.chart === 'txfill' ? 'TX' : 'RX'))?.slots ?? 1)
      : 1;
  const anew = () => {
    version = -1;
    paint();
  };
  const resized = new ResizeObserver(() => {
    if (root.clientWidth === sized) return;
    sized = root.clientWidth;
    forgetWidths();
    anew();
  });
  const moved = (e: PointerEvent) => {
    const host = (e.target as HTMLElement).closest<HTMLElement>('.chart-plot'),
      plot = host && plots.get(host);
    if (!plot) return;
    const i = plot.at(e.clientX);
    if (i === now.cursor) return;
    setCursor(i);
    rest();
  };
  const left = () => {
    if (now.cursor < 0) return;
    setCursor(-1);
    rest();
  };
  const rest = () => {
    late = true;
  };
  const slid = () => {
    if (!slider) return;
    rest();
    setCursor(nearest(now.xs, now.from + (Number(slider.value) / PLACES) * (now.to - now.from)));
    tell();
  };
  const keyed = (e: KeyboardEvent) => {
    const last = now.seen.length - 1,
      i = now.cursor < 0 ? last : now.cursor,
      far = Math.max(1, Math.round(last / 10));
    const to: Record<string, number> = { ArrowLeft: i - 1, ArrowDown: i - 1, ArrowRight: i + 1, ArrowUp: i + 1 },
      by: Record<string, number> = { PageDown: i - far, PageUp: i + far, Home: 0, End: last };
    const next = to[e.key] ?? by[e.key];
    if (next === undefined && (e.key !== 'Escape' || now.cursor < 0)) return;
    e.preventDefault();
    e.stopPropagation();
    rest();
    setCursor(next === undefined ? -1 : Math.min(Math.max(0, next), last));
  };
  const charts = root.querySelector<HTMLElement>('.charts-all');
  const listens = [
    [charts, 'pointermove', moved],
    [charts, 'pointerdown', moved],
    [charts, 'pointerleave', left],
    [slider, 'input', slid],
    [slider, 'keydown', keyed],
  ] as const;
  for (const [on, type, f] of listens) on?.addEventListener(type, f as EventListener);
  resized.observe(root);
  const stops = [
    onFrame(paint),
    onTheme(() => {
      version = -1;
    }),
    shown.subscribe(() => requestAnimationFrame(paint)),
  ];
  return () => {
    for (const [on, type, f] of listens) on?.removeEventListener(type, f as EventListener);
    for (const stop of stops) stop();
    clearTimeout(resting);
    resized.disconnect();
    inView.disconnect();
    for (const p of plots.values()) p.destroy();
    axis?.destroy();
  };
}

function Head() {
  const v = useStore(shown, (s) => s);
  const seconds = useStore(wish, (s) => s.seconds);
  const mark = v.axis === 'steps' ? say.exact : v.modelled ? say.modelled : say.measured;
  return (
    <div className="charts-head">
      <fieldset className="segments">
        <legend className="hidden">{say.axis}</legend>
        {AXES.map((a) => (
          <label key={a} className={v.axis === a ? 'on' : ''} title={a === 'steps' && v.running ? say.stepsOff : undefined}>
            <input
              type="radio"
              name="charts-axis"
              checked={v.axis === a}
              disabled={a === 'steps' && v.running}
              onChange={() => wish.set({ axis: a })}
            />
            {a === 'time' ? say.time : say.steps}
          </label>
        ))}
      </fieldset>
      {v.axis === 'time' && (
        <select
          aria-label={say.stretch}
          title={say.stretch}
          value={seconds}
          onChange={(e) => wish.set({ seconds: Number(e.target.value) })}
        >
          {Object.entries(say.stretches).map(([n, words]) => (
            <option key={n} value={n}>
              {words}
            </option>
          ))}
        </select>
      )}
      <span className="grow" />
      <span className={`badge ${v.axis === 'time' && v.modelled ? 'dashed' : ''}`}>{mark}</span>
    </div>
  );
}

/** Which port it is, or a choice of them. */
function Which() {
  const v = useStore(shown, (s) => s),
    port = useStore(wish, (s) => s.port),
    [one] = now.shown;
  if (v.ports.length < 2)
    return (
      one && (
        <span>
          <code>{portName(one)}</code> {pathOf(one)}
        </span>
      )
    );
  return (
    <select
      aria-label={say.port}
      title={say.port}
      value={port === ALL || v.ids.includes(' ') ? ALL : v.ids}
      onChange={(e) => wish.set({ port: e.target.value })}
    >
      {v.ports.map((p) => (
        <option key={p.id} value={p.id}>
          {p.name}
        </option>
      ))}
      <option value={ALL}>{say.allPorts}</option>
    </select>
  );
}

/** A chart: what it counts, and a canvas for each port that is shown. */
function Chart({ id }: { id: ChartId }) {
  const ports = now.shown.filter((p) => linesOf(id, p).length);
  if (!ports.length) return null;
  const unit = unitOf(id, now.by);
  return (
    <figure className="chart" data-chart={id} data-modelled={(now.modelled && !isFill(id) && !isLog(id)) || undefined}>
      <figcaption>
        <b>{say.charts[id]}</b> <span className="quiet">{unit}</span>
      </figcaption>
      {ports.map((p) => (
        <div key={p.id}>
          {ports.length > 1 && (
            <p className="chart-port">
              <code>{portName(p)}</code> {pathOf(p)}
            </p>
          )}
          <div
            className="chart-plot"
            data-chart={id}
            data-port={p.id}
            role="img"
            aria-label={`${say.charts[id]} ${unit}, ${portName(p)}: ${linesOf(id, p)
              .map((l) => l.name)
              .join(', ')}`}
          />
        </div>
      ))}
    </figure>
  );
}

export function Charts() {
  const root = useRef<HTMLDivElement>(null);
  const v = useStore(shown, (s) => s);
  const none = v.looked && !v.ports.length;
  useEffect(startCharts, []);
  useEffect(() => {
    const element = root.current;
    if (!element) return;
    const stop = startPlots(element),
      there = new IntersectionObserver((list) => setWatching(list.at(-1)?.isIntersecting ?? false));
    there.observe(element);
    return () => {
      there.disconnect();
      stop();
    };
  }, []);
  const words = !v.looked ? say.loading : v.some ? '' : v.axis === 'time' ? say.noTime : v.busy ? say.looking : say.noSteps;
  const idle = v.some && now.shown.every((p) => p.counts.tx + p.counts.rx === 0);
  return (
    <div className="charts" ref={root} data-axis={v.axis} data-none={none || undefined}>
      {none && <NothingYet words={say.none} />}
      <div className="charts-body" hidden={none}>
        <div className="charts-top">
          <Head />
          <p className="charts-at">
            <span className="charts-where" />
            <Which />
          </p>
          <div className="charts-axis" hidden={!v.some}>
            <div className="charts-axis-plot" aria-hidden="true" />
            <input type="range" className="charts-cursor" aria-label={say.cursor} min={0} max={PLACES} defaultValue={PLACES} step={1} />
          </div>
        </div>
        {words && <p className="quiet charts-words">{words}</p>}
        {idle && <p className="quiet charts-words">{say.idle}</p>}
        <div className="charts-all" hidden={!v.some}>
          {CHARTS.map((id) => (
            <Chart key={id} id={id} />
          ))}
        </div>
        <p className="hidden charts-said" aria-live="polite" />
        <ChartsTable />
      </div>
    </div>
  );
}
