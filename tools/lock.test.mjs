// The lockfile installs on every platform, not only on the one that made it.
import { expect, it } from 'vitest';
import { missing, platformOf } from './lock.mjs';

it.each([
  ['@biomejs/cli-darwin-arm64', { cpu: ['arm64'], os: ['darwin'] }],
  ['@biomejs/cli-linux-x64-musl', { cpu: ['x64'], os: ['linux'], libc: ['musl'] }],
  ['@oxlint/binding-linux-arm-gnueabihf', { cpu: ['arm'], os: ['linux'], libc: ['glibc'] }],
  ['@oxlint-tsgolint/win32-x64', { cpu: ['x64'], os: ['win32'] }],
  ['left-pad', undefined],
])('reads the platform of %s', (name, platform) => {
  expect(platformOf(name)).toEqual(platform);
});

it('adds what is named and not held', () => {
  const packages = {
    'node_modules/a': { dev: true, optionalDependencies: { 'a-linux-x64': '1.2.3', 'a-win32-x64': '1.2.3', 'a-darwin-x64': '^1' } },
    'node_modules/a-linux-x64': { version: '1.2.3' },
  };
  expect(missing({ packages })).toEqual({
    'node_modules/a-win32-x64': { version: '1.2.3', dev: true, optional: true, cpu: ['x64'], os: ['win32'] },
  });
});
