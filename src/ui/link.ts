// The page's end of the link to the lab worker: starts it, hands its events to the stores and terminals, sends commands.
import { type Remote, wrap } from 'comlink';
import type { EngineName, LabApi, LabEvent, LabState, Posted, Rescue, Side, StartOptions, Started } from '../lab/protocol';
import { ask, connect, message } from './call';
import { arrange, arrangement } from './arrangement';
import { unable } from './able';
import { explorer, onJob } from './explore/searches';
import { focusSoon, onPhone } from './dock/docks';
import { repaint, setGoing } from './frames';
import { asks } from './predict/predict';
import { hold, rest } from './safe';
import { post, readFrom } from './samples';
import { sharedParts } from './sharing';
import { every, painted } from './seen';
import { lab, page } from './store';
import { keepOnly, loadTerminals, resetTerminal, terminalFor, writeTerminal } from './term/sessions';
import { jump } from './travel';
import { applyAsked, openPrepared } from './show/asked';
import { startWorker } from './show/start_worker';
import { embedded } from './show/mode';
import { trouble } from './trouble_words';

const STATE_MS = 50;

/** Until the first host prompt is dressed, and after the VM is gone, the bhyve line is not typed. */
let preparing = false;
let openingHost = false;
let vmWasUp = false;

const hostTerminals = (state: LabState) => state.terminals.filter((t) => !t.consoleOf && t.side === 'host');

export function toFront(side: Side, tty: string): void {
  page.set({ front: { ...page.get().front, [side]: tty } });
}

/** Focus into a terminal; on a phone to its region, so that no keyboard comes up. */
function focusSide(side: Side, tty?: string): void {
  if (onPhone() || tty === undefined) focusSoon(() => document.querySelector<HTMLElement>(`[data-region=${side}]`));
  else terminalFor(tty).focus();
}

/** A fresh machine's only terminal. */
export const FIRST_TTY = 'ttyv0';

/** Puts bhyveload, run, and bhyve, not run, at a host prompt: the first, unless it is said which. */
export async function typeBoot(at?: string): Promise<void> {
  const { started, state } = lab.get();
  if (!started || !state || preparing) return;
  preparing = true;
  const tty = at ?? hostTerminals(state)[0]?.tty ?? (await ask((api) => api.openTerminal()));
  if (tty !== undefined) {
    toFront('host', tty);
    await ask((api) => api.typeLine(tty, started.bhyveload, true));
    await ask((api) => api.typeLine(tty, started.bhyve, false));
    lab.set({ lineTyped: true });
  }
  preparing = false;
}

/** Ctrl-U: what stands at the prompt is not part of the line that comes. */
const CLEAR = '\x15';

/** One of the ready command lines, at a host prompt of its own choice. */
export async function typeReady(i: number): Promise<void> {
  const { started, state } = lab.get(),
    r = started?.ready[i];
  if (!r || !state || preparing) return;
  preparing = true;
  const tty = hostTerminals(state)[0]?.tty ?? (await ask((api) => api.openTerminal()));
  if (tty !== undefined) {
    toFront('host', tty);
    await ask((api) => api.input(tty, CLEAR));
    for (const line of r.first) await ask((api) => api.typeLine(tty, line, true));
    await ask((api) => api.typeLine(tty, r.line, false));
    page.set({ phone: 'host' });
    terminalFor(tty).focus();
  }
  preparing = false;
}

/** The terminal at whose prompt the bhyve line stands. */
export const bootTerminal = (state: LabState): string | undefined => hostTerminals(state)[0]?.tty;

export async function bootVm(): Promise<void> {
  const { state } = lab.get();
  const tty = state && bootTerminal(state);
  if (tty === undefined || tty === null) return;
  gone();
  toFront('host', tty);
  page.set({ phone: 'host' });
  focusSide('host', tty);
  if (state?.run === 'stopped') await ask((api) => api.run(chosen()));
  await ask((api) => api.input(tty, '\r'));
}

