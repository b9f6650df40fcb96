// The palette, the lab's commands in a terminal, speed, terminals behind the present.
import { expect, recorded, screen, shows, stepNumber, terminal, test, typeIn } from './lab';

test.beforeEach(async ({ page }) => {
  await recorded(page);
});

test('the palette finds actions, commands, steps and slots, by keyboard alone', async ({ page }) => {
  const at = await stepNumber(page);
  await page.keyboard.press('Control+k');
  const field = page.getByRole('combobox', { name: 'Find or do anything' });
  await expect(field).toBeFocused();
  await page.keyboard.type(String(at - 30));
  await page.keyboard.press('Enter');
  await expect.poll(() => stepNumber(page)).toBe(at - 30);
  await page.keyboard.press('/');
  await page.keyboard.type('lab step 5');
  await page.keyboard.press('Enter');
  await expect.poll(() => stepNumber(page)).toBe(at - 25);
  await page.keyboard.press('/');
  await page.keyboard.type('slot 5');
  await page.keyboard.press('Enter');
  await expect(page.locator('.word-panel h2')).toHaveText(/slot\[5\]\.buf_idx/);
  // a hand is set from anywhere: its ring comes, the focus is in its field
  await page.getByRole('button', { name: 'Level 1: machine' }).click();
  await page.locator('.stage').focus();
  await page.keyboard.press('/');
  await page.keyboard.type('set head');
  await page.keyboard.press('Enter');
  await expect(page.locator('.hand-form input')).toBeFocused();
  const [head] = /\d+/.exec(await page.locator('.hand[data-hand="head"]').innerText()) ?? [];
  await expect(page.locator('.hand-form input')).toHaveValue(head ?? '');
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  await page.keyboard.type('nothing like this');
  await expect(page.locator('.palette')).toContainText('Nothing is called that.');
  await page.keyboard.press('Escape');
  await expect(field).toHaveCount(0);
});

test('lab commands answer in a terminal', async ({ page }) => {
  await page.getByRole('button', { name: 'New terminal' }).click();
  await shows(page, 'host', /# ?$/);
  await typeIn(page, 'host', 'lab where');
  await shows(page, 'host', /nm-kthread-1/);
  const at = await stepNumber(page);
  await typeIn(page, 'host', 'lab nonsense; echo $?');
  await shows(page, 'host', /no command "lab nonsense"[\s\S]*\n1\n/);
  await typeIn(page, 'host', 'lab step 40');
  await expect.poll(() => stepNumber(page)).toBeGreaterThan(at + 40);
});

test('behind the present a terminal is read only, until its owner wants a branch', async ({ page }) => {
  const at = await stepNumber(page);
  await page.keyboard.press('Home');
  await expect.poll(() => stepNumber(page)).toBe(0);
  await page.keyboard.press('End');
  await expect.poll(() => stepNumber(page)).toBe(at);
  for (let i = 1; i <= 5; i++) await page.keyboard.press(',');
  await expect.poll(() => stepNumber(page)).toBe(at - 5);
  await expect(terminal(page, 'host')).toContainText('behind the present');
  await terminal(page, 'host').locator('[data-tty]:not([hidden]) .xterm-screen').click();
  await page.keyboard.type('q');
  await expect.poll(() => stepNumber(page)).toBe(at - 5);
  await page.getByRole('button', { name: `Type here from step ${(at - 5).toLocaleString('en-US')}?` }).click();
  await page.keyboard.type('q');
  await expect(page.locator('.branches summary')).toContainText('branches (1)');
});

test('the step engine goes as slowly as one likes', async ({ page }) => {
  await page.getByLabel('Speed', { exact: true }).selectOption('30');
  const at = await stepNumber(page);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect.poll(() => stepNumber(page)).toBeGreaterThan(at + 10);
  await page.getByRole('button', { name: 'Park', exact: true }).click();
  expect(await stepNumber(page)).toBeLessThan(at + 3000);
});

test('a terminal copies, pastes and searches', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'New terminal' }).click();
  await shows(page, 'host', /# ?$/);
  await page.evaluate(() => navigator.clipboard.writeText('echo pasted https://example.org/x'));
  await terminal(page, 'host').getByRole('button', { name: 'Paste' }).click();
  await shows(page, 'host', /# echo pasted/);
  await page.keyboard.press('Enter');
  await shows(page, 'host', /\npasted https:\/\/example\.org\/x/);
  await terminal(page, 'host').getByRole('button', { name: 'Find' }).click();
  const find = terminal(page, 'host').getByRole('textbox', { name: 'Find' });
  await find.fill('pasted');
  await find.press('Enter');
  await expect(terminal(page, 'host')).not.toContainText('not found');
  await find.fill('no such words');
  await find.press('Enter');
  await expect(terminal(page, 'host')).toContainText('not found');
  await find.press('Escape');
  const row = await terminal(page, 'host')
    .locator('[data-tty]:not([hidden]) .xterm-rows > div', { hasText: /^pasted/ })
    .boundingBox();
  await page.mouse.dblclick((row?.x ?? 0) + 20, (row?.y ?? 0) + 8);
  await page.keyboard.press('Control+Shift+C');
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('pasted');
  expect(await screen(page, 'host')).toContain('pasted');
  const at = await stepNumber(page);
  await page.locator('.stage').focus();
  for (let i = 1; i <= 3; i++) {
    await page.keyboard.press('.');
    await expect.poll(() => stepNumber(page)).toBe(at + i);
  }
  await terminal(page, 'host').getByRole('button', { name: 'Go to when the chosen line was written' }).click();
  await expect.poll(() => stepNumber(page)).toBe(at);
  await shows(page, 'host', /\npasted/);
  await page.locator('.stage').focus();
  await page.keyboard.press(',');
  await expect.poll(() => stepNumber(page)).toBe(at - 1);
  await expect.poll(() => screen(page, 'host')).not.toMatch(/\npasted/);
});
