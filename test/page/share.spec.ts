// A link to a moment: copied on the step engine, opened in a fresh page; what cannot be shared is said.
import { boot, expect, onSteps, open, park, screen, shows, stepNumber, test, traffic, GUEST_PROMPT } from './lab';

const copyLink = /copy link|link copied/i;

test.beforeEach(async ({ context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
});

test('on the step engine a link brings the same step, terminals and sentence to a fresh page', async ({ page, context }) => {
  await open(page);
  await onSteps(page);
  await page.getByRole('button', { name: 'Boot the VM' }).click();
  await shows(page, 'guest', GUEST_PROMPT);
  await park(page);
  const at = await stepNumber(page);
  await page.getByRole('button', { name: copyLink }).click();
  await expect(page.getByRole('button', { name: 'Link copied' })).toBeVisible();
  const url = await page.evaluate(() => navigator.clipboard.readText());
  expect(url).toContain('#r2.');
  const other = await context.newPage();
  await other.goto(url);
  await expect.poll(() => stepNumber(other), { timeout: 30_000 }).toBe(at);
  await expect.poll(() => screen(other, 'guest')).toBe(await screen(page, 'guest'));
  await other.close();
});

test('what ran freely cannot be shared, and says so', async ({ page }) => {
  await boot(page);
  await traffic(page);
  await park(page);
  await page.getByRole('button', { name: copyLink }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'cannot be shared' })).toBeVisible();
});

test('a damaged link is said to be damaged, and the lab is fresh', async ({ page }) => {
  await page.goto('./#r2.1.1024.zzzz');
  await expect(page.getByRole('alert')).toContainText(/link/i, { timeout: 30_000 });
  await expect(page.getByRole('button', { name: 'Boot the VM' })).toBeVisible();
});
