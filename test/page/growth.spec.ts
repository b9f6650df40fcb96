// Nothing grows: after many runs, stops and steps the page holds as many DOM nodes and listeners as after a few. Counts, no bytes.
import type { CDPSession, Page } from '@playwright/test';
import { expect, park, recorded, stepNumber, test } from './lab';

const FEW = 3,
  MANY = 8,
  POLL = { intervals: [500], timeout: 15_000 };

async function cycle(page: Page): Promise<void> {
  await page.keyboard.press(' ');
  await page.locator('[data-run=running]').waitFor();
  await page.keyboard.press(' ');
  await page.locator('[data-run=stopped]').waitFor();
  const at = await stepNumber(page);
  await page.keyboard.press('.');
  await expect.poll(() => stepNumber(page)).toBe(at + 1);
  await page.keyboard.press(',');
  await expect.poll(() => stepNumber(page)).toBe(at);
}

/** Live nodes and listeners, at the recording's first step: there the source, the threads and the words are the same each time. */
async function counts(cdp: CDPSession): Promise<{ nodes: number; listeners: number }> {
  for (let i = 0; i < 2; i++) await cdp.send('HeapProfiler.collectGarbage');
  const { nodes, jsEventListeners } = await cdp.send('Memory.getDOMCounters');
  return { nodes, listeners: jsEventListeners };
}

async function toTheFirstStep(page: Page): Promise<void> {
  await park(page);
  await page.keyboard.press('Home');
  await expect.poll(() => stepNumber(page)).toBe(0);
  await expect(page.locator('svg.machine, .ring-box canvas').first()).toBeVisible();
}

test('nodes and listeners do not grow with runs, stops and steps', async ({ page }) => {
  await recorded(page);
  const cdp = await page.context().newCDPSession(page);
  for (let i = 0; i < FEW; i++) await cycle(page);
  await toTheFirstStep(page);
  let before = await counts(cdp);
  // what was on its way when the key was pressed is gone when two looks agree
  await expect
    .poll(async () => {
      const was = before;
      before = await counts(cdp);
      return before.nodes - was.nodes;
    }, POLL)
    .toBe(0);
  await page.keyboard.press('End');
  await expect.poll(() => stepNumber(page)).not.toBe(0);
  for (let i = 0; i < MANY; i++) await cycle(page);
  await toTheFirstStep(page);
  // one node or listener kept in each cycle would be MANY
  await expect.poll(async () => (await counts(cdp)).nodes - before.nodes, POLL).toBeLessThan(MANY);
  expect((await counts(cdp)).listeners - before.listeners).toBeLessThan(MANY);
});
