// The recorded hazards: opened from the empty stage, at their moment, and taken back.
import { readdirSync } from 'node:fs';
import { expect, GUEST_PROMPT, open, shows, stepNumber, test, typeIn } from './lab';

const hazards = readdirSync('labs').filter((f) => f.startsWith('hazard-')).length;

test('a hazard opens at its moment, Back goes into it, and the fresh host can be had back', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: 'Hazards, recorded…' }).click();
  const rows = page.getByRole('option', { name: /^Open the hazard H/ });
  await expect(rows).toHaveCount(hazards);
  await page.getByRole('option', { name: /H1: a lost kick/ }).click();
  await expect(page.locator('.notice')).toContainText('H1: a lost kick, because the host does not look again.');
  await expect(page.locator('.notice')).toContainText('labs/hazard-h1.lab');
  const worker = page.locator('[data-region=threads]').getByText('nm-kthread-1');
  await expect(worker).toBeVisible();
  await expect(page.locator('[data-region=threads]')).toContainText('asleep on nmk_event');
  const at = await stepNumber(page);
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await expect.poll(() => stepNumber(page)).toBe(at - 1);
  await page.getByRole('button', { name: 'Take that back' }).click();
  await expect(page.getByRole('button', { name: 'Boot the VM' })).toBeVisible();
});

test('another command line is one press away: a tap, and pings over it', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: 'Other command lines…' }).click();
  await page.getByRole('option', { name: /a tap in a bridge/ }).click();
  await shows(page, 'host', /tap0 -l com1,stdio/);
  await page.keyboard.press('Enter');
  await shows(page, 'guest', GUEST_PROMPT);
  await typeIn(page, 'guest', 'ifconfig vtnet1 10.0.0.2/24 up; ping -c 2 10.0.0.1');
  await shows(page, 'guest', /2 packets transmitted, 2 packets received/);
});
