// Recordings as files, exports, what the browser keeps, starting over and taking it back.
import { readFile } from 'node:fs/promises';
import { boot, expect, open, park, recorded, screen, stepNumber, test, traffic } from './lab';

const choose = async (page: Parameters<typeof open>[0], item: string) => {
  await page.locator('.menu:not(.embed-menu) summary').click();
  await page.locator('.menu:not(.embed-menu)').getByRole('button', { name: item }).click();
};

test('a recording is saved, and dropped on a fresh page it is the same moment', async ({ page, context }) => {
  await recorded(page);
  const at = await stepNumber(page),
    shown = await screen(page, 'guest');
  const saving = page.waitForEvent('download');
  await choose(page, 'Save to a file');
  const file = await saving;
  expect(file.suggestedFilename()).toBe(`ringside-${at}.ringside`);
  const text = await readFile(await file.path(), 'utf8');
  const other = await context.newPage();
  await open(other);
  const drop = (words: string) =>
    other.evaluate((t) => {
      const data = new DataTransfer();
      data.items.add(new File([t], 'a.ringside'));
      window.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    }, words);
  await drop('{"app":"ringside","v":2}');
  await expect(other.getByRole('alert')).toContainText('a.ringside: This file could not be read.');
  await drop(text);
  await expect.poll(() => stepNumber(other), { timeout: 30_000 }).toBe(at);
  await expect.poll(() => screen(other, 'guest')).toBe(shown);
  await choose(other, 'Take back the lab');
  await expect.poll(() => stepNumber(other)).not.toBe(at);
  await other.close();
});

test('a moment after a free stretch is saved with its machine, and opened', async ({ page, context }) => {
  await boot(page);
  await traffic(page);
  await park(page);
  const from = await stepNumber(page);
  for (let i = 1; i <= 5; i++) {
    await page.keyboard.press('.');
    await expect.poll(() => stepNumber(page)).toBe(from + i);
  }
  const shown = await screen(page, 'host');
  const saving = page.waitForEvent('download');
  await choose(page, 'Save to a file');
  const text = await readFile(await (await saving).path(), 'utf8');
  const at = await stepNumber(page);
  const other = await context.newPage();
  await open(other);
  await other.evaluate((t) => {
    const data = new DataTransfer();
    data.items.add(new File([t], 'free.ringside'));
    window.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  }, text);
  await expect(other.getByRole('alert')).toContainText(`free.ringside: Opened at step ${at}.`, { timeout: 30_000 });
  await expect.poll(() => screen(other, 'host')).toBe(shown);
  await other.close();
});

test('exports: a Chrome trace, a VCD and the terminals as text', async ({ page }) => {
  await recorded(page);
  const got = async (item: string) => {
    const saving = page.waitForEvent('download');
    await choose(page, item);
    return readFile(await (await saving).path(), 'utf8');
  };
  const trace = JSON.parse(await got('Export for Perfetto')) as { traceEvents: { ph: string }[] };
  expect(new Set(trace.traceEvents.map((e) => e.ph))).toContain('X');
  expect(await got('Export the indices')).toContain('$timescale');
  expect(await got('Save the terminals')).toContain('pkt-gen -i vale1:2 -f rx');
});

test('starting over can be taken back, to the same step', async ({ page }) => {
  await recorded(page);
  const at = await stepNumber(page),
    shown = await screen(page, 'guest');
  await page.locator('.topbar .reset[aria-label="Start over"]').click();
  await expect(page.getByRole('alert')).toContainText('Started over');
  await expect(page.getByRole('button', { name: 'Boot the VM' })).toBeVisible({ timeout: 20_000 });
  await page.getByRole('button', { name: 'Take that back' }).click();
  await expect.poll(() => stepNumber(page)).toBe(at);
  await expect.poll(() => screen(page, 'guest')).toBe(shown);
});

test('the browser keeps the lab over a visit, and goes on from it', async ({ page }) => {
  await recorded(page);
  const at = await stepNumber(page);
  for (let i = 1; i <= 3; i++) {
    await page.keyboard.press('.');
    await expect.poll(() => stepNumber(page)).toBe(at + i);
  }
  const kept = () =>
    page.evaluate(
      () =>
        new Promise<number>((told) => {
          const asked = indexedDB.open('ringside');
          asked.onsuccess = () => {
            const get = asked.result.transaction('lab').objectStore('lab').get('kept');
            get.onsuccess = () => told((get.result as { step?: number } | undefined)?.step ?? -1);
          };
          asked.onerror = () => told(-1);
        }),
    );
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await expect.poll(kept, { timeout: 20_000 }).toBe(at + 3);
  await page.reload();
  await page.getByRole('button', { name: 'Go on from there' }).click({ timeout: 30_000 });
  await expect.poll(() => stepNumber(page), { timeout: 30_000 }).toBe(at + 3);
  await page.locator('.stage').focus();
  await page.keyboard.press(',');
  await expect.poll(() => stepNumber(page)).toBe(at + 2);
});
