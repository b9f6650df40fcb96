// Two histories: named, compared side by side, changed over to.
import { ableThreads, expect, recorded, stepNumber, test } from './lab';

test('a choice in the past opens a history; both have names and are compared where they part', async ({ page }) => {
  await recorded(page);
  const able = await ableThreads(page);
  const from = await stepNumber(page);
  await able.first().click();
  await expect.poll(() => stepNumber(page)).toBe(from + 1);
  await page.locator('.stage').focus();
  for (let i = 2; i <= 4; i++) {
    await page.keyboard.press('.');
    await expect.poll(() => stepNumber(page)).toBe(from + i);
  }
  for (let i = 3; i >= 0; i--) {
    await page.keyboard.press(',');
    await expect.poll(() => stepNumber(page)).toBe(from + i);
  }
  await able.last().click();
  await expect.poll(() => stepNumber(page)).toBe(from + 1);
  await page.locator('.branches summary').click();
  await page.getByLabel('Name of branch 1').fill('my choice');
  await page.getByLabel('Name of branch 1').press('Enter');
  await expect(page.getByLabel('Name of my choice')).toBeVisible();
  // a link names this very step, in a window of another size too
  const fragment = await page.evaluate(() => location.href);
  await page.keyboard.press('Escape');
  await page.locator('.stage').focus();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: /copy link/i }).click();
  await expect(page.getByRole('button', { name: 'Link copied' })).toBeVisible();
  const url = await page.evaluate(() => navigator.clipboard.readText());
  expect(url).not.toBe(fragment);
  const other = await page.context().newPage();
  await other.setViewportSize({ width: 1000, height: 700 });
  await other.goto(url);
  await expect.poll(() => stepNumber(other), { timeout: 30_000 }).toBe(from + 1);
  await other.close();
  await page.locator('.branches summary').click();
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await expect(page.locator('.compare')).toContainText(`Until here they are the same: step ${from.toLocaleString('en-US')}.`);
  await expect(page.locator('.history-here')).toContainText('my choice');
  await expect(page.locator('.history-there')).toContainText('first history');
  await page.locator('.compare select').selectOption({ label: 'at their ends' });
  await expect(page.locator('.differs tbody tr').first()).toBeVisible();
  expect(await stepNumber(page)).toBe(from + 1);
  await page.getByRole('button', { name: 'Change over, to where they part' }).click();
  await expect.poll(() => stepNumber(page)).toBe(from);
  await expect(page.locator('.compare')).toHaveCount(0);
});
