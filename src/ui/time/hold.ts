// Hold to repeat: four a second, thirty after one second, three hundred after three; never faster than the lab answers.
import { useEffect, useRef } from 'react';

const rate = (held: number): number => (held < 1000 ? 4 : held < 3000 ? 30 : 300);

export function useHold(act: () => Promise<void>): Record<
  'onPointerDown' | 'onPointerUp' | 'onPointerLeave' | 'onPointerCancel',
  (e: React.PointerEvent) => void
> & {
  onClick: (e: React.MouseEvent) => void;
} {
  const timer = useRef(0);
  const repeated = useRef(false);
  const stop = () => {
    clearTimeout(timer.current);
    timer.current = 0;
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  const start = (e: React.PointerEvent) => {
    if (e.button !== 0) return;
    const began = performance.now();
    repeated.current = false;
    const again = async () => {
      repeated.current = true;
      const due = performance.now() + 1000 / rate(performance.now() - began);
      await act();
      if (timer.current) timer.current = window.setTimeout(() => void again(), Math.max(0, due - performance.now()));
    };
    timer.current = window.setTimeout(() => void again(), 400);
  };
  return {
    onPointerDown: start,
    onPointerUp: stop,
    onPointerLeave: stop,
    onPointerCancel: stop,
    onClick: () => {
      if (repeated.current) repeated.current = false;
      else void act();
    },
  };
}
