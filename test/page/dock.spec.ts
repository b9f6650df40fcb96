// The layout: panels dock, close and come back with the focus; modes have sizes of their own, which are kept; terminals take all the width.
import type { Page } from '@playwright/test';
import { boot, expect, open, park, terminal, test } from './lab';

const inspector = (page: Page) => page.locator('[data-region=inspector]');
const left = (page: Page) => page.locator('[data-region=left]');
const below = (page: Page) => page.getByRole('region', { name: /^Panel below/ });

async function choose(page: Page, name: string): Promise<void> {
  await inspector(page).locator('.all-panels summary').press('Enter');
  await inspector(page).locator('.all-panels').getByRole('button', { name, exact: true }).press('Enter');
}

test('a panel is moved by keyboard and by its header, closed and brought back', async ({ page }) => {
  await open(page);
  await choose(page, 'CSB');
  await choose(page, 'To the left drawer');
  await expect(left(page)).toHaveAccessibleName('Left drawer: CSB');
  const menu = left(page).locator('.move summary');
  await expect(menu).toBeFocused();
  await expect(page.getByRole('tab', { name: 'CSB' })).toHaveCount(0);
  // asked for again it stays where it stands
  await choose(page, 'CSB');
  await expect(menu).toBeFocused();
  await menu.press('Enter');
  await left(page).getByRole('button', { name: 'To the bottom of the inspector' }).press('Enter');
  await expect(below(page)).toHaveAccessibleName('Panel below: CSB');
  await expect(left(page)).toHaveCount(0);
  await expect(below(page).locator('.move summary')).toBeFocused();
  await below(page).getByRole('button', { name: 'Close the panel below' }).press('Enter');
  // a tab is carried to the left, Escape lets it go where it was
  const tab = await page.getByRole('tab', { name: 'Threads' }).boundingBox();
  if (!tab) throw new Error('no tab');
  for (const kept of [false, true]) {
    await page.mouse.move(tab.x + 10, tab.y + 10);
    await page.mouse.down();
    await page.mouse.move(400, 300);
    await page.mouse.move(100, 300);
    await expect(page.locator('[data-drop=left]')).toHaveClass('over');
    if (!kept) await page.keyboard.press('Escape');
    await page.mouse.up();
    await expect(page.locator('.zones')).toHaveCount(0);
    await expect(left(page)).toHaveCount(kept ? 1 : 0);
  }
  await expect(menu).toBeFocused();
  await page.getByRole('separator', { name: 'Border between left drawer and stage' }).press('ArrowRight');
  await expect(left(page)).toHaveCSS('width', '376px');
  await left(page).getByRole('button', { name: 'Close Threads' }).press('Enter');
  await expect(left(page)).toHaveCount(0);
  await expect(inspector(page).locator('.all-panels summary')).toBeFocused();
  // a tab that is closed is gone until it is asked for
  await choose(page, 'Word');
  await choose(page, 'Close Word');
  await expect(page.getByRole('tab', { name: 'Word' })).toHaveCount(0);
  await choose(page, 'Word');
  await expect(page.getByRole('tab', { name: 'Word' })).toBeFocused();
});

test('each mode has its sizes, kept where they were set; reset gives them back; F6 goes around', async ({ page }) => {
  await boot(page);
  const app = page.locator('.app'),
    border = page.getByRole('separator', { name: /terminals/i });
  await expect(app).toHaveAttribute('data-mode', 'free');
  await expect(page.getByRole('tab', { name: 'Ledger' })).toHaveAttribute('aria-selected', 'true');
  const free = await border.getAttribute('aria-valuenow');
  const time = (await page.locator('.transport').boundingBox())?.y;
  await park(page);
  await expect(app).toHaveAttribute('data-mode', 'stopped');
  await expect(page.getByRole('tab', { name: 'Source' })).toHaveAttribute('aria-selected', 'true');
  expect(Math.abs(((await page.locator('.transport').boundingBox())?.y ?? 0) - (time ?? 0)), 'time stays in its place').toBeLessThanOrEqual(
    8,
  );
  const stopped = await border.getAttribute('aria-valuenow');
  expect(Number(stopped)).toBeLessThan(Number(free));
  await border.press('ArrowUp');
  await expect(border).toHaveAttribute('aria-valuenow', String(Number(stopped) + 16));
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(border).toHaveAttribute('aria-valuenow', String(free));
  await park(page);
  await expect(border).toHaveAttribute('aria-valuenow', String(Number(stopped) + 16));

  await page.locator('.stage').focus();
  const order: (string | undefined)[] = [];
  for (let i = 0; i < 8; i++) {
    order.push(await page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-region]')?.dataset.region));
    await page.keyboard.press('F6');
  }
  expect(order).toEqual(['stage', 'threads', 'transport', 'strip', 'inspector', 'guest', 'host', 'top']);

  const half = (await terminal(page, 'host').boundingBox())?.width ?? 0;
  await terminal(page, 'host').locator('.term-head > b').dblclick();
  await expect(terminal(page, 'guest')).toBeHidden();
  expect((await terminal(page, 'host').boundingBox())?.width).toBe(2 * half);
  await terminal(page, 'host').getByRole('button', { name: 'Both terminals' }).click();
  await expect(terminal(page, 'guest')).toBeVisible();

  await page.reload();
  await expect(border).toHaveAttribute('aria-valuenow', String(Number(stopped) + 16));
  await choose(page, 'Reset layout');
  await expect(border).toHaveAttribute('aria-valuenow', String(stopped));
});

test('at 1024 the inspector is a drawer behind its rail; storage that refuses breaks nothing', async ({ page }) => {
  await page.addInitScript(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException('refused', 'QuotaExceededError');
    };
  });
  await page.setViewportSize({ width: 1024, height: 768 });
  await open(page);
  const rail = page.getByRole('navigation', { name: 'Panels' });
  expect((await rail.boundingBox())?.width).toBe(40);
  await expect(inspector(page)).toBeHidden();
  await rail.getByRole('button', { name: 'Ledger' }).click();
  await expect(page.getByRole('tab', { name: 'Ledger' })).toBeFocused();
  const drawer = await inspector(page).boundingBox(),
    transport = await page.locator('.transport').boundingBox();
  expect((drawer?.y ?? 0) + (drawer?.height ?? 0)).toBeLessThanOrEqual((transport?.y ?? 0) + 1);
  await page.keyboard.press('Escape');
  await expect(inspector(page)).toBeHidden();
  await expect(rail.getByRole('button', { name: 'Ledger' })).toBeFocused();
  // nothing in the transport is cut
  await page.getByText('Step engine', { exact: true }).click();
  const cut = await page
    .locator('.transport :is(button, select):visible')
    .evaluateAll((all) => all.filter((el) => el.scrollWidth > el.clientWidth + 1).map((el) => el.textContent));
  expect(cut).toEqual([]);
  await rail.getByRole('button', { name: 'CSB' }).click();
  await choose(page, 'To the left drawer');
  await expect(left(page)).toBeVisible();
  await page.getByRole('separator', { name: /terminals/i }).press('ArrowUp');
});
