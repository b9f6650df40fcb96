// The first picture, and then the page at work (page_traffic.mjs): Chromium opens the built page from the project's own server on this machine. Each round is a fresh
// browser context, so nothing is cached, beside a page of one word from the same server.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, distIsFresh, firstPaint } from '../tools/build.mjs';
import { findBrowser } from '../tools/ensure.mjs';
import { fileOf, serve } from '../tools/serve.mjs';
import { atWork } from './page_traffic.mjs';

const dist = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist');
const WORD = '<!doctype html><html lang="en"><title>one word</title><body>ringside</body></html>';

/** Runs in the page: notes when the host's terminal first shows a prompt. */
function watchPrompt() {
  const look = () => {
    const rows = document.querySelectorAll('[data-region="host"] [data-tty]:not([hidden]) .xterm-rows > div');
    const text = [...rows].map((row) => (row.textContent ?? '').replaceAll(' ', ' ')).join('\n');
    if (/root@\S*:\S* # /.test(text)) globalThis.promptAt = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** One visit: ms from navigation to first contentful paint, and to the prompt where there is one. */
async function visit(browser, url, prompt) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const loaded = [];
  try {
    const page = await context.newPage();
    page.on('response', (response) => loaded.push(new URL(response.url()).pathname));
    if (prompt) await page.addInitScript(watchPrompt);
    await page.goto(url);
    const paint = await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime, null, {
      timeout: 60_000,
    });
    const fcp = await paint.jsonValue();
    const seen = prompt ? await page.waitForFunction(() => globalThis.promptAt, null, { timeout: 60_000 }) : undefined;
    return { fcp, prompt: seen ? await seen.jsonValue() : 0, loaded: [...loaded] };
  } finally {
    await context.close();
  }
}

export async function page({ rounds, minutes }) {
  const executablePath = findBrowser();
  if (!executablePath) return { note: 'no Chromium here: not measured', rows: [] };
  if (!distIsFresh()) await build();
  const { chromium } = await import('playwright-core');
  const folder = mkdtempSync(join(tmpdir(), 'ringside-bench-'));
  writeFileSync(join(folder, 'index.html'), WORD);
  const lab = await serve(dist, { port: 4300 });
  const bare = await serve(folder, { port: 4400 });
  // the last: what workers keep is said at once, not at the browser's next collection
  const args = ['--no-sandbox', '--disable-background-networking', '--no-first-run', '--enable-blink-features=ForceEagerMeasureMemory'];
  const browser = await chromium.launch({ executablePath, args });
  const series = { fcp: [], prompt: [], bare: [], ratio: [] };
  let loaded = [],
    work = [];
  try {
    await visit(browser, bare.url, false); // warms server and browser
    await visit(browser, lab.url, true);
    for (let i = 0; i < rounds; i++) {
      const word = await visit(browser, bare.url, false);
      const one = await visit(browser, lab.url, true);
      series.bare.push(word.fcp);
      series.fcp.push(one.fcp);
      series.prompt.push(one.prompt);
      series.ratio.push(one.fcp / word.fcp);
      loaded = one.loaded;
    }
    work = await atWork(browser, lab.url, { rounds: Math.min(rounds, 3), minutes });
  } finally {
    await browser.close();
    for (const { server } of [lab, bare]) {
      server.closeAllConnections();
      server.close();
    }
    rmSync(folder, { recursive: true });
  }
  const files = (await Promise.all([...new Set(loaded)].map((path) => fileOf(dist, path)))).filter(Boolean).map((f) => f.file);
  const zipped = (names) => names.reduce((sum, f) => sum + gzipSync(readFileSync(f)).length, 0) / 1000;
  return {
    rows: [
      { what: 'first contentful paint', unit: 'ms', rounds: series.fcp },
      { what: 'a page of one word: first contentful paint', unit: 'ms', rounds: series.bare },
      { what: 'RATIO first paint to the one word', unit: '', rounds: series.ratio },
      { what: 'the host prompt stands in the terminal', unit: 'ms', rounds: series.prompt },
      { what: 'first paint loads, gzipped (aim 500)', unit: 'kB', rounds: [firstPaint().reduce((sum, [, n]) => sum + n, 0) / 1000] },
      { what: `until the prompt, gzipped (${files.length} files)`, unit: 'kB', rounds: [zipped(files)] },
      ...work,
    ],
  };
}
