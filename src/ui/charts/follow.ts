// What the charts show now. Follows the lab while the panel is on screen: one look at the counters after each of its states (four a
// second at most while it runs), and, while it stands, the timeline's stretch of the recording. Lives outside React: the painters
// read it, React gets what it writes as text once a second while the lab runs.
import type { ChartLook, ChartPort, LabState } from '../../lab/protocol';
import { ask, askPast } from '../call';
import { repaint } from '../frames';
import { createStore, lab, page } from '../store';
import { shown as strip } from '../time/strip_view';
import { type By, MOST, nearest, Room, type Seen, within } from './series';

export type Axis = 'time' | 'steps';
/** What the visitor chose; auto: time while it runs, steps while it stands. */
export const wish = createStore<{ axis: Axis | 'auto'; seconds: number; port: string }>({ axis: 'auto', seconds: 60, port: '' });
export const ALL = '*';

/** Not looked for so long: what came between is no rate. */
const GAP_MS = 2000;
const WAIT_MS = 250;
const TEXT_MS = 1000;
const COLUMNS = 200;

export const now = {
  /** Counts what changed: the numbers, and the cursor alone. */
  version: 0,
  touched: 0,
  axis: 'time' as Axis,
  modelled: false,
  seen: [] as Seen[],
  xs: [] as number[],
  by: { axis: 'time' } as By,
  /** The ends of the axis, in its unit: seconds or parts of them before the end, or steps. */
  from: 0,
  to: 1,
  unit: '',
  /** Where the lab is, where that is not the end; NaN: nowhere. */
  playhead: Number.NaN,
  /** The look under the cursor, -1: none. */
  cursor: -1,
  ports: [] as ChartPort[],
  shown: [] as ChartPort[],
  look: undefined as ChartLook | undefined,
};

export interface ChartsShown {
  /** Changes with every text that is to be written anew. */
  text: number;
  axis: Axis;
  modelled: boolean;
  /** There are looks to draw lines from. */
  some: boolean;
  busy: boolean;
  /** The lab runs: the recording is not to be asked. */
  running: boolean;
  looked: boolean;
  ports: { id: string; name: string }[];
  ids: string;
}
export const shown = createStore<ChartsShown>({
  text: 0,
  axis: 'time',
  modelled: false,
  some: false,
  busy: false,
  running: false,
  looked: false,
  ports: [],
  ids: '',
});

const rooms = { measured: new Room(), modelled: new Room() };
let kind: keyof typeof rooms = 'measured',
  machine = -1,
  lookedAt = Number.NEGATIVE_INFINITY,
  watching = false,
  /** The place of the cursor: lab time or step, undefined: none. */
  cursorAt: number | undefined;
let steps = { key: '', seen: [] as Seen[] },
  /** Looks at single steps of a history: what was seen as it was made need not be run again. */
  exact = { key: '', at: new Map<number, ChartLook>() },
  asking = false,
  looking = 0,
  /** What the lab had no answer to: not asked again until it says something new. */
  refused = '';

const still = (s: LabState | null) => s?.run === 'stopped';
const place = (l: ChartLook) => (now.axis === 'time' ? l.clockNs : l.step);

function axisOf(s: LabState | null): Axis {
  const { axis } = wish.get();
  if (!s || !still(s)) return 'time';
  return axis === 'auto' ? (s.end > s.rootStep ? 'steps' : 'time') : axis;
}

/** The ports to choose from: those in use now, then those that were in the stretch. */
function portsOf(seen: readonly Seen[], look: ChartLook): ChartPort[] {
  const all = new Map(look.ports.filter((p) => p.open).map((p) => [p.id, p]));
  for (let i = seen.length - 1; i >= 0; i--)
    for (const p of seen[i]?.look.ports ?? []) if (p.open && !all.has(p.id)) all.set(p.id, look.ports.find((x) => x.id === p.id) ?? p);
  return [...all.values()];
}

function portsShown(ports: readonly ChartPort[]): ChartPort[] {
  const { port } = wish.get(),
    { port: stage, paths } = page.get();
  if (port === ALL) return [...ports];
  const one = ports.find((p) => p.id === port) ?? ports.find((p) => p.id === stage) ?? ports[0];
  if (!one) return [];
  // the stage shows both paths: so do the charts
  const other = paths && !port ? ports.find((p) => p.path !== one.path && p.vm !== '') : undefined;
  return other ? ports.filter((p) => p === one || p === other) : [one];
}

