// The command line of the explorer: ringside explore FILE. The lab of the file runs to its end; from there every schedule is
// tried, or many by lot; what is found is told, and can be saved as a recording that the page opens.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import * as L from '../../wasm/layout.ts';
import { wallMs } from '../sim/clock_wall.ts';
import { spawnNode } from '../sim/spawn_node.ts';
import { type Asked, asked } from './explore/asked.ts';
import { rootOf, take } from './explore/counterexample.ts';
import { Course } from './explore/course.ts';
import { EXPLORE_ARGS } from './explore/explore_words.ts';
import { type Explored, Exploring } from './explore/exploring.ts';
import { Kept } from './explore/kept.ts';
import { notState } from './explore/state.ts';
import { storyText, wrapped } from './explore/story.ts';
import { stress } from './explore/stress.ts';
import { Runner } from './run.ts';
import { BadFile, isRingSize, parseFile, slotsOf } from './run_lines.ts';
import { toFile } from './share.ts';
import { isBad } from './share_schema.ts';
import type { World } from './world.ts';

/** sysexits(3): the command line or the file is none. 0, 1 and 2 are verdicts. */
const EX_USAGE = 64;
const USAGE = `usage: ringside explore FILE [--json] [--save PATH] [--seed N] [--slots N] [--free-stress N]\n${wrapped(
  EXPLORE_ARGS.replace(' | --take [N]', ''),
  76,
)
  .map((l) => `                        ${l}\n`)
  .join('')}  --save         the run with the moves that were found, as a file that the page opens
  --free-stress  the free engine goes on after the file, and what must hold is looked at each time it is parked
  status         0: no schedule breaks a promise; 1: one does; 2: not every schedule was tried; 64: usage\n`;

interface Line {
  file: string;
  json: boolean;
  save: string;
  seed: number;
  slots?: number;
  stress: number;
  /** What is for the explorer. */
  rest: string[];
}

/** A sentence when it is none; an empty one: the usage. */
function lineOf(argv: readonly string[]): Line | string {
  const line: Line = { file: '', json: false, save: '', seed: 1, stress: 0, rest: [] },
    takes = ['--model', '--buffer', '--limit', '--seconds', '--memory', '--promise', '--random', '--pct', '--moves', '--acts'];
  let drawn = false;
  for (let i = 0; i < argv.length; i++) {
    const a = argv[i] ?? '',
      next = () => argv[++i] ?? '';
    if (a === '--json') line.json = true;
    else if (a === '--save') line.save = next();
    else if (a === '--seed') line.seed = Number(next());
    else if (a === '--slots') line.slots = Number(next());
    else if (a === '--free-stress') line.stress = Number(next());
    else if (takes.includes(a)) {
      if (a === '--random' || a === '--pct') drawn = true;
      line.rest.push(a, next());
    } else if (a === '--take') return '--take is of the lab command; --save keeps the moves';
    else if (a.startsWith('--')) line.rest.push(a);
    else if (line.file === '') line.file = a;
    else return '';
  }
  if (!Number.isInteger(line.seed) || line.seed < 0 || line.seed > 0xffffffff) return '--seed is a whole number from 0 to 4294967295';
  if (line.slots !== undefined && !isRingSize(line.slots)) return '--slots is a whole number from 2 to 1024';
  if (!Number.isInteger(line.stress) || line.stress < 0 || line.stress > 100_000) return '--free-stress is a number from 1 to 100000';
  if (drawn) line.rest.push('--seed', String(line.seed));
  return line.file === '' ? '' : line;
}

/** A hash of everything that is state: statistics, time and the number of steps left out. */
function hashOf(w: World, kept: Kept): string {
  const hash = createHash('sha256'),
    ignore = [...notState(w).ignore, [L.MACHINE + L.M_STEPS, L.MACHINE + L.M_STEPS + 8] as const],
    times = notState(w).times;
  for (const [p, words] of [...kept.now()].sort(([a], [b]) => a - b)) {
    const bytes = new Uint8Array(words.buffer.slice(words.byteOffset, words.byteOffset + L.PAGE)),
      base = p * L.PAGE;
    for (const [from, to] of [...ignore, ...times.map((t) => [t, t + 8] as const)])
      if (to > base && from < base + L.PAGE) bytes.fill(0, Math.max(0, from - base), Math.min(L.PAGE, to - base));
    hash.update(String(p)).update(bytes);
  }
  return hash.digest('hex').slice(0, 16);
}

const ERRNO: Readonly<Record<string, string>> = {
  ENOENT: 'No such file or directory',
  EISDIR: 'Is a directory',
  ENOTDIR: 'Not a directory',
  EACCES: 'Permission denied',
};

