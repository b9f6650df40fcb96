// npm run mutants: does the explorer find what is wrong? Each mutant (tools/mutants.txt) is the data plane with one
// change, built as a step build of its own; a scenario runs on it, and the search goes on until a promise breaks.
// The unmutated build is asked the same questions and must be clean. Status 1 if a mutant is not found, or it is not.
//   --only NAME        these alone (again for more)
//   --chosen-by HASH N N of them, the same ones for the same hash: CI takes the commit's
//   --jobs N           so many at a time, 2
//   --limit N          states at most, 2,000,000
//   --json             the same as one JSON object
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { bundle } from './bundle.mjs';
import { buildWasm, sourcesHash, stepBuild } from './wasm.mjs';

const SELF = fileURLToPath(import.meta.url),
  root = join(dirname(SELF), '..'),
  LIMIT = 2_000_000,
  MEMORY_MIB = 1200,
  PATIENCE_MS = 150_000;

/** What is asked: a scenario, run by the protocol of 2019 on rings of four slots, and the memory model. */
const EXPLORE = 'labs/explore',
  MINE = 'test/mutants';
export const ASKS = {
  'tx-full': { file: `${MINE}/tx-full.lab` },
  'tx-full-tso': { file: `${MINE}/tx-full.lab`, model: 'tso' },
  'tx-pipe': { file: `${EXPLORE}/tx-pipe.lab` },
  'rx-pipe': { file: `${EXPLORE}/rx-pipe.lab` },
  'rx-full': { file: `${MINE}/rx-full.lab` },
  'rx-full-tso': { file: `${MINE}/rx-full.lab`, model: 'tso' },
  'rx-two': { file: `${MINE}/rx-two.lab` },
  'tx-vale': { file: `${EXPLORE}/tx-vale.lab` },
  leases: { file: `${MINE}/leases.lab` },
  'rx-second-tso': { file: `${EXPLORE}/rx-second.lab`, model: 'tso' },
  'vale-three': { file: `${EXPLORE}/vale-three.lab` },
  'vale-full': { file: `${EXPLORE}/vale-full.lab` },
  'vale-frags': { file: `${EXPLORE}/vale-frags.lab` },
  'virtio-tx': { file: `${EXPLORE}/virtio-tx.lab` },
  'virtio-second': { file: `${EXPLORE}/virtio-second.lab` },
  'virtio-second-tso': { file: `${EXPLORE}/virtio-second.lab`, model: 'tso' },
  'virtio-rx': { file: `${EXPLORE}/virtio-rx.lab` },
  'virtio-kick': { file: `${EXPLORE}/virtio-kick.lab`, acts: 'exits' },
  'bell-fd': { file: `${EXPLORE}/bell-fd.lab` },
  h9: { file: `${EXPLORE}/h9.lab` },
};

/** The mutants of tools/mutants.txt: name, file and question; a sentence; the change, as lines of a diff. */
export function parsed(text) {
  return text
    .split(/\n{2,}/)
    .filter((block) => block.trim() && !block.startsWith('#'))
    .map((block) => {
      const [head = '', breaks = '', ...hunk] = block.trimEnd().split('\n'),
        [name, file, ask, ...more] = head.split(/\s+/);
      if (!ask || more.length) throw new Error(`mutants.txt: "${head}" is not: name, file, question`);
      if (!(ask in ASKS)) throw new Error(`mutants.txt: ${name}: there is no question "${ask}"`);
      const side = (sign) => hunk.filter((l) => l[0] === ' ' || l[0] === sign).map((l) => l.slice(1).trim());
      if (!hunk.some((l) => l[0] !== ' ') || hunk.some((l) => !' -+'.includes(l[0])))
        throw new Error(`mutants.txt: ${name} changes nothing`);
      return { name, file, ask, breaks, old: side('-'), fresh: side('+'), first: hunk.findIndex((l) => l[0] !== ' ') };
    });
}
export const MUTANTS = parsed(readFileSync(join(root, 'tools', 'mutants.txt'), 'utf8'));

