// Guidance beside the machine: notes at steps, Predict, and the lines of what is wrong with their ways on.
import { expect, recorded, stepNumber, test } from './lab';

test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

test('a note, a prediction, a limit, a damaged link', async ({ page }) => {
  await recorded(page);
  const at = await stepNumber(page);
  await page.keyboard.press('m');
  await expect(page.getByRole('textbox', { name: /^Note at step/ })).toBeFocused();
  await page.keyboard.type('<b>bold</b> & plain');
  await page.keyboard.press('Control+Enter');
  const note = page.locator('.note-text');
  await expect(note).toHaveText('<b>bold</b> & plain');
  await expect(note.locator('b')).toHaveCount(0);
  await page.locator('.stage').focus();
  await page.keyboard.press('.');
  await expect.poll(() => stepNumber(page)).toBe(at + 1);
  await page.locator('.strip-note').click();
  await expect.poll(() => stepNumber(page)).toBe(at);
  await page.getByRole('button', { name: /^Take away the note/ }).click();
  await expect(page.locator('.strip-note')).toHaveCount(0);
  await page.getByRole('button', { name: 'Take that back' }).click();
  await expect(note).toHaveCount(1);

  await page.locator('.topbar .help summary').click();
  await page.getByRole('button', { name: /^Predict: be asked/ }).click();
  await page.locator('.stage').focus();
  const question = page.getByRole('form', { name: 'Predict' });
  for (let i = 0; i < 60 && !(await question.count()); i++) {
    const before = await stepNumber(page);
    await page.keyboard.press('.');
    await expect.poll(async () => (await question.count()) > 0 || (await stepNumber(page)) > before).toBe(true);
  }
  const asked = await stepNumber(page);
  await expect(page.locator('.thread-next', { hasText: /store \S+ = \d/ })).toHaveCount(0);
  await expect(question.getByRole('textbox')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(question).toHaveCount(0);
  await expect(page.locator('.stage')).toBeFocused();
  expect(await stepNumber(page)).toBe(asked);
  await page.keyboard.press('.');
  await expect(question.getByRole('textbox')).toBeFocused();
  await page.keyboard.type('123456789');
  await page.keyboard.press('Enter');
  await expect(question.getByRole('status')).toContainText('Not 123,456,789. The rule:');
  expect(await stepNumber(page)).toBe(asked);
  await question.getByRole('button', { name: 'Show it' }).click();
  const said = page.locator('.predict-right');
  await expect(said).toContainText(/ went from [\d,]+ to [\d,]+\./);
  const [, answer = ''] = / to ([\d,]+)\./.exec(await said.innerText()) ?? [];
  await page.locator('.stage').focus();
  await page.keyboard.press(',');
  await expect.poll(() => stepNumber(page)).toBe(asked);
  await page.keyboard.press('.');
  await expect(question.getByRole('textbox')).toBeFocused();
  await page.keyboard.type(answer);
  await page.keyboard.press('Enter');
  await expect(said).toContainText('Right:');
  expect(await stepNumber(page)).toBe(asked + 1);

  await page.locator('.stage').focus();
  await page.keyboard.press('/');
  await page.keyboard.type('limit 16');
  await page.keyboard.press('Enter');
  const full = page.locator('.trouble-line', { hasText: 'The recording reached its limit of 16 MiB.' });
  await full.getByRole('button', { name: 'Change the limit' }).click();
  await page.getByRole('button', { name: '256 MiB' }).click();
  await expect(full).toHaveCount(0);

  await page.getByRole('button', { name: 'Copy link to this moment' }).click();
  await expect(page.getByRole('button', { name: 'Link copied' })).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await page.goto('about:blank');
  await page.goto(`${link.slice(0, -40)}!${link.slice(-39)}`);
  const bad = page
    .getByRole('alert')
    .filter({ hasText: /damaged after its [\d,]+.. character\. The scenario could be read, the moment could not\./ });
  await expect(bad).toBeVisible({ timeout: 30_000 });
  await bad.getByRole('button', { name: 'Open the scenario' }).click();
  await expect(bad).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Boot the VM' })).toBeVisible({ timeout: 30_000 });
});

test('a picture embedded without a moment shows a machine that can be stepped, and nothing that does nothing', async ({ page, errors }) => {
  await page.goto('./?embed=ring');
  await expect(page.locator('.ring-box canvas')).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole('button', { name: /Boot|pkt-gen|Scenarios|Find/ })).toHaveCount(0);
  const at = await stepNumber(page);
  for (const key of ['/', 'm', 'x', '?']) await page.keyboard.press(key);
  await page.keyboard.press('.');
  await expect.poll(() => stepNumber(page)).toBe(at + 1);
  await page.goto('about:blank');
  await page.goto('./?embed=ring&ring=vale1:1-PTN.rx');
  await expect(page.getByRole('navigation', { name: 'Where you are' })).toContainText('RX ring', { timeout: 30_000 });
  expect(errors).toEqual([]);
});
