// The pointer on the timeline: click goes to a step, the playhead is dragged, everything else pans; the wheel zooms about the
// pointer; two fingers zoom and pan. What was painted last is what is hit.
import { deedWords, laneWords, markWords } from './strip_words';
import { seek } from './strip_act';
import { AXIS, type Geometry, markAt, type MarkShape, rowAt } from './strip_rows';
import { now, setHint, setWindow, touch } from './strip_view';
import type { StripLane } from '../../lab/protocol';
import { blockAt, nearestStep, panned, sizeOf, type Span, stepAt, xOf, zoomed } from './strip_window';

/** Rows and marks as they were painted last. */
export interface Painted {
  g: Geometry;
  rows: readonly StripLane[];
  shapes: readonly MarkShape[];
}

const CLICK = 4;
const GRIP = 7;
const WHEEL = 0.0018;
const LINE = 16;

interface Drag {
  kind: 'play' | 'pan';
  x: number;
  at: number;
  window: Span;
  moved: boolean;
}

export function hands(field: HTMLElement, painted: () => Painted | undefined): () => void {
  const pointers = new Map<number, { x: number; y: number }>();
  let drag: Drag | undefined, pinch: { size: number; step: number; window: Span } | undefined;
  const place = (e: PointerEvent | WheelEvent) => {
    const box = field.getBoundingClientRect();
    return { x: e.clientX - box.left, y: e.clientY - box.top };
  };
  const head = () => xOf(now.window, now.width, now.step);
  const grips = (x: number, y: number) => Math.abs(x - head()) <= (y < AXIS ? GRIP + 2 : GRIP - 3);

  const look = (x: number, y: number) => {
    const p = painted(),
      mark = p && y >= AXIS ? markAt(p.shapes, x, y) : undefined,
      lane = p && rowAt(p.g, p.rows, y);
    const deed = y < AXIS ? now.view?.deeds.find((d) => Math.abs(xOf(now.window, now.width, d.step - 0.5) - x) <= 7) : undefined;
    if (mark !== now.hover) {
      now.hover = mark;
      touch();
    }
    const step = blockAt(now.window, now.width, x, now.known);
    setHint(mark && p ? markWords(mark, now.view?.lanes ?? p.rows) : deed ? deedWords(deed) : lane ? laneWords(lane, step) : '');
    field.style.cursor = grips(x, y) ? 'ew-resize' : mark || deed ? 'pointer' : y < AXIS ? 'grab' : 'default';
  };

  const down = (e: PointerEvent) => {
    if (e.button !== 0) return;
    const { x, y } = place(e);
    field.setPointerCapture(e.pointerId);
    pointers.set(e.pointerId, { x, y });
    if (pointers.size === 2) {
      const [a, b] = [...pointers.values()];
      if (a && b)
        pinch = { size: Math.max(8, Math.abs(a.x - b.x)), step: stepAt(now.window, now.width, (a.x + b.x) / 2), window: now.window };
      drag = undefined;
      now.held = false;
      return;
    }
    drag = { kind: grips(x, y) ? 'play' : 'pan', x, at: y, window: now.window, moved: false };
    now.held = drag.kind === 'play';
  };
  const move = (e: PointerEvent) => {
    const { x, y } = place(e);
    if (pointers.has(e.pointerId)) pointers.set(e.pointerId, { x, y });
    if (pinch && pointers.size === 2) {
      const [a, b] = [...pointers.values()];
      if (!a || !b) return;
      const n = (sizeOf(pinch.window) * pinch.size) / Math.max(8, Math.abs(a.x - b.x)),
        from = pinch.step - ((a.x + b.x) / 2 / Math.max(1, now.width)) * n;
      setWindow({ from, to: from + n });
      return;
    }
    if (!drag) return look(x, y);
    if (Math.abs(x - drag.x) > CLICK) drag.moved = true;
    if (!drag.moved) return;
    if (drag.kind === 'play') void seek(nearestStep(now.window, now.width, x, now.known));
    else setWindow(panned(drag.window, now.known, ((drag.x - x) / Math.max(1, now.width)) * sizeOf(drag.window)));
  };
  const up = (e: PointerEvent) => {
    pointers.delete(e.pointerId);
    if (pointers.size < 2) pinch = undefined;
    const was = drag;
    drag = undefined;
    now.held = false;
    if (!was || was.moved || e.type !== 'pointerup') return;
    const p = painted(),
      mark = p && was.at >= AXIS ? markAt(p.shapes, was.x, was.at) : undefined,
      deed = was.at < AXIS ? now.view?.deeds.find((d) => Math.abs(xOf(now.window, now.width, d.step - 0.5) - was.x) <= 7) : undefined;
    if (was.kind === 'play' && was.at < AXIS) return;
    void seek(mark?.step ?? deed?.step ?? blockAt(now.window, now.width, was.x, now.known));
  };
  const leave = () => {
    if (now.hover) {
      now.hover = undefined;
      touch();
    }
    setHint('');
  };
  const wheel = (e: WheelEvent) => {
    e.preventDefault();
    const unit = e.deltaMode === 1 ? LINE : 1,
      dx = (e.shiftKey && !e.deltaX ? e.deltaY : e.deltaX) * unit,
      dy = e.shiftKey ? 0 : e.deltaY * unit;
    if (Math.abs(dx) > Math.abs(dy)) setWindow(panned(now.window, now.known, (dx / Math.max(1, now.width)) * sizeOf(now.window)));
    else if (dy)
      setWindow(zoomed(now.window, now.known, stepAt(now.window, now.width, place(e).x), Math.exp(dy * WHEEL * (e.ctrlKey ? 4 : 1))));
  };
  const all = [
    ['pointerdown', down],
    ['pointermove', move],
    ['pointerup', up],
    ['pointercancel', up],
    ['pointerleave', leave],
  ] as const;
  for (const [name, f] of all) field.addEventListener(name, f);
  field.addEventListener('wheel', wheel, { passive: false });
  return () => {
    for (const [name, f] of all) field.removeEventListener(name, f);
    field.removeEventListener('wheel', wheel);
  };
}