/** Where a mutant's change is, and the whole file with it. Throws when its lines are not there exactly once. */
export function applied({ name, file, old, fresh, first }, text = readFileSync(join(root, file), 'utf8')) {
  const lines = text.split('\n'),
    at = lines.flatMap((_, i) => (old.every((l, k) => lines[i + k]?.trim() === l) ? [i] : []));
  if (at.length !== 1) throw new Error(`${name}: ${file} has this ${at.length} times, not once:\n${old.join('\n')}`);
  const indent = /^ */.exec(lines[at[0]])[0];
  lines.splice(at[0], old.length, ...fresh.map((l) => indent + l));
  return { line: at[0] + first + 1, text: lines.join('\n') };
}

/** N of them by a hash; the order is the list's. */
export function chosen(hash, n) {
  const lot = (m) => createHash('sha256').update(hash).update(m.name).digest('hex');
  const drawn = new Set(
    [...MUTANTS]
      .sort((a, b) => (lot(a) < lot(b) ? -1 : 1))
      .slice(0, n)
      .map((m) => m.name),
  );
  return MUTANTS.filter((m) => drawn.has(m.name));
}

// ── one of them, in a process of its own ─────────────────────────────────────────────────────────────────────────

/** The step build of these sources, kept by what it was made from. */
async function built(changed) {
  const dir = join(root, 'build', 'mutants'),
    file = join(dir, `${sourcesHash([], changed)}.wasm`);
  if (existsSync(file)) return readFileSync(file);
  mkdirSync(dir, { recursive: true });
  const wasm = await stepBuild({ changed });
  writeFileSync(`${file}.${process.pid}`, wasm);
  renameSync(`${file}.${process.pid}`, file);
  return wasm;
}

/** Asks one question of the build with a change, or of the build as it is. */
async function tried({ name, ask, limit }) {
  const began = performance.now(),
    mutant = MUTANTS.find((m) => m.name === name),
    a = ASKS[ask],
    step = mutant ? await built({ [mutant.file]: applied(mutant).text }) : readFileSync(join(root, 'build', 'step.wasm'));
  const buildMs = performance.now() - began;
  const { trial } = await import(pathToFileURL(join(root, 'build', 'trial.mjs')).href);
  const { file, ...question } = a;
  const verdict = await trial(
    new Uint8Array(step),
    readFileSync(join(root, file), 'utf8').replaceAll('bhyve -s', 'bhyve -o lab.protocol=2019 -s'),
    {
      model: 'sc',
      buffer: 2,
      memoryMiB: MEMORY_MIB,
      ...question,
      limit,
    },
  );
  return { name, ask, verdict, buildMs, ms: performance.now() - began };
}
if (process.send && process.argv[2] === '--child')
  process.on('message', (task) => {
    void tried(task)
      .catch((e) => ({ ...task, error: e?.message ?? String(e), ms: 0, buildMs: 0 }))
      .then((answer) => process.send(answer));
  });

/** Tasks one after the other, in so many processes; each answer goes to `got`. One that takes too long is ended, and says so. */
function pool(tasks, jobs, got) {
  const todo = [...tasks],
    fresh = () => fork(SELF, ['--child'], { serialization: 'advanced' });
  return Promise.all(
    Array.from({ length: Math.min(jobs, todo.length) }, async () => {
      let child = fresh();
      for (let task = todo.shift(); task; task = todo.shift()) {
        child.send(task);
        const answer = await new Promise((done) => {
          const patience = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS),
            gone = () => done({ ...task, error: `nothing within ${PATIENCE_MS / 1000} s`, ms: 0, buildMs: 0 });
          child.once('exit', gone);
          child.once('message', (a) => {
            clearTimeout(patience);
            child.off('exit', gone);
            done(a);
          });
        });
        if (!child.connected || child.killed) child = fresh();
        got(answer);
      }
      child.kill();
    }),
  );
}

