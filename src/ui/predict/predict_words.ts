// The words of Predict: the question, its answers, and the rule that a wrong answer names. A rule says what the code does with a word.
import { count } from '../format';

export const predictWords = {
  title: 'Predict',
  on: 'Predict: be asked what each step will change',
  off: 'Predict: stop asking',
  question: (who: string, path: string, fn: string) => `${who} stores ${path} next, in ${fn}.`,
  now: (was: number) => `It is ${count(was)} now. What will it be?`,
  field: (path: string) => `${path} will be`,
  answer: 'Answer',
  show: 'Show it',
  stop: 'Stop asking',
  wrong: (n: number) => `Not ${count(n)}.`,
  rule: 'The rule:',
  right: (path: string, was: number, is: number) =>
    was === is ? `Right: ${path} was and is ${count(is)}.` : `Right: ${path} went from ${count(was)} to ${count(is)}.`,
  shown: (path: string, was: number, is: number) => `${path} went from ${count(was)} to ${count(is)}.`,
  drag: 'head and cur of the program may be dragged to it in the ring.',
  number: 'A whole number goes here.',
  blank: '?',
} as const;

/** Rules by the name of a word; the first that fits. */
const RULES: readonly (readonly [RegExp, string])[] = [
  [
    /^csb.*\.host_need_(tx|rx)kick$/,
    'the worker stores 0 while it works, because it will look by itself, and 1 before it goes to sleep, to ask for a kick.',
  ],
  [
    /^csb.*\.guest_need_(tx|rx)kick$/,
    'the guest stores 1 before it sleeps, to ask for an interrupt; whoever takes that up stores 0. In revision 2015 that is the host, before it interrupts.',
  ],
  [/^csb.*\.(head|cur)$/, 'the guest’s sync copies head and cur of the program’s ring into the CSB.'],
  [/^csb.*\.(hwcur|hwtail)$/, 'the worker copies nr_hwcur and nr_hwtail of the host’s kring into the CSB after its sync.'],
  [/\.(rhead|rcur)$/, 'the kernel copies head and cur of the ring when a sync begins.'],
  [/\.rtail$/, 'sync publishes hwtail as tail, and rtail is the kernel’s copy of it.'],
  [/gkr.*\.(hwcur|hwtail)$/, 'the guest’s kring follows what the host has put into the CSB.'],
  [/\bhwcur$/, 'sync moves hwcur forward over the slots that it took, at most to rhead, and round at the end of the ring.'],
  [/\btx.*hwtail$/, 'slots come back as they are sent: hwtail moves forward, at most to the slot before hwcur.'],
  [/\brx.*hwtail$/, 'each packet that comes fills one slot, and hwtail moves forward over it, round at the end of the ring.'],
  [
    /\btx.*\.(head|cur)$/,
    'a program submits slots by moving head forward over those that it has filled, round at the end of the ring; cur goes with it.',
  ],
  [
    /\brx.*\.(head|cur)$/,
    'a program gives slots back by moving head forward over those that it has read, round at the end of the ring; cur goes with it.',
  ],
  [/\.tail$/, 'sync publishes hwtail of the kring as tail of the ring.'],
  [/\.nr_busy$/, 'who takes the kring stores 1, who gives it back stores 0.'],
];
/** Undefined: nothing general can be said of it, so it is not asked for. */
export const ruleOf = (path: string): string | undefined => RULES.find(([what]) => what.test(path))?.[1];
