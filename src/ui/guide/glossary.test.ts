// The glossary finds its words in prose, and nothing else.
import { expect, test } from 'vitest';
import { glossaryOf, parts } from './glossary';
import { glossary } from './glossary_words';

const found = (text: string) =>
  parts(text)
    .filter((p) => p.of)
    .map((p) => `${p.text}=${p.of?.word}`);

test('the longest spelling wins, and each word is explained once', () => {
  expect(found('A lost kick is no kick: the TX ring waits, the ring too.')).toEqual([
    'lost kick=lost kick',
    'kick=kick',
    'TX ring=netmap ring',
  ]);
  expect(found('vCPU 0 stored tx_ring.head = 9 in the CSB.')).toEqual(['vCPU 0=vCPU', 'tx_ring.head=head', 'CSB=CSB']);
  expect(found('Kicks of nm-kthread-1, asleep on nmk_event')).toEqual(['Kicks=kick', 'nm-kthread-1=nm-kthread', 'nmk_event=nmk_event']);
});
test('a word inside another, a file or a path is none', () => {
  expect(found('overhead, ringside, tapes, pipeline, exit_code, labs/pipe.lab, ptnetmap.ts:67')).toEqual([]);
});
test('text is kept to the letter', () => {
  for (const g of glossary)
    expect(
      parts(g.means)
        .map((p) => p.text)
        .join(''),
    ).toBe(g.means);
});
test('no spelling has two meanings, and each word has a short text', () => {
  const all = glossary.flatMap((g) => [g.word, ...(g.as ?? [])]);
  expect(new Set(all).size).toBe(all.length);
  for (const g of glossary) {
    expect(g.means.length, g.word).toBeLessThan(240);
    expect(g.means, g.word).toMatch(/[.]$/);
    expect(glossaryOf(g.word)).toBe(g);
  }
});
