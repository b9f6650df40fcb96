// The page is closed: a visit that boots, sends packets, explores, shares and opens a lesson asks nobody but its own site, sets no
// cookie and breaks no rule of its policy; and the policy does refuse what it should.
import type { Page } from '@playwright/test';
import { HEADERS, POLICY } from '../../tools/headers.mjs';
import { expect, GUEST_PROMPT, open, shows, stepNumber, terminal, test, traffic, typeIn } from './lab';

/** Notes every breach of the policy, from the first script on. */
async function noteBreaches(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const w = window as unknown as { breaches: string[] };
    w.breaches = [];
    addEventListener('securitypolicyviolation', (e) => {
      w.breaches.push(`${e.effectiveDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber} ${e.sample}`);
    });
  });
}
const breaches = (page: Page) => page.evaluate(() => (window as unknown as { breaches: string[] }).breaches);

test('a whole visit stays on its own site', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await noteBreaches(page);
  const asked = new Set<string>();
  context.on('request', (request) => asked.add(new URL(request.url()).origin));
  await open(page);
  const site = new URL(page.url()).origin;

  await page.getByRole('button', { name: 'Boot the VM' }).click();
  await shows(page, 'guest', GUEST_PROMPT);
  // what a program prints neither types for its reader nor leaves its picture
  const title = await page.title();
  await typeIn(page, 'guest', String.raw`printf 'a\033[6n\033[c\033]0;other\007\033]52;c;YQ==\007\033[?1049hb\n'; echo after`);
  await shows(page, 'guest', /^ab\nafter\nroot@\S+ #$/m);
  expect(await page.title()).toBe(title);
  await traffic(page);
  const row = await terminal(page, 'guest')
    .locator('[data-tty]:not([hidden]) .xterm-rows > div')
    .first()
    .evaluate((r) => ({
      overflow: getComputedStyle(r).overflow,
    }));
  expect(row.overflow, "xterm's own sheet is in force").toBe('hidden');
  // a choice changes colours of single characters
  await terminal(page, 'guest').locator('[data-tty]:not([hidden]) .xterm-screen').click({ clickCount: 3 });
  await expect(terminal(page, 'guest').locator('.xterm-rows span[style*="color"]').first()).toBeAttached();
  await page.locator('.topbar .reset[aria-label="Start over"]').click();
  await page.getByRole('button', { name: 'Hazards, recorded…' }).click();
  await page.getByRole('option', { name: /H4:/ }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'H4' })).toBeVisible();
  const moment = await stepNumber(page);
  await page.locator('.stage').focus();
  await page.keyboard.press('x');
  await page.locator('.ask-row button').focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('.found .verdict')).toContainText('sleeps on nmk_event', { timeout: 20_000 });
  expect(await stepNumber(page)).toBe(moment);
  await page.getByRole('button', { name: /copy link|link copied/i }).click();
  await expect(page.getByRole('button', { name: 'Link copied' })).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(await breaches(page)).toEqual([]);

  const other = await context.newPage();
  await noteBreaches(other);
  await other.goto(link);
  await expect.poll(() => stepNumber(other).catch(() => -1), { timeout: 30_000 }).toBe(moment);
  expect(await breaches(other)).toEqual([]);

  asked.delete('null'); // blob: and data:, which leave nothing
  expect([...asked]).toEqual([site]);
  expect(await context.cookies()).toEqual([]);
  expect(await page.evaluate(() => document.cookie)).toBe('');
});

test.describe('the policy', () => {
  test('comes as a header and in the page', async ({ request }) => {
    const answer = await request.get('./');
    for (const [name, value] of Object.entries(HEADERS)) expect(answer.headers()[name.toLowerCase()], name).toBe(value);
    expect(await answer.text()).toContain(`<meta http-equiv="Content-Security-Policy" content="${POLICY}"`);
    expect(await answer.text()).not.toMatch(/<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=/);
  });

  test.describe('in force', () => {
    test.use({ serviceWorkers: 'block' });
    test('markup, scripts, styles, other sites and forms are refused', async ({ page, errors }) => {
      await noteBreaches(page);
      await open(page);
      const did = await page.evaluate(async () => {
        const tried: Record<string, string> = {};
        const attempt = async (name: string, f: () => unknown) => {
          await new Promise((r) => setTimeout(r, 0)); // what is asked for by a debugger may eval
          try {
            await f();
            tried[name] = 'done';
          } catch (e) {
            tried[name] = e instanceof Error ? e.name : 'refused';
          }
        };
        await attempt('markup', () => {
          document.body.innerHTML = '<img src=x onerror=alert(1)>';
        });
        await attempt('Function', () => new Function('return 1')());
        await attempt('elsewhere', () => fetch('https://example.org/'));
        await attempt('a worker from elsewhere', () => new Worker('https://example.org/w.js'));
        await attempt('a worker from text', () => new Worker(URL.createObjectURL(new Blob(['']))));
        await attempt('script address', () => {
          document.createElement('script').src = 'https://example.org/x.js';
        });
        return tried;
      });
      errors.length = 0; // the refusals, as the console says them
      expect(did).toEqual({
        markup: 'TypeError',
        Function: 'EvalError',
        elsewhere: 'TypeError',
        'a worker from elsewhere': 'TypeError',
        'a worker from text': 'TypeError',
        'script address': 'TypeError',
      });
      await page.evaluate(() => {
        const style = document.createElement('style');
        style.textContent = 'body { display: none }';
        const form = document.createElement('form');
        form.action = 'https://example.org/';
        const image = new Image();
        image.src = 'https://example.org/x.png';
        document.body.append(style, form, image);
        form.submit();
      });
      await expect
        .poll(async () => (await breaches(page)).map((b) => b.split(' ')[0]))
        .toEqual(expect.arrayContaining(['connect-src', 'require-trusted-types-for', 'style-src-elem', 'img-src', 'form-action']));
      errors.length = 0;
    });
  });
});
