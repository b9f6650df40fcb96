// How the screens look: pictures that a person has looked at, compared cell by cell on a coarse grid, so that another machine's
// fonts make no difference and another colour, place or missing part does. RECORD=1 takes them anew; look at each before it is kept.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, open, test } from './lab';
import { decode, encode, type Pixels, smaller } from './pixels';

const DIR = 'test/page/shots';
/** Kept at a quarter of their size; compared on a grid of cells of 20 pixels. */
const KEPT = 4;
const CELL = 5;
/** A cell differs when a channel of its mean colour is this far off; so many of the cells may. Serif in place of both fonts: 0.5 %. */
const FAR = 24;
const MAY_DIFFER = 0.015;

/** The part of the cells that differ. */
function apart(a: Pixels, b: Pixels): number {
  let n = 0;
  for (let i = 0; i < a.data.length; i += 3) if ([0, 1, 2].some((k) => Math.abs((a.data[i + k] ?? 0) - (b.data[i + k] ?? 0)) > FAR)) n++;
  return n / (a.data.length / 3);
}
const hue = ({ data }: Pixels) => Math.max(...data.map((v, i) => (i % 3 === 0 ? Math.abs(v - (data[i + 2] ?? 0)) : 0)));

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
  const seen = new Map<string, Pixels>();
  for (const [name, show] of shots) {
    await show();
    await page.mouse.move(720, 2);
    const file = `${DIR}/${name}.png`;
    // what it shows may have to come from the lab first
    for (let look = 0; look < 10; look++) {
      await page.waitForTimeout(300);
      const now = smaller(decode(await page.screenshot({ animations: 'disabled', caret: 'hide' })), KEPT);
      if (process.env.RECORD) writeFileSync(file, encode(now));
      const cells = smaller(now, CELL);
      seen.set(name, cells);
      delete wrong[name];
      if (!existsSync(file)) wrong[name] = 'there is no picture of it: RECORD=1, and look at it';
      else {
        const differ = apart(cells, smaller(decode(readFileSync(file)), CELL));
        if (differ <= MAY_DIFFER) break;
        wrong[name] = `${(100 * differ).toFixed(1)} % of its cells differ`;
      }
    }
  }
  expect(wrong).toEqual({});
  // the grid sees what it is there to see: another level, another theme, lost hues
  const of = (name: string) => seen.get(name) as Pixels;
  for (const [a, b] of [
    ['ring-light', 'machine-light'],
    ['ring-light', 'slot-light'],
    ['ring-light', 'ring-dark'],
    ['machine-light', 'slot-light'],
  ] as const)
    expect(apart(of(a), of(b)), `${a}, ${b}`).toBeGreaterThan(2 * MAY_DIFFER);
  expect(hue(of('ring-light'))).toBeGreaterThan(30);
  expect(hue(of('ring-grey'))).toBeLessThan(4);
});
