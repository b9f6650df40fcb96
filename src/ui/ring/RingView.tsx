// The picture of one ring: a canvas that the frame loop paints, outside React, only while it is on screen.
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { RingRef } from '../../lab/protocol';
import { onFrame, repaint } from '../frames';
import { indexPlaces, slotPlaces } from '../../lab/sample';
import { look, onAnswered } from '../samples';
import { enter } from '../machine/level';
import { lab, page, useLab, usePage } from '../store';
import { showWord } from '../travel';
import { lightWord, litWord } from '../word/lit';
import { openMenu } from '../word/WordMenu';
import { Broken } from './Broken';
import { cursor, edit, put, take, write } from './edit';
import { HandBar } from './HandBar';
import { lensFirst, lensHolds, moveLens } from './lens';
import { RingPainter } from './paint';
import { shapeOf } from './shape';
import { slotSentence, twinText } from './twin';
import { useLook, useWatch } from './useLook';
import { edgeAt, edgeOf, handAt, slotAt } from './where';

/** The width of the picture's place, and the height of what it scrolls in. */
function useRoom(): [React.RefObject<HTMLDivElement | null>, number, number] {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [tall, setTall] = useState(0);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const scroller = element.closest('.stage-scroll') ?? element;
    const measure = () => {
      setWidth(Math.floor(element.clientWidth));
      setTall(Math.floor(scroller.clientHeight));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    observer.observe(scroller);
    measure();
    return () => observer.disconnect();
  }, []);
  return [box, width, tall];
}

