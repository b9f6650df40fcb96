// The table of hazards as it is shown, on invented rows.
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { Hazards } from './Hazards';

test('the table of hazards: verdicts in words, a way to each counterexample, and nothing when there is no table', () => {
  const row = {
    hazard: 'H1',
    scenario: 'tx-full',
    revision: 2019 as const,
    sysctls: {},
    model: 'tso' as const,
    buffer: 2,
    limit: 1000,
    depth: 3,
    moves: 9,
    bytes: 1920,
    complete: true,
  };
  const html = renderToStaticMarkup(
    createElement(Hazards, {
      open: () => {},
      rows: [
        {
          ...row,
          id: 'H1 removed from 2019',
          states: 4211,
          expect: 'broken',
          broken: { promise: 'wakeup', why: 'It sleeps.', moves: '0x3 1.0' },
        },
        { ...row, id: 'as it is', states: 29_000, expect: 'broken', note: 'Nobody else is there.' },
        { ...row, id: 'too large', states: 30_000, complete: false, expect: 'open' },
        { ...row, id: 'larger than thought', states: 31_000, complete: false, expect: 'kept' },
      ],
    }),
  );
  expect(html).toContain('View in stepper: the counterexample of H1 removed from 2019');
  expect(html.match(/<button/g)).toHaveLength(1);
  expect(html).toContain('4,211');
  expect(html).toContain('expected: broken');
  expect(html.match(/as expected/g)).toHaveLength(2); // a bounded search that was to be one is as expected
  expect(html).toContain('expected: holds');
  expect(html.match(/Nobody else is there\./g)).toHaveLength(1); // why a verdict is not the catalogue's
  expect(html).not.toContain('undefined');
  expect(html).toContain('TSO of 2');
  expect(renderToStaticMarkup(createElement(Hazards, { rows: [], open: () => {} }))).toBe('');
});
