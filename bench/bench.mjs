// `npm run bench [name ...] [--quick] [--json] [--minutes N]`: the measurements, one after another, never two at once. Names: rates
// park points timeline explore page. Each prints min / median / max of its rounds; what can be is a ratio to something measured
// in the same round, because milliseconds are this machine's, and today's. Never part of `npm test`.
import { cpus, loadavg, release, type } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundle } from '../tools/bundle.mjs';
import { buildRunner } from '../tools/runner.mjs';
import { nativeExchange } from './native/run.mjs';
import { page } from './page.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const built = pathToFileURL(join(root, 'build/'));
const entry = async (name) => import(pathToFileURL(await bundle(`bench/${name}.ts`, `bench.${name}`)).href);

const MEASUREMENTS = {
  rates: {
    title: 'Guest to host on the free engine: rings of 1024, burst 512, frames of 60 bytes',
    run: async (quick) => {
      const rows = await (await entry('rates')).rates(built, nativeExchange, {
        rounds: quick ? 2 : 7,
        seconds: quick ? 0.5 : 2,
        warmup: 0.7,
      });
      return { rows, ...(nativeExchange('pipe', 0.1) ? {} : { note: 'no C twin here (it needs Linux and a C compiler): no ratios' }) };
    },
  },
  park: {
    title: 'Park and let go under full traffic (pipe, tx to rx)',
    run: async (quick) => ({ rows: await (await entry('park')).parks(built, { times: quick ? 5 : 20 }) }),
  },
  points: {
    title: 'Pause points on the step engine (pipe, tx to rx)',
    run: async (quick) => ({ rows: (await entry('points')).points(built, { rounds: quick ? 2 : 9, steps: quick ? 50_000 : 300_000 }) }),
  },
  timeline: {
    title: 'Going back in a recording of a million steps, rings of 64 (pipe, tx to rx)',
    run: async (quick) => ({
      rows: (await entry('timeline')).timeline(built, { steps: quick ? 200_000 : 1_000_000, seeks: 20, rounds: quick ? 1 : 5 }),
    }),
  },
  explore: {
    title: 'The explorer, on one core (aim: 300 thousand states a second)',
    run: async (quick) => ({ rows: await (await entry('explore')).searches(new URL('../', built), built, { rounds: quick ? 1 : 5 }) }),
  },
  page: {
    title: 'The first picture, from a warm server to an empty cache, and the page at work',
    run: (quick) => page({ rounds: quick ? 2 : 9, minutes: minutes || (quick ? 0.2 : 1) }),
  },
};

const args = process.argv.slice(2);
const quick = args.includes('--quick');
const json = args.includes('--json');
const minutesAt = args.indexOf('--minutes');
const minutes = minutesAt < 0 ? 0 : Number(args.splice(minutesAt, 2)[1]);
if (!(minutes >= 0)) {
  console.error('bench: --minutes takes a number');
  process.exit(2);
}
const names = args.filter((a) => !a.startsWith('--'));
const unknown = names.filter((n) => !(n in MEASUREMENTS));
if (unknown.length) {
  console.error(`bench: no measurement ${unknown.join(', ')}; there are ${Object.keys(MEASUREMENTS).join(', ')}`);
  process.exit(2);
}

await buildRunner();
const { show } = await entry('numbers');
const machine = `${type()} ${release()}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown CPU'}, node ${process.versions.node}`;
if (json) console.log = console.error; // what a build says is not the result
const result = { machine, load: loadavg()[0], measurements: {} };
const load = loadavg().map((x) => x.toFixed(1));
if (!json) console.log(`${machine}; load ${load.join(' ')}\nmin / median / max of the rounds`);
for (const name of names.length ? names : Object.keys(MEASUREMENTS)) {
  const { title, run } = MEASUREMENTS[name];
  if (!json) console.log(`\n${name}: ${title}`);
  const { rows, note } = await run(quick);
  result.measurements[name] = { title, rows, ...(note ? { note } : {}) };
  if (json) continue;
  if (note) console.log(`  ${note}`);
  for (const { what, rounds, unit } of rows) {
    const all = show(rounds, unit);
    console.log(`  ${what.padEnd(64)} ${rounds.length > 1 ? all : all.split(' / ').pop()}`);
  }
}
process.stdout.write(json ? `${JSON.stringify(result)}\n` : '', () => process.exit(0));
