// What the timeline shows now: the window, the last answers of the lab for it and for the whole recording, what is under the
// pointer. Lives outside React: the painters read it, React gets a summary a few times a second. One request at a time.
import type { LabState, StripLane, StripQuery, StripView } from '../../lab/protocol';
import { ask } from '../call';
import { sizesNow } from '../dock/sizes';
import { repaint } from '../frames';
import { createStore, lab, page } from '../store';
import { countIn, marksIn, rowHeight, rowsOf, type StripMark } from './strip_rows';
import { centred, covers, following, held, type Known, queryOf, regrown, revealed, sizeOf, type Span, USUAL } from './strip_window';

const RUN_MS = 250;
const MAP_RUN_MS = 1000;
const PUBLISH_MS = 120;

export const now = {
  /** Counts what changed: painters that have this number need not paint. */
  version: 0,
  known: { root: 0, end: 0 } as Known,
  window: { from: 0, to: USUAL } as Span,
  /** Where the playhead is drawn. */
  step: 0,
  view: undefined as StripView | undefined,
  map: undefined as StripView | undefined,
  /** Size of the lanes on screen, 0 when they are not; the map's width. */
  width: 0,
  height: 0,
  mapWidth: 0,
  hover: undefined as StripMark | undefined,
  /** The playhead is held: the window stays. */
  held: false,
};

/** What React shows of it. */
export interface StripShown {
  rows: StripLane[];
  row: number;
  names: string[];
  marks: StripMark[];
  deeds: StripView['deeds'];
  /** Marks in the window, more than `marks` when they are counted by column. */
  many: number;
  counted: boolean;
  /** An answer is on its way: marks may be missing. */
  busy: boolean;
  from: number;
  to: number;
  /** What the axis tells of lab time. */
  clocks: StripView['clocks'];
  /** Words about what is under the pointer. */
  hint: string;
}
export const shown = createStore<StripShown>({
  rows: [],
  row: 14,
  names: [],
  marks: [],
  deeds: [],
  many: 0,
  counted: false,
  busy: false,
  from: 0,
  to: 0,
  clocks: [],
  hint: '',
});

export const isFree = (s: LabState | null): boolean => s !== null && s.engine === 'free' && s.run !== 'stopped';

let publishing = 0;
function publish(): void {
  publishing = 0;
  const rows = rowsOf(now.view, page.get().stripHidden),
    counted = (now.view?.counts.length ?? 0) > 0;
  shown.set({
    rows,
    row: rowHeight(rows.length, now.height, counted),
    names: rowsOf(now.view, []).map((r) => r.name),
    marks: marksIn(now.view, now.window, rows),
    deeds: now.view?.deeds.filter((d) => d.step > now.window.from && d.step <= now.window.to) ?? [],
    many: countIn(now.view, now.window, rows),
    counted,
    busy,
    from: Math.max(now.known.root, Math.ceil(now.window.from)),
    to: Math.min(now.known.end, Math.floor(now.window.to)),
    clocks: page.get().stripTime ? (now.view?.clocks.filter((c) => c.step >= now.window.from && c.step <= now.window.to) ?? []) : [],
  });
  repaint();
}

/** Something changed: paint at the next frame, tell React soon. */
export function touch(): void {
  now.version++;
  repaint();
  if (!publishing) publishing = window.setTimeout(publish, PUBLISH_MS);
}

/** The size that the window was last given by hand. */
let wish = USUAL;

type Place = Pick<typeof now, 'known' | 'window' | 'step'>;
/** Where the lab runs: the newest place, shown together with the answer for it. */
let ahead: Place | undefined;

let stale = true,
  mapStale = true,
  busy = false,
  askedAt = Number.NEGATIVE_INFINITY,
  mapAskedAt = Number.NEGATIVE_INFINITY,
  timer = 0;

function filter(): Pick<StripQuery, 'kinds' | 'text'> {
  const { stripKinds, stripText } = page.get();
  return { ...(stripKinds ? { kinds: [...stripKinds] } : {}), ...(stripText.trim() ? { text: stripText } : {}) };
}

/** The step from which lab time is told, if it is. */
const timed = (step: number): number | undefined => (page.get().stripTime ? step : undefined);

