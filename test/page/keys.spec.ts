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
  await expect(page.getByRole('tab', { name: 'Keys' })).toBeFocused();
  await page.keyboard.press('Home');
  await expect(page.getByRole('tab', { name: 'Source' })).toBeFocused();
  expect(await stepNumber(page), 'Home in the tabs is not the recording’s').toBe(before);
  await page.keyboard.press('End');
  await expect(page.getByRole('tab', { name: 'Keys' })).toBeFocused();

  // a note takes the focus; Esc gives it back and keeps what was typed
  await page.locator('.stage').focus();
  await page.keyboard.press('m');
  const note = page.getByRole('textbox', { name: /^Note at step/ });
  await expect(note).toBeFocused();
  await page.keyboard.type('half a thought');
  await page.keyboard.press('Escape');
  await expect(page.locator('.stage')).toBeFocused();
  await expect(note).toHaveValue('half a thought');

  // a word that the palette finds is where reading goes on
  await page.keyboard.press('/');
  await page.getByRole('combobox', { name: 'Find or do anything' }).fill('lease');
  await page.getByRole('option', { name: /^lease/ }).click();
  await expect(page.locator('[id="word-lease"]')).toBeFocused();
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