function onState(state: LabState): void {
  keepOnly(new Set(state.terminals.map((t) => t.tty)));
  for (const t of state.terminals) terminalFor(t.tty);
  const { refusal, state: before } = lab.get();
  lab.set({ state: sharedParts(before, state), phase: 'ready', refusal: state.run === 'stopped' ? refusal : '' });
  setGoing(state.run === 'running');
  repaint();
  const up = state.vms.some((vm) => vm.state === 'running');
  if (up && !vmWasUp) {
    lab.set({ lineTyped: false });
    if (page.get().phone === 'host') {
      page.set({ phone: 'guest' });
      if (onPhone()) focusSide('guest');
    }
  }
  vmWasUp = up;
  // the answer may come before the state that has the terminal in it
  if (!up || hostTerminals(state).length > 0) openingHost = false;
  else if (!openingHost) {
    openingHost = true;
    void ask((api) => api.openTerminal()).then((tty) => {
      if (tty === undefined) openingHost = false;
    });
  }
}

let latest: LabState | undefined;
let shownAt = 0;

/** Shows a state at once, or, while they come thick and fast (a held key), the latest of them twenty times a second. */
function takeState(state: LabState): void {
  const waiting = latest !== undefined;
  latest = state;
  if (waiting) return;
  const show = () => {
    const newest = latest;
    latest = undefined;
    shownAt = performance.now();
    if (newest) onState(newest);
  };
  const rest = STATE_MS - (performance.now() - shownAt);
  if (rest <= 0) show();
  else setTimeout(show, rest);
}

/** A state that waits to be shown is of the machine before; the next is shown at once. */
function forget(): void {
  latest = undefined;
  shownAt = -STATE_MS;
}

function onEvent(event: LabEvent): void {
  switch (event.t) {
    case 'state':
      takeState(event.state);
      break;
    case 'tty':
      writeTerminal(event.tty, event.data);
      break;
    case 'tty-reset':
      resetTerminal(event.tty, event.data);
      break;
    case 'sample':
      post(event.sample);
      repaint();
      break;
    case 'explore':
      onJob(event.job);
      break;
    case 'told':
      hold(event.told);
      break;
    case 'machine':
      forget();
      readFrom(event.memory);
      vmWasUp = false;
      lab.set({ lineTyped: false, machine: lab.get().machine + 1 });
      break;
  }
}

let worker: Worker | undefined,
  unwatch = () => {};

/** The worker is gone, or is ended: what it held is gone on from elsewhere (Trouble.tsx). */
function fail(why: string): void {
  worker?.terminate();
  worker = undefined;
  unwatch();
  forget();
  lab.set({ phase: 'failed', failure: why });
  setGoing(false);
}

/** A worker that answers nothing for 45 s is stopped; opening a file or a link may take 20. Turns are counted, so sleep is none. */
const PING_MS = 5000,
  SILENT = 9;
function watch(remote: Remote<LabApi>): void {
  let unanswered = 0;
  unwatch = every(
    PING_MS,
    () => {
      if (unanswered > SILENT) fail(trouble.silent);
      else if (unanswered++ === 0)
        void remote.ping().then(() => {
          unanswered = 0;
        });
    },
    () => {
      unanswered = 0;
    },
  );
}

/** Resolves at the first state, so that what follows knows the terminals. */
function firstState(): Promise<void> {
  return new Promise((resolve) => {
    if (lab.get().state) return resolve();
    const stop = lab.subscribe(() => {
      if (!lab.get().state) return;
      stop();
      resolve();
    });
  });
}

/** After a worker that died: another one, and the lab where the last was. */
export async function goOnAfter(rescue: Rescue): Promise<void> {
  explorer.set({ jobs: [], chosen: -1 });
  lab.set({ phase: 'starting', failure: '', state: null, started: null, machine: lab.get().machine + 1 });
  await startLab(undefined, rescue);
}

/** What a first visit begins with in place of the bhyve line, and what follows when it has, has not, or came to nothing. */
interface First {
  prepared(): Promise<StartOptions['prepared']>;
  begun(at: Started['prepared']): boolean;
}

