// The native twin moves packets in order (it checks itself) and ends. Counts only: rates are the benchmark's business.
import { expect, it } from 'vitest';
import { nativeExchange } from './run.mjs';

it.each(['pipe', 'vale'])('exchanges packets natively: %s', (mode) => {
  const result = nativeExchange(mode, 0.1);
  if (result === null) return; // no C compiler, or not Linux
  expect(result.mode).toBe(mode);
  expect(result.packets).toBeGreaterThan(0);
  expect(result.kicks).toBeLessThan(result.packets);
});
