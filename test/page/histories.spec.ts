// Two histories: named, compared side by side, changed over to.
import { expect, recorded, stepNumber, test } from './lab';

test('a choice in the past opens a history; both have names and are compared where they part', async ({ page }) => {
  await recorded(page);
  const from = await stepNumber(page);
  for (let i = 1; i <= 4; i++) {
    await page.keyboard.press('.');
    await expect.poll(() => stepNumber(page)).toBe(from + i);
  }
  for (let i = 3; i >= 0; i--) {
    await page.keyboard.press(',');
    await expect.poll(() => stepNumber(page)).toBe(from + i);
  }
  await page.locator('.thread:not(.cannot)').last().click();
  await expect.poll(() => stepNumber(page)).toBe(from + 1);
  await page.locator('.branches summary').click();
  await page.getByLabel('Name of branch 1').fill('my choice');
  await page.getByLabel('Name of branch 1').press('Enter');
  await expect(page.getByLabel('Name of my choice')).toBeVisible();
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
