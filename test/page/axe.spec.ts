// Accessibility, in both themes, on a desk and on a phone.
import AxeBuilder from '@axe-core/playwright';
import { boot, expect, open, terminal, test, toRing } from './lab';

const sizes = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
];

for (const viewport of sizes) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(`${viewport.width} ${colorScheme}`, () => {
      test.use({ viewport, colorScheme });

      test('axe finds nothing before the boot', async ({ page }) => {
        await open(page);
        expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
      });

      test('axe finds nothing with a ring on screen', async ({ page }) => {
        if (viewport.width > 719) await boot(page);
        else {
          await open(page);
          await page.getByRole('button', { name: 'Boot the VM' }).click();
          await expect(terminal(page, 'guest')).toBeVisible();
          await expect(page.getByRole('button', { name: 'pkt-gen -i vtnet0 -f tx' })).toBeVisible({ timeout: 30_000 });
        }
        if (viewport.width > 719) await page.keyboard.type('pkt-gen -i vtnet0 -f tx\r');
        else {
          await page.waitForTimeout(3000);
          await page.getByRole('button', { name: 'pkt-gen -i vtnet0 -f tx' }).click();
          await page.getByRole('button', { name: 'Ring', exact: true }).click();
        }
        await expect(page.locator('svg.machine [data-act=ring]').first()).toBeVisible({ timeout: 30_000 });
        expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
        await toRing(page);
        expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
        const park = page.getByRole('button', { name: 'Park', exact: true });
        if (await park.isVisible()) await park.click();
        await page.keyboard.press('Escape');
        for (const tab of viewport.width > 719 ? ['CSB', 'Threads', 'Counters', 'Keys'] : []) {
          await page.getByRole('tab', { name: tab }).click();
          expect((await new AxeBuilder({ page }).analyze()).violations, tab).toEqual([]);
        }
        await page.emulateMedia({ reducedMotion: 'reduce' });
      });
    });
  }
}
