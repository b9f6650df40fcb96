// The command line of the lab: ringside run FILE.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { spawnNode } from '../sim/spawn_node.ts';
import { litmusCommand } from './litmus_node.ts';
import { mainExplore } from './main_explore.ts';
import { Runner } from './run.ts';
import { BadFile, isRingSize, parseFile, slotsOf } from './run_lines.ts';
import { captureFile, getFile, putFile } from './run_files.ts';
import { asText, exitStatus } from './run_text.ts';
import { toFile } from './share.ts';
import { isBad } from './share_schema.ts';

const USAGE =
  'usage: ringside run FILE [--engine step|free] [--seed N] [--slots N] [--json]\n' +
  '                        [--put PATH[=NAME]] [--get [VM:]NAME[=PATH]] [--capture PATH]\n' +
  '                        [--save PATH]\n' +
  '       ringside litmus FILE... | --all [--json]\n' +
  '  --put      a file from here is NAME on the host before the first line\n' +
  '  --get      a file of the host, or of a VM, is written here after the last\n' +
  '  --capture  what lab capture has copied, as pcapng\n' +
  '  --save     the run, recorded, as a file that the page opens; step engine\n' +
  '       ringside explore FILE …: every schedule from there; ringside explore says more\n';

/** argv without node and script; `build`: URL of the folder with the built files. Answers the exit status. */
export async function main(argv: string[], build: URL): Promise<number> {
  const fail = (text: string) => {
    process.stderr.write(text);
    return 2;
  };
  const [command, ...rest] = argv;
  if (command === 'litmus') return litmusCommand(rest, build);
  if (command === 'explore') return mainExplore(rest, build);
  if (command !== 'run') return fail(USAGE);
  let file: string | undefined,
    engine = 'step',
    seed = 1,
    slots: number | undefined,
    json = false,
    capture = '',
    save = '';
  const puts: string[] = [],
    gets: string[] = [];
  for (let i = 0; i < rest.length; i++) {
    const a = rest[i] ?? '';
    if (a === '--json') json = true;
    else if (a === '--engine') engine = rest[++i] ?? '';
    else if (a === '--seed') seed = Number(rest[++i]);
    else if (a === '--put') puts.push(rest[++i] ?? '');
    else if (a === '--get') gets.push(rest[++i] ?? '');
    else if (a === '--capture') capture = rest[++i] ?? '';
    else if (a === '--save') save = rest[++i] ?? '';
    else if (a === '--slots') slots = Number(rest[++i]);
    else if (a.startsWith('--')) return fail(`ringside: unknown option ${a}\n${USAGE}`);
    else if (file === undefined) file = a;
    else return fail(USAGE);
  }
  if (file === undefined) return fail(USAGE);
  if (engine !== 'step' && engine !== 'free') return fail(`ringside: --engine is step or free, not "${engine}"\n`);
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) return fail('ringside: --seed is a whole number from 0 to 4294967295\n');
  if (slots !== undefined && !isRingSize(slots)) return fail('ringside: --slots is a whole number from 2 to 1024\n');
  if (save && engine !== 'step') return fail('ringside: --save needs the step engine: what runs freely is not recorded\n');
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
    const runner = new Runner(
      wasm,
      { engine, seed, slots: slots ?? slotsOf(lines) ?? 1024, record: save !== '' },
      engine === 'free' ? spawnNode(new URL('free.node.mjs', build)) : undefined,
    );
    for (const spec of puts) {
      const [path = '', name] = spec.split(/=(.*)/s);
      putFile(runner.lab, name || basename(path), new Uint8Array(readFileSync(path)));
    }
    const result = await runner.run(lines);
    process.stdout.write(json ? `${JSON.stringify(result)}\n` : asText(result));
    let missing = 0;
    const out = (path: string, bytes: Uint8Array | undefined, why: string) => {
      if (bytes) return writeFileSync(path, bytes);
      process.stderr.write(`ringside: ${why}\n`);
      missing = 1;
    };
    for (const spec of gets) {
      const [name = '', path] = spec.split(/=(.*)/s);
      out(path || basename(name.replace(/^.*:/, '')), getFile(runner.lab, name), `${name}: no such file in the lab`);
    }
    if (capture) out(capture, captureFile(runner.lab), `${capture}: nothing was captured; lab capture start PORT… begins`);
    if (save) {
      const r = runner.lab.record();
      out(save, isBad(r) ? undefined : new TextEncoder().encode(toFile(r)), isBad(r) ? r.error : '');
    }
    return exitStatus(result) || missing;
  } catch (e) {
    if (e instanceof BadFile) return fail(`ringside: ${file}: ${e.message}\n`);
    if (e instanceof Error && 'syscall' in e) return fail(`ringside: ${e.message}\n`);
    throw e;
  }
}
