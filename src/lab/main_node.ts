// The command line of the lab: ringside run FILE.
import { readFileSync } from 'node:fs';
import { spawnNode } from '../sim/spawn_node.ts';
import { BadFile, Runner, parseFile } from './run.ts';
import { asText, exitStatus } from './run_text.ts';

const USAGE = 'usage: ringside run FILE [--engine step|free] [--seed N] [--slots N] [--json]\n';

/** argv without node and script; `build`: URL of the folder with the built files. Answers the exit status. */
export async function main(argv: string[], build: URL): Promise<number> {
  const fail = (text: string) => {
    process.stderr.write(text);
    return 2;
  };
  const [command, ...rest] = argv;
  if (command !== 'run') return fail(USAGE);
  let file: string | undefined,
    engine = 'step',
    seed = 1,
    slots = 1024,
    json = false;
  for (let i = 0; i < rest.length; i++) {
    const a = rest[i] ?? '';
    if (a === '--json') json = true;
    else if (a === '--engine') engine = rest[++i] ?? '';
    else if (a === '--seed') seed = Number(rest[++i]);
    else if (a === '--slots') slots = Number(rest[++i]);
    else if (a.startsWith('--')) return fail(`ringside: unknown option ${a}\n${USAGE}`);
    else if (file === undefined) file = a;
    else return fail(USAGE);
  }
  if (file === undefined) return fail(USAGE);
  if (engine !== 'step' && engine !== 'free') return fail(`ringside: --engine is step or free, not "${engine}"\n`);
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) return fail('ringside: --seed is a whole number from 0 to 4294967295\n');
  if (![4, 8, 16, 32, 64, 128, 256, 512, 1024].includes(slots)) return fail('ringside: --slots is a power of two from 4 to 1024\n');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (e) {
    return fail(
      `ringside: ${file}: ${(e as NodeJS.ErrnoException).code === 'ENOENT' ? 'No such file or directory' : (e as Error).message}\n`,
    );
  }
  try {
    const lines = parseFile(text);
    const wasm = {
      step: new Uint8Array(readFileSync(new URL('step.wasm', build))),
      free: new Uint8Array(readFileSync(new URL('free.wasm', build))),
    };
    const runner = new Runner(wasm, { engine, seed, slots }, engine === 'free' ? spawnNode(new URL('free.node.mjs', build)) : undefined);
    const result = await runner.run(lines);
    process.stdout.write(json ? `${JSON.stringify(result)}\n` : asText(result));
    return exitStatus(result);
  } catch (e) {
    if (e instanceof BadFile) return fail(`ringside: ${file}: ${e.message}\n`);
    throw e;
  }
}
