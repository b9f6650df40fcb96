// What is on screen grows from where it stood on the level before: 200 ms, or a cut where motion is not wanted.
import { useLayoutEffect, useRef } from 'react';
import type { Level } from '../store';
import { takeOrigin } from './level';

const OPENING_MS = 200;

export function Camera({ level, children }: { level: Level; children: React.ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  const was = useRef(level);
  useLayoutEffect(() => {
    const element = box.current,
      origin = takeOrigin();
    if (!element || was.current === level) return;
    was.current = level;
    if (!origin || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    const to = element.getBoundingClientRect();
    if (!to.width || !to.height) return;
    const frame = `translate(${origin.left - to.left}px, ${origin.top - to.top}px) scale(${origin.width / to.width}, ${origin.height / to.height})`;
    element.animate(
      [
        { transform: frame, opacity: 0.3 },
        { transform: 'none', opacity: 1 },
      ],
      { duration: OPENING_MS, easing: 'ease-out' },
    );
  }, [level]);
  return (
    <div ref={box} className="camera">
      {children}
    </div>
  );
}
