// The program `lab` of both sides: `lab step 10` typed in a terminal. It asks the lab, which stands outside of the machine,
// and waits; the answer comes as an entry of the recording, so a replay gives the same terminal.

import type { Sys } from '../bin/sys.ts';
import type { Proc, Program } from '../sh/proc.ts';
import { SIGINT } from '../sh/signals.ts';

interface LabState {
  asked?: boolean;
  answer?: { text: string; status: number };
  /** Ctrl-C: it still wants to hear what came of it. */
  stop?: true;
}

/** Commands of the lab's that are programs too. */
const SHORT: ReadonlySet<string> = new Set(['explore', 'litmus']);
/** A process that asks the lab. */
export const isLab = (p: Proc): boolean => p.prog === 'lab' || SHORT.has(p.prog);
/** What it asks: `explore …` is short for `lab explore …`. */
export const lineOf = (p: Proc): string => p.argv.slice(SHORT.has(p.prog) ? 0 : 1).join(' ');
/** Whether it waits for an answer and has not been told to stop. */
export const waits = (p: Proc | undefined): boolean =>
  p !== undefined && isLab(p) && p.state !== 'zombie' && !('answer' in p.st) && !('stop' in p.st);

/** `ask` is told the process, its terminal and the words after `lab`. */
export const labProgram = (ask: (pid: number, tty: string, line: string) => void): Program<Sys> => ({
  run(p, sys) {
    const st = p.st as LabState;
    if (st.answer) {
      if (st.answer.text) sys.os.write(p, st.answer.text.endsWith('\n') ? st.answer.text : `${st.answer.text}\n`);
      sys.os.exit(p, st.answer.status);
    } else if (p.signals.length && st.asked && !st.stop && p.signals[0] === SIGINT && /^explore\b/.test(lineOf(p))) {
      st.stop = true;
      p.signals = [];
      sys.os.pause(p);
    } else if (p.signals.length) sys.os.exit(p, 128 + (p.signals[0] ?? 2));
    else {
      if (!st.asked) ask(p.pid, p.tty, lineOf(p));
      st.asked = true;
      sys.os.pause(p);
    }
  },
});
