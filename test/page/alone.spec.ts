// By keyboard alone, from inside a terminal: the first sixty seconds, an edit, a stop point, a fork and the way to the other branch.
// Nothing here uses a pointer or focuses by script.
import type { Locator, Page } from '@playwright/test';
import { expect, stepNumber, terminal, test } from './lab';

const focused = (what: Locator) => what.evaluate((e) => e === document.activeElement);

/** Presses a key until something has the focus. */
async function until(page: Page, key: string, what: Locator, most: number): Promise<void> {
  for (let i = 0; i < most; i++) {
    await page.keyboard.press(key);
    if ((await what.count()) && (await focused(what))) return;
  }
  const at = await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 120));
  throw new Error(`${key} pressed ${most} times, and the focus is on ${at}`);
}

test('the tour, an edit, a stop point and a fork without a pointer, begun in a terminal', async ({ page }) => {
  const card = page.getByRole('complementary', { name: 'The first sixty seconds' }),
    stage = page.locator('.stage'),
    host = terminal(page, 'host').locator('[data-tty]:not([hidden]) textarea');
  await page.goto('./?tour');
  await expect(card).toContainText('Stop it: press Space.', { timeout: 30_000 });
  await expect.poll(() => stepNumber(page)).toBeGreaterThan(0);

  // in and out of a terminal; the lab is stopped from inside it
  await until(page, 'F6', host, 10);
  await page.keyboard.press('Control+Shift+Space');
  await expect(card).toContainText('Let the guest’s CPU go: press 1.');
  await expect(host).toBeFocused();
  await until(page, 'F6', stage, 10);

  // five cards
  const at = await stepNumber(page);
  await page.keyboard.press('1');
  await expect(card).toContainText('vCPU 0 read host_need_txkick and found 0, so it sent no kick.');
  await page.keyboard.press('ArrowLeft');
  await expect(card).toContainText('Undone, to the last bit.');
  const [, second = ''] = /press (\d), then 1/.exec((await card.innerText()).replaceAll('\n', ' ')) ?? [];
  await page.keyboard.press(second);
  await expect.poll(() => stepNumber(page)).toBe(at + 1);
  await page.keyboard.press('1');
  await expect(card).toContainText('This time it found 1 and had to kick');
  await expect(card.getByRole('button', { name: 'Start lesson 1' })).toBeFocused();
  await until(page, 'Tab', card.getByRole('button', { name: 'Close', exact: true }), 8);
  await page.keyboard.press('Enter');
  await expect(card).toHaveCount(0);
  await expect(page.locator('body')).not.toBeFocused();

  // an edit: head, one further, at the keyboard
  const head = page.locator('.hand-bar [data-hand=head]');
  await until(page, 'F6', stage, 10);
  await until(page, 'Tab', head, 30);
  const value = Number(await head.locator('.num').innerText()),
    before = await stepNumber(page);
  await page.keyboard.press('Enter');
  const field = page.getByLabel(/Set head/);
  await expect(field).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await expect(field).toHaveCount(0);
  await expect(head).toBeFocused();
  await expect(head.locator('.num')).not.toHaveText(String(value));
  await expect.poll(() => stepNumber(page)).toBe(before + 1);

  // a stop point on the line that comes next, taken away again
  await page.keyboard.press('b');
  const stops = page.getByRole('button', { name: /^Take away stop point \d/ });
  await expect(stops).toHaveCount(1);
  await expect(page.locator('body')).not.toBeFocused();
  await until(page, 'F6', page.locator('.inspector'), 10);
  await until(page, 'Tab', stops, 40);
  await page.keyboard.press('Enter');
  await expect(stops).toHaveCount(0);
  await expect(page.locator('body')).not.toBeFocused();

  // a fork: back over the edit, another choice, and over to the branch that was left
  await until(page, 'F6', stage, 10);
  await page.keyboard.press(',');
  await expect.poll(() => stepNumber(page)).toBe(before);
  const branches = page.locator('.transport .branches summary');
  const had = Number(/\((\d+)\)/.exec((await branches.count()) ? await branches.innerText() : '')?.[1] ?? 0);
  await page.keyboard.press('1');
  await expect(branches).toContainText(`(${had + 1})`);
  await until(page, 'F6', page.locator('.transport'), 10);
  await until(page, 'Tab', branches, 20);
  await page.keyboard.press('Enter');
  const names = page.locator('.branch-list button.branch');
  await expect(names).toHaveCount(had + 1);
  await until(page, 'Tab', names.last(), 12);
  await page.keyboard.press('Enter');
  await expect(head.locator('.num')).not.toHaveText(String(value));
  await expect(page.locator('body')).not.toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.locator('body')).not.toBeFocused();
});
