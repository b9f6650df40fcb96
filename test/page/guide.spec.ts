// The guide: the first sixty seconds by keyboard and by touch, the gallery, words that explain themselves, the palette.
import { readdirSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expect, open, screen, stepNumber, terminal, test } from './lab';

const card = (page: Page) => page.getByRole('complementary', { name: 'The first sixty seconds' });

async function begun(page: Page): Promise<void> {
  await page.goto('./?tour');
  await expect(card(page)).toContainText('A virtual machine, left, is sending packets to its host, right.');
  await expect(card(page)).toContainText(/Stop it: (press Space|tap Park)\./, { timeout: 30_000 });
  await expect.poll(() => stepNumber(page)).toBeGreaterThan(0);
}

test('the first sixty seconds, by keyboard alone', async ({ page }) => {
  await begun(page);
  await page.keyboard.press('Space');
  await expect(card(page)).toContainText('Stopped, between two memory accesses.');
  await expect(card(page)).toContainText('Let the guest’s CPU go: press 1.');
  const at = await stepNumber(page);
  await page.keyboard.press('1');
  await expect(card(page)).toContainText('vCPU 0 read host_need_txkick and found 0, so it sent no kick.');
  await expect(page.locator('.sentence')).toHaveText('vCPU 0 read host_need_txkick of the CSB and found 0.');
  await page.keyboard.press('ArrowLeft');
  await expect(card(page)).toContainText('Undone, to the last bit. Now the other order.');
  expect(await stepNumber(page)).toBe(at);
  const [, host = ''] = /press (\d), then 1/.exec((await card(page).innerText()).replaceAll('\n', ' ')) ?? [];
  await page.keyboard.press(host);
  await expect(page.locator('.sentence')).toContainText('nm-kthread-1 stored host_need_txkick = 1');
  await page.keyboard.press('1');
  await expect(card(page)).toContainText('This time it found 1 and had to kick: an exit from the VM.');
  await expect(page.locator('.sentence')).toHaveText('vCPU 0 read host_need_txkick of the CSB and found 1.');
  await expect(page.getByRole('button', { name: 'Start lesson 1' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('.notice')).toContainText('H1: a lost kick');
  await expect(card(page)).toHaveCount(0);
});

test('another act puts the tour away; Help brings it back; its end boots step by step', async ({ page }) => {
  await begun(page);
  await terminal(page, 'guest').locator('[data-tty]:not([hidden]) .xterm-screen').click();
  await page.keyboard.press('a');
  await expect(page.getByRole('alert')).toContainText('Tour put away. Help brings it back.');
  await expect(card(page)).toHaveCount(0);
  await page.locator('.topbar .help summary').click();
  await page.getByRole('button', { name: 'The first sixty seconds' }).click();
  await expect(card(page)).toContainText('Stop it: press Space.', { timeout: 30_000 });
  await page.getByRole('button', { name: 'Skip' }).click();
  await expect(card(page)).toHaveCount(0);
});

test.describe('by touch', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  test('the first sixty seconds on a phone', async ({ page }) => {
    await begun(page);
    await page.getByRole('button', { name: 'Park', exact: true }).tap();
    await expect(card(page)).toContainText('Let the guest’s CPU go: tap 1.');
    const chip = (name: string) => page.locator('[data-region=threads] button', { hasText: name });
    await chip('vCPU 0').tap();
    await expect(card(page)).toContainText('found 0, so it sent no kick.');
    await expect(card(page)).toContainText('Take that back: tap Back.');
    await page.getByRole('button', { name: 'Back', exact: true }).tap();
    await expect(card(page)).toContainText(/tap \d, then 1\./);
    await chip('nm-kthread-1').tap();
    await chip('vCPU 0').tap();
    await expect(card(page)).toContainText('This time it found 1 and had to kick');
    await page.getByRole('button', { name: 'Boot it yourself' }).tap();
    await expect(terminal(page, 'host')).toContainText('bhyveload -m 2G -d mfsroot.img netmapvm');
    await terminal(page, 'host').locator('[data-tty]:not([hidden]) .xterm-screen').tap();
    await page.keyboard.press('Enter');
    await expect(terminal(page, 'host')).toContainText('bhyve -s 0,hostbridge', { timeout: 20_000 });
  });
  test('what the lab says comes in order: the machine before is not taken for the fresh one', async ({ page }) => {
    // whatever comes through a port of its own is not in order with the answers: events must not
    await page.addInitScript(() => {
      const listen = MessagePort.prototype.addEventListener;
      MessagePort.prototype.addEventListener = function (this: MessagePort, kind: string, hear: unknown, ...rest: unknown[]) {
        const late = (event: Event) => setTimeout(() => (hear as (e: Event) => void)(event), 400);
        listen.call(this, kind, kind === 'message' ? late : (hear as EventListener), ...(rest as [boolean?]));
      };
    });
    await begun(page);
    await page.getByRole('button', { name: 'Park', exact: true }).tap();
    await expect(card(page)).toContainText('Let the guest’s CPU go: tap 1.');
    const chip = (name: string) => page.locator('[data-region=threads] button', { hasText: name });
    await chip('vCPU 0').tap();
    await page.getByRole('button', { name: 'Back', exact: true }).tap();
    await chip('nm-kthread-1').tap();
    await chip('vCPU 0').tap();
    await page.getByRole('button', { name: 'Boot it yourself' }).tap();
    await expect(terminal(page, 'host')).toContainText('bhyveload -m 2G -d mfsroot.img netmapvm');
    await page.waitForTimeout(1500);
    expect(await screen(page, 'host')).not.toContain('bhyve -s');
    await terminal(page, 'host').locator('[data-tty]:not([hidden]) .xterm-screen').tap();
    await page.keyboard.press('Enter');
    await expect(terminal(page, 'host')).toContainText('bhyve -s 0,hostbridge', { timeout: 20_000 });
  });
});

test('the gallery opens a scenario, booted, and a word explains itself and lights its object', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: 'Scenarios and lessons…' }).click();
  const gallery = page.getByRole('dialog', { name: 'Scenarios' });
  await expect(gallery.getByRole('listitem')).toHaveCount(readdirSync('labs').filter((f) => f.startsWith('hazard-')).length + 8);
  await gallery.getByRole('button', { name: /Over a netmap pipe/ }).click();
  await expect(gallery).toBeHidden();
  await expect(page.locator('.notice')).toContainText('Over a netmap pipe. Watch buf_idx');
  await expect.poll(() => stepNumber(page), { timeout: 20_000 }).toBeGreaterThan(1000);
  await page.locator('.stage').focus();
  for (let i = 0; i < 60 && !(await page.locator('.sentence dfn[data-lights]').count()); i++) {
    const at = await stepNumber(page);
    await page.keyboard.press('.');
    await expect.poll(() => stepNumber(page)).toBe(at + 1);
  }
  const word = page.locator('.sentence dfn[data-lights]').first();
  await word.focus();
  const tip = page.getByRole('tooltip');
  await expect(tip).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(tip).toHaveCount(0);
  await page.locator('.stage').focus();
  await word.hover();
  await expect(tip).toBeVisible();
  await tip.hover();
  await page.waitForTimeout(400);
  await expect(tip).toBeVisible();
  await page.mouse.move(5, 5);
  await expect(tip).toHaveCount(0);
});

