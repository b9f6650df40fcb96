// By keyboard alone, also from inside a terminal.
import { expect, open, shows, stepNumber, terminal, test } from './lab';

test('boot, send, park, step and back without a pointer', async ({ page }) => {
  await open(page);
  const button = page.getByRole('button', { name: 'Boot the VM' });
  for (let i = 0; i < 20 && !(await button.evaluate((el) => el === document.activeElement)); i++) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await shows(page, 'guest', /root@\S*:\S* # ?$/m);
  await expect(terminal(page, 'guest').locator('textarea')).toBeFocused();
  await page.keyboard.type('pkt-gen -i vtnet0 -f tx\r');
  await expect(page.locator('svg.machine [data-act=ring]').first()).toBeVisible({ timeout: 30_000 });

  const run = page.getByRole('button', { name: 'Run', exact: true });
  if (!(await run.isVisible())) await page.keyboard.press('Control+Shift+Space');
  await expect(run).toBeVisible();

  await page.keyboard.press('F6');
  await expect(terminal(page, 'host').locator('textarea')).toBeFocused();
  await page.keyboard.press('F6');
  await expect(terminal(page, 'host').locator('textarea')).not.toBeFocused();

  const before = await stepNumber(page);
  await page.keyboard.press('.');
  await expect.poll(() => stepNumber(page)).toBe(before + 1);
  await page.keyboard.press(',');
  await expect.poll(() => stepNumber(page)).toBe(before);
  await page.keyboard.press('?');
  await expect(page.getByRole('tab', { name: 'Keys' })).toHaveAttribute('aria-selected', 'true');
});

test('letters typed in a terminal are the terminal’s', async ({ page }) => {
  await open(page);
  const before = await stepNumber(page);
  await terminal(page, 'host').locator('.xterm-screen').click();
  await page.keyboard.press('Control+c');
  await page.keyboard.type('t.,?');
  await shows(page, 'host', 't.,?');
  expect(await stepNumber(page)).toBe(before);
  await expect(page.getByRole('tab', { name: 'Source' })).toHaveAttribute('aria-selected', 'true');
});

test('Ctrl+M lets Tab leave a terminal, and says so', async ({ page }) => {
  await open(page);
  await terminal(page, 'host').locator('.xterm-screen').click();
  const input = terminal(page, 'host').locator('textarea');
  await page.keyboard.press('Tab');
  await expect(input).toBeFocused();
  await page.keyboard.press('Control+m');
  await expect(terminal(page, 'host')).toContainText('Tab moves focus');
  await page.keyboard.press('Tab');
  await expect(input).not.toBeFocused();
});
