// What fails: the lab's worker, a thread's, the machine, memory, storage, a part of the page. Each says in a sentence what happened and
// offers the way back, and the recording is where it was. Faults are put into what the server sends, never into the page itself.
import type { BrowserContext, Page } from '@playwright/test';
import { boot, expect, GUEST_PROMPT, onSteps, open, park, screen, shows, stepNumber, test, typeIn } from './lab';

test.use({ serviceWorkers: 'block' });

const LAB = /\/worker-[\w-]+\.js/;

/** Puts a line of script before a worker's own. */
const before = (to: Page | BrowserContext, which: RegExp, script: string) =>
  to.route(which, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: `${script};\n${await answer.text()}` });
  });
/** Something that the injected line listens to. */
const tell = (page: Page, word: string) =>
  page.evaluate((w) => {
    const c = new BroadcastChannel('fault');
    c.postMessage(w);
    c.close();
  }, word);
const LISTEN = (what: string) => `new BroadcastChannel('fault').onmessage = (e) => { ${what} }`;

const line = (page: Page, words: RegExp | string) => page.locator('.trouble-line').filter({ hasText: words });

/** A booted VM on the step engine, parked: at which step. */
async function stood(page: Page): Promise<number> {
  await open(page);
  await onSteps(page);
  await page.getByRole('button', { name: 'Boot the VM' }).click();
  await shows(page, 'guest', GUEST_PROMPT);
  await park(page);
  return stepNumber(page);
}

test('a worker that cannot start leaves a sentence and a way back', async ({ page }) => {
  let broken = true;
  const headers = { 'Cross-Origin-Embedder-Policy': 'require-corp', 'Cross-Origin-Resource-Policy': 'same-origin' };
  await page.route(LAB, (route) =>
    broken ? route.fulfill({ headers, contentType: 'text/javascript', body: 'throw new Error("no machine")' }) : route.continue(),
  );
  await page.goto('./?bare');
  await expect(page.getByRole('heading', { name: 'The lab did not start.' })).toBeVisible();
  await expect(page.getByRole('alert').filter({ hasText: 'no machine' })).toBeVisible();
  broken = false;
  await page.getByRole('button', { name: 'Start again' }).click();
  await expect(page.getByRole('button', { name: 'Boot the VM' })).toBeVisible({ timeout: 30_000 });
});

test('the machine traps in a step; the lab’s worker dies: each is gone on from, to the step and to the letter', async ({ page }) => {
  await before(
    page,
    LAB,
    `{ let trap = false;
    ${LISTEN("if (e.data === 'trap') trap = true; else setTimeout(() => { throw new RangeError('out of memory') }, 0)")};
    const I = WebAssembly.Instance;
    WebAssembly.Instance = function (m, i) { const { exports } = new I(m, i), out = {};
      for (const [k, f] of Object.entries(exports)) out[k] = typeof f !== 'function' ? f : (...a) => {
        if (trap && /^(?:drive|step_thread)/.test(k)) { trap = false; throw new WebAssembly.RuntimeError('unreachable'); }
        return f(...a); };
      return { exports: out }; } }`,
  );
  // nothing that the browser keeps is of help here
  await page.addInitScript(() => indexedDB.deleteDatabase('ringside'));
  const at = await stood(page),
    guest = await screen(page, 'guest'),
    host = await screen(page, 'host');

  await tell(page, 'trap');
  await page.waitForTimeout(100);
  await page.getByRole('button', { name: 'Step', exact: true }).click();
  const told = line(page, 'The machine stopped at step');
  await expect(told).toContainText('(unreachable). Go back to before it, or start over; the recording is safe.');
  await told.getByRole('button', { name: 'Back to before it' }).click();
  await expect.poll(() => stepNumber(page)).toBe(at - 1);
  await expect(told).toHaveCount(0);
  await page.getByRole('button', { name: 'Step', exact: true }).click();
  await expect.poll(() => stepNumber(page)).toBe(at);

  await tell(page, 'die');
  await expect(page.getByRole('heading', { name: 'The lab’s worker stopped.' })).toBeVisible();
  const words = page.locator('.trouble');
  await expect(words).toContainText(`The lab was stopped at step ${at.toLocaleString('en-US')} and the recording is safe.`);
  await expect(words).toContainText('out of memory');
  await page.getByRole('button', { name: 'Go on from there' }).click();
  await expect.poll(() => stepNumber(page), { timeout: 30_000 }).toBe(at);
  await expect.poll(() => screen(page, 'guest')).toBe(guest);
  expect(await screen(page, 'host')).toBe(host);
  // the past is there
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await expect.poll(() => stepNumber(page)).toBe(at - 1);
});

