// What keys do that is no single command of the lab: regions, threads by their numbers, stop points on what is looked at.
import { leave } from './machine/level';
import { ask, askPast } from './call';
import { step } from './link';
import { putAway } from './predict/predict';
import { lab, page } from './store';
import { terminalFor } from './term/sessions';
import { shownThreads, sourceThread } from './time/threads';
import { drain, giveUp, goTo, jump, order, refuse } from './travel';
import { kindWords, say } from './words';

/** Moves focus to the next region that is on screen: a terminal itself, elsewhere the region. */
export function cycle(by: number): void {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')].filter(
    (r) => r.offsetParent !== null && getComputedStyle(r).visibility !== 'hidden',
  );
  const here = regions.findIndex((r) => r.contains(document.activeElement));
  const next = regions[(here + by + regions.length + (here < 0 && by < 0 ? 1 : 0)) % regions.length];
  const tty = next?.querySelector<HTMLElement>('[data-tty]:not([hidden])')?.dataset.tty;
  if (tty !== undefined) terminalFor(tty).focus();
  else next?.focus();
}

export function letNext(n: number): void {
  const state = lab.get().state,
    thread = shownThreads(state)[n - 1];
  if (!thread || state?.run !== 'stopped') return;
  page.set({ thread: thread.id });
  if (thread.runnable) void step(thread.id);
}

/** Lets the oldest pending store of thread n reach memory. */
export function drainOf(n: number): void {
  const state = lab.get().state,
    thread = shownThreads(state)[n - 1];
  if (thread?.storeBuffer.length && state?.run === 'stopped') void drain(thread.id);
}

/** A stop point on what is looked at: the word in the inspector, else the source's line. */
export async function stopHere(): Promise<void> {
  const { panel, word, thread } = page.get(),
    next = sourceThread(lab.get().state, thread)?.next;
  if (panel === 'word' && word.addr) {
    const found = await askPast((api) => api.word(word.addr, word.bytes));
    const [name] = found?.names ?? [];
    if (name && (await order(`break changed(${name})`))) page.set({ panel: 'stops' });
  } else if (next && (await order(`break at ${next.file}:${next.line}`))) page.set({ panel: 'stops', drawer: true });
}

/** Where packets change hands: programs that store head, a pipe and a switch that show what has come. */
const HAND_OVERS = ['PG_TX_ST_HEAD', 'PG_RX_ST_HEAD', 'PING_ST_HEAD', 'BR_ST_HEAD', 'PIPE_TX_ST_RX_HWTAIL', 'VALE_DST_ST_HWTAIL'];

/** The next hand-over of packets, or back to the one before. */
export async function packet(by: 1 | -1): Promise<void> {
  const { state } = lab.get();
  if (by > 0) return jump('packet');
  if (state?.run !== 'stopped') return;
  const steps = await Promise.all(HAND_OVERS.map((place) => ask((api) => api.nearPlace(place, state.step, -1))));
  const to = Math.max(...steps.map((s) => s?.step ?? -1));
  if (to < 0) refuse(`${say.strip.none(kindWords.packet)} ${say.strip.before}`);
  else await goTo(to);
}

export function leaveOpen(): void {
  const v = page.get();
  if (lab.get().looking) void giveUp();
  else if (putAway()) return;
  else if (!v.drawer && !v.twin && v.comparing < 0) leave();
  else page.set({ drawer: false, twin: false, comparing: -1 });
}