/** The pointer on the map: drags the window or, where no lanes are shown, the playhead. */
export function mapHands(field: HTMLElement, span: () => Span, scrubs: () => boolean): () => void {
  let offset: number | undefined;
  const to = (e: PointerEvent) => {
    const box = field.getBoundingClientRect(),
      x = e.clientX - box.left;
    if (scrubs()) void seek(nearestStep(span(), box.width, x, now.known));
    else {
      const n = sizeOf(now.window),
        at = stepAt(span(), box.width, x) - (offset ?? 0.5) * n;
      setWindow({ from: at, to: at + n });
    }
  };
  const down = (e: PointerEvent) => {
    if (e.button !== 0) return;
    const box = field.getBoundingClientRect(),
      at = stepAt(span(), box.width, e.clientX - box.left),
      share = (at - now.window.from) / sizeOf(now.window);
    field.setPointerCapture(e.pointerId);
    // taken inside the frame, the frame is held where it was taken; else its middle comes to the pointer
    offset = share >= 0 && share <= 1 ? share : 0.5;
    now.held = scrubs();
    to(e);
  };
  const move = (e: PointerEvent) => {
    if (offset !== undefined) to(e);
  };
  const up = () => {
    offset = undefined;
    now.held = false;
  };
  const wheel = (e: WheelEvent) => {
    if (scrubs()) return;
    e.preventDefault();
    const box = field.getBoundingClientRect(),
      dy = e.deltaY * (e.deltaMode === 1 ? LINE : 1);
    setWindow(zoomed(now.window, now.known, stepAt(span(), box.width, e.clientX - box.left), Math.exp(dy * WHEEL)));
  };
  const all = [
    ['pointerdown', down],
    ['pointermove', move],
    ['pointerup', up],
    ['pointercancel', up],
  ] as const;
  for (const [name, f] of all) field.addEventListener(name, f);
  field.addEventListener('wheel', wheel, { passive: false });
  return () => {
    for (const [name, f] of all) field.removeEventListener(name, f);
    field.removeEventListener('wheel', wheel);
  };
}