test('a thread’s worker dies at full speed, in the middle of anything: back to where it was let go', async ({ page }) => {
  await before(
    page,
    LAB,
    `{ const W = Worker, all = []; self.Worker = function (u, o) { const w = new W(u, o); all.push(w); return w; };
    ${LISTEN("if (e.data === 'lab') setTimeout(() => { throw new Error('gone') }); else { const w = all[1] ?? all[0]; w.terminate(); w.onerror({ message: 'Uncaught RangeError: out of memory' }); }")} }`,
  );
  const at = await stood(page);
  await page.getByText('Full speed', { exact: true }).click();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await typeIn(page, 'guest', 'echo freely');
  await shows(page, 'guest', /^freely$/m);
  await tell(page, 'die');
  const told = line(page, `The lab is back at step ${at}, where full speed began; the recording is safe.`);
  await expect(told).toContainText(/^\S.*’s worker stopped \(out of memory\)\. The lab/);
  await expect.poll(() => stepNumber(page)).toBe(at);
  expect(await screen(page, 'guest')).not.toMatch(/^freely$/m);
  await page.getByText('Step engine', { exact: true }).click();
  await told.getByRole('button', { name: 'Go on from there' }).click();
  await typeIn(page, 'guest', 'echo still here');
  await shows(page, 'guest', /^still here$/m);

  // full speed, then parked: the recording begins there, and is held with its machine
  await page.getByText('Full speed', { exact: true }).click();
  await shows(page, 'host', /root@/);
  await park(page);
  const end = await stepNumber(page);
  await tell(page, 'lab');
  await expect(page.locator('.trouble')).toContainText('gone');
  await page.getByRole('button', { name: 'Go on from there' }).click();
  await expect.poll(() => stepNumber(page).catch(() => -1), { timeout: 30_000 }).toBe(end);
  await shows(page, 'guest', /^still here$/m);
});

test('no memory for the machine', async ({ page }) => {
  await before(page, LAB, "WebAssembly.Memory = function () { throw new RangeError('WebAssembly.Memory(): could not allocate memory') }");
  await page.goto('./');
  await expect(page.getByRole('heading', { name: 'The lab did not start.' })).toBeVisible();
  await expect(page.locator('.trouble')).toContainText('The machine needs memory that this browser does not give.');
  await expect(page.getByRole('button', { name: 'Start again' })).toBeVisible();
});

test.describe('storage', () => {
  for (const [name, script, words] of [
    [
      'forbidden',
      "indexedDB.open = () => { throw new DOMException('denied', 'SecurityError') }",
      'This browser does not let the lab save.',
    ],
    [
      'full',
      "IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError') }",
      'This browser has no room left to save the lab.',
    ],
  ] as const)
    test(`${name}: said, and the way out is a file`, async ({ page }) => {
      await before(page, LAB, script);
      await open(page);
      if (name === 'full') {
        await page.getByRole('button', { name: 'Boot the VM' }).click();
        await shows(page, 'guest', GUEST_PROMPT);
      }
      await park(page);
      const told = line(page, `${words} Your work lives until you close the tab.`);
      await expect(told).toBeVisible({ timeout: 20_000 });
      const saving = page.waitForEvent('download');
      await told.getByRole('button', { name: 'Save to a file' }).click();
      expect((await saving).suggestedFilename()).toMatch(/\.ringside$/);
      await told.getByRole('button', { name: 'Close this message' }).click();
      await expect(told).toHaveCount(0);
    });
});

test('two tabs: the second says so, and saves instead when asked; the first then says so', async ({ page, context }) => {
  await open(page);
  const second = await context.newPage();
  await open(second);
  const words = 'This lab is open in another tab, and that one saves.';
  await expect(line(second, words)).toBeVisible();
  await expect(line(page, words)).toHaveCount(0);
  await line(second, words).getByRole('button', { name: 'Save here instead' }).click();
  await expect(line(page, words)).toBeVisible();
  await expect(line(second, words)).toHaveCount(0);
  await second.close();
});

test('an hour asleep: nobody is taken for dead, and the lab’s clock did not go', async ({ page }) => {
  await page.clock.install();
  await boot(page);
  await page.clock.fastForward(3_600_000);
  await page.clock.runFor(6000);
  await expect(page.locator('.trouble')).toHaveCount(0);
  await expect(page.locator('.trouble-line')).toHaveCount(0);
  await park(page);
});

test('a part of the page that is gone from the server is said, and a reload keeps the work', async ({ page, errors }) => {
  let gone = true;
  await page.route(/_lessons-/, (route) => (gone ? route.fulfill({ status: 404, body: 'gone' }) : route.continue()));
  const at = await stood(page);
  await page.keyboard.press('Control+k');
  const told = page.locator('.notice').filter({ hasText: 'A part of the page could not be loaded' });
  await expect(told).toBeVisible();
  await page.keyboard.press('Escape');
  expect(errors.splice(0)).toEqual([expect.stringContaining('404')]);
  gone = false;
  await told.getByRole('button', { name: 'Reload; the recording is kept' }).click();
  await expect.poll(() => stepNumber(page).catch(() => -1), { timeout: 30_000 }).toBe(at);
});

test('no WebAssembly', async ({ page }) => {
  await page.addInitScript(() => {
    Reflect.deleteProperty(window, 'WebAssembly');
  });
  await page.goto('./');
  await expect(page.locator('.trouble')).toContainText('This browser has no WebAssembly, or it is switched off here.');
});

test('a browser that cannot read the page’s script is told so', async ({ page }) => {
  await page.route(/\/index-[\w-]+\.js/, (route) => route.fulfill({ contentType: 'text/javascript', body: 'void 0' }));
  await page.goto('./');
  await expect(page.locator('.early')).toContainText('Ringside did not start. It needs a browser of 2023 or newer');
  await expect(page.locator('.early')).toHaveCSS('animation', /early/);
});
