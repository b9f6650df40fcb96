// What one does with the timeline: move and zoom the window, go to a step, go to the next mark. Keys, buttons and the pointer use it.
import { MARKS, type StripQuery } from '../../lab/protocol';
import { ask } from '../call';
import { lab, page } from '../store';
import { goTo, refuse } from '../travel';
import { say } from '../words';
import { rowsOf } from './strip_rows';
import { isFree, now, setWindow } from './strip_view';
import { centred, fit, isCentred, isFit, panned, sizeOf, USUAL, zoomed } from './strip_window';

/** Zooms about the playhead where it is in the window, else about the middle. */
export function zoomBy(factor: number, about?: number): void {
  const step = lab.get().state?.step ?? 0,
    { window: w } = now;
  const at = about ?? (step >= w.from && step <= w.to ? step : (w.from + w.to) / 2);
  setWindow(zoomed(w, now.known, at, factor));
}

export const panBy = (share: number): void => setWindow(panned(now.window, now.known, share * sizeOf(now.window)));
export const fitAll = (): void => setWindow(fit(now.known));

/** Centres the playhead; where it is so already, shows the whole recording; where that is shown, what is near the playhead. */
export function centreOrFit(): void {
  const step = lab.get().state?.step ?? 0,
    { window: w, known } = now;
  if (isFit(w, known)) setWindow(centred(w, known, step, USUAL));
  else if (isCentred(w, known, step)) fitAll();
  else setWindow(centred(w, known, step));
}

let wanted: number | undefined;
let going = false;
/** Where the playhead is or is about to be. */
export const headed = (): number => wanted ?? lab.get().state?.step ?? 0;

/** Goes to a step. While one journey is under way only the newest wish waits. */
export async function seek(step: number): Promise<void> {
  const to = Math.min(Math.max(Math.round(step), now.known.root), now.known.end);
  if (!going && to === lab.get().state?.step) return;
  wanted = to;
  if (going) return;
  going = true;
  while (wanted !== undefined) {
    const at: number = wanted;
    await goTo(at);
    if (wanted === at) wanted = undefined;
  }
  going = false;
}

/** Lanes left out are none of the lab's business: a mark that is only theirs is passed over, so many times at most. */
const TRIES = 60;

async function isShown(query: StripQuery, step: number): Promise<boolean> {
  const hidden = page.get().stripHidden;
  if (!hidden.length) return true;
  const v = await ask((api) => api.strip({ ...query, from: step - 1, to: step, columns: 1 }));
  const on = new Set(rowsOf(v, hidden).map((r) => r.id));
  return v?.marks.some((m) => m.lane < 0 || on.has(m.lane) || on.has(m.to)) ?? false;
}

/** To the next (1) or previous (-1) recorded mark: of the filter's, or where nothing is filtered of the kind that Step has chosen. */
export async function nearMark(by: 1 | -1): Promise<void> {
  const { state } = lab.get(),
    { stripKinds, stripText, kind } = page.get(),
    text = stripText.trim();
  if (!state) return;
  if (isFree(state)) return refuse(say.strip.free);
  const kinds = stripKinds ?? (text ? MARKS : [kind]);
  const query: StripQuery = { from: now.known.root, to: now.known.end, columns: 1, kinds: [...kinds], ...(text ? { text } : {}) };
  let at = state.step;
  for (let i = 0; i < TRIES; i++) {
    const from = at,
      step = await ask((api) => api.near(query, from, by));
    if (step === undefined) break;
    if (await isShown(query, step)) return seek(step);
    at = step;
  }
  const one = kinds.length === 1 && !text ? kinds[0] : undefined,
    what = one ? say.strip.kinds[one] : say.strip.mark;
  refuse(`${say.strip.none(what)} ${by > 0 ? say.strip.after : say.strip.before}${by > 0 && one ? `: ${say.strip.lookOn}` : ''}`);
}
