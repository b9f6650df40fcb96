// What the page tests share: a page that collects its errors, and a visitor's way to a booted VM.
import { test as base, expect, type Locator, type Page } from '@playwright/test';

/** A visit fails when the page wrote an error to the console or threw. It is nobody's first: no tour. */
export const test = base.extend<{ errors: string[] }>({
  errors: [
    async ({ page, context }, use) => {
      const errors: string[] = [];
      await context.addInitScript(() => {
        try {
          localStorage.setItem('ringside-tour', 'seen');
        } catch {
          /* about:blank has no storage */
        }
      });
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text());
      });
      page.on('pageerror', (error) => errors.push(error.message));
      await use(errors);
      expect(errors, 'console errors').toEqual([]);
    },
    { auto: true },
  ],
});
export { expect };

export const GUEST_PROMPT = /root@\S*:\S* # ?$/m;

export const terminal = (page: Page, side: 'guest' | 'host'): Locator => page.locator(`[data-region="${side}"]`);

/** What a terminal shows, lines as lines. */
export async function screen(page: Page, side: 'guest' | 'host'): Promise<string> {
  const rows = terminal(page, side).locator('[data-tty]:not([hidden]) .xterm-rows > div');
  const lines = await rows.evaluateAll((all) => all.map((row) => (row.textContent ?? '').replaceAll('\u00a0', ' ').trimEnd()));
  return lines.join('\n').trimEnd();
}

export async function shows(page: Page, side: 'guest' | 'host', what: RegExp | string, timeout = 30_000): Promise<void> {
  const poll = expect.poll(() => screen(page, side), { timeout });
  if (typeof what === 'string') await poll.toContain(what);
  else await poll.toMatch(what);
}

export async function typeIn(page: Page, side: 'guest' | 'host', line: string): Promise<void> {
  await terminal(page, side).locator('[data-tty]:not([hidden]) .xterm-screen').click();
  await page.keyboard.type(`${line}\r`);
}

export async function open(page: Page): Promise<void> {
  await page.goto('./');
  await expect(page.getByRole('button', { name: 'Boot the VM' })).toBeVisible({ timeout: 30_000 });
}

export async function boot(page: Page): Promise<void> {
  await open(page);
  await page.getByRole('button', { name: 'Boot the VM' }).click();
  await shows(page, 'guest', GUEST_PROMPT);
}

export const stepNumber = async (page: Page): Promise<number> => Number(await page.locator('[data-step]').getAttribute('data-step'));

export async function park(page: Page): Promise<void> {
  const button = page.getByRole('button', { name: 'Park', exact: true });
  if (await button.isVisible()) await button.click();
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeEnabled();
}

/** Traffic from the guest to the host, both ends. */
export async function traffic(page: Page): Promise<void> {
  await typeIn(page, 'host', 'pkt-gen -i vale1:2 -f rx');
  await typeIn(page, 'guest', 'pkt-gen -i vtnet0 -f tx');
  await shows(page, 'guest', /[1-9][\d.]* [KM]?pps/);
}

/** A fresh lab on the step engine: recorded from its first step. */
export async function onSteps(page: Page): Promise<void> {
  await page.getByText('Step engine', { exact: true }).click();
  const over = page.locator('.topbar .reset[aria-label="Start over"]');
  if (await over.isVisible()) await over.click();
  else {
    // on a phone the menu has it
    await page.locator('.topbar .menu summary', { hasText: 'File' }).click();
    await page.locator('.topbar .menu[open]').getByRole('button', { name: 'Start over' }).click();
  }
  await expect(page.getByRole('alert')).toContainText('Started over', { timeout: 30_000 });
  await expect(page.getByRole('radio', { name: 'Step engine' })).toBeChecked();
  await expect(page.getByRole('button', { name: 'Boot the VM' })).toBeVisible({ timeout: 30_000 });
}

/** Boots on the step engine, sends packets, parks. */
export async function recorded(page: Page): Promise<void> {
  await open(page);
  await onSteps(page);
  await page.getByRole('button', { name: 'Boot the VM' }).click();
  await shows(page, 'guest', GUEST_PROMPT);
  await typeIn(page, 'host', 'pkt-gen -i vale1:2 -f rx');
  await typeIn(page, 'guest', 'pkt-gen -i vtnet0 -f tx -w 0');
  await shows(page, 'guest', /sender_body/);
  await park(page);
  await page.locator('.stage').focus();
}

/** Stopped where more than one thread may go: those threads. Which ones they are depends on when the lab was parked. */
export async function ableThreads(page: Page): Promise<Locator> {
  const able = page.locator('.thread:not(.cannot)');
  for (let i = 0; i < 60 && (await able.count()) < 2; i++) {
    const at = await stepNumber(page);
    await page.keyboard.press('.');
    await expect.poll(() => stepNumber(page)).toBe(at + 1);
  }
  expect(await able.count()).toBeGreaterThan(1);
  return able;
}

/** From the machine to the ring: while the lab runs freely, the machine is what the stage shows. */
export async function toRing(page: Page): Promise<void> {
  await expect(page.locator('svg.machine [data-act=ring]').first()).toBeVisible({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Level 2: ring' }).click();
  await expect(page.locator('.ring-box canvas')).toBeVisible();
}
