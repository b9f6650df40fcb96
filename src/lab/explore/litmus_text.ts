// What a litmus test showed, in words: a row of a table, or every end of it. Pure functions.

import type { Litmus } from './litmus.ts';
import type { LitmusAnswer } from './litmus_machine.ts';

/** Whether the answers are the published ones, as far as any are. */
export const asPublished = (t: Litmus, answers: readonly LitmusAnswer[]): boolean =>
  answers.every((a) => t.verdicts[a.model] === undefined || t.verdicts[a.model] === a.verdict);

const other = (t: Litmus, a: LitmusAnswer) =>
  t.verdicts[a.model] === undefined || t.verdicts[a.model] === a.verdict ? '' : ` (published: ${t.verdicts[a.model]})`;

/** `SB   sc Forbidden  tso Allowed  pso Allowed`. */
export const rowText = (t: Litmus, answers: readonly LitmusAnswer[]): string =>
  `${t.name.padEnd(20)}${answers.map((a) => `${a.model} ${a.verdict}${other(t, a)}`.padEnd(15)).join('')}`.trimEnd();

/** All ends under each model; those that the condition asks for are marked. */
export function endsText(t: Litmus, answers: readonly LitmusAnswer[]): string {
  const parts = answers.map((a) => {
    const lines = a.outcomes.map((o) => `${a.meeting.includes(o) ? '  * ' : '    '}${o}`);
    return `${t.name} under ${a.model}: ${a.verdict}${other(t, a)}, ${a.outcomes.length} ends, ${a.states} states\n${lines.join('\n')}`;
  });
  return [t.text.trim(), ...parts].join('\n');
}
