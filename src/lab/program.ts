// The program `lab` of both sides: `lab step 10` typed in a terminal. It asks the lab, which stands outside of the machine,
// and waits; the answer comes as an entry of the recording, so a replay gives the same terminal.

import type { Sys } from '../bin/sys.ts';
import type { Program } from '../sh/proc.ts';

interface LabState {
  asked?: boolean;
  answer?: { text: string; status: number };
}

/** `ask` is told the process, its terminal and the words after `lab`. */
export const labProgram = (ask: (pid: number, tty: string, line: string) => void): Program<Sys> => ({
  run(p, sys) {
    const st = p.st as LabState;
    if (st.answer) {
      if (st.answer.text) sys.os.write(p, st.answer.text.endsWith('\n') ? st.answer.text : `${st.answer.text}\n`);
      sys.os.exit(p, st.answer.status);
    } else if (p.signals.length) sys.os.exit(p, 128 + (p.signals[0] ?? 2));
    else {
      if (!st.asked) ask(p.pid, p.tty, p.argv.slice(1).join(' '));
      st.asked = true;
      sys.os.pause(p);
    }
  },
});