/** Makes the moves twice; the same bytes must come of it, and the promise be broken both times. */
function replayed(w: World, e: Explored, { q }: Asked): { hash1: string; hash2: string; broken: boolean } | undefined {
  if (!e.found) return undefined;
  let broken = true;
  const course = new Course(w, q),
    kept = new Kept(w),
    one = () => {
      broken &&= course.follow(e.found?.moves ?? [])?.promise === e.found?.promise;
      return hashOf(w, kept);
    };
  const [hash1, hash2] = [one(), one()];
  course.end();
  return { hash1, hash2, broken };
}

/** Slice by slice, with a line about how far it is where somebody looks; Ctrl-C ends it and keeps what was found. */
async function explored(work: Exploring): Promise<Explored> {
  const tty = process.stderr.isTTY;
  let stop = false,
    shown = wallMs();
  const stopped = () => {
    stop = true;
  };
  process.on('SIGINT', stopped);
  try {
    while (!stop && work.slice(50)) {
      await new Promise((r) => {
        setImmediate(r);
      });
      if (!tty || wallMs() - shown < 250) continue;
      shown = wallMs();
      process.stderr.write(`\r${work.progress()}\x1b[K`);
    }
    return work.end();
  } finally {
    process.off('SIGINT', stopped);
    if (tty) process.stderr.write('\r\x1b[K');
  }
}

/** argv after `explore`; `build`: URL of the folder with the built files. Answers the exit status. */
export async function mainExplore(argv: string[], build: URL): Promise<number> {
  const fail = (text: string) => {
    process.stderr.write(text);
    return EX_USAGE;
  };
  const line = lineOf(argv);
  if (typeof line === 'string') return fail(line === '' ? USAGE : `ringside: ${line}\n`);
  const early = asked(undefined, line.rest);
  if (typeof early === 'string') return fail(`ringside: ${early}\n`);
  try {
    const lines = parseFile(readFileSync(line.file, 'utf8')),
      slots = line.slots ?? slotsOf(lines) ?? 1024,
      read = (name: string) => new Uint8Array(readFileSync(new URL(name, build))),
      free = line.stress > 0;
    const runner = new Runner(
      { step: read('step.wasm'), free: read('free.wasm') },
      { engine: free ? 'free' : 'step', seed: line.seed, slots, record: line.save !== '' && !free },
      free ? spawnNode(new URL('free.node.mjs', build)) : undefined,
    );
    const { lab } = runner,
      result = await runner.run(lines);
    if (result.stalled && !free) return fail(`ringside: ${line.file}: ${result.stalled}\n`);
    const failed = result.commands.filter((c) => c.status && c.where !== 'lab');
    for (const { where, command, output, status } of failed) {
      const own = output.trimEnd();
      process.stderr.write(`${own ? `${own}\n` : ''}ringside: ${line.file}: ${where}# ${command}: ended with status ${status}\n`);
    }
    if (free) {
      const s = await stress(lab, line.stress);
      process.stdout.write(line.json ? `${JSON.stringify({ ...s, file: line.file, slots })}\n` : `${s.words}\n`);
      return s.status;
    }
    const w = lab.world,
      a = asked(w, line.rest);
    if (typeof a === 'string') return fail(`ringside: ${a}\n`);
    const root = rootOf(w),
      e = await explored(new Exploring(w, a)),
      replay = replayed(w, e, a);
    if (line.json)
      process.stdout.write(
        `${JSON.stringify({
          ...{ file: line.file, seed: line.seed, slots, steps: w.m.steps, question: a.q },
          ...(a.lots ? { lots: a.lots } : {}),
          ...{ words: e.words, status: e.status, verdict: e.verdict, story: e.story ?? null, replay: replay ?? null },
          ...(failed.length ? { failed } : {}),
        })}\n`,
      );
    else process.stdout.write(`${[...wrapped(e.words, 100), ...(e.story ? [storyText(e.story)] : [])].join('\n')}\n`);
    if (replay && (replay.hash1 !== replay.hash2 || !replay.broken))
      process.stderr.write('ringside: made again on the machine, the moves do not come to this\n');
    if (line.save) {
      if (e.found) take(lab, { root, found: e.found, q: a.q }, Number.MAX_SAFE_INTEGER);
      const r = lab.record();
      if (isBad(r)) return fail(`ringside: ${r.error}\n`);
      writeFileSync(line.save, toFile(r));
    }
    return e.status;
  } catch (x) {
    if (x instanceof BadFile) return fail(`ringside: ${line.file}: ${x.message}\n`);
    if (x instanceof Error && 'syscall' in x) {
      const { code = '', path = line.file } = x as NodeJS.ErrnoException;
      return fail(`ringside: ${path}: ${ERRNO[code] ?? x.message}\n`);
    }
    throw x;
  }
}
