// The panels of the machine's own tables: reached by keyboard alone, each says something, and axe finds nothing.
import type { Page } from '@playwright/test';
import AxeBuilder from '@axe-core/playwright';
import { expect, open, recorded, stepNumber, test } from './lab';

/** Each panel by its tab, and something that it shows once a VM sends. */
const PANELS: [string, string | RegExp][] = [
  ['Memory', 'guest-physical'],
  ['Krings', 'nr_hwcur'],
  ['Threads', 'wake-ups'],
  ['PCI', 'ptnetmap-memdev'],
  ['Virtqueues', 'vq_last_avail'],
  ['Switches', 'vale1:2'],
  ['Allocators', 'adds up'],
  ['Packets', 'Nothing is captured.'],
];

async function byKeyboard(page: Page) {
  await page.getByRole('tab', { name: 'Source' }).focus();
  const panel = page.getByRole('tabpanel');
  const names = await page.getByRole('tab').allInnerTexts();
  for (const [tab, shown] of [...PANELS].sort((a, b) => names.indexOf(a[0]) - names.indexOf(b[0]))) {
    while ((await page.getByRole('tab', { selected: true }).textContent()) !== tab) await page.keyboard.press('ArrowRight');
    await expect(panel, tab).toContainText(shown);
    const found = await new AxeBuilder({ page }).include('.inspector').analyze();
    expect(found.violations, tab).toEqual([]);
    expect(await panel.evaluate((e) => e.scrollWidth <= e.clientWidth), `${tab} fits`).toBe(true);
  }
}

async function bytes(page: Page) {
  await page.getByRole('tab', { name: 'Memory' }).click();
  const cell = page.locator('.hex [tabindex="0"]'),
    top = page.locator('.hex .addr.main').nth(1);
  // it begins at the CSB's first field, four bytes in; over the edge and back
  await expect(page.locator('.mem-detail')).toContainText('guest_need_txkick');
  await cell.focus();
  const begin = await top.textContent();
  await page.keyboard.press('ArrowUp');
  await expect(top).not.toHaveText(begin ?? '');
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowDown');
  await expect(cell).toBeFocused();
  await expect(page.locator('.mem-detail')).toContainText('host_need_txkick');
  await page.keyboard.press('Enter');
  await expect(page.locator('.word-panel h2')).toHaveText('csb.host_need_txkick');
  await page.getByRole('tab', { name: 'Memory' }).click();
  await page.getByPlaceholder('0x… or a name').fill('0xdf000000');
  await page.keyboard.press('Enter');
  await expect(page.locator('.mem-fault')).toContainText('EPT fault: nothing is mapped at guest address 0xdf000000.');
  await page.getByRole('button', { name: 'Show the map' }).click();
  await expect(page.locator('.mem-map')).toContainText('netmap memory 2 of vale1:1');
  await page.getByRole('button', { name: 'go there: 0xc0000000' }).click();
  await expect(page.locator('.hex .addr.main').nth(1)).toHaveText('c0000000');
}

async function following(page: Page) {
  await page.getByRole('tab', { name: 'Memory' }).click();
  await page.getByLabel('Follow the last step').check();
  await page.locator('.stage').focus();
  const before = await stepNumber(page);
  for (let i = 0; i < 40 && (await page.locator('.hex .mark-written').count()) === 0; i++) {
    await page.keyboard.press('.');
    await expect.poll(() => stepNumber(page)).toBe(before + i + 1);
    await page.waitForTimeout(100);
  }
  await expect(page.locator('.hex .mark-written')).toHaveCount(4);
}

async function packets(page: Page) {
  await page.getByRole('tab', { name: 'Packets' }).click();
  await page.getByRole('button', { name: /^Capture vale1:1/ }).click();
  await expect(page.locator('.panel')).toContainText('capturing');
  await page.locator('.stage').focus();
  await page.keyboard.press('Space');
  await expect(page.locator('.packets .word-link').first()).toContainText('IP 10.0.0.1.1234 > 10.1.0.1.1234: UDP');
  await page.keyboard.press('Space');
  await page.locator('.packets .word-link').first().click();
  await page.locator('.dissection .word-link', { hasText: 'ip.src' }).first().click();
  await expect(page.locator('.bytes .lit')).toHaveCount(4);
}

test('every panel opens with the keyboard, shows the machine, and is accessible; a byte, a step, a packet', async ({ page }) => {
  test.slow();
  await recorded(page);
  await byKeyboard(page);
  await bytes(page);
  await following(page);
  await packets(page);
});

test('before a VM runs, each panel says so and offers what fills it', async ({ page }) => {
  await open(page);
  for (const tab of ['PCI', 'Virtqueues', 'Packets']) {
    await page.getByRole('tab', { name: tab }).click();
    await expect(page.locator('.panel')).toContainText('No virtual machine is running.');
    await expect(page.locator('.panel').getByRole('button', { name: 'Boot the VM' })).toBeVisible();
  }
});
