// Presented, and embedded in a page of another origin: keys of a clicker, messages both ways, the custom element, a sandbox.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, GUEST_PROMPT, onSteps, open, park, shows, stepNumber, test } from './lab';

let server: Server, other: string;
let body = '';
test.beforeAll(async () => {
  server = createServer((_, answer) => {
    answer.setHeader('Content-Type', 'text/html');
    answer.end(`<!doctype html><title>a course</title><link rel="icon" href="data:," />
      <script>addEventListener('message', (e) => (window.heard ??= []).push(e.data))</script>${body}`);
  });
  await new Promise<void>((ready) => {
    server.listen(0, '127.0.0.1', ready);
  });
  other = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
test.afterAll(() => {
  server.close();
});

test('a moment on a slide and in another page', async ({ page, context, baseURL }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page);
  await onSteps(page);
  await page.getByRole('button', { name: 'Boot the VM' }).click();
  await shows(page, 'guest', GUEST_PROMPT);
  await park(page);
  const at = await stepNumber(page);
  await page.getByRole('button', { name: /copy link|link copied/i }).click();
  await expect(page.getByRole('button', { name: 'Link copied' })).toBeVisible();
  const moment = new URL(await page.evaluate(() => navigator.clipboard.readText())).hash.slice(1);
  const base = new URL('./', baseURL).href;

  const slide = await context.newPage();
  await slide.goto(`${base}?present#${moment}`);
  await expect(slide.locator('[data-shown="present"]')).toBeVisible();
  await expect.poll(() => stepNumber(slide), { timeout: 30_000 }).toBe(at);
  await slide.keyboard.press('PageUp');
  await expect.poll(() => stepNumber(slide)).toBe(at - 1);
  await slide.keyboard.press('PageDown');
  await expect.poll(() => stepNumber(slide)).toBe(at);
  await slide.keyboard.press('Escape');
  await expect(slide.locator('[data-region="guest"]')).toBeVisible();
  await slide.close();

  const course = await context.newPage();
  const errors: string[] = [];
  course.on('console', (m) => m.type() === 'error' && errors.push(m.text()));
  course.on('pageerror', (e) => errors.push(e.message));
  for (const sandbox of ['', ' sandbox=""']) {
    body = `<script src="${base}ringside-embed.js" defer></script>
      <ringside-lab src="${base}" view="who" moment="${moment}"${sandbox}><a href="${base}">Open in Ringside</a></ringside-lab>`;
    await course.goto(other);
    const inside = course.frameLocator('ringside-lab iframe');
    const now = async () => Number(await inside.locator('[data-step]').getAttribute('data-step'));
    await expect.poll(now, { timeout: 30_000 }).toBe(at);
    const tell = (message: unknown) =>
      course.locator('ringside-lab iframe').evaluate((f, m) => (f as HTMLIFrameElement).contentWindow?.postMessage(m, '*'), message);
    for (const hostile of [null, 7, { type: 'ringside:go', step: -1 }, { type: 'ringside:go', step: 'x' }, { type: 'eval' }])
      await tell(hostile);
    await tell({ type: 'ringside:back' });
    await expect.poll(now).toBe(at - 1);
    await tell({ type: 'ringside:go', step: at });
    await expect.poll(now).toBe(at);
    const heard = await course.evaluate(() => (window as unknown as { heard: { type: string; step?: number; height?: number }[] }).heard);
    expect(heard.some((m) => m.type === 'ringside:size' && (m.height ?? 0) > 30)).toBe(true);
    expect(heard.filter((m) => m.type === 'ringside:at').map((m) => m.step)).toEqual([at, at - 1, at]);
    await expect(inside.getByRole('link', { name: 'Open in Ringside' })).toHaveAttribute('rel', 'noopener');
    // a word that is clicked is shown below, and closing it gives focus back
    const word = inside.locator('.know .word-link').first();
    await word.click();
    await expect(inside.getByRole('region', { name: 'Word' })).toContainText('tx.head');
    await inside.getByRole('button', { name: 'Close the word' }).click();
    await expect(word).toBeFocused();
  }
  expect(errors).toEqual([]);
  await course.close();
});