// ── all of them ─────────────────────────────────────────────────────────────────────────────────────────────────────

const n = (x) => Math.round(x).toLocaleString('en');
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/**
 * Runs these mutants, then asks the build as it is what was asked of them: to the limit, or, with `brief`, as far as the
 * search had to go for a mutant. `say` gets a line for each. Answers what it all took.
 */
export async function mutants(list, { jobs = 2, limit = LIMIT, brief = false, say = () => {} } = {}) {
  const began = performance.now();
  for (const m of MUTANTS) applied(m);
  await buildWasm({ quiet: true });
  await bundle('src/lab/explore/trial.ts', 'trial');
  const results = [],
    controls = [];
  await pool(
    list.map((m) => ({ name: m.name, ask: m.ask, limit })),
    jobs,
    (r) => {
      const m = list.find((x) => x.name === r.name),
        found = r.verdict?.found;
      results.push({ ...r, file: m.file, line: applied(m).line, breaks: m.breaks, found: found?.promise });
      const took = r.verdict
        ? `${n(r.verdict.states)} states, depth ${r.verdict.depth}, ${seconds(r.ms)} (${seconds(r.buildMs)} to build)`
        : r.error;
      say(
        `${found ? 'found ' : 'MISSED'} ${m.name}  ${m.file}:${applied(m).line}  ${m.ask}  ${found ? `by ${found.promise}` : 'by nothing'}  ${took}`,
      );
      if (found) say(`       ${found.why}`);
    },
  );
  const far = (ask) => Math.max(1, ...results.filter((r) => r.ask === ask).map((r) => r.verdict?.states ?? 1));
  await pool(
    [...new Set(list.map((m) => m.ask))].map((ask) => ({ ask, limit: brief ? Math.min(limit, far(ask)) : limit })),
    jobs,
    (r) => {
      const found = r.verdict?.found,
        clean = r.verdict !== undefined && !found;
      controls.push({ ...r, clean });
      const v = r.verdict;
      say(
        `${clean ? 'clean ' : 'BROKEN'} ${r.ask} without a change: ${v ? `${n(v.states)} states${v.complete ? ', all there are' : ''}, depth ${v.depth}, ${seconds(r.ms)}` : r.error}${found ? `: ${found.promise}: ${found.why}` : ''}`,
      );
    },
  );
  const got = results.filter((r) => r.found).length;
  say(`${got} of ${list.length} found, ${seconds(performance.now() - began)}`);
  return {
    results,
    controls,
    found: got,
    of: list.length,
    ok: got === list.length && controls.every((c) => c.clean),
    ms: performance.now() - began,
  };
}

async function main() {
  const { values, positionals } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      'chosen-by': { type: 'string' },
      jobs: { type: 'string', default: '2' },
      limit: { type: 'string', default: String(LIMIT) },
      json: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const whole = (text, what) => {
    const v = Number(text);
    if (Number.isInteger(v) && v > 0) return v;
    console.error(`mutants: ${what} is a whole number above 0, not "${text}"`);
    process.exit(2);
  };
  let list = MUTANTS;
  if (values.only) {
    const odd = values.only.find((name) => !MUTANTS.some((m) => m.name === name));
    if (odd !== undefined) {
      console.error(`mutants: there is no mutant "${odd}"`);
      process.exit(2);
    }
    list = MUTANTS.filter((m) => values.only.includes(m.name));
  }
  if (values['chosen-by'] !== undefined) list = chosen(values['chosen-by'], whole(positionals[0] ?? '6', 'how many'));
  const r = await mutants(list, {
    jobs: whole(values.jobs, '--jobs'),
    limit: whole(values.limit, '--limit'),
    brief: values['chosen-by'] !== undefined,
    say: values.json ? undefined : (line) => console.log(line),
  });
  if (values.json) console.log(JSON.stringify(r));
  process.exitCode = r.ok ? 0 : 1;
}
if (process.argv[1] === SELF && process.argv[2] !== '--child') await main();