function timeAxis(): void {
  const all = rooms[kind].seen,
    last = all.at(-1)?.look.clockNs ?? 0,
    from = Math.max(all[0]?.look.clockNs ?? 0, last - wish.get().seconds * 1e9),
    span = last - from,
    [per, unit] = span >= 600e9 ? [60e9, 'min'] : span >= 2e9 ? [1e9, 's'] : span >= 2e6 ? [1e6, 'ms'] : [1e3, 'µs'];
  const x = (ns: number) => (ns - last) / per;
  now.seen = within(all, from, last, (l) => l.clockNs);
  now.xs = now.seen.map((s) => x(s.look.clockNs));
  now.by = { axis: 'time' };
  now.from = Math.min(x(from), -1e-6);
  now.to = 0;
  now.unit = unit;
  now.modelled = kind === 'modelled';
  const at = now.look?.clockNs ?? last;
  now.playhead = still(lab.get().state) && at < last && at >= from ? x(at) : Number.NaN;
}

/** Keeps looks at steps of the present history. */
function keep(looks: readonly ChartLook[]): void {
  const { state } = lab.get(),
    key = [machine, state?.history.id, state?.rootStep].join(' ');
  if (key !== exact.key) exact = { key, at: new Map() };
  for (const l of looks) exact.at.set(l.step, l);
  for (const step of exact.at.keys()) {
    if (exact.at.size <= MOST) break;
    exact.at.delete(step);
  }
}
/** The steps that are wanted, where all are known. */
function known(): void {
  const q = wanted();
  if (!q || q.key === steps.key || q.to - q.from > COLUMNS) return;
  const seen: Seen[] = [];
  for (let step = q.from; step <= q.to; step++) {
    const look = exact.at.get(step);
    if (!look) return;
    seen.push({ look, gap: false });
  }
  steps = { key: q.key, seen };
}

function stepsAxis(): void {
  known();
  const { seen } = steps,
    first = seen[0]?.look.step ?? 0,
    last = seen.at(-1)?.look.step ?? first;
  let wide = 1;
  seen.forEach((s, i) => {
    const before = seen[i - 1];
    if (before) wide = Math.max(wide, s.look.step - before.look.step);
  });
  now.seen = seen;
  now.xs = seen.map((s) => s.look.step);
  now.by = { axis: 'steps', steps: wide };
  now.from = first;
  now.to = Math.max(last, first + 1);
  now.unit = '';
  now.modelled = false;
  const at = lab.get().state?.step ?? last;
  now.playhead = at >= first && at <= last ? at : Number.NaN;
}

let written = Number.NEGATIVE_INFINITY;
function publish(): void {
  const { state } = lab.get(),
    next: ChartsShown = {
      text: shown.get().text,
      axis: now.axis,
      modelled: now.modelled,
      some: now.seen.length > 1,
      busy: asking,
      running: state !== null && !still(state),
      looked: now.look !== undefined,
      ports: now.ports.map((p) => ({ id: p.id, name: [p.name, p.backend].filter((n, i, a) => n && a.indexOf(n) === i).join(' ') })),
      ids: now.shown.map((p) => p.id).join(' '),
    },
    was = shown.get(),
    changed = JSON.stringify(next) !== JSON.stringify(was),
    at = performance.now();
  if (changed || still(state) || at - written >= TEXT_MS) {
    written = at;
    shown.set({ ...next, text: next.text + 1 });
  }
}

/** Makes what is drawn of what is known. */
function refresh(): void {
  const axis = axisOf(lab.get().state);
  if (axis !== now.axis) cursorAt = undefined;
  now.axis = axis;
  if (axis === 'time') timeAxis();
  else stepsAxis();
  now.ports = now.look ? portsOf(now.seen, now.look) : [];
  now.shown = portsShown(now.ports);
  seat();
  now.version++;
  publish();
  repaint();
}

/** The look that is under the cursor now; none when it has left the stretch. */
function seat(): void {
  const { seen } = now,
    first = seen[0],
    last = seen.at(-1);
  if (cursorAt !== undefined && (!first || !last || cursorAt < place(first.look) || cursorAt > place(last.look))) cursorAt = undefined;
  now.cursor =
    cursorAt === undefined
      ? -1
      : nearest(
          seen.map((s) => place(s.look)),
          cursorAt,
        );
  now.touched++;
}

