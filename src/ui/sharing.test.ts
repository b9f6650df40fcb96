// Parts that say the same are the same; what says something else is what was said.
import { expect, test } from 'vitest';
import { shared, sharedParts } from './sharing';

test('a state keeps the parts that did not change', () => {
  const before = {
    step: 1,
    rings: [
      { id: 'a', n: 4 },
      { id: 'b', n: 8 },
    ],
    vms: [{ name: 'v', up: true }],
    note: null,
  };
  const said = {
    step: 2,
    rings: [
      { id: 'a', n: 4 },
      { id: 'b', n: 9 },
      { id: 'c', n: 1 },
    ],
    vms: [{ name: 'v', up: true }],
    note: null,
  };
  const now = sharedParts(before, said);
  expect(now).toEqual(said);
  expect(now.vms).toBe(before.vms);
  expect(now.rings).not.toBe(before.rings);
  expect(now.rings[0]).toBe(before.rings[0]);
  expect(now.rings[1]).toEqual({ id: 'b', n: 9 });
});

test('a state that says the same is another, of the same parts', () => {
  const before = { rings: [{ id: 'a' }] },
    now = sharedParts(before, structuredClone(before));
  expect(now).not.toBe(before);
  expect(now.rings).toBe(before.rings);
  expect(sharedParts(null, before)).toEqual(before);
});

test('what is shorter, gone or of another kind is not taken for the same', () => {
  expect(shared([1, 2], [1])).toEqual([1]);
  expect(shared({ a: 1, b: 2 }, { a: 1 })).toEqual({ a: 1 });
  expect(shared({ a: undefined }, { b: undefined })).toEqual({ b: undefined });
  expect(shared({ a: [] }, { a: {} })).toEqual({ a: {} });
  expect(shared({ a: 1 }, { a: null })).toEqual({ a: null });
});
