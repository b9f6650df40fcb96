// The picture of one ring: a canvas that the frame loop paints, outside React, only while it is on screen.
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { RingRef } from '../../lab/protocol';
import { ask } from '../call';
import { onFrame, repaint } from '../frames';
import { slotPlaces } from '../../lab/sample';
import { look, sharesMemory } from '../samples';
import { lab, page, useLab, usePage } from '../store';
import { showWord } from '../travel';
import { lensFirst, moveLens } from './lens';
import { RingPainter } from './paint';
import { shapeOf } from './shape';
import { twinText } from './twin';
import { useLook } from './useLook';

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
  const shape = shapeOf(ring.slots, Math.max(280, width), tall);

  useEffect(() => {
    const element = canvas.current;
    if (!element || !width) return;
    const painter = new RingPainter(element);
    let stop: (() => void) | undefined;
    const paint = (at: number) => {
      const exact = lab.get().state?.run !== 'running';
      const seen = look(ring, lensFirst, exact, at);
      if (seen) painter.paint(ring, shapeOf(ring.slots, Math.max(280, width), tall), seen);
    };
    const observer = new IntersectionObserver(([entry]) => {
      stop?.();
      stop = entry?.isIntersecting ? onFrame(paint) : undefined;
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      stop?.();
    };
  }, [ring, width, tall]);

  useEffect(() => {
    if (!sharesMemory()) void ask((api) => api.watch(ring.id, follow === 'fixed' ? fixed : -1));
    repaint();
  }, [ring.id, follow, fixed]);

  const keys = (e: React.KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -16, PageDown: 16 }[e.key];
    if (shape.kind !== 'sheet' || by === undefined) return;
    e.preventDefault();
    e.stopPropagation();
    moveLens(ring.id, ring.slots, by);
  };
  const point = (e: React.PointerEvent) => {
    if (shape.kind !== 'sheet' || e.buttons !== 1) return;
    const at = e.currentTarget.getBoundingClientRect();
    const column = Math.floor((e.clientX - at.left - shape.x) / shape.cell),
      row = Math.floor((e.clientY - at.top - shape.top) / shape.cellHeight);
    if (column < 0 || row < 0 || column >= shape.columns || row >= shape.rows) return;
    page.set({ follow: 'fixed', lensFirst: (row * shape.columns + column - 8 + ring.slots) % ring.slots });
  };
  /** The slot under the pointer, in the strip or in the lens; -1: none. */
  const slotUnder = (e: { clientX: number; clientY: number; currentTarget: Element }): number => {
    const at = e.currentTarget.getBoundingClientRect(),
      x = e.clientX - at.left - shape.x,
      y = e.clientY - at.top;
    let slot = -1;
    if (shape.kind === 'strip') {
      const row = Math.floor(y / shape.rowHeight),
        column = Math.floor(x / shape.cell),
        down = y - row * shape.rowHeight - shape.top;
      if (column >= 0 && column < shape.columns && down >= 0 && down < shape.cellHeight) slot = row * shape.columns + column;
    } else if (y >= shape.top && y < shape.top + shape.rows * shape.cellHeight) {
      const column = Math.floor(x / shape.cell);
      if (column >= 0 && column < shape.columns) slot = Math.floor((y - shape.top) / shape.cellHeight) * shape.columns + column;
    } else if (now && y >= shape.lens && y < shape.lens + shape.lensCell) {
      const i = Math.floor(x / shape.lensCell);
      if (i >= 0 && i < shape.lensCells) slot = (now.sample.first + i) % ring.slots;
    }
    return slot < ring.slots ? slot : -1;
  };
  const pick = (e: React.MouseEvent) => {
    const slot = slotUnder(e);
    const inSheet = shape.kind === 'sheet' && e.nativeEvent.offsetY < shape.lens;
    if (slot >= 0 && !inSheet) showWord(slotPlaces(ring, slot).buf);
  };
  const enter = (e: React.MouseEvent) => {
    const slot = slotUnder(e);
    if (slot >= 0) page.set({ slot });
  };
  const label = now ? twinText(ring, now.sample) : ring.title;
  return (
    <div ref={box} className="ring-box">
      <canvas
        ref={canvas}
        role="img"
        aria-label={running ? ring.title : label}
        tabIndex={shape.kind === 'sheet' ? 0 : -1}
        style={{ width: shape.total, height: shape.height }}
        onKeyDown={keys}
        onPointerDown={point}
        onClick={pick}
        onDoubleClick={enter}
        onPointerMove={point}
      />
    </div>
  );
}
