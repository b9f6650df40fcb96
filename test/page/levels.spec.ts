// The three levels: in with Enter, out with Esc, by breadcrumb and cells; the machine's places on a booted page, at three widths.
import { boot, expect, park, shows, test, typeIn } from './lab';

test.beforeEach(async ({ page }) => {
  await boot(page);
  await typeIn(page, 'host', 'pkt-gen -i vale1:2 -f rx');
  await typeIn(page, 'guest', 'pkt-gen -i vtnet0 -f tx');
  await shows(page, 'guest', /[1-9][\d.]* [KM]?pps/);
});

const level = (page: import('@playwright/test').Page) => page.locator('.stage');

test('free run shows the machine; stopped, the ring; levels by keyboard alone', async ({ page }) => {
  const stage = level(page),
    svg = page.locator('svg.machine');
  await expect(stage).toHaveAttribute('data-level', 'machine');
  await expect(svg).toContainText('pkt-gen');
  await expect(svg).toContainText(/[KkM]?pps/);
  await park(page);
  await expect(stage).toHaveAttribute('data-level', 'ring');
  await stage.focus();
  await page.keyboard.press('Escape');
  await expect(stage).toHaveAttribute('data-level', 'machine');
  const csb = page.locator('svg.machine [data-act=csb]');
  await csb.focus();
  await page.keyboard.press('Enter');
  await expect(stage).toHaveAttribute('data-level', 'ring');
  await stage.focus();
  await page.keyboard.press('Escape');
  await page.locator('svg.machine [data-act=ring]').first().focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('.ring-box canvas')).toBeVisible();
  await page.getByRole('button', { name: 'Level 3: slot' }).press('Enter');
  await expect(stage).toHaveAttribute('data-level', 'slot');
  await stage.focus();
  await page.keyboard.press('Escape');
  await expect(stage).toHaveAttribute('data-level', 'ring');
  await page.getByRole('navigation', { name: 'Where you are' }).getByRole('button', { name: 'Machine' }).press('Enter');
  await expect(stage).toHaveAttribute('data-level', 'machine');
  // a thread of the picture is shown in the inspector, a word of the CSB likewise
  await svg.locator('[data-act=thread]').first().press('Enter');
  await expect(page.getByRole('tab', { name: 'Threads' })).toHaveAttribute('aria-selected', 'true');
  await svg.locator('[data-act=word]').first().press('Enter');
  await expect(page.locator('.word-panel h2')).toHaveText(/tx_ring\.head/);
});

test('places: guest left of the slab, host right of it, at 1440, 768 and 360; the same in words', async ({ page }) => {
  await park(page);
  await level(page).focus();
  await page.keyboard.press('Escape');
  for (const [width, height] of [
    [1440, 900],
    [768, 900],
    [360, 740],
  ] as const) {
    await page.setViewportSize({ width, height });
    if (width < 720) await page.getByRole('button', { name: 'Ring', exact: true }).click();
    await expect(page.locator('[data-place="0.slab"]')).toBeVisible();
    await expect
      .poll(
        () =>
          page.locator('svg.machine').evaluate((svg) => {
            const boxes = (zone: string) =>
              [...svg.querySelectorAll(`[data-zone=${zone}]:not([data-on])`)].map((e) => e.getBoundingClientRect());
            const middle = boxes('middle'),
              from = Math.min(...middle.map((b) => b.left)),
              to = Math.max(...middle.map((b) => b.right));
            const room = svg.parentElement?.getBoundingClientRect();
            return (
              boxes('guest').length > 2 &&
              boxes('host').length > 1 &&
              boxes('guest').every((b) => b.right <= from && b.left >= 0) &&
              boxes('host').every((b) => b.left >= to && b.right <= (room?.right ?? 0) + 1)
            );
          }),
        { message: `${width}` },
      )
      .toBe(true);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await level(page).focus();
  await page.keyboard.press('t');
  await expect(page.locator('[data-twin=machine]')).toContainText('vtnet0 is a passthrough port on vale1:1.');
  await expect(page.locator('[data-twin=machine]')).toContainText('0 kicks have reached it since REGIF');
});
