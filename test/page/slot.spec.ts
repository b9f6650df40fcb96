// Level 3 and the hands, by keyboard alone: into a slot and along the ring, a hand written as a step, and as a branch in the past.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, recorded, stepNumber, test } from './lab';

const bar = (page: Page, hand: string) => page.locator(`.hand[data-title="${hand}"]`);
const value = async (page: Page, hand: string) => Number(await bar(page, hand).getAttribute('data-value'));

test('a slot by keyboard: its words, its bytes, its fields, the next one', async ({ page }) => {
  await recorded(page);
  await page.locator('.ring-box canvas').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  const slot = page.locator('.slot');
  const at = Number(await slot.getAttribute('data-slot'));
  await expect(slot.locator('h2')).toContainText(`slot ${at} › buffer`);

  // the 16 bytes say what the words below them say, little endian
  const bytes = await slot.locator('.slot-cells code').allInnerTexts();
  expect(bytes).toHaveLength(16);
  const number = (from: number, to: number) => Number.parseInt(bytes.slice(from, to).reverse().join(''), 16);
  await expect(slot.locator('button[data-word=buf_idx] b')).toHaveText(`${number(0, 4)}`);
  await expect(slot.locator('button[data-word=len] b')).toHaveText(`${number(4, 6)}`);
  await expect(slot.locator('.slot-hex code')).toHaveCount(number(4, 6));

  // a field lights its bytes
  const first = slot.locator('.slot-field').first();
  await first.focus();
  await expect(slot.locator('.slot-hex code[data-lit]')).toHaveCount(6);
  await expect(slot.locator('.slot-name', { hasText: /^ip\.checksum$/ }).locator('..')).toContainText('checksum good');

  const { violations } = await new AxeBuilder({ page }).include('.slot').analyze();
  expect(violations.map((v) => `${v.id}: ${v.nodes[0]?.html}`)).toEqual([]);

  // the twin says the same numbers
  await page.keyboard.press('t');
  await expect(slot.locator('.prose')).toContainText(`buf_idx ${number(0, 4)}, len ${number(4, 6)}`);
  await page.keyboard.press('t');

  await slot.locator('button[data-word=buf_idx]').focus();
  await page.keyboard.press('ArrowRight');
  await expect(slot).toHaveAttribute('data-slot', `${at + 1}`);
  await page.keyboard.press('Escape');
  await expect(slot).toHaveCount(0);
  await expect(page.locator('.ring-box canvas')).toBeFocused();
});

test('hands by keyboard: copies lit, the menu, head written as a step, in the past as a branch', async ({ page }) => {
  await recorded(page);
  const step = await stepNumber(page),
    head = await value(page, 'head'),
    slots = 1024;
  // the word is lit wherever it stands, and its menu is there for the keyboard
  await bar(page, 'cur').focus();
  await expect(page.locator('.panel-know button[data-lit-word]').first()).toBeVisible();
  const lit = await page.locator('[data-lit-word]').evaluateAll((all) => all.map((e) => e.getAttribute('data-title') ?? 'source'));
  expect(lit.filter((t) => t !== 'source').every((t) => t === 'cur' || t === 'rcur')).toBe(true);
  await bar(page, 'cur').dispatchEvent('contextmenu', { bubbles: true, cancelable: true });
  const menu = page.getByRole('menu');
  await expect(menu.getByRole('menuitem', { name: 'Go to last write' })).toBeFocused();
  await page.keyboard.press('End');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await expect(menu.getByRole('menuitem', { name: 'Stop when it changes' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(menu).toHaveCount(0);
  await expect(bar(page, 'cur')).toBeFocused();

  await bar(page, 'head').focus();
  await page.keyboard.press('ArrowRight');
  const rule = page.locator('#hand-rule');
  await expect(rule).toContainText(/_prologue takes head from \w+ \d+ to cur \d+/);
  await page.keyboard.press('PageUp');
  await expect(page.locator('.hand-form input')).toHaveValue(`${(head + 17) % slots}`);
  await page.keyboard.press('Escape');
  await expect(page.locator('.hand-form')).toHaveCount(0);
  expect(await stepNumber(page)).toBe(step);

  await bar(page, 'head').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect.poll(() => stepNumber(page)).toBe(step + 1);
  await expect.poll(() => value(page, 'head')).toBe((head + 1) % slots);

  // back, and another number: what was is a branch now
  await page.locator('.stage').focus();
  await page.keyboard.press(',');
  await expect.poll(() => stepNumber(page)).toBe(step);
  await bar(page, 'head').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.type('2000');
  await expect(rule).toContainText('It is outside the ring.');
  await page.keyboard.press('Enter');
  await expect.poll(() => stepNumber(page)).toBe(step + 1);
  await expect.poll(() => value(page, 'head')).toBe(2000);
  await expect(page.locator('.ring-broken')).toContainText('h 2000 c ');
  await expect(page.locator('.branches')).toBeVisible();
});