/** Which answer is wanted next, if any may be asked for now. */
function next(): { main: boolean; query: StripQuery; place?: Place | undefined } | undefined {
  const { state } = lab.get();
  if (!state || isFree(state)) return undefined;
  const at = performance.now(),
    running = state.run !== 'stopped',
    later = (ms: number) => {
      if (!timer)
        timer = window.setTimeout(() => {
          timer = 0;
          void pump();
        }, ms);
    };
  if (now.width && (stale || !now.view || !covers(now.view, now.window, now.known, now.width, timed(now.step)))) {
    const rest = running && stale ? askedAt + RUN_MS - at : 0;
    if (rest <= 0) {
      stale = false;
      askedAt = at;
      const { window, known, step } = ahead ?? now;
      return { main: true, query: { ...queryOf(window, known, now.width, timed(step)), ...filter() }, place: ahead };
    }
    later(rest);
  }
  if (now.mapWidth && mapStale && now.known.end > now.known.root) {
    const rest = running ? mapAskedAt + MAP_RUN_MS - at : 0;
    if (rest <= 0) {
      mapStale = false;
      mapAskedAt = at;
      return { main: false, query: { from: now.known.root, to: now.known.end, columns: now.mapWidth, kinds: [] } };
    }
    later(rest);
  }
  return undefined;
}

async function pump(): Promise<void> {
  if (busy) return;
  busy = true;
  for (let job = next(); job; job = next()) {
    const { main, query, place } = job,
      answer = await ask((api) => api.strip(query));
    if (!answer) break;
    if (main) now.view = answer;
    else now.map = answer;
    if (place && ahead) Object.assign(now, place);
    touch();
    // an answer that still does not do would be asked for again and again
    if (
      main &&
      !stale &&
      !covers(answer, now.window, now.known, now.width, timed(now.step)) &&
      answer.from === queryOf(now.window, now.known, now.width).from
    )
      break;
  }
  busy = false;
}

/** The window moves: what is there is painted at once, the rest is asked for. */
export function setWindow(w: Span): void {
  now.window = held(w, now.known);
  wish = sizeOf(w);
  touch();
  void pump();
}

/** Other marks are wanted. */
function refresh(): void {
  stale = true;
  void pump();
}

let last: LabState | null = null,
  key = '',
  looks = '',
  filters = '';

function onLab(): void {
  const { state } = lab.get();
  if (!state || state === last) return;
  const before = last;
  last = state;
  const free = isFree(state),
    fresh = before?.rootStep !== state.rootStep || isFree(before) !== free,
    known = { root: state.rootStep, end: Math.max(state.end, state.step) };
  const place: Place = { known, window: regrown(now.window, known, wish), step: state.step };
  if (fresh) {
    now.view = undefined;
    now.map = undefined;
    now.hover = undefined;
    wish = USUAL;
    place.window = centred(now.window, known, state.step, wish);
  } else if (state.run === 'running') place.window = following(place.window, known);
  else if (!now.held && (before.step !== state.step || before.run !== state.run)) place.window = revealed(place.window, known, state.step);
  else place.window = held(place.window, known);
  ahead = state.run === 'running' && now.width > 0 && !fresh ? place : undefined;
  if (!ahead) Object.assign(now, place);
  const fits = [state.rootStep, known.end, state.history.id, state.branches.length, state.run, free].join(' ');
  // steps that were done elsewhere become known as they are made again
  const grows = now.view !== undefined && now.view.end < known.end && before?.step !== state.step;
  if (fits !== key || grows) {
    key = fits;
    stale = true;
    mapStale = true;
  }
  touch();
  void pump();
}

function onPage(): void {
  const { stripKinds, stripText, stripHidden, stripTime, thread, stripOpen } = page.get(),
    next = JSON.stringify([stripKinds, stripText, stripTime]);
  if (next !== filters) {
    filters = next;
    refresh();
  }
  const look = JSON.stringify([stripHidden, thread, stripOpen, sizesNow().lanes]);
  if (look !== looks) {
    looks = look;
    touch();
  }
}

/** Follows the lab and the page for as long as the timeline is there. */
export function startStrip(): () => void {
  const stops = [lab.subscribe(onLab), page.subscribe(onPage)];
  filters = JSON.stringify([page.get().stripKinds, page.get().stripText, page.get().stripTime]);
  last = null;
  onLab();
  return () => {
    for (const stop of stops) stop();
  };
}

/** The lanes' place on screen has another size; 0: they are not on screen. */
export function setSize(width: number, height: number): void {
  if (width === now.width && height === now.height) return;
  now.width = width;
  now.height = height;
  touch();
  void pump();
}
export function setMapWidth(width: number): void {
  if (width === now.mapWidth) return;
  now.mapWidth = width;
  mapStale = true;
  touch();
  void pump();
}

export function setHint(hint: string): void {
  if (hint !== shown.get().hint) shown.set({ hint });
}
