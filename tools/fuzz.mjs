// npm run fuzz -- [--seed N] [--rounds N] [--times N]: hostile clients and a hostile guest with other numbers than the tests'.
// With --times, N seeds from the first on. Ends with the status of the first seed that fails, and says which it was.

import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '1000000' },
    times: { type: 'string', default: '1' },
  },
});
const number = (name) => {
  const n = Number(values[name]);
  if (Number.isInteger(n) && n > 0) return n;
  console.error(`fuzz: --${name} is a whole number above 0, not "${values[name]}"`);
  process.exit(2);
};
const seed = number('seed'),
  rounds = number('rounds'),
  times = number('times');
for (let s = seed; s < seed + times; s++) {
  const { status } = spawnSync('npx', ['vitest', 'run', 'test/fuzz.test.ts', 'test/hostile-guest.test.ts'], {
    stdio: 'inherit',
    env: { ...process.env, FUZZ_SEED: String(s), FUZZ_ROUNDS: String(rounds) },
  });
  if (status) {
    console.error(`fuzz: seed ${s} failed: npm run fuzz -- --seed ${s} --rounds ${rounds}`);
    process.exit(status);
  }
}
