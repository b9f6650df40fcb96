// `npm test`: the data plane, the checks, vitest, the build, Playwright; then one last line, `N passed, N failed`.
// A stage that crashes, writes no report or runs no test counts as one failure; later stages still run.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const report = (name) => join(root, 'reports', name);
const script = (...path) => join(root, 'node_modules', ...path);

function node(args, env = {}) {
  const run = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', timeout: 1_200_000, env: { ...process.env, ...env } });
  if (run.status === 0) return '';
  return run.error?.message ?? (run.signal ? `killed by ${run.signal}` : `exit code ${run.status}`);
}

/** Counts of a JSON report; whatever is wrong with it, or with the run that wrote it, is a failure. */
function counts(file, why, read) {
  let sum = { passed: 0, failed: 0, skipped: 0 };
  let trouble = why;
  try {
    sum = read(JSON.parse(readFileSync(file, 'utf8')));
    if (!Object.values(sum).every(Number.isInteger)) throw new Error('its numbers are not numbers');
    if (sum.failed)
      trouble = ''; // the exit code only says what the report says
    else if (!sum.passed) trouble ||= 'no test ran';
  } catch (error) {
    sum = { passed: 0, failed: 0, skipped: 0 };
    trouble ||= existsSync(file) ? `unreadable report: ${error.message}` : 'no report';
  }
  if (!trouble) return sum;
  console.log(`FAILED ${file.slice(root.length + 1)}: ${trouble}`);
  return { ...sum, failed: sum.failed + 1 };
}

async function one(name, work) {
  try {
    await work();
    return { passed: 1, failed: 0, skipped: 0 };
  } catch (error) {
    console.log(`FAILED ${name}: ${error?.message ?? error}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

const unit = () => {
  const why = node([
    script('vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report('vitest.json')}`,
  ]);
  // A file that cannot be loaded has no tests to count: it counts as one.
  const broken = (v) => v.testResults.filter((f) => f.status === 'failed' && f.assertionResults.every((t) => t.status !== 'failed')).length;
  return counts(report('vitest.json'), why, (v) => ({
    passed: v.numPassedTests,
    failed: v.numFailedTests + broken(v),
    skipped: v.numPendingTests + (v.numTodoTests ?? 0),
  }));
};

const page = () => {
  if (!existsSync(join(root, 'playwright.config.ts'))) {
    console.log('FAILED playwright: there is no playwright.config.ts, so the page was not tested');
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const why = node([script('@playwright', 'test', 'cli.js'), 'test'], { PLAYWRIGHT_JSON_OUTPUT_NAME: report('pw.json') });
  return counts(report('pw.json'), why, ({ stats, errors }) => ({
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected + (errors ?? []).length,
    skipped: stats.skipped,
  }));
};

const STAGES = [
  ['data plane', () => one('data plane', async () => (await import('./wasm.mjs')).buildWasm())],
  ['checks', async () => ({ ...(await (await import('./check.mjs')).check()), skipped: 0 })],
  ['unit and machine tests', unit],
  ['build', () => one('build', async () => (await import('./build.mjs')).build())],
  ['page', page],
];

mkdirSync(join(root, 'reports'), { recursive: true });
for (const old of ['vitest.json', 'pw.json']) rmSync(report(old), { force: true });
const total = { passed: 0, failed: 0, skipped: 0 };
for (const [name, stage] of STAGES) {
  console.log(`\n== ${name}`);
  let sum;
  try {
    sum = await stage();
  } catch (error) {
    console.log(`FAILED ${name}: ${error?.stack ?? error}`);
    sum = { passed: 0, failed: 1, skipped: 0 };
  }
  for (const key of Object.keys(total)) total[key] += sum[key];
}
const line = `${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ''}`;
process.exitCode = total.failed ? 1 : 0;
process.stdout.write(`\n${line}\n`, () => process.exit());
