// ringside litmus: litmus tests (labs/litmus, or any file of herd's x86 format that the lab can run) under each memory model.

import { readFileSync, readdirSync } from 'node:fs';
import { Machine } from '../sim/machine.ts';
import { type Litmus, isBad, parseLitmus } from './explore/litmus.ts';
import { litmus } from './explore/litmus_machine.ts';
import { asPublished, endsText, rowText } from './explore/litmus_text.ts';
import { MODELS } from './explore/question.ts';

const USAGE =
  'usage: ringside litmus FILE... | --all [--json]\n' +
  '  Every end of a litmus test under sc, tso and pso; * marks what its condition asks for.\n' +
  '  --all   the tests of labs/litmus, a row each\n' +
  '  Exit status 1: a verdict is not what the file says is published (SC=, TSO=, PSO=).\n';

/** The files that are meant, as [name, text]. */
function texts(files: readonly string[], all: boolean, build: URL): [string, string][] {
  const folder = new URL('../labs/litmus/', build),
    shipped = all ? readdirSync(folder).filter((f) => f.endsWith('.litmus')) : [];
  return [
    ...shipped.map((f): [string, string] => [f, readFileSync(new URL(f, folder), 'utf8')]),
    ...files.map((f): [string, string] => [f, readFileSync(f, 'utf8')]),
  ];
}

export function litmusCommand(args: readonly string[], build: URL): number {
  const flags = args.filter((a) => a.startsWith('--')),
    files = args.filter((a) => !a.startsWith('--')),
    all = flags.includes('--all');
  if (flags.some((f) => f !== '--all' && f !== '--json') || all === files.length > 0) {
    process.stderr.write(USAGE);
    return 2;
  }
  const tests: Litmus[] = [];
  try {
    for (const [name, text] of texts(files, all, build)) {
      const t = parseLitmus(text);
      if (isBad(t)) {
        process.stderr.write(`ringside: ${name}: ${t.error}\n`);
        return 2;
      }
      tests.push(t);
    }
  } catch (e) {
    if (!(e instanceof Error && 'syscall' in e)) throw e;
    process.stderr.write(
      `ringside: ${'path' in e ? `${e.path}: ` : ''}${'code' in e && e.code === 'ENOENT' ? 'No such file or directory' : e.message}\n`,
    );
    return 2;
  }
  if (all) tests.sort((a, b) => (a.name < b.name ? -1 : 1));
  const m = Machine.create(new Uint8Array(readFileSync(new URL('step.wasm', build))), false),
    rows = tests.map((t) => ({ t, answers: MODELS.map((model) => litmus(m, t, model)) }));
  process.stdout.write(
    flags.includes('--json')
      ? `${JSON.stringify(rows.map(({ t, answers }) => ({ name: t.name, source: t.info.Source, published: t.verdicts, answers })))}\n`
      : `${rows.map(({ t, answers }) => (all ? rowText(t, answers) : endsText(t, answers))).join('\n')}\n`,
  );
  return rows.every(({ t, answers }) => asPublished(t, answers)) ? 0 : 1;
}
