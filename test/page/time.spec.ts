// Park, step and back: stopped means exact, and back means the same again.
import { boot, expect, park, stepNumber, test, traffic } from './lab';

test('a step adds one to the step number and back takes it away, memory with it', async ({ page }) => {
  await boot(page);
  await traffic(page);
  await park(page);
  const words = page.locator('.twin .prose');
  await page.getByRole('button', { name: /In words/ }).click();
  const before = await stepNumber(page);
  const step = page.getByRole('button', { name: 'Step', exact: true });
  await step.click();
  await expect.poll(() => stepNumber(page)).toBe(before + 1);
  await expect(page.locator('.sentence')).not.toBeEmpty();
  const after = await words.textContent();
  for (let i = 0; i < 5; i++) {
    await step.click();
    await expect.poll(() => stepNumber(page)).toBe(before + 2 + i);
  }
  for (let i = 5; i > 0; i--) {
    await page.getByRole('button', { name: 'Back', exact: true }).click();
    await expect.poll(() => stepNumber(page)).toBe(before + i);
  }
  await expect(words).toHaveText(after ?? '');
});

test('a thread’s chip makes that thread go next', async ({ page }) => {
  await boot(page);
  await traffic(page);
  await park(page);
  const before = await stepNumber(page);
  await page.locator('.thread:not(.cannot)').first().click();
  await expect.poll(() => stepNumber(page)).toBe(before + 1);
});
