// Nothing grows: after many runs, stops and steps the page holds as many DOM nodes and listeners as after a few. Counts, no bytes.
import type { CDPSession, Page } from '@playwright/test';
import { expect, park, recorded, test } from './lab';

const FEW = 4,
  MANY = 16;

async function cycle(page: Page): Promise<void> {
  await page.keyboard.press(' ');
  await page.locator('[data-run=running]').waitFor();
  await page.keyboard.press(' ');
  await page.locator('[data-run=stopped]').waitFor();
  await page.keyboard.press('.');
  await page.keyboard.press(',');
}

async function counts(cdp: CDPSession): Promise<{ nodes: number; listeners: number }> {
  for (let i = 0; i < 2; i++) await cdp.send('HeapProfiler.collectGarbage');
  const { nodes, jsEventListeners } = await cdp.send('Memory.getDOMCounters');
  return { nodes, listeners: jsEventListeners };
}

test('nodes and listeners do not grow with runs, stops and steps', async ({ page }) => {
  await recorded(page);
  const cdp = await page.context().newCDPSession(page);
  for (let i = 0; i < FEW; i++) await cycle(page);
  await park(page);
  const before = await counts(cdp);
  for (let i = 0; i < MANY; i++) await cycle(page);
  await park(page);
  const after = await counts(cdp);
  // one node or listener kept in each cycle would be MANY
  expect(after.nodes - before.nodes, JSON.stringify([before, after])).toBeLessThan(MANY);
  expect(after.listeners - before.listeners, JSON.stringify([before, after])).toBeLessThan(MANY);
});
