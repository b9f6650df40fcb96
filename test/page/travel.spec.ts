// Moving through time: units, events, go to a step, first and last, who chooses, branches, draining a store buffer.
import { ableThreads, boot, expect, park, stepNumber, test, traffic } from './lab';

test.beforeEach(async ({ page }) => {
  await boot(page);
  await traffic(page);
  await park(page);
  await page.locator('.stage').focus();
});

test('Step goes as far as its unit, and E changes the unit', async ({ page }) => {
  const unit = page.getByLabel('Step by');
  const step = page.getByRole('button', { name: 'Step', exact: true });
  await expect(unit).toHaveValue('access');
  await page.keyboard.press('e');
  await expect(unit).toHaveValue('sync');
  const before = await stepNumber(page);
  await step.click();
  await expect.poll(() => stepNumber(page)).toBeGreaterThan(before);
  await expect(page.locator('.sentence')).toContainText(/hwtail|hwcur|tail/);
  await page.keyboard.press('e');
  await expect(unit).toHaveValue('packet');
  const sync = await stepNumber(page);
  await page.keyboard.press('.');
  await expect.poll(() => stepNumber(page)).toBeGreaterThan(sync);
  await page.keyboard.press('e');
  await expect(unit).toHaveValue('kick');
});

test('Shift+. goes to the next event of the kind, Shift+, back to where that began', async ({ page }) => {
  await page.getByLabel('Step by').selectOption('interrupt');
  await page.locator('.stage').focus();
  const before = await stepNumber(page);
  await page.keyboard.press('Shift+Period');
  await expect.poll(() => stepNumber(page), { timeout: 20_000 }).toBeGreaterThan(before);
  await page.keyboard.press('Shift+Comma');
  await expect.poll(() => stepNumber(page)).toBe(before);
  await page.keyboard.press('Shift+Comma');
  await expect(page.getByRole('status').filter({ hasText: 'No jump to take back.' })).toBeVisible();
});

test('G opens a field for a step; Home and End are the ends of the recording; an answer is a sentence', async ({ page }) => {
  const before = await stepNumber(page);
  const go = async (words: string) => {
    await page.keyboard.press('g');
    await expect(page.getByLabel('Go to step', { exact: true })).toBeFocused();
    await page.keyboard.type(`${words}\n`);
    await expect(page.getByLabel('Go to step', { exact: true })).toHaveCount(0);
  };
  await go(String(before + 40));
  await expect.poll(() => stepNumber(page)).toBe(before + 40);
  await expect(page.locator('.stage')).toBeFocused();
  await page.keyboard.press('Home');
  await expect.poll(() => stepNumber(page)).toBe(before);
  await page.keyboard.press('End');
  await expect.poll(() => stepNumber(page)).toBe(before + 40);
  await go('999999999');
  await expect(page.locator('.sentence')).toContainText('Step 999999999 is more than');
  await go('soon');
  await expect(page.locator('.sentence')).toContainText('“soon” is not a step');
  await page.keyboard.press('.');
  await expect(page.locator('.sentence')).not.toContainText('soon');
  await expect(page.locator('[data-recording]')).toContainText(/recording [\d.]+ MiB, \d+ checkpoint/);
});

test('who chooses can be changed, at random with a seed', async ({ page }) => {
  const policy = page.getByLabel('Who chooses');
  await policy.selectOption('random');
  const seed = page.getByLabel('seed');
  await expect(seed).toHaveValue('1');
  await seed.fill('7');
  await seed.press('Enter');
  await page.getByRole('button', { name: 'Step', exact: true }).click();
  await expect(seed).toHaveValue('7');
  await policy.selectOption('rr');
  await expect(policy).toHaveValue('rr');
  await expect(seed).toHaveCount(0);
});

test('a choice in the past leaves a branch, and one may change over to it', async ({ page }) => {
  await expect(page.locator('.branches')).toHaveCount(0);
  const able = await ableThreads(page);
  const before = await stepNumber(page);
  await able.first().click();
  await expect.poll(() => stepNumber(page)).toBe(before + 1);
  await page.locator('.stage').focus();
  for (let i = 2; i <= 3; i++) {
    await page.keyboard.press('.');
    await expect.poll(() => stepNumber(page)).toBe(before + i);
  }
  for (let i = 2; i >= 0; i--) {
    await page.keyboard.press(',');
    await expect.poll(() => stepNumber(page)).toBe(before + i);
  }
  await able.last().click();
  await expect.poll(() => stepNumber(page)).toBe(before + 1);
  await page.locator('.branches summary').click();
  await expect(page.locator('.branches summary')).toContainText('branches (1)');
  await page.getByRole('button', { name: /^first history/ }).click();
  await expect.poll(() => stepNumber(page)).toBe(before + 3);
});

test('source lines wrap: nothing of them is cut at the right', async ({ page }) => {
  for (let i = 0; i < 5; i++) await page.keyboard.press('.');
  const source = page.locator('.source');
  await expect(source.locator('.now')).toBeVisible();
  expect(await source.evaluate((el) => el.scrollWidth - el.clientWidth)).toBeLessThanOrEqual(0);
});

test('a thread that is ready between two turns says so', async ({ page }) => {
  const begins = page.locator('.thread:not(.cannot) .thread-next').filter({ hasText: 'begins its next turn' });
  for (let i = 0; i < 60 && (await begins.count()) === 0; i++) await page.keyboard.press('.');
  await expect(begins.first()).toBeVisible();
});
