// The lanes on screen: a canvas that the frame loop paints, the threads' names beside it, a slider for who uses keys.
import { useEffect, useLayoutEffect, useRef } from 'react';
import { onFrame } from '../frames';
import { lab, page, useLab, usePage, useStore } from '../store';
import { paintedBy } from '../picture/pen';
import { type Palette, palette } from '../theme';
import { say } from '../words';
import { headed, seek } from './strip_act';
import { NoteSigns } from '../notes/signs';
import { type Forks, Fork, placeForks, useForks } from './strip_forks';
import { hands, type Painted } from './strip_hands';
import { paintLanes } from './strip_paint';
import { AXIS, marksIn, rowHeight, rowsOf, shapesOf } from './strip_rows';
import { isFree, now, setSize, shown, touch } from './strip_view';
import { sizeOf } from './strip_window';
import { valueWords } from './strip_words';

/** Keys of the slider: by one step, by a tenth of the window, to the ends. Answers whether the key was one of them. */
export function sliderKey(key: string): boolean {
  const page = Math.max(1, Math.round(sizeOf(now.window) / 10)),
    by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: page, PageDown: -page }[key];
  if (by !== undefined) void seek(headed() + by);
  else if (key === 'Home') void seek(now.known.root);
  else if (key === 'End') void seek(now.known.end);
  else return false;
  return true;
}

/** What a slider over the recording says of itself. */
export function useSlider() {
  const state = useLab((v) => v.state);
  const free = isFree(state);
  const end = Math.max(state?.end ?? 0, state?.step ?? 0);
  return {
    role: 'slider',
    tabIndex: 0,
    'aria-label': say.strip.slider,
    'aria-valuemin': state?.rootStep ?? 0,
    'aria-valuemax': end,
    'aria-valuenow': state?.step ?? 0,
    'aria-valuetext': state ? (free ? say.strip.free : valueWords(state, end)) : say.strip.empty,
    'aria-disabled': free || undefined,
    onKeyDown: (e: React.KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey || e.shiftKey || !sliderKey(e.key)) return;
      e.preventDefault();
      e.stopPropagation();
    },
  };
}

/** Sets a canvas to its size on screen; answers its context, scaled. */
export function fitted(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const ratio = devicePixelRatio || 1,
    w = Math.round(width * ratio),
    h = Math.round(height * ratio);
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
  const ctx = canvas.getContext('2d');
  ctx?.setTransform(ratio, 0, 0, ratio, 0, 0);
  return ctx;
}

function Names({ list }: { list: React.RefObject<HTMLUListElement | null> }) {
  const rows = useStore(shown, (v) => v.rows);
  const row = useStore(shown, (v) => v.row);
  const text = usePage((v) => v.stripText);
  const thread = usePage((v) => v.thread);
  const lit = useLab((v) => v.state?.threads.find((t) => t.id === thread)?.name);
  return (
    <ul
      ref={list}
      className="strip-names"
      aria-label={say.strip.lanesTitle}
      style={{ '--row': `${row}px` } as React.CSSProperties}
      onScroll={touch}
    >
      {rows.map((r) => (
        <li key={r.id} className={r.name === lit ? 'lit' : ''}>
          <button
            type="button"
            className={`own-${r.side}`}
            aria-pressed={text === r.name}
            title={say.strip.only(r.name)}
            aria-label={say.strip.only(r.name)}
            onClick={() => page.set({ stripText: text === r.name ? '' : r.name })}
          >
            {r.name}
          </button>
        </li>
      ))}
    </ul>
  );
}

export function Lanes({ twin }: { twin: boolean }) {
  const field = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const names = useRef<HTMLUListElement>(null);
  const signs = useRef<HTMLDivElement>(null);
  const forks: Forks = useForks();
  const slider = useSlider();

  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    // behind the twin the lanes keep their size, so that the twin is of the same window
    const size = () => {
      if (element.clientWidth) setSize(Math.floor(element.clientWidth), Math.floor(element.clientHeight));
    };
    const observer = new ResizeObserver(size);
    observer.observe(element);
    size();
    return () => {
      observer.disconnect();
      setSize(0, 0);
    };
  }, []);

  useEffect(() => {
    const element = field.current;
    if (!element) return;
    let painted: Painted | undefined,
      version = -1,
      ratio = 0,
      colors: Palette | undefined;
    const paint = () => {
      const { state } = lab.get(),
        c = palette();
      if (!canvas.current || !state || !now.width || (now.version === version && c === colors && ratio === devicePixelRatio)) return;
      const ctx = fitted(canvas.current, now.width, now.height);
      if (!ctx) return;
      version = now.version;
      colors = c;
      ratio = devicePixelRatio;
      const { stripHidden, thread } = page.get(),
        rows = rowsOf(now.view, stripHidden),
        g = {
          width: now.width,
          height: now.height,
          row: rowHeight(rows.length, now.height, (now.view?.counts.length ?? 0) > 0),
          scroll: names.current?.scrollTop ?? 0,
        };
      const shapes = shapesOf(marksIn(now.view, now.window, rows), rows, now.window, g);
      painted = { g, rows, shapes };
      const scene = {
        colors: c,
        g,
        window: now.window,
        view: now.view,
        rows,
        shapes,
        step: now.step,
        root: now.known.root,
        end: now.known.end,
        freeBefore: state.freeBefore,
        time: page.get().stripTime,
        lit: state.threads.find((t) => t.id === thread)?.name ?? '',
        hover: now.hover,
      };
      paintLanes({ ...scene, ctx });
      paintedBy(canvas.current, (pen) => paintLanes({ ...scene, colors: palette(), ctx: pen }));
      element.dataset.from = String(now.window.from);
      element.dataset.to = String(now.window.to);
      if (signs.current) placeForks(signs.current);
    };
    const stops = [onFrame(paint), hands(element, () => painted)];
    return () => {
      for (const stop of stops) stop();
    };
  }, []);

  return (
    <div className="strip-body" style={{ '--axis': `${AXIS}px` } as React.CSSProperties} hidden={twin}>
      <Names list={names} />
      <div className="strip-field">
        <div ref={field} className="strip-lanes" {...slider}>
          <canvas ref={canvas} />
        </div>
        <div ref={signs} className="strip-forks">
          {forks.map((f) => (
            <Fork key={f.at} at={f.at} branches={f.all} />
          ))}
          <NoteSigns />
        </div>
      </div>
    </div>
  );
}
