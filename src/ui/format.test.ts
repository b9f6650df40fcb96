// What is written of a cost a packet: zeros are zeros, and what happens at all is never one.
import { expect, test } from 'vitest';
import { perPacket } from './format';

test('a cost a packet', () => {
  expect(perPacket(0, 1000)).toBe('0');
  expect(perPacket(1, 0)).toBe('–');
  expect(perPacket(1, 1_000_000)).toBe('< 0.0001');
  expect(perPacket(512, 1_000_000)).toBe('0.0005');
  expect(perPacket(1954, 1_000_000)).toBe('0.00195');
  expect(perPacket(1000, 1000)).toBe('1');
  expect(perPacket(1500, 1000)).toBe('1.5');
  expect(perPacket(123_456, 1000)).toBe('123');
  expect(perPacket(1_234_567, 1000)).toBe('1,235');
});
