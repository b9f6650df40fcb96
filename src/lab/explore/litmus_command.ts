// lab litmus, and the program `litmus` of both shells: the tests of labs/litmus, or a file of the terminal's machine, under each
// memory model, on a bare machine of their own. What `ringside litmus` says, from the same code. It changes nothing.

import shipped from '../../../build/litmus.json' with { type: 'json' };
import { Machine } from '../../sim/machine.ts';
import { absolute } from '../../sh/file.ts';
import type { Command, Outcome } from '../control.ts';
import type { Lab } from '../lab.ts';
import { type Litmus, isBad, parseLitmus } from './litmus.ts';
import { litmus } from './litmus_machine.ts';
import { asPublished, endsText, rowText } from './litmus_text.ts';
import { MODELS } from './question.ts';

const TESTS: Readonly<Record<string, string>> = shipped;
export const LITMUS_NAMES = Object.keys(TESTS);
/** Usage, or a file that is none: as `ringside litmus` ends. */
const EX_NONE = 2;
const MOST = 64;

const no = (text: string): Outcome => ({ ok: false, text, status: EX_NONE });
const slept = () =>
  new Promise((r) => {
    setTimeout(r, 0);
  });

/** A file of the machine at whose terminal this was typed. */
function fileOf(lab: Lab, name: string): string | undefined {
  const { host, guests } = lab.world.tree,
    { vm, pid } = lab.asker ?? { vm: '', pid: 0 },
    os = vm === '' ? host.os : guests[vm]?.os,
    path = absolute(os?.procs.find((p) => p.pid === pid)?.cwd ?? '/', name);
  return os && Object.hasOwn(os.files, path) ? os.files[path] : undefined;
}

async function all(lab: Lab, tests: readonly Litmus[], rows: boolean): Promise<Outcome> {
  const m = Machine.create(lab.wasm.step, false),
    out: string[] = [];
  let same = true;
  for (const t of tests) {
    await slept();
    try {
      const answers = MODELS.map((model) => litmus(m, t, model));
      out.push(rows ? rowText(t, answers) : endsText(t, answers));
      same &&= asPublished(t, answers);
    } catch (e) {
      if (e instanceof RangeError) return no(e.message);
      throw e;
    }
  }
  if (rows) out.push(same ? `${tests.length} tests, each as it is published` : 'not each is as it is published');
  return { ok: same, text: out.join('\n') };
}

export const LITMUS: Command = {
  name: 'litmus',
  args: '[TEST | FILE ...]',
  help: 'what two to four threads of a few instructions may come to under each memory model; without a name all tests of labs/litmus, a row each',
  run(lab, names) {
    if (names.some((n) => n.startsWith('-') && n !== '--all') || names.length > MOST || (names.includes('--all') && names.length > 1))
      return no('usage: litmus [test | file ...]');
    const rows = names.length === 0 || names[0] === '--all',
      tests: Litmus[] = [];
    for (const n of rows ? LITMUS_NAMES : names) {
      const text = Object.hasOwn(TESTS, n) ? TESTS[n] : fileOf(lab, n);
      if (text === undefined)
        return no(`litmus: ${n}: No such file or directory\nlab: litmus without a name lists the tests that there are`);
      const t = parseLitmus(text);
      if (isBad(t)) return no(`litmus: ${n}: ${t.error}`);
      tests.push(t);
    }
    return { ok: true, text: '', later: all(lab, tests, rows) };
  },
};
