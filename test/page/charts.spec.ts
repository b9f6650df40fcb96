// The live charts: loaded when they are opened, the same numbers as the ledger, a cursor by keyboard, the past, and nothing to show.
import AxeBuilder from '@axe-core/playwright';
import { expect, GUEST_PROMPT, open, recorded, shows, stepNumber, test, typeIn } from './lab';

const number = (s: string | null | undefined) => Number((s ?? '').replaceAll(',', ''));

test('along the recording: the ledger’s numbers, the cursor, the past', async ({ page }) => {
  await recorded(page);
  const loaded = () => page.evaluate(() => performance.getEntriesByType('resource').filter((e) => /\/Charts-.*\.js$/.test(e.name)).length);
  expect(await loaded()).toBe(0);
  await page.getByRole('tab', { name: 'Charts' }).click();
  const charts = page.locator('.charts');
  await expect(charts.locator('.chart-plot canvas').first()).toBeVisible();
  expect(await loaded()).toBe(1);
  await expect(charts).toHaveAttribute('data-axis', 'steps');
  await expect(charts.locator('.badge')).toHaveText('exact');

  // everything as a table, and its totals are the ledger's
  await charts.getByText('As a table').click();
  const total = async (key: string) => number(await charts.locator(`tr[data-line="${key}"] td`).first().textContent());
  await page.locator('.all-panels summary').click();
  await page.getByRole('button', { name: 'A second panel below' }).click();
  await page
    .getByRole('region', { name: /^Panel below/ })
    .getByRole('combobox')
    .selectOption('ledger');
  const ledger = async (row: string) => {
    const cells = page.locator('.second .ledger tbody tr', { has: page.getByRole('rowheader', { name: row, exact: true }) }).first();
    return number(await cells.locator('td').first().textContent());
  };
  await expect(page.locator('.second .ledger')).toBeVisible();
  expect((await total('tx')) + (await total('rx'))).toBe(await ledger('packets'));
  expect(await total('tx')).toBeGreaterThan(0);
  for (const [key, row] of [
    ['kicks', 'kicks'],
    ['suppressed', 'kicks suppressed'],
    ['interrupts', 'interrupts'],
    ['kernel', 'kicks that ended in vmm.ko'],
    ['bhyve', 'kicks that went on to bhyve'],
    ['other', 'other exits to bhyve'],
    ['guestSyncs', "the guest's syncs"],
    ['hostSyncs', "the host's syncs"],
    ['ferried', 'packets copied by bhyve'],
    ['switched', 'packets copied by the switch'],
  ] as const)
    expect(await total(key), row).toBe(await ledger(row));

  // the cursor, by keyboard alone
  const slider = page.getByRole('slider', { name: 'Cursor' }),
    where = charts.locator('.charts-where');
  await slider.focus();
  await page.keyboard.press('End');
  const last = await stepNumber(page);
  await expect.poll(async () => number((await slider.getAttribute('aria-valuetext'))?.replace('step ', ''))).toBe(last);
  await page.keyboard.press('ArrowLeft');
  await expect(where).toHaveText(`step ${(last - 1).toLocaleString('en-US')}`);
  await expect(charts.locator('.charts-said')).toContainText(/^Packets in each step: tx \d/);
  await expect(charts.locator('thead')).toContainText('at the cursor');
  await page.keyboard.press('Escape');
  await expect(where).toContainText(' to ');

  // behind the present, the playhead says where
  await page.locator('.stage').focus();
  await page.keyboard.press(',');
  await page.keyboard.press(',');
  await expect(where).toContainText(`here ${(last - 2).toLocaleString('en-US')}`);
  const found = await new AxeBuilder({ page }).include('.charts').analyze();
  expect(found.violations).toEqual([]);
  expect(await page.getByRole('tabpanel').evaluate((e) => e.scrollWidth <= e.clientWidth)).toBe(true);
});

test('at full speed: nothing at first, then what is measured; steps are not asked for', async ({ page }) => {
  await open(page);
  await page.getByRole('tab', { name: 'Charts' }).click();
  const charts = page.locator('.charts');
  await expect(charts).toContainText('No virtual machine is running.');
  await charts.getByRole('button', { name: 'Boot the VM' }).click();
  await shows(page, 'guest', GUEST_PROMPT);
  await expect(charts).toContainText('No netmap program of a VM has its port open.');
  await typeIn(page, 'guest', 'pkt-gen -i vtnet0 -f tx');
  await expect(charts.locator('.chart-plot canvas').first()).toBeVisible();
  await expect(charts.locator('.badge')).toHaveText('measured');
  await expect(charts.getByRole('radio', { name: 'Steps' })).toBeDisabled();
  await expect(charts.getByRole('img', { name: /^Packets a second, vtnet0/ })).toBeVisible();
});
