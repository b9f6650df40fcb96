// Moving through time by the lab's commands: units of a step, events, places, branches, who chooses. What the lab cannot
// do it says in a sentence, which the stage shows.
import type { PolicyName } from '../lab/protocol';
import { ask } from './call';
import { type EventKind, lab, page, type Unit } from './store';
import { kindWords, say } from './words';

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.?]$/.test(words) ? '' : '.'}`;

export function refuse(words: string): void {
  lab.set({ refusal: sentence(words) });
}

/** Gives the lab one command; answers whether it was done. */
export async function order(line: string, looking = ''): Promise<boolean> {
  lab.set({ refusal: '', looking });
  const answer = await ask((api) => api.command(line));
  lab.set({ looking: '' });
  if (answer && !answer.ok) refuse(answer.text);
  return answer?.ok ?? false;
}

/** The same for a command that was typed: what it answers is shown. */
export async function orderTyped(line: string): Promise<void> {
  lab.set({ refusal: '' });
  const answer = await ask((api) => api.command(line));
  if (answer && !answer.ok) refuse(answer.text);
  else if (answer?.text.includes('\n')) lab.set({ notice: answer.text, remedy: null });
}

interface Jump {
  root: number;
  from: number;
}
/** Where jumps began, the last one last. */
let jumps: Jump[] = [];

/** To the next event of a kind; where it began is kept for the way back. */
export async function jump(kind: EventKind | 'sync' | 'packet'): Promise<void> {
  const { state } = lab.get();
  if (!state) return;
  if (state.run !== 'stopped') {
    await ask((api) => api.park());
    return;
  }
  const from = { root: state.rootStep, from: state.step };
  if (await order(`next ${kind}`, `${say.time.looking} ${kindWords[kind]}.`)) jumps = [...jumps.slice(-99), from];
}

/** Back to where the last jump began. */
export async function jumpBack(): Promise<void> {
  const { state } = lab.get();
  if (state?.run !== 'stopped') return;
  jumps = jumps.filter((j) => j.root === state.rootStep && j.from < state.step);
  const last = jumps.pop();
  if (last) await order(`goto ${last.from}`);
  else refuse(say.time.noJump);
}

export async function goTo(step: number): Promise<void> {
  await order(`goto ${step}`);
}
export async function first(): Promise<void> {
  const { state } = lab.get();
  if (state?.canBack) await goTo(state.rootStep);
}
export async function last(): Promise<void> {
  const { state } = lab.get();
  if (state?.run === 'stopped' && state.end > state.step) await goTo(state.end);
}

const UNITS: readonly Unit[] = ['access', 'sync', 'packet', 'event'];
export function nextUnit(): void {
  page.set({ unit: UNITS[(UNITS.indexOf(page.get().unit) + 1) % UNITS.length] ?? 'access' });
}

/** Who chooses the next thread. A running lab goes on under the new policy. */
export async function setPolicy(policy: PolicyName, seed?: number): Promise<void> {
  const going = lab.get().state?.run !== 'stopped';
  await order(`policy ${policy}${seed === undefined ? '' : ` ${seed}`}`);
  if (going) await ask((api) => api.run(page.get().engine ?? undefined));
}

/** Steps a second of the step engine, 0: as fast as it goes. */
export const setSpeed = (speed: number): Promise<boolean> => order(`speed ${speed || 'full'}`);
export const undo = (): Promise<boolean> => order('undo');
export const redo = (): Promise<boolean> => order('redo');

/** Gives up what is being looked for. */
export async function giveUp(): Promise<void> {
  if (lab.get().looking) await ask((api) => api.cancel());
}

/** Shows a word of memory in the inspector. */
export function showWord(addr: number, bytes: 2 | 4 = 4): void {
  page.set({
    word: { addr, bytes },
    panel: 'word',
    drawer: true,
    phone: document.documentElement.clientWidth < 720 ? 'more' : page.get().phone,
  });
}

export const toBranch = (id: number): Promise<boolean> => order(`branches ${id}`);
export const drain = (thread: number): Promise<boolean> => order(`drain ${thread}`);
