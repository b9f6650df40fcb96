// The map of the whole recording: the window's frame, dragged; where no lanes are shown, a slider for the playhead.
import { useEffect, useLayoutEffect, useRef } from 'react';
import { onFrame } from '../frames';
import { lab } from '../store';
import { paintedBy, type Pen } from '../picture/pen';
import { type Palette, palette } from '../theme';
import { mapHands } from './strip_hands';
import { fitted, useSlider } from './strip_lanes';
import { mapSpan, paintMap } from './strip_map';
import { now, setMapWidth } from './strip_view';

export function Overview({ scrubs }: { scrubs: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const slider = useSlider();

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const size = () => setMapWidth(Math.floor(element.clientWidth));
    const observer = new ResizeObserver(size);
    observer.observe(element);
    size();
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    let version = -1,
      colors: Palette | undefined,
      size = '';
    const paint = () => {
      const { state } = lab.get(),
        c = palette(),
        at = `${element.clientWidth} ${element.clientHeight} ${devicePixelRatio}`;
      if (!canvas.current || !state || (now.version === version && c === colors && size === at)) return;
      version = now.version;
      colors = c;
      size = at;
      const ctx = fitted(canvas.current, element.clientWidth, element.clientHeight);
      if (!ctx) return;
      const paint = (pen: Pen) => paintMap(pen, palette(), element.clientWidth, element.clientHeight, now.step, !scrubs);
      paint(ctx);
      paintedBy(canvas.current, paint);
    };
    const stops = [
      onFrame(paint),
      mapHands(
        element,
        () => mapSpan(now.known),
        () => scrubs,
      ),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [scrubs]);

  return (
    <div ref={box} className="strip-map" {...(scrubs ? slider : { 'aria-hidden': true })}>
      <canvas ref={canvas} />
    </div>
  );
}