export function RingView({ ring }: { ring: RingRef }) {
  const [box, width, tall] = useRoom();
  const canvas = useRef<HTMLCanvasElement>(null);
  const follow = usePage((v) => v.follow);
  const fixed = usePage((v) => v.lensFirst);
  const running = useLab((v) => v.state?.run === 'running');
  const now = useLook(ring);
  const [spoken, setSpoken] = useState(-1);
  const dragged = useRef(-1);
  const dropped = useRef(false);
  const shape = shapeOf(ring.slots, Math.max(280, width), tall);

  useEffect(() => {
    const element = canvas.current;
    if (!element || !width) return;
    const painter = new RingPainter(element);
    let stop: (() => void) | undefined;
    const paint = (at: number) => {
      const exact = lab.get().state?.run !== 'running',
        sh = shapeOf(ring.slots, Math.max(280, width), tall);
      lensHolds(sh.lensCells);
      const seen = look(ring, lensFirst, exact, at);
      if (!seen) return;
      const over = { edit: edit.get().now, lit: litWord.get().addrs, cursor: cursor.get().slot, exact };
      painter.paint(ring, sh, seen, over);
    };
    const observer = new IntersectionObserver(([entry]) => {
      stop?.();
      stop = entry?.isIntersecting ? onFrame(paint) : undefined;
    });
    observer.observe(element);
    const unheard = onAnswered(repaint);
    return () => {
      unheard();
      observer.disconnect();
      stop?.();
    };
  }, [ring, width, tall]);

  useWatch(ring);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the lens goes there at once
  useEffect(repaint, [ring.id, follow, fixed]);

  const keys = (e: React.KeyboardEvent) => {
    const rows = shape.kind === 'strip' ? shape.columns : 16;
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -16, PageDown: 16, ArrowUp: -rows, ArrowDown: rows }[e.key];
    const at = cursor.get().slot;
    if (e.key === 'Enter' && at >= 0) enter('slot', ring.id, at, e.currentTarget as Element);
    else if ((e.key === 'ContextMenu' || (e.shiftKey && e.key === 'F10')) && at >= 0) {
      const box = e.currentTarget.getBoundingClientRect(),
        edge = edgeOf(shape, at);
      openMenu(menuOf(at, box.left + (edge?.x ?? 0), box.top + (edge?.y ?? 0) + shape.cellHeight));
    } else if (by === undefined) return;
    else {
      const from = at >= 0 ? at : ((now?.sample.head ?? 0) - by + ring.slots) % ring.slots,
        to = (((from + by) % ring.slots) + ring.slots) % ring.slots;
      cursor.set({ slot: to });
      setSpoken(to);
      if (shape.kind === 'sheet') moveLens(ring.id, ring.slots, by);
    }
    e.preventDefault();
    e.stopPropagation();
  };
  const menuOf = (slot: number, x: number, y: number) => ({
    addr: slotPlaces(ring, slot).buf,
    bytes: 4 as const,
    title: `slot[${slot}].buf_idx`,
    slot,
    ring: ring.id,
    x,
    y,
  });
  const pointOf = (e: { clientX: number; clientY: number; currentTarget: Element }) => {
    const at = e.currentTarget.getBoundingClientRect();
    return { x: e.clientX - at.left, y: e.clientY - at.top };
  };
  const slotUnder = (e: React.MouseEvent) => slotAt(shape, pointOf(e), now?.sample.first ?? 0);
  const handUnder = (e: React.MouseEvent) => (now ? handAt(shape, pointOf(e), now.sample, 8) : undefined);
  const down = (e: React.PointerEvent) => {
    if (e.button !== 0 || !now) return;
    const held = edit.get().now,
      hand = held?.ring === ring.id ? held.hand : handUnder(e);
    if (hand && !running) {
      dragged.current = now.sample[hand];
      take(ring, hand, held?.ring === ring.id ? edgeAt(shape, pointOf(e)) : now.sample[hand], true);
      e.currentTarget.setPointerCapture(e.pointerId);
      e.preventDefault();
    } else point(e);
  };
  const drag = (e: React.PointerEvent) => {
    if (dragged.current >= 0) put(edgeAt(shape, pointOf(e)));
    else point(e);
  };
  const drop = () => {
    const from = dragged.current;
    dragged.current = -1;
    const held = edit.get().now;
    if (from < 0) return;
    dropped.current = true;
    if (held && held.at !== from) void write(ring);
  };
  const point = (e: React.PointerEvent) => {
    const { x, y } = pointOf(e);
    const hand = handUnder(e);
    lightWord(handWord(hand));
    e.currentTarget.toggleAttribute('data-grab', hand !== undefined && !running);
    if (shape.kind !== 'sheet' || e.buttons !== 1) return;
    const column = Math.floor((x - shape.x) / shape.cell),
      row = Math.floor((y - shape.top) / shape.cellHeight);
    if (column < 0 || row < 0 || column >= shape.columns || row >= shape.rows) return;
    page.set({ follow: 'fixed', lensFirst: (row * shape.columns + column - 8 + ring.slots) % ring.slots });
  };
  const handWord = (hand: 'head' | 'cur' | undefined) => (hand ? (indexPlaces(ring).program[hand] ?? 0) : 0);
  /** A click on a slot, in the strip or in the lens, shows its word; on the sheet it moves the lens. */
  const pick = (e: React.MouseEvent) => {
    const slot = slotUnder(e);
    const afterDrag = dropped.current;
    dropped.current = false;
    if (slot < 0 || afterDrag || edit.get().now || (shape.kind === 'sheet' && pointOf(e).y < shape.lens)) return;
    showWord(slotPlaces(ring, slot).buf);
  };
  const into = (e: React.MouseEvent) => {
    const slot = slotUnder(e);
    if (slot >= 0) enter('slot', ring.id, slot, e.currentTarget);
  };
  const context = (e: React.MouseEvent) => {
    const hand = handUnder(e),
      slot = slotUnder(e),
      at = { x: e.clientX, y: e.clientY };
    if (!hand && slot < 0) return;
    e.preventDefault();
    openMenu(
      hand
        ? { addr: handWord(hand), bytes: 4, title: hand, hand, ring: ring.id, value: now?.sample[hand] ?? 0, ...at }
        : menuOf(slot, at.x, at.y),
    );
  };
  const said = spoken >= 0 && now ? slotSentence(ring, now.sample, spoken) : '';
  const label = now ? twinText(ring, now.sample) : ring.title;
  return (
    <div ref={box} className="ring-box">
      <canvas
        ref={canvas}
        role="img"
        aria-label={running ? ring.title : label}
        tabIndex={0}
        style={{ width: shape.total, height: shape.height }}
        onKeyDown={keys}
        onPointerDown={down}
        onPointerMove={drag}
        onPointerUp={drop}
        onPointerCancel={drop}
        onPointerLeave={() => lightWord(0)}
        onContextMenu={context}
        onBlur={() => {
          cursor.set({ slot: -1 });
          setSpoken(-1);
        }}
        onClick={pick}
        onDoubleClick={into}
      />
      <p className="hidden" aria-live="polite">
        {said}
      </p>
      <Broken ring={ring} />
      <HandBar ring={ring} />
    </div>
  );
}
