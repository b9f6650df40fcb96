// Guest left, host right, at every width; nothing runs out of the page sideways.
import { boot, expect, open, terminal, test } from './lab';

for (const width of [1920, 1440, 1280, 1024, 768]) {
  test(`at ${width} the guest is left of the host and nothing overflows`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    await boot(page);
    const guest = await terminal(page, 'guest').boundingBox(),
      host = await terminal(page, 'host').boundingBox();
    expect((guest?.x ?? 0) + (guest?.width ?? 0)).toBeLessThanOrEqual((host?.x ?? 0) + 1);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
  });
}

test('at 390 one column, tabs below, targets for a thumb', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
  const small = await page
    .locator('button:visible')
    .evaluateAll((all) => all.filter((b) => b.getBoundingClientRect().height < 44).map((b) => b.textContent));
  expect(small).toEqual([]);
});
