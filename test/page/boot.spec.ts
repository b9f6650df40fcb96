// From an empty page to traffic between guest and host.
import { boot, expect, open, screen, shows, terminal, test, typeIn, toRing } from './lab';

test('the page opens on a host that is up, with the bhyve line typed and not run', async ({ page }) => {
  await open(page);
  await shows(page, 'host', 'Booting...');
  await shows(page, 'host', /# bhyve /);
  await expect(page.getByText('No virtual machine is running.')).toBeVisible();
  await expect(page.locator('.first-steps li')).toHaveText([/Boot the VM/, /Send packets/, /Park and step/]);
  await expect(page.locator('.first-steps [aria-current=step]')).toContainText('Boot the VM');
  expect(await screen(page, 'guest')).toBe('');
});

test('the button boots the VM: its terminal moves to the guest side and a host terminal opens', async ({ page }) => {
  await boot(page);
  await expect(terminal(page, 'guest').locator('.term-head')).toContainText('GUEST');
  await expect(terminal(page, 'host').locator('.term-head')).toContainText('HOST');
  await shows(page, 'host', /# ?$/m);
});

test('Enter in the terminal boots it as well', async ({ page }) => {
  await open(page);
  await shows(page, 'host', /# bhyve /);
  await terminal(page, 'host').locator('.xterm-screen').click();
  await page.keyboard.press('Enter');
  await shows(page, 'guest', /root@\S*:\S* # ?$/m);
});

test('pkt-gen on both sides shows rates, and a ring', async ({ page }) => {
  await boot(page);
  await typeIn(page, 'host', 'pkt-gen -i vale1:2 -f rx');
  await typeIn(page, 'guest', 'pkt-gen -i vtnet0 -f tx');
  await shows(page, 'guest', /[\d.]+ [KM]?pps/);
  await shows(page, 'host', /[\d.]+ [KM]?pps/);
  await toRing(page);
  await expect(page.locator('.know')).not.toHaveCount(0);
});

test('a chosen ring is told in words', async ({ page }) => {
  await boot(page);
  await typeIn(page, 'guest', 'pkt-gen -i vtnet0 -f tx');
  await toRing(page);
  await page.getByRole('button', { name: /In words/ }).click();
  await expect(page.locator('.twin .prose')).toContainText(/head \d+, cur \d+, tail \d+; host: rhead \d+, hwcur \d+, hwtail \d+/);
});

test('after poweroff the bhyve line can be typed and run again, and starting over is a fresh host', async ({ page }) => {
  await boot(page);
  await typeIn(page, 'guest', 'poweroff');
  await page.getByRole('button', { name: 'Type the bhyve line' }).click({ timeout: 30_000 });
  await shows(page, 'host', /# bhyve /);
  await page.getByRole('button', { name: 'Boot the VM' }).click();
  await shows(page, 'guest', /root@\S*:\S* # ?$/m);
  await page.locator('.topbar .reset[aria-label="Start over"]').click();
  await shows(page, 'host', /# bhyve /);
  await expect(page.getByRole('button', { name: 'Boot the VM' })).toBeVisible();
});
