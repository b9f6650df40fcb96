// Names of key presses: what is written on the key where that is a letter, where the key lies where Shift changes a sign.
import { expect, test } from 'vitest';
import { chordOf } from './chord';

const press = (key: string, code: string, held = ''): string =>
  chordOf({ key, code, shiftKey: /s/.test(held), ctrlKey: /c/.test(held), metaKey: /m/.test(held), altKey: /a/.test(held) });

test.each([
  [' ', 'Space', '', 'Space'],
  ['.', 'Period', '', '.'],
  ['>', 'Period', 's', 'Shift+.'],
  [':', 'Period', 's', 'Shift+.'],
  ['<', 'Comma', 's', 'Shift+,'],
  ['n', 'KeyN', '', 'N'],
  ['N', 'KeyN', 's', 'Shift+N'],
  ['1', 'Digit1', '', '1'],
  ['!', 'Digit1', 's', 'Shift+1'],
  ['1', 'Digit1', 's', '1'],
  ['/', 'Digit7', 's', '/'],
  ['?', 'Slash', 's', '?'],
  ['ArrowLeft', 'ArrowLeft', '', 'ArrowLeft'],
  ['F6', 'F6', 's', 'Shift+F6'],
  ['k', 'KeyK', 'c', 'Ctrl+K'],
  ['z', 'KeyZ', 'm', 'Ctrl+Z'],
  ['Z', 'KeyZ', 'cs', 'Ctrl+Shift+Z'],
  [' ', 'Space', 'cs', 'Ctrl+Shift+Space'],
  ['t', 'KeyT', 'a', ''],
])('%s on %s with %s is %s', (key, code, held, name) => {
  expect(press(key, code, held)).toBe(name);
});
