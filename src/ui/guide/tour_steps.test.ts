// The tour waits for acts; any other act ends it; its cards say what the design says, with the machine's own numbers.
import { expect, test } from 'vitest';
import { after, cardOf, type TourAt } from './tour_steps';
import { cards } from './tour_words';

const orders = { guest: 0, host: 3 };
const go = (at: TourAt, name: string, ...args: unknown[]) => after(at, { name, args }, orders);

test('the acts in their order lead to the end', () => {
  expect(go('running', 'park')).toBe('finding');
  expect(go('stopped', 'step', 0)).toBe('looked');
  expect(go('looked', 'back', 1)).toBe('undone');
  expect(go('undone', 'step', 3)).toBe('other');
  expect(go('other', 'step', 0)).toBe('end');
  expect(go('end', 'run')).toBe('off');
  expect(go('opening', 'park')).toBe('opening');
  expect((['running', 'stopped', 'looked', 'undone', 'other', 'end'] as const).map(cardOf)).toEqual([0, 1, 2, 3, 3, 4]);
});
test.each([
  ['opening', 'input', ['ttyv0', 'a']],
  ['running', 'input', ['ttyv0', 'a']],
  ['finding', 'run', []],
  ['stopped', 'step', []],
  ['stopped', 'step', [3]],
  ['looked', 'step', [0]],
  ['looked', 'back', [2]],
  ['undone', 'step', [0]],
  ['undone', 'back', [1]],
  ['other', 'command', ['next kick']],
] as const)('%s: %s %j puts it away', (at, name, args) => {
  expect(go(at, name, ...args)).toBe('away');
});
test('the cards, word for word', () => {
  const all = (touch: Parameters<typeof cards>[1]) =>
    cards(2, touch).map((c) => [c.strong, c.rest, c.act].filter(Boolean).join(' ').replaceAll('`', ''));
  expect(all(null)).toEqual([
    'A virtual machine, left, is sending packets to its host, right. Between them nothing is copied: both see the same memory, in the middle. Stop it: press Space.',
    'Stopped, between two memory accesses. Nothing moves until you say so. Below are the threads that could go next. Let the guest’s CPU go: press 1.',
    'vCPU 0 read host_need_txkick and found 0, so it sent no kick. The host has not asked for one. Take that back: press ←.',
    'Undone, to the last bit. Now the other order. Let the host go first: press 2, then 1.',
    'This time it found 1 and had to kick: an exit from the VM. Same code, other order, other cost. In some orders the kick is lost, and both sides sleep while packets wait. Finding those orders is what this lab is for.',
  ]);
  expect(all({ stop: 'Stop', back: 'Back' }).filter((c) => /press|Space|←/.test(c))).toEqual([]);
  expect(cards(4, null)[3]?.act).toBe('Let the host go first: press `4`, then `1`.');
});