test('both paths open side by side, each packet with its price', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: 'Scenarios and lessons…' }).click();
  await page.locator('.gallery .scene').filter({ hasText: 'Copying beside passthrough' }).click();
  await expect(page.getByRole('button', { name: 'Compare', exact: true })).toHaveAttribute('aria-pressed', 'true', { timeout: 30_000 });
  await expect(page.locator('svg.machine').first()).toBeVisible();
  const price = (row: string) =>
    page
      .locator('.ledger-paths tbody tr', { has: page.getByRole('rowheader', { name: row, exact: true }) })
      .locator('td')
      .allInnerTexts();
  await expect.poll(() => price('packets copied by bhyve')).toEqual(['0', '1']);
  const [passed, copied] = await price('packets, in all');
  expect(Number(passed)).toBeGreaterThan(400);
  expect(copied).toBe(passed);
  const [none, some] = await price('kicks that went on to bhyve');
  expect(none).toBe('0');
  expect(Number(some)).toBeGreaterThan(0.1);
});

test('who types faster than the lab answers has not typed in vain', async ({ page }) => {
  await page.addInitScript(() => {
    const listen = Worker.prototype.addEventListener;
    Worker.prototype.addEventListener = function (this: Worker, kind: string, hear: unknown, ...rest: unknown[]) {
      const late = (event: Event) => setTimeout(() => (hear as (e: Event) => void)(event), 600);
      listen.call(this, kind, kind === 'message' ? late : (hear as EventListener), ...(rest as [boolean?]));
    };
  });
  await open(page);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('limit 3');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status').filter({ hasText: '"3" is not a limit' })).toBeVisible();
  await expect(page.getByRole('combobox', { name: 'Find or do anything' })).toHaveCount(0);
});

test('the palette finds scenarios, words, panels and keys; single keys can be switched off', async ({ page }) => {
  await open(page);
  await page.locator('.stage').focus();
  const option = (name: string | RegExp) => page.getByRole('option', { name });
  await page.keyboard.press('/');
  await expect(page.locator('.palette-list [role=option]')).toHaveCount(6);
  await expect(option('Boot the VM')).toBeVisible();
  await page.keyboard.type('two virtual');
  await expect(option(/Open the scenario Two virtual machines/)).toBeVisible();
  const field = page.getByRole('combobox', { name: 'Find or do anything' });
  await field.fill('lease');
  await expect(option(/^lease/)).toBeVisible();
  await field.fill('show threads');
  await expect(option(/Show Threads/)).toBeVisible();
  await field.fill('single keys');
  await page.keyboard.press('Enter');
  await page.locator('.stage').focus();
  await page.keyboard.press('?');
  await expect(page.getByRole('tab', { name: 'Source' })).toHaveAttribute('aria-selected', 'true');
  await page.locator('.topbar .help summary').click();
  await page.getByRole('button', { name: 'All keys' }).click();
  await expect(page.locator('dl.keys kbd').first()).toBeVisible();
  const shown = (await page.locator('dl.keys kbd').allInnerTexts()).flatMap((k) => k.split(' or '));
  const keys =
    'Space . → , ← Shift+. Shift+, N Shift+N P Shift+P Home End G W S A D F E B M T L ? / Esc F6 Shift+F6 Ctrl+K Ctrl+Z Ctrl+Shift+Z Ctrl+Shift+Space';
  expect(keys.split(' ').filter((k) => !shown.includes(k))).toEqual([]);
  await page.getByRole('checkbox', { name: 'Single keys' }).check();
  await page.locator('.stage').focus();
  await page.keyboard.press('/');
  await expect(field).toBeFocused();
});
