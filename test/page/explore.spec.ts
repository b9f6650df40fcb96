// The explorer in the page: from a hazard's moment to a verdict, its story, what if, the stepper; and a search that is stopped.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { boot, expect, open, shows, stepNumber, terminal, test, traffic } from './lab';

const verdict = (page: Page) => page.locator('.found .verdict');
const axe = async (page: Page) => expect((await new AxeBuilder({ page }).include('.inspector').analyze()).violations).toEqual([]);

async function at(page: Page, hazard: RegExp): Promise<void> {
  await open(page);
  await page.getByRole('button', { name: 'Hazards, recorded…' }).click();
  await page.getByRole('option', { name: hazard }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await page.locator('.stage').focus();
}

test('from a parked moment: verdict, story, stepper, what if, by keyboard too', async ({ page }) => {
  await at(page, /H4:/);
  const moment = await stepNumber(page);
  await page.keyboard.press('x');
  await expect(page.getByRole('tab', { name: 'Explore' })).toHaveAttribute('aria-selected', 'true');
  await axe(page);
  await page.locator('.ask-row button').focus();
  await page.keyboard.press('Enter');
  await expect(verdict(page)).toContainText('nm-kthread-1 of vale1:1-PTN sleeps on nmk_event while 1023 packets wait', { timeout: 20_000 });
  await expect(page.locator('.searches tbody tr')).toHaveCount(1);
  await expect(page.locator('.searches')).toContainText('broken');
  // the result's own layout: the story at the left, the source in the inspector, the verdict above the stage
  await expect(page.getByRole('region', { name: 'Left drawer: Explore' }).locator('.story')).toBeVisible();
  await expect(page.getByRole('tab', { name: 'Source' })).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('region', { name: 'Verdict' })).toContainText('no lost wakeup');
  expect(await stepNumber(page), 'the lab was left alone').toBe(moment);

  // the story: what matters is shown with its owner in words, a step lights its thread, and is gone to
  await expect(page.locator('.explore > [role=status]')).toContainText('packets wait');
  const last = page.locator('.story-step').last();
  await expect(last).toContainText(/host|guest/);
  await last.focus();
  await expect(page.locator('.thread.lit')).toHaveCount(1);
  await axe(page);
  await page.getByRole('button', { name: 'View in stepper' }).click();
  await expect.poll(() => stepNumber(page)).toBeGreaterThan(moment);
  const end = await stepNumber(page);
  await page.locator('.story details summary').first().click();
  await page.locator('.story details .story-step').nth(1).click();
  await expect.poll(() => stepNumber(page)).toBe(moment + 2);
  await page.locator('.story-step').last().click();
  await expect.poll(() => stepNumber(page)).toBe(end);

  // another question from the same moment gives an answer in a row of its own, from the same moment
  await page.locator('.what-if button', { hasText: 'H3' }).click();
  await expect(page.locator('.searches tbody tr')).toHaveCount(2);
  await expect(page.locator('.searches tbody tr').nth(1)).toContainText('without the guest’s second look');
  await expect(page.locator('.searches tbody tr').nth(1)).toHaveAttribute('data-state', 'done', { timeout: 20_000 });
  await expect(page.locator('.searches tbody tr').nth(1)).toHaveAttribute('aria-current', 'true');
  await page.locator('.searches th button').first().click();
  await expect(page.locator('.searches tbody tr').first()).toHaveAttribute('aria-current', 'true');
});

test('a search from a scenario goes on beside the lab; Stop keeps what was found', async ({ page }) => {
  await open(page);
  await page.locator('.explore-open').click();
  await page.locator('.ask-row button').click();
  await expect(page.locator('.explore .refusal')).toContainText('No virtual machine runs here');
  await axe(page);
  const from = page.locator('.question .field select').first();
  await expect(from.locator('option', { hasText: /H2\b/ })).toHaveCount(1);
  await from.selectOption('labs/hazard-h2.lab');
  await page.getByText(/^Promises: \d+ looked at/).click();
  const own = page.getByLabel('Also true in every state');
  await own.fill('csb.host_need_txkick == 1 && tx.hwtial > 3');
  await expect(page.locator('.explore .stop-error')).toContainText('column 33: no field “hwtial”. Did you mean hwtail?');
  await expect(page.getByRole('button', { name: 'Add promise' })).toBeDisabled();
  await own.fill('csb.tx_ring.head < 1024');
  await page.getByRole('button', { name: 'Add promise' }).click();
  await expect(page.locator('.own-promises li')).toContainText('csb.tx_ring.head < 1024');
  await page.getByRole('button', { name: /^Take away the promise/ }).click();
  await page.getByText(/^At most/).click();
  await page.locator('.bounds select').first().selectOption('10000000');
  await page.locator('.ask-row button').click();
  const row = page.locator('.searches tbody tr').first();
  await expect(row).toHaveAttribute('data-state', 'searching', { timeout: 20_000 });
  await expect(page.locator('.facts')).toContainText(/[1-9]\d,\d{3} states/, { timeout: 20_000 });
  await axe(page);
  // the lab has gone on: its host answers
  await terminal(page, 'host').locator('[data-tty]:not([hidden]) .xterm-screen').click();
  await page.keyboard.press('Control+u');
  await page.keyboard.type('uname -s\r');
  await shows(page, 'host', 'FreeBSD');
  await expect(row).toHaveAttribute('data-state', 'searching');
  await page.locator('.found').getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(row).toHaveAttribute('data-state', 'done', { timeout: 20_000 });
  await expect(verdict(page)).toContainText('the frontier is not empty (stopped because it was asked to)');
  await axe(page);
  await page.getByRole('button', { name: /^Take away the search/ }).click();
  await expect(page.locator('.searches')).toHaveCount(0);
});

test('the table of hazards opens a counterexample in the stepper, and what was there can be had back', async ({ page }) => {
  await open(page);
  await page.locator('.explore-open').click();
  await page.locator('.hazards summary').click();
  await page.getByRole('button', { name: 'View in stepper: the counterexample of H1 removed from 2019' }).click();
  await expect(page.getByRole('alert')).toContainText('H1 removed from 2019. Step', { timeout: 20_000 });
  await expect(page.locator('[data-region=threads]')).toContainText('asleep on nmk_event');
  await page.getByRole('button', { name: 'Take that back' }).click();
  await expect(page.getByRole('button', { name: 'Boot the VM' })).toBeVisible();
});

test('the free engine is run and parked, and what must hold at a park is looked at', async ({ page }) => {
  await boot(page);
  await traffic(page);
  await page.getByRole('button', { name: 'Park', exact: true }).click();
  await expect(page.locator('[data-run=stopped]').first()).toBeVisible();
  await page.locator('.stage').focus();
  await page.keyboard.press('x');
  await page.getByLabel('Schedules').selectOption({ label: 'those of the free engine, parked again and again' });
  await expect(page.locator('.question').getByLabel('Memory')).toHaveCount(0);
  await page.getByLabel('Parks').selectOption('10');
  await page.getByRole('button', { name: 'Run and park' }).click();
  await expect(page.locator('.question [role=status]')).toHaveText(
    /^What must hold at a park of the free engine was looked at 1\d times, and held\.$/,
    { timeout: 30_000 },
  );
  await axe(page);
  await expect(page.getByRole('button', { name: 'Run and park' })).toHaveAttribute('aria-disabled', 'false');
  await expect(page.locator('[data-run=stopped]').first()).toBeVisible();
});
