// lab explain: the exhibit in words, in the terminal. It changes nothing.

import type { Command, Outcome } from './control.ts';
import { DEFECTS, type Defect, MAIL, STAGES } from './exhibit.ts';

const ok = (text: string): Outcome => ({ ok: true, text });
const no = (text: string): Outcome => ({ ok: false, text });

const WIDTH = 74;
/** A paragraph in lines of a terminal, indented. */
function wrap(text: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last && last.length + word.length >= WIDTH) lines.push(word);
    else lines[lines.length - 1] = last ? `${last} ${word}` : word;
  }
  return lines.map((l) => `    ${l}`).join('\n');
}
const row = (d: Defect) => `${String(d.n).padStart(2)}  ${d.printed}\n${wrap(d.does)}${d.fix ? `\n${wrap(`Repair: ${d.fix}`)}` : ''}`;

function stageText(n: number): string {
  const s = STAGES[n];
  if (!s) return '';
  const then =
    s.status === null ? 'The VM boots.' : `Status ${s.status}. ${n + 1 < STAGES.length ? `Next: lab explain step ${n + 1}` : ''}`.trim();
  const answer = [...s.says, ...(s.usage ? ['Usage: bhyve …'] : [])].map((l) => `    ${l}\n`).join('');
  return `step ${n}: ${s.words}${s.rows.length ? ` (row ${s.rows.join(', ')})` : ''}\n${s.first.map((l) => `${l}\n`).join('')}${s.lines.join('\n')}\nwhat it answers:\n${answer || '    nothing\n'}${then}`;
}

export const EXPLAIN: Command = {
  name: 'explain',
  args: '[mail | ROW | step N]',
  help: 'the command line of the 2015 mail: what is wrong with it, and its repair step by step',
  run(_lab, [what, n]) {
    if (what === undefined)
      return ok(
        `lab explain mail      the command as it was printed, and its ${DEFECTS.length} rows\nlab explain ROW       one of them, 0 to ${DEFECTS.length - 1}\n${STAGES.map((s, i) => `lab explain step ${i}    ${s.words}`).join('\n')}`,
      );
    if (what === 'mail') return ok(`${MAIL.join('\n')}\n\n${DEFECTS.map(row).join('\n')}\nNext: lab explain step 0`);
    const i = Number(what === 'step' ? n : what);
    if (what === 'step') return Number.isInteger(i) && STAGES[i] ? ok(stageText(i)) : no(`steps are 0 to ${STAGES.length - 1}`);
    const d = /^\d+$/.test(what) ? DEFECTS[i] : undefined;
    return d
      ? ok(row(d))
      : no(`nothing to explain of "${what}"; there are mail, 0 to ${DEFECTS.length - 1}, and step 0 to ${STAGES.length - 1}`);
  },
};
