// When the lab's worker cannot run: a sentence and a way back, never an empty page.
import { expect, test } from '@playwright/test';

test.use({ serviceWorkers: 'block' });

test('a worker that stops leaves a sentence and a way back', async ({ page }) => {
  let broken = true;
  const headers = { 'Cross-Origin-Embedder-Policy': 'require-corp', 'Cross-Origin-Resource-Policy': 'same-origin' };
  await page.route(/worker.*\.js/, (route) =>
    broken ? route.fulfill({ headers, contentType: 'text/javascript', body: 'throw new Error("no machine")' }) : route.continue(),
  );
  await page.goto('./?bare');
  await expect(page.getByRole('heading', { name: 'The lab did not start.' })).toBeVisible();
  await expect(page.getByRole('alert')).toContainText('no machine');
  broken = false;
  await page.getByRole('button', { name: 'Start again' }).click();
  await expect(page.getByRole('button', { name: 'Boot the VM' })).toBeVisible({ timeout: 30_000 });
});
