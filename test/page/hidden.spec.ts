// A hidden tab: the lab stands still, no timer of the page goes, nothing is painted, no message comes or goes. Shown again it is as it would be.
import type { Page } from '@playwright/test';
import { expect, open, shows, stepNumber, test, typeIn, GUEST_PROMPT } from './lab';

interface Counts {
  timers: number;
  frames: number;
  messages: number;
  /** Sent to workers: what the lab is asked. */
  calls: number;
}

/** Counts what runs in the page, and hides it on demand as a browser does: the timers and messages go on if nobody stops them. */
async function counted(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const n = { timers: 0, frames: 0, messages: 0, calls: 0 };
    const w = window as unknown as { counts: Counts; hide(now: boolean): void };
    w.counts = n;
    const count =
      <A extends unknown[]>(kind: keyof Counts, f: ((...a: A) => unknown) | string) =>
      (...a: A) => {
        n[kind]++;
        if (typeof f === 'function') f(...a);
      };
    const { setTimeout: later, setInterval: every, requestAnimationFrame: frame } = window;
    window.setTimeout = ((f: () => void, ms?: number, ...a: unknown[]) => later(count('timers', f), ms, ...a)) as typeof setTimeout;
    window.setInterval = ((f: () => void, ms?: number, ...a: unknown[]) => every(count('timers', f), ms, ...a)) as typeof setInterval;
    window.requestAnimationFrame = (f) => frame(count('frames', f));
    const { addEventListener: add } = EventTarget.prototype;
    EventTarget.prototype.addEventListener = function (type: string, f, o) {
      const heard = type === 'message' && typeof f === 'function' ? count('messages', f.bind(this) as (e: Event) => void) : f;
      add.call(this, type, heard as EventListener, o);
    };
    for (const { prototype } of [Worker, MessagePort] as { prototype: { postMessage(...a: unknown[]): void } }[]) {
      const { postMessage } = prototype;
      prototype.postMessage = function (...a) {
        n.calls++;
        postMessage.apply(this, a);
      };
    }
    let hidden = false;
    Object.defineProperty(document, 'hidden', { get: () => hidden });
    Object.defineProperty(document, 'visibilityState', { get: () => (hidden ? 'hidden' : 'visible') });
    w.hide = (now) => {
      hidden = now;
      document.dispatchEvent(new Event('visibilitychange'));
    };
  });
}
const hide = (page: Page, now: boolean) =>
  page.evaluate((h) => {
    (window as unknown as { hide(now: boolean): void }).hide(h);
  }, now);
const counts = (page: Page) => page.evaluate(() => ({ ...(window as unknown as { counts: Counts }).counts }));
const NONE: Counts = { timers: 0, frames: 0, messages: 0, calls: 0 };
const rose = (a: Counts, b: Counts): Counts => ({
  timers: b.timers - a.timers,
  frames: b.frames - a.frames,
  messages: b.messages - a.messages,
  calls: b.calls - a.calls,
});

test('nothing runs while the tab is hidden, on either engine', async ({ page }) => {
  await counted(page);
  await open(page);
  await page.getByRole('button', { name: 'Boot the VM' }).click();
  await shows(page, 'guest', GUEST_PROMPT);
  await typeIn(page, 'guest', 'pkt-gen -i vtnet0 -f tx -w 0');
  await shows(page, 'guest', /sender_body/);
  for (const engine of ['Full speed', 'Step engine']) {
    await page.getByText(engine, { exact: true }).click();
    await expect(page.locator('[data-run=running]')).toContainText(engine === 'Full speed' ? 'full speed' : 'step');
    const before = await counts(page);
    await expect.poll(async () => rose(before, await counts(page)).messages, 'it runs').toBeGreaterThan(1);

    await hide(page, true);
    await page.waitForTimeout(1000); // what was under way comes to its end
    const a = await counts(page),
      step = await stepNumber(page);
    await page.waitForTimeout(1000);
    expect(rose(a, await counts(page)), engine).toEqual(NONE);
    expect(await stepNumber(page)).toBe(step);

    await hide(page, false);
    await expect(page.locator('[data-run=running]')).toBeVisible();
    const b = await counts(page);
    await expect.poll(async () => rose(b, await counts(page)).messages).toBeGreaterThan(1);
    await expect(page.locator('.trouble-line')).toHaveCount(0);
  }
});

test('a page hidden as soon as it is there does nothing later either', async ({ page }) => {
  await counted(page);
  await open(page);
  await hide(page, true);
  await page.waitForTimeout(1000);
  const a = await counts(page);
  await page.waitForTimeout(4000); // the service worker would be asked for by now
  expect(rose(a, await counts(page))).toEqual(NONE);
});
