// The camera: which level is shown, what it looked at last, and the way from one to the other. On free run it is the machine,
// stopped the level that was looked at last.
import type { LabState } from '../../lab/protocol';
import { lab, type Level, page } from '../store';

/** Where the thing that is entered stood, in the window: the new level grows from there. */
let from: DOMRect | undefined;
export const takeOrigin = (): DOMRect | undefined => {
  const r = from;
  from = undefined;
  return r;
};

export function enter(level: Level, ring?: string, slot?: number, origin?: Element | null): void {
  from = origin?.getBoundingClientRect();
  page.set({
    level,
    looked: level,
    ...(ring === undefined ? {} : { ring }),
    ...(slot === undefined ? {} : { slot }),
  });
  requestAnimationFrame(keepFocus);
}

/** What was pressed is gone with its level: focus goes to its like on the new one, never to the page's beginning. */
function keepFocus(): void {
  if (document.activeElement && document.activeElement !== document.body) return;
  const stage = document.querySelector<HTMLElement>('.stage');
  (stage?.querySelector<HTMLElement>('.here-cell[aria-pressed="true"]') ?? stage)?.focus({ preventScroll: true });
}

/** One level out; false where there is none. */
export function leave(): boolean {
  const { level } = page.get();
  if (level === 'machine') return false;
  enter(level === 'slot' ? 'ring' : 'machine');
  return true;
}

let was: LabState['run'] | undefined;
let engine: LabState['engine'] | undefined;
lab.subscribe(() => {
  const { state } = lab.get();
  if (!state || (state.run === was && state.engine === engine)) return;
  const before = was;
  was = state.run;
  engine = state.engine;
  const { level, looked } = page.get();
  if (state.run === 'stopped') {
    if (level !== looked) page.set({ level: looked });
  } else if (state.engine === 'free' && (before === 'stopped' || before === undefined)) page.set({ level: 'machine' });
});
