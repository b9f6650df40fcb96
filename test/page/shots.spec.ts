// How the screens look: pictures that a person has looked at, compared cell by cell on a coarse grid, so that another machine's
// fonts make no difference and another colour, place or missing part does. RECORD=1 takes them anew; look at each before it is kept.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expect, open, test } from './lab';

const DIR = 'test/page/shots';
/** Kept small; compared on a grid of cells of 15 pixels. */
const KEPT = [576, 360] as const;
const GRID = [96, 60] as const;
/** A cell differs when a channel of its mean colour is this far off; so many of the cells may. */
const FAR = 36;
const MAY_DIFFER = 0.03;

/** A picture at another size: its bytes as PNG, and its cells. */
async function scaled(page: Page, png: string, [w, h]: readonly [number, number]): Promise<{ png: string; cells: number[] }> {
  return page.evaluate(
    async ({ png, w, h }) => {
      const bytes = Uint8Array.from(atob(png), (c) => c.charCodeAt(0));
      const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const canvas = document.createElement('canvas');
      canvas.width = w;
      canvas.height = h;
      const c = canvas.getContext('2d');
      if (!c) throw new Error('no canvas');
      c.imageSmoothingQuality = 'high';
      c.drawImage(picture, 0, 0, w, h);
      return { png: canvas.toDataURL('image/png').split(',')[1] ?? '', cells: [...c.getImageData(0, 0, w, h).data] };
    },
    { png, w, h },
  );
}

/** The part of the cells that differ. */
function apart(a: readonly number[], b: readonly number[]): number {
  let n = 0;
  for (let i = 0; i < a.length; i += 4) if ([0, 1, 2].some((k) => Math.abs((a[i + k] ?? 0) - (b[i + k] ?? 0)) > FAR)) n++;
  return n / (a.length / 4);
}

test.use({ viewport: { width: 1440, height: 900 }, colorScheme: 'light' });

test('the screens look as they did when they were looked at', async ({ page }) => {
  await open(page);
  // the recorded lost kick: the same to the last bit on every machine
  await page.getByRole('button', { name: 'Scenarios and lessons…' }).click();
  await page
    .locator('.gallery .scene')
    .filter({ hasText: /H1: a lost kick/ })
    .click();
  const notice = page.locator('.notice');
  await expect(notice).toContainText('H1', { timeout: 30_000 });
  await notice.getByRole('button', { name: 'Close', exact: true }).click();
  await expect(page.locator('.ring-box canvas')).toBeVisible();
  const sight = await page.context().newCDPSession(page);
  const level = (name: string) => page.getByRole('button', { name }).click();
  const shots: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['ring-light', () => level('Level 2: ring')],
    ['ring-deuteranopia', () => sight.send('Emulation.setEmulatedVisionDeficiency', { type: 'deuteranopia' })],
    ['ring-grey', () => sight.send('Emulation.setEmulatedVisionDeficiency', { type: 'achromatopsia' })],
    [
      'ring-dark',
      async () => {
        await sight.send('Emulation.setEmulatedVisionDeficiency', { type: 'none' });
        await page.emulateMedia({ colorScheme: 'dark' });
      },
    ],
    ['machine-dark', () => level('Level 1: machine')],
    ['machine-light', () => page.emulateMedia({ colorScheme: 'light' })],
    ['slot-light', () => level('Level 3: slot')],
  ];
  const wrong: Record<string, string> = {};
  const seen: Record<string, number[]> = {};
  for (const [name, show] of shots) {
    await show();
    await page.mouse.move(720, 2);
    await page.waitForTimeout(300);
    const taken = (await page.screenshot({ animations: 'disabled', caret: 'hide' })).toString('base64');
    const file = `${DIR}/${name}.png`;
    if (process.env.RECORD || !existsSync(file)) {
      writeFileSync(file, Buffer.from((await scaled(page, taken, KEPT)).png, 'base64'));
      if (!process.env.RECORD) wrong[name] = 'there was no picture: look at the one that was taken now';
    }
    const half = await scaled(page, (await scaled(page, taken, KEPT)).png, GRID);
    const kept = await scaled(page, readFileSync(file).toString('base64'), GRID);
    seen[name] = half.cells;
    const differ = apart(half.cells, kept.cells);
    if (differ > MAY_DIFFER) wrong[name] = `${(100 * differ).toFixed(1)} % of its cells differ`;
  }
  expect(wrong).toEqual({});
  // the grid sees what it is there to see: another level, another theme, lost hues
  const of = (name: string) => seen[name] ?? [];
  for (const [a, b] of [
    ['ring-light', 'machine-light'],
    ['ring-light', 'slot-light'],
    ['ring-light', 'ring-dark'],
    ['machine-light', 'slot-light'],
  ] as const)
    expect(apart(of(a), of(b)), `${a}, ${b}`).toBeGreaterThan(2 * MAY_DIFFER);
  const hue = (cells: readonly number[]) => Math.max(...cells.map((v, i) => (i % 4 === 0 ? Math.abs(v - (cells[i + 2] ?? 0)) : 0)));
  expect(hue(of('ring-light'))).toBeGreaterThan(40);
  expect(hue(of('ring-grey'))).toBeLessThan(4);
});
