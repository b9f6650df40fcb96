// Words of memory: who wrote one, editing one, stopping at one, a buffer's life.
import { expect, recorded, stepNumber, test } from './lab';

test.beforeEach(async ({ page }) => {
  await recorded(page);
});

test('from a word of the CSB to the step that wrote it, and to the one before', async ({ page }) => {
  await page.getByRole('tab', { name: 'CSB' }).click();
  await page.locator('.csb .word-link', { hasText: 'tx_ring.head' }).first().click();
  await expect(page.locator('.word-panel h2')).toHaveText('csb.tx_ring.head');
  const last = page.locator('.writers li').first();
  await expect(last).toContainText(/vCPU 0 stored tx_ring\.head = \d+ in the CSB/);
  const before = page.locator('.writers li').nth(1).locator('.to-step');
  const to = Number((await before.innerText()).replace(/\D/g, ''));
  await before.click();
  await expect.poll(() => stepNumber(page)).toBe(to);
  await expect(page.locator('.sentence')).toContainText('vCPU 0 stored tx_ring.head');
});

test('an edit is a step that the machine goes on from; undo and redo go over it', async ({ page }) => {
  await page.getByRole('tab', { name: 'CSB' }).click();
  await page.locator('.csb .word-link', { hasText: 'host_need_rxkick' }).first().click();
  const at = await stepNumber(page);
  await page.getByLabel('Set to').fill('7');
  await page.getByRole('button', { name: 'Write' }).click();
  await expect(page.locator('.word-value b')).toHaveText('7');
  await expect(page.locator('.sentence')).toContainText('You wrote 7 to csb.host_need_rxkick.');
  await expect(page.locator('.writers li').first()).toContainText('You wrote 7');
  await page.locator('.stage').focus();
  await page.keyboard.press('Control+z');
  await expect.poll(() => stepNumber(page)).toBe(at);
  await expect(page.locator('.word-value b')).not.toHaveText('7');
  await page.keyboard.press('Control+Shift+z');
  await expect(page.locator('.word-value b')).toHaveText('7');
});

test('a click on a slot of the ring shows its word', async ({ page }) => {
  const box = await page.locator('.ring-box canvas').boundingBox();
  // the lens stands at the foot of the picture
  await page.mouse.click((box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) - 40);
  await expect(page.locator('.word-panel h2')).toHaveText(/slot\[\d+\]\.buf_idx/);
});

test('a word that does not fit is refused in a sentence', async ({ page }) => {
  await page.getByRole('button', { name: /In words/ }).click();
  await page.locator('.twin tbody .word-link').nth(1).click();
  await expect(page.locator('.word-panel h2')).toHaveText(/slot\[\d+\]\.len/);
  await page.getByLabel('Set to').fill('70000');
  await page.getByRole('button', { name: 'Write' }).click();
  await expect(page.locator('.sentence')).toContainText('does not fit in 2 bytes');
});

test('B stops at a word; the stop point stands in the list and can be taken away', async ({ page }) => {
  await page.getByRole('tab', { name: 'CSB' }).click();
  await page.locator('.csb .word-link', { hasText: 'tx_ring.hwcur' }).first().click();
  await expect(page.locator('.word-panel h2')).toBeVisible();
  await page.locator('.stage').focus();
  await page.keyboard.press('b');
  await expect(page.locator('.stops code')).toHaveText('changed(csb.tx_ring.hwcur)');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.locator('.sentence')).toContainText('Stop point 1, first time.', { timeout: 20_000 });
  await page.getByRole('button', { name: 'Take away stop point 1' }).click();
  await expect(page.locator('.stops')).toHaveCount(0);
});

test('a condition that is wrong says so at its column before it is added; a source line can stop', async ({ page }) => {
  await page.getByRole('tab', { name: 'Stops' }).click();
  const field = page.getByLabel('Stop when this becomes true');
  await field.fill('csb.host_need_txkick == 1 && tx.hwtial > 3');
  await expect(page.locator('.stop-error')).toContainText('column 33: no field “hwtial”. Did you mean hwtail?');
  await expect(page.getByRole('button', { name: 'Add stop point' })).toBeDisabled();
  await field.fill('csb.host_need_txkick == 1');
  await expect(page.getByRole('button', { name: 'Add stop point' })).toBeEnabled();
  await page.getByRole('tab', { name: 'Source' }).click();
  await page.locator('.source .line-stop').click();
  await expect(page.locator('.source .line-stop[aria-pressed="true"]')).toHaveCount(1);
});

test('from a source line to the moment before it ran the last time', async ({ page }) => {
  const at = await stepNumber(page);
  await page.getByRole('tab', { name: 'Source' }).click();
  const place = await page.locator('.source-panel header .quiet.mono').innerText();
  await page.getByRole('button', { name: 'The time before at this line' }).click();
  await expect.poll(() => stepNumber(page)).toBeLessThan(at);
  await expect(page.locator('.source-panel header .quiet.mono')).toHaveText(place);
  await page.getByRole('button', { name: 'The next recorded time at this line' }).click();
  await expect.poll(() => stepNumber(page)).toBeLessThanOrEqual(at);
});

test('a buffer is followed through slots and owners', async ({ page }) => {
  await page.getByRole('button', { name: /In words/ }).click();
  await page.locator('.twin tbody .word-link').first().click();
  await page.getByRole('button', { name: /Follow buffer/ }).click();
  await expect(page.locator('.life li').first()).toContainText(/slot \d+ · TX ring 0 of vtnet0/);
});