export async function startLab(first?: First, rescue?: Rescue): Promise<void> {
  try {
    const why = unable();
    if (why) return fail(why);
    const mine = startWorker();
    worker = mine;
    mine.addEventListener('error', (event) => {
      event.preventDefault();
      if (worker === mine) fail(event.message.replace(/^Uncaught (?:\w*Error: )?/, ''));
    });
    mine.addEventListener('messageerror', () => fail(''));
    const remote = wrap<LabApi>(mine);
    connect(remote);
    watch(remote);
    const { engine } = page.get();
    const fragment = rescue ? '' : location.hash.slice(1);
    const prepared = await first?.prepared();
    const options: StartOptions = {
      shared: crossOriginIsolated && !embedded,
      ...(embedded && { forget: true }),
      ...(fragment && { fragment }),
      ...(engine && { engine }),
      ...(rescue && { rescue }),
      ...(prepared && { prepared }),
    };
    // the lab begins beside the first picture; what it says waits for the terminals
    const early: LabEvent[] = [];
    let hear = (event: LabEvent): void => void early.push(event);
    mine.addEventListener('message', ({ data }: MessageEvent<Posted | undefined>) => {
      if (data?.event && worker === mine) hear(data.event);
    });
    const [started] = await Promise.all([
      remote.start(options),
      (embedded ? Promise.resolve() : painted()).then(loadTerminals), // a frame out of sight paints nothing
    ]);
    hear = onEvent;
    readFrom(started.memory);
    lab.set({ started });
    const begun = first?.begun(started.prepared) ?? false;
    for (const event of early) onEvent(event);
    await firstState();
    if (document.hidden) rest();
    addEventListener('hashchange', reload);
    if (started.opened?.ok) {
      page.set({ engine: 'step' });
      arrange(started.opened.layout);
      if (embedded) applyAsked(embedded);
      return;
    }
    if (embedded && (await openPrepared())) return applyAsked(embedded);
    if (!embedded && !begun) await typeBoot();
    if (started.opened) lab.set({ badLink: started.opened });
  } catch (error) {
    fail(message(error));
  }
}

const reload = () => location.reload();

/** The address of this moment, parked, with the layout if asked; undefined, with the lab's reason on the page, when it has none. */
export async function linkToHere(dock = false): Promise<string | undefined> {
  const answer = await ask((api) => api.share(arrangement(dock)));
  if (answer && !answer.ok) lab.set({ notice: answer.text });
  return answer?.ok ? `${location.origin}${location.pathname}${location.search}#${answer.text}` : undefined;
}

/** True when this page may run the machine freely on several CPUs. */
export function canRunFree(): boolean {
  const { started } = lab.get();
  return crossOriginIsolated && (started?.engine === 'free' || started?.memory !== undefined);
}

const chosen = (): EngineName | undefined => page.get().engine ?? undefined;

export async function toggleRun(): Promise<void> {
  const run = lab.get().state?.run;
  if (run === undefined) return;
  if (run === 'stopped') {
    gone();
    await ask((api) => api.run(chosen()));
  } else await ask((api) => api.park());
}

/** What could be taken back is over when the lab goes on; the File menu still has it. */
function gone(): void {
  if (lab.get().remedy) lab.set({ notice: '', remedy: null });
}

export async function chooseEngine(engine: EngineName): Promise<void> {
  page.set({ engine });
  const run = lab.get().state?.run;
  if (run === 'running' || run === 'idle') await ask((api) => api.run(engine));
}

/** An answer stands until the next act. */
function told(): void {
  if (lab.get().refusal) lab.set({ refusal: '' });
}

/** One step: parks first if the lab runs. */
export async function step(thread?: number): Promise<void> {
  told();
  if (lab.get().state?.run !== 'stopped') await ask((api) => api.park());
  else if (!(await asks(thread))) await ask((api) => (thread === undefined ? api.step() : api.step(thread)));
}

/** What Step does: one unit. */
export async function forward(): Promise<void> {
  const { unit, kind } = page.get();
  if (unit === 'access') await step();
  else await jump(unit === 'event' ? kind : unit);
}

export async function back(n = 1): Promise<void> {
  told();
  if (lab.get().state?.canBack) await ask((api) => api.back(n));
}
