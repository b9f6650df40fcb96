// Each screen for who cannot see it, or not well, or presses with a thumb: structure and names, targets, zoom, spacing, contrast, motion.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { lost, motion, structure, targets } from './audit';
import { expect, open, recorded, test } from './lab';

/** The main screens of a lab that stands: how to get to each, and back. */
const SCREENS: readonly (readonly [string, (page: Page) => Promise<unknown>, ((page: Page) => Promise<unknown>)?])[] = [
  ['ring', (page) => page.getByRole('button', { name: 'Level 2: ring' }).click()],
  ['machine', (page) => page.getByRole('button', { name: 'Level 1: machine' }).click()],
  ['slot', (page) => page.getByRole('button', { name: 'Level 3: slot' }).click()],
  ['gallery', (page) => page.getByRole('button', { name: 'Scenarios and lessons…' }).first().click(), (page) => page.keyboard.press('Escape')],
  [
    'palette',
    async (page) => {
      await page.getByRole('button', { name: 'Find or do anything' }).click();
      await expect(page.getByRole('option').first()).toBeVisible();
    },
    (page) => page.keyboard.press('Escape'),
  ],
  ['help', (page) => page.locator('.topbar .help summary').click(), (page) => page.keyboard.press('Escape')],
];

async function each(page: Page, wrong: (name: string) => Promise<string[]>): Promise<void> {
  const found: Record<string, string[]> = {};
  for (const [name, go, back] of SCREENS) {
    await go(page);
    const list = await wrong(name);
    if (list.length) found[name] = [...new Set(list)];
    await back?.(page);
  }
  expect(found).toEqual({});
}

test('x', async ({ page, browser }) => {
  const say: Record<string, unknown> = {};
  const visit = async (what: string, f: () => Promise<string[]>) => {
    for (const [name, go, back] of SCREENS) {
      try {
        await go(page);
        const l = [...new Set(await f())];
        if (l.length) say[`${what} ${name}`] = l;
        await back?.(page);
      } catch (e) { say[`${what} ${name} FAILED`] = String(e).slice(0, 400); }
    }
  };
  page.setDefaultTimeout(3000);
  await open(page);
  say['empty'] = [...(await structure(page)), ...(await targets(page, 24)), ...(await lost(page)), ...(await motion(page))];
  await page.setViewportSize({ width: 720, height: 450 });
  say['empty zoom'] = [...(await targets(page, 24)), ...(await lost(page))];
  await page.setViewportSize({ width: 1440, height: 900 });
  await recorded(page);
  await visit('desk', async () => [...(await structure(page)), ...(await targets(page, 24)), ...(await lost(page)), ...(await motion(page))]);
  await page.getByRole('button', { name: 'Level 2: ring' }).click();
  await page.setViewportSize({ width: 720, height: 450 });
  await visit('zoom', async () => [...(await targets(page, 24)), ...(await lost(page))]);
  await page.setViewportSize({ width: 1440, height: 900 });
  const css = await page.addStyleTag({ content: '*:not(.xterm *) { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }' });
  await visit('spacing', async () => lost(page));
  await css.evaluate((e: HTMLElement) => e.remove());
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await visit('motion', () => motion(page));
  for (const tab of ['CSB', 'Word', 'Stops', 'Threads', 'Explore', 'Counters', 'Ledger', 'Memory', 'Krings', 'PCI', 'Virtqueues', 'Switches', 'Allocators', 'Packets', 'Keys', 'Source']) {
    await page.getByRole('tab', { name: tab, exact: true }).click();
    await page.waitForTimeout(400);
    const l = [...(await structure(page)), ...(await targets(page, 24)), ...(await lost(page))];
    if (l.length) say[`tab ${tab}`] = [...new Set(l)];
  }
  console.log(JSON.stringify(say, null, 1));
});
