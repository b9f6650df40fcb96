// A lesson is cut from its file by two comments.
import { expect, test } from 'vitest';
import { lesson } from './lessons.mjs';

const head = '# H9: what it is. Why it is\n# so.\n#\n# Exit status 0.\n';

test('title, text, and the lines before the second part', () => {
  const l = lesson('labs/hazard-h9.lab', `${head}host# a\n\n# 2. Without it.\nhost# b\n`);
  expect([l.title, l.about]).toEqual(['H9: what it is', 'Why it is so.']);
  expect(l.lines).toMatch(/host# a\n\n$/);
  expect(l.lines).not.toContain('host# b');
});
test('an earlier moment, where the file says so', () => {
  expect(lesson('x', `${head}host# a\n# The page opens it here.\nhost# b\n# 2. c\n`).lines).toMatch(/host# a\n$/);
});
test('a file without either is refused, and one without a sentence', () => {
  expect(() => lesson('x', `${head}host# a\n`)).toThrow(/neither/);
  expect(() => lesson('x', '# no sentence\nhost# a\n# 2. b\n')).toThrow(/no sentence/);
});
