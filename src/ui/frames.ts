// The one animation loop: painters run once a frame while the lab runs, once on request while it stands, never in a hidden tab.

type Painter = (now: number) => void;
const painters = new Set<Painter>();
let going = false;
let handle = 0;

function frame(now: number): void {
  handle = 0;
  for (const paint of painters) paint(now);
  if (going) schedule();
}

function schedule(): void {
  if (!handle && painters.size && !document.hidden) handle = requestAnimationFrame(frame);
}

/** Paints once, at the next frame. */
export const repaint = schedule;

/** Says whether the machine moves: then every frame is painted. */
export function setGoing(now: boolean): void {
  going = now;
  schedule();
}

export function onFrame(paint: Painter): () => void {
  painters.add(paint);
  schedule();
  return () => painters.delete(paint);
}

document.addEventListener('visibilitychange', schedule);