/** The cursor to a look of the stretch, -1: away. */
export function setCursor(i: number): void {
  const s = now.seen[i];
  cursorAt = s && place(s.look);
  if ((s ? i : -1) === now.cursor) return;
  seat();
  repaint();
}
/** The text is written anew: the cursor came to rest. */
export function rested(): void {
  shown.set({ text: shown.get().text + 1 });
}

// ── what is asked ──

function take(look: ChartLook): void {
  const { state } = lab.get(),
    at = performance.now();
  now.look = look;
  const of = look.modelled ? 'modelled' : 'measured',
    runs = !still(state),
    last = rooms[of].seen.at(-1)?.look.clockNs ?? Number.POSITIVE_INFINITY;
  if (!runs) keep([look]);
  // steps by hand go on where it ran on the step engine; from the past nothing is left out until it goes on from there
  if (runs || (look.modelled && kind === 'modelled' && look.clockNs > last)) {
    rooms[of].add(look, of !== kind || at - lookedAt > GAP_MS);
    kind = of;
  }
  lookedAt = at;
}

let busy = false,
  again = false;
async function ahead(): Promise<void> {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  do {
    again = false;
    const of = lab.get().machine,
      look = await ask((api) => api.chart());
    if (look && watching && of === lab.get().machine) {
      take(look);
      refresh();
    }
  } while (again && watching && !document.hidden);
  busy = false;
}

function wanted(): { key: string; from: number; to: number } | undefined {
  const { state } = lab.get(),
    { from, to } = strip.get();
  if (!state || !still(state) || axisOf(state) !== 'steps') return undefined;
  // where no timeline is shown: the last steps
  const b = to > from ? Math.min(to, state.end) : state.end,
    a = to > from ? from : Math.max(state.rootStep, b - COLUMNS);
  return { key: [machine, state.history.id, state.rootStep, a, b].join(' '), from: a, to: b };
}

async function past(): Promise<void> {
  looking = 0;
  const q = wanted();
  if (asking || !watching || document.hidden || !q || q.key === steps.key || q.key === refused) return;
  asking = true;
  publish();
  const seen = await askPast(
    (api) => api.chartSteps({ from: q.from, to: q.to, columns: COLUMNS }),
    () => wanted()?.key === q.key,
  );
  asking = false;
  if (seen?.length && wanted()?.key === q.key) keep(seen);
  if (!seen?.length) refused = q.key;
  else steps = { key: q.key, seen: seen.map((look) => ({ look, gap: false })) };
  refresh();
  soon();
}
/** Asks for the steps when they have come to rest. */
function soon(): void {
  clearTimeout(looking);
  const q = wanted();
  looking = watching && q && q.key !== steps.key && q.key !== refused ? window.setTimeout(() => void past(), WAIT_MS) : 0;
}

let last: LabState | null = null;
function onLab(): void {
  const { state, machine: of } = lab.get();
  if (of !== machine) {
    machine = of;
    rooms.measured.clear();
    rooms.modelled.clear();
    steps = { key: '', seen: [] };
    now.look = undefined;
    cursorAt = undefined;
    refresh();
  }
  if (state === last) return;
  last = state;
  refused = '';
  if (!state || !watching || document.hidden) return;
  void ahead();
  soon();
}

/** Follows the lab for as long as the panel is there and on screen. */
export function startCharts(): () => void {
  const again = () => {
      refresh();
      soon();
    },
    onStrip = () => {
      if (now.axis !== 'steps') return;
      known();
      if (wanted()?.key === steps.key) refresh();
      else soon();
    },
    stops = [lab.subscribe(onLab), wish.subscribe(again), strip.subscribe(onStrip)];
  let looks = '';
  stops.push(
    page.subscribe(() => {
      const { port, paths } = page.get(),
        next = `${port} ${paths}`;
      if (next !== looks) {
        looks = next;
        refresh();
      }
    }),
  );
  last = null;
  return () => {
    setWatching(false);
    for (const stop of stops) stop();
  };
}
/** Whether the panel can be seen: else nothing is asked. */
export function setWatching(on: boolean): void {
  if (on === watching) return;
  watching = on;
  if (!on) {
    clearTimeout(looking);
    return;
  }
  last = null;
  onLab();
}
