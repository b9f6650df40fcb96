// Accessibility, in both themes, on a desk and on a phone.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { boot, expect, open, recorded, stepNumber, terminal, test, toRing } from './lab';

async function clean(page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(
    violations.map((v) => `${v.id}: ${v.nodes[0]?.html}`),
    what,
  ).toEqual([]);
}

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

      // a colour scheme each size: the other two look at the same boxes in the same colours
      if (viewport.width > 719 !== (colorScheme === 'light')) return;
      test('axe finds nothing in what opens over the page, nor when it is presented or embedded', async ({ page }) => {
        await open(page);
        await page.getByRole('button', { name: 'Scenarios and lessons…' }).click();
        await clean(page, 'gallery');
        await page.keyboard.press('Escape');
        await expect(page.getByRole('button', { name: 'Scenarios and lessons…' })).toBeFocused();
        await page.locator('.stage').focus();
        await page.keyboard.press('Control+k');
        await clean(page, 'palette');
        await page.keyboard.press('Escape');
        await expect(page.locator('.stage')).toBeFocused();
        const help = page.locator('.topbar .help summary');
        if (await help.isVisible()) {
          await help.click();
          await clean(page, 'help');
          await page.keyboard.press('Escape');
          await expect(help).toBeFocused();
        }
        for (const [shown, words] of [
          ['present', 'No virtual machine is running.'],
          ['embed', 'stored nr_hwtail'],
        ] as const) {
          await page.goto(`./?${shown}`);
          await expect(page.locator(`[data-shown="${shown}"]`)).toContainText(words, { timeout: 30_000 });
          await clean(page, shown);
        }
      });
    });
  }
}

test('what was just written can be read, in every colouring; focus outlives a level', async ({ page }) => {
  await recorded(page);
  const cell = page.locator('.panel-know td.mark-written');
  for (let i = 0; i < 120 && !(await cell.count()); i++) {
    const at = await stepNumber(page);
    await page.keyboard.press('.');
    await expect.poll(() => stepNumber(page)).toBe(at + 1);
    await page.waitForTimeout(50);
  }
  await expect(cell).toHaveCount(1);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await clean(page, colorScheme);
  }
  await page.emulateMedia({ forcedColors: 'active' });
  const [text, under] = await cell.evaluate((td) => [
    getComputedStyle(td.querySelector('b') as Element).color,
    getComputedStyle(td).backgroundColor,
  ]);
  expect(text).not.toBe(under);
  for (const level of ['Level 3: slot', 'Level 1: machine', 'Level 2: ring']) {
    await page.getByRole('button', { name: level }).click();
    await expect(page.locator('body')).not.toBeFocused();
  }
});
