// The border between two regions: dragged, or moved with arrow keys.
interface Props {
  label: string;
  axis: 'x' | 'y';
  value: number;
  min: number;
  max: number;
  /** What is before the border grows with it, not what is behind. */
  grows?: boolean;
  set: (value: number) => void;
}

const STEP = 16;

export function Splitter({ label, axis, value, min, max, grows = false, set }: Props) {
  const sign = grows ? -1 : 1;
  const to = (v: number) => set(Math.round(Math.min(max, Math.max(min, v))));
  const drag = (e: React.PointerEvent<HTMLDivElement>) => {
    if (e.buttons !== 1 || !e.currentTarget.hasPointerCapture(e.pointerId)) return;
    to(value - sign * (axis === 'x' ? e.movementX : e.movementY));
  };
  const keys = (e: React.KeyboardEvent) => {
    const by = axis === 'x' ? { ArrowLeft: STEP, ArrowRight: -STEP }[e.key] : { ArrowUp: STEP, ArrowDown: -STEP }[e.key];
    const end = { Home: min, End: max }[e.key];
    if (by === undefined && end === undefined) return;
    e.preventDefault();
    e.stopPropagation();
    to(end ?? value + sign * (by ?? 0));
  };
  return (
    <div
      className={`splitter splitter-${axis}`}
      role="separator"
      aria-label={label}
      aria-orientation={axis === 'x' ? 'vertical' : 'horizontal'}
      aria-valuenow={value}
      aria-valuemin={min}
      aria-valuemax={max}
      tabIndex={0}
      onPointerDown={(e) => e.currentTarget.setPointerCapture(e.pointerId)}
      onPointerMove={drag}
      onKeyDown={keys}
    />
  );
}
