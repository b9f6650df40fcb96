// Guest left, host right, at every width and in every mode; nothing runs out of the page sideways.
import type { Page } from '@playwright/test';
import { boot, expect, open, park, terminal, test } from './lab';

const WIDTHS = [1920, 1440, 1024, 768, 390, 360];

/** The right-most edge of the guest's places, the slab's two edges, the left-most of the host's; and what runs out of the page. */
async function look(page: Page) {
  return page.evaluate(() => {
    const boxes = (zone: string) =>
      [...document.querySelectorAll(`svg.machine [data-zone="${zone}"]`)]
        .map((el) => el.getBoundingClientRect())
        .filter((b) => b.width > 0);
    const middle = boxes('middle');
    return {
      some: Math.min(boxes('guest').length, middle.length, boxes('host').length),
      guest: Math.max(...boxes('guest').map((b) => b.right)),
      left: Math.min(...middle.map((b) => b.left)),
      right: Math.max(...middle.map((b) => b.right)),
      host: Math.min(...boxes('host').map((b) => b.left)),
      over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      below: document.documentElement.scrollHeight - document.documentElement.clientHeight,
      time: document.querySelector('.transport')?.getBoundingClientRect().bottom ?? Number.POSITIVE_INFINITY,
    };
  });
}

async function everywhere(page: Page, what: string): Promise<void> {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    if (width < 720) await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: 'Ring' }).click();
    await page.getByRole('button', { name: 'Level 1: machine' }).click();
    const at = `${what}, ${width}`;
    await expect.poll(async () => (await look(page)).some, at).toBeGreaterThan(0);
    const now = await look(page);
    expect(now.guest, at).toBeLessThanOrEqual(now.left);
    expect(now.host, at).toBeGreaterThanOrEqual(now.right);
    expect(now.over, at).toBeLessThanOrEqual(0);
    expect(now.below, at).toBeLessThanOrEqual(0);
    expect(now.time, at).toBeLessThanOrEqual(800);
    if (width < 720) continue;
    const guest = await terminal(page, 'guest').boundingBox(),
      host = await terminal(page, 'host').boundingBox();
    expect((guest?.x ?? 0) + (guest?.width ?? 0), at).toBeLessThanOrEqual((host?.x ?? 0) + 1);
  }
  await page.setViewportSize({ width: 1440, height: 800 });
}

test('the guest’s places are left of the slab, the host’s right of it: no VM, running, stopped, with a drawer', async ({ page }) => {
  await open(page);
  await everywhere(page, 'no VM');
  await boot(page);
  await everywhere(page, 'running');
  await park(page);
  await everywhere(page, 'stopped');
  await page.locator('.all-panels summary').click();
  await page.locator('.all-panels').getByRole('button', { name: 'To the left drawer' }).click();
  await everywhere(page, 'left drawer');
});

test('at 390 one column, tabs below, targets for a thumb', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
  const small = await page
    .locator('button:visible')
    .evaluateAll((all) => all.filter((b) => b.getBoundingClientRect().height < 44).map((b) => b.textContent));
  expect(small).toEqual([]);
  // help is there, and opens above everything
  await page.locator('.topbar > .help summary').click();
  await expect(page.locator('.topbar > .help li button').first()).toBeInViewport();
  await page.keyboard.press('Escape');
  // nothing is typed, and focus is not lost when the picture changes to the guest's terminal
  await page.getByRole('button', { name: 'Boot the VM' }).click();
  await expect(terminal(page, 'guest')).toBeFocused({ timeout: 30_000 });
  await terminal(page, 'guest').getByRole('button', { name: 'pkt-gen -i vtnet0 -f tx', exact: true }).click();
  await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: 'Ring' }).click();
  await expect(page.locator('svg.machine [data-act=ring]').first()).toBeVisible({ timeout: 30_000 });
  // the keyboard comes up: time is in the top bar
  await page.evaluate(() => {
    Object.defineProperty(visualViewport, 'height', { value: 480, configurable: true });
    visualViewport?.dispatchEvent(new Event('resize'));
  });
  await expect(page.locator('.transport')).toBeHidden();
  await page.locator('.topbar').getByRole('button', { name: 'Park', exact: true }).click();
  await expect(page.locator('.top-park')).toHaveCount(0);
});
