// The engine's, shell's and lab's tests, in Node. The page's tests are Playwright's (playwright.config.ts).
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: ['test/own_tmp.ts', 'test/built.mjs'],
    environment: 'node',
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'tools/**/*.test.mjs', 'bench/**/*.test.mjs'],
    exclude: ['node_modules/**', 'test/page/**', 'test/tmp*/**'],
    pool: 'forks', // a machine that hangs is a process that can be killed
    maxWorkers: 2, // each may start worker threads of its own
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
