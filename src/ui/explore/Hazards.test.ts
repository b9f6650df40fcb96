// The table of hazards as it is shown, on invented rows.
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { Hazards } from './Hazards';

test('the table of hazards: verdicts in words, a way to each counterexample, and nothing when there is no table', () => {
  const row = { hazard: 'H1', title: 'a lost kick', revision: 2019, removed: 'the second look', model: 'sc', scenario: 'tx-full' };
  const html = renderToStaticMarkup(
    createElement(Hazards, {
      open: () => {},
      rows: [
        { ...row, states: 4211, verdict: 'broken', expected: 'broken', counterexample: 'r2.1.4.x' },
        { ...row, removed: '', states: 29_000, verdict: 'holds', expected: 'broken' },
      ],
    }),
  );
  expect(html).toContain('Open the counterexample of H1 (2019)');
  expect(html.match(/<button/g)).toHaveLength(1);
  expect(html).toContain('4,211');
  expect(html).toContain('expected: broken');
  expect(renderToStaticMarkup(createElement(Hazards, { rows: [], open: () => {} }))).toBe('');
});
