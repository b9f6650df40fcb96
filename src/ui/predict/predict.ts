// Predict, a switch: before a step that changes a word, the page asks to what. The lab makes the step and puts the machine back, so the
// right answer is the machine's. What is asked and what was answered is the page's alone.
import type { LabApi, NextAccess } from '../../lab/protocol';
import { ask } from '../call';
import { createStore, lab, useStore } from '../store';
import { predictWords as words, ruleOf } from './predict_words';

export type Foreseen = NonNullable<Awaited<ReturnType<LabApi['foresee']>>>;
interface View {
  on: boolean;
  asked: Foreseen | null;
  /** The last wrong answer. */
  wrong: number | null;
  /** What is said of the step that was asked for. */
  said: { step: number; words: string } | null;
}
export const predict = createStore<View>({ on: false, asked: null, wrong: null, said: null });
export const usePredict = <R>(select: (v: View) => R): R => useStore(predict, select);

export const setPredict = (on: boolean): void => predict.set({ on, asked: null, wrong: null, said: null });

const here = (f: Foreseen): boolean => {
  const { state } = lab.get();
  return state?.run === 'stopped' && state.step === f.step && state.history.id === f.history;
};
lab.subscribe(() => {
  const { asked, said } = predict.get(),
    { state } = lab.get();
  if (asked && !here(asked)) predict.set({ asked: null, wrong: null });
  if (said && state && (state.run !== 'stopped' || state.step !== said.step)) predict.set({ said: null });
});

let looking = false;
/** Whether a step waits for an answer first. */
export async function asks(thread?: number): Promise<boolean> {
  const { on, asked } = predict.get();
  if (!on || lab.get().state?.run !== 'stopped') return false;
  if (looking) return true;
  if (asked && asked.thread === thread) return true;
  looking = true;
  const found = await ask((api) => (thread === undefined ? api.foresee() : api.foresee(thread)));
  looking = false;
  if (!found || !here(found) || !ruleOf(found.path) || !predict.get().on) {
    predict.set({ asked: null, wrong: null });
    return false;
  }
  predict.set({ asked: found, wrong: null, said: null });
  return true;
}

async function go(f: Foreseen, said: string): Promise<void> {
  predict.set({ asked: null, wrong: null });
  await ask((api) => (f.thread === undefined ? api.step() : api.step(f.thread)));
  predict.set({ said: { step: f.step + 1, words: said } });
}

/** An answer: right, and the step is made; or wrong, and the rule is named. */
export function guess(n: number): void {
  const { asked } = predict.get();
  if (!asked) return;
  if (n === asked.becomes) void go(asked, words.right(asked.path, asked.was, asked.becomes));
  else predict.set({ wrong: n });
}
/** The question goes without a step; the next step asks again. Answers whether there was one. */
export function putAway(): boolean {
  const { asked } = predict.get();
  if (asked) predict.set({ asked: null, wrong: null });
  return asked !== null;
}
export function giveAway(): void {
  const { asked } = predict.get();
  if (asked) void go(asked, words.shown(asked.path, asked.was, asked.becomes));
}
/** The word at this address is being asked for: a hand that is dragged answers, and writes nothing. */
export const isAsked = (addr: number): boolean => predict.get().asked?.addr === addr;

/** What a thread is about to do; with the switch on, without the value that it will store. */
export function usePhrase(): (next: NextAccess) => string {
  const on = usePredict((v) => v.on);
  return (next) => (on && next.kind === 'st' ? next.phrase.replace(/ = -?[\d,]+/, ` = ${words.blank}`) : next.phrase);
}
