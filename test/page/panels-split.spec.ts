// Panels by name, and a second one below: by keyboard, kept within the inspector, and away again.
import { expect, test } from './lab';

test('every panel by name, and a second below', async ({ page }) => {
  await page.goto('/');
  const inspector = page.locator('[data-region=inspector]');
  const all = inspector.locator('.all-panels summary');
  await all.focus();
  await page.keyboard.press('Enter');
  await expect(inspector.locator('.all-panels li:not(.split-row)')).toHaveCount(await page.getByRole('tab').count());
  await inspector.getByRole('button', { name: 'Krings' }).press('Enter');
  await expect(page.getByRole('tab', { name: 'Krings' })).toBeFocused();
  await expect(page.getByRole('tab', { name: 'Krings' })).toBeInViewport();
  await all.press('Enter');
  await inspector.getByRole('button', { name: 'A second panel below' }).press('Enter');
  const below = page.getByRole('region', { name: /^Panel below/ });
  await expect(below.getByRole('combobox')).toBeFocused();
  await below.getByRole('combobox').selectOption('threads');
  await expect(page.getByRole('region', { name: 'Panel below: Threads' })).toBeVisible();
  const height = (await below.boundingBox())?.height ?? 0;
  await page.getByRole('separator', { name: 'Border between the two panels' }).press('ArrowUp');
  expect((await below.boundingBox())?.height).toBe(height + 16);
  const outer = await inspector.boundingBox(),
    inner = await below.boundingBox();
  expect((inner?.y ?? 0) + (inner?.height ?? 0)).toBeLessThanOrEqual((outer?.y ?? 0) + (outer?.height ?? 0) + 1);
  await below.getByRole('button', { name: 'Close the panel below' }).press('Enter');
  await expect(below).toHaveCount(0);
  await expect(all).toBeFocused();
});
