// The timeline: lanes and names, going to a step, window by wheel and keys, marks, filter, twin, slider, the phone's scrubber.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { boot, expect, GUEST_PROMPT, open, park, shows, stepNumber, terminal, test, traffic, typeIn } from './lab';

const LENGTH = 900;

const lanes = (page: Page) => page.locator('.strip-lanes');
const line = (page: Page) => page.locator('.strip-line');
const twin = (page: Page) => page.locator('.strip table tbody tr');

/** The steps at the window's ends. */
async function span(page: Page): Promise<{ from: number; to: number; size: number }> {
  const [from = 0, to = 0] = await lanes(page).evaluate((el) => [Number(el.dataset.from), Number(el.dataset.to)]);
  return { from, to, size: to - from };
}
const size = async (page: Page) => (await span(page)).size;

async function box(page: Page) {
  const b = await lanes(page).boundingBox();
  if (!b) throw new Error('no lanes');
  return b;
}
/** Where a step's block is on the screen, on the last lane. */
async function place(page: Page, step: number) {
  const b = await box(page),
    s = await span(page);
  return { x: b.x + ((step - 0.5 - s.from) / s.size) * b.width, y: b.y + b.height - 10 };
}

/** The picture and its words are of these steps. */
async function drawn(page: Page, from: string, to: string): Promise<void> {
  await expect(line(page)).toContainText(`steps ${from} to ${to}`);
  await expect(page.locator('.strip')).toHaveAttribute('data-busy', 'false');
}
const words = (n: number) => n.toLocaleString('en-US');

async function go(page: Page, step: number): Promise<void> {
  await page.locator('.stage').focus();
  await page.keyboard.press('g');
  await page.keyboard.type(`${step}\n`);
  await expect.poll(() => stepNumber(page), { timeout: 20_000 }).toBe(step);
}

/** A recording of some hundred steps with traffic; the playhead at its end. Answers its first step. */
async function recorded(page: Page): Promise<number> {
  await boot(page);
  await traffic(page);
  await park(page);
  const root = await stepNumber(page);
  await go(page, root + LENGTH);
  await page.locator('.stage').focus();
  await expect.poll(async () => (await span(page)).to).toBeGreaterThanOrEqual(root + LENGTH);
  return root;
}

test('lanes are named, guest first, and what is in view is said', async ({ page }) => {
  await recorded(page);
  const names = page.locator('.strip-names button');
  await expect(names.filter({ hasText: 'nm-kthread-1' })).toBeVisible();
  const sides = await names.evaluateAll((all) => all.map((b) => b.className.includes('own-guest')));
  expect(sides.indexOf(false)).toBeGreaterThan(0);
  expect(sides.slice(sides.indexOf(false))).not.toContain(true);
  await expect(names.first()).toHaveText('vCPU 0');
  await expect(line(page)).toContainText(/\d threads, steps [\d,]+ to [\d,]+/);
  const painted = await page.locator('.strip-lanes canvas').evaluate((c: HTMLCanvasElement) => {
    const { data } = c.getContext('2d')!.getImageData(0, 0, c.width, c.height);
    const colors = new Set<number>();
    for (let i = 0; i < data.length; i += 4) colors.add((data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!);
    return colors.size;
  });
  expect(painted).toBeGreaterThan(4);
});

test('the axis tells lab time from the playhead, in words too', async ({ page }) => {
  const end = (await recorded(page)) + LENGTH;
  await go(page, end - 40);
  await page.getByRole('button', { name: 'Lab time on the axis, from the playhead' }).click();
  const clocks = page.getByText(/^Lab time from the playhead: /);
  await expect(clocks).toHaveText(/step [\d,]+ −[\d.]+\s[nµm]?s, /);
  await expect(clocks).toHaveText(/step [\d,]+ \+[\d.]+\s[nµm]?s/);
  await page.getByRole('button', { name: 'Lab time on the axis, from the playhead' }).click();
  await expect(clocks).toHaveCount(0);
});

test('a click goes to the step under it; what was undone can be gone to again', async ({ page }) => {
  const root = await recorded(page),
    end = root + LENGTH;
  for (const step of [end - 40, end - 15]) {
    const at = await place(page, step);
    await page.mouse.click(at.x, at.y);
    await expect.poll(() => stepNumber(page)).toBe(step);
  }
  await expect(lanes(page)).toHaveAttribute('aria-valuemax', String(end));
});

test('the playhead is dragged, the axis pans', async ({ page }) => {
  const root = await recorded(page),
    end = root + LENGTH,
    b = await box(page);
  const handle = await place(page, end + 0.5),
    to = await place(page, end - 29.5);
  await page.mouse.move(handle.x, b.y + 6);
  await page.mouse.down();
  await page.mouse.move(to.x + 30, b.y + 6, { steps: 4 });
  await page.mouse.move(to.x, b.y + 6, { steps: 2 });
  await page.mouse.up();
  await expect.poll(() => stepNumber(page)).toBe(end - 30);
  const before = await span(page);
  await page.mouse.move(b.x + 200, b.y + 6);
  await page.mouse.down();
  await page.mouse.move(b.x + 400, b.y + 6, { steps: 4 });
  await page.mouse.up();
  await expect.poll(async () => (await span(page)).from).toBeLessThan(before.from - 1);
  expect(await stepNumber(page)).toBe(end - 30);
});

test('the wheel zooms about the pointer, with Shift it pans', async ({ page }) => {
  await recorded(page);
  const b = await box(page),
    x = Math.round(b.width * 0.4);
  await page.mouse.move(b.x + x, b.y + 60);
  const under = async () => {
    const s = await span(page);
    return s.from + (x / b.width) * s.size;
  };
  const before = await span(page),
    step = await under();
  await page.mouse.wheel(0, -400);
  await expect.poll(() => size(page)).toBeLessThan(before.size * 0.8);
  expect(Math.abs((await under()) - step)).toBeLessThan(before.size / b.width);
  const small = await span(page);
  await page.mouse.wheel(0, 300);
  await expect.poll(() => size(page)).toBeGreaterThan(small.size * 1.2);
  expect(Math.abs((await under()) - step)).toBeLessThan(before.size / b.width);
  const wide = await span(page);
  await page.keyboard.down('Shift');
  await page.mouse.wheel(0, -200);
  await page.keyboard.up('Shift');
  await expect.poll(async () => (await span(page)).from).toBeLessThan(wide.from);
  expect(await size(page)).toBeCloseTo(wide.size, 5);
});

test('W S A D zoom and move, F centres and then shows everything; not from a terminal', async ({ page }) => {
  const root = await recorded(page),
    one = await span(page);
  await page.keyboard.press('w');
  await expect.poll(() => size(page)).toBeLessThan(one.size);
  await page.keyboard.press('s');
  await expect.poll(() => size(page)).toBeCloseTo(one.size, 5);
  await page.keyboard.press('a');
  await expect.poll(async () => (await span(page)).from).toBeLessThan(one.from);
  const left = await span(page);
  await page.keyboard.press('d');
  await expect.poll(async () => (await span(page)).from).toBeGreaterThan(left.from);
  await go(page, root + 450);
  await page.keyboard.press('a');
  await page.keyboard.press('f');
  await expect
    .poll(async () => {
      const s = await span(page);
      return Math.abs((s.from + s.to) / 2 - (root + 450));
    })
    .toBeLessThan(1);
  await page.keyboard.press('f');
  await expect.poll(() => size(page)).toBeGreaterThan(LENGTH);
  expect((await span(page)).from).toBeLessThan(root);
  expect((await span(page)).to).toBeGreaterThan(root + LENGTH);
  const all = await size(page);
  await terminal(page, 'guest').locator('[data-tty]:not([hidden]) .xterm-screen').click();
  await page.keyboard.press('w');
  expect(await size(page)).toBe(all);
});

test('N goes to the next recorded mark of the chosen kind, Shift+N to the one before; where there is none it says so', async ({ page }) => {
  const root = await recorded(page);
  await page.getByLabel('Step by').selectOption('sleep');
  await page.locator('.stage').focus();
  await page.keyboard.press('Shift+N');
  await expect.poll(() => stepNumber(page)).toBeLessThan(root + LENGTH);
  const late = await stepNumber(page);
  await expect(
    twin(page)
      .filter({ hasText: words(late) })
      .filter({ hasText: 'sleep' }),
  ).not.toHaveCount(0);
  await page.keyboard.press('Shift+N');
  await expect.poll(() => stepNumber(page)).toBeLessThan(late);
  await page.keyboard.press('n');
  await expect.poll(() => stepNumber(page)).toBe(late);
  await go(page, root + LENGTH);
  await page.keyboard.press('n');
  await expect(page.locator('.sentence')).toContainText('No sleep is recorded after this step');
});

test('the filter by kind, by text and by thread decides what is in the twin', async ({ page }) => {
  const root = await recorded(page);
  await page.getByRole('button', { name: 'Show the whole recording' }).click();
  await drawn(page, words(root), words(root + LENGTH));
  await expect(twin(page).filter({ hasText: 'sleep' })).not.toHaveCount(0);
  const every = await twin(page).count();
  await page.getByLabel('Filter', { exact: true }).click();
  const box = page.locator('.strip-filter');
  await box.getByLabel('All', { exact: true }).uncheck();
  await expect(twin(page)).toHaveCount(0);
  await box.getByLabel('sleep', { exact: true }).check();
  await expect(twin(page)).not.toHaveCount(0);
  expect(await twin(page).filter({ hasNotText: 'sleep' }).count()).toBe(0);
  const sleeps = await twin(page).count();
  expect(sleeps).toBeLessThan(every);
  await box.getByLabel('Only marks with').fill('vCPU');
  await expect.poll(() => twin(page).count()).toBeLessThan(sleeps);
  expect(await twin(page).filter({ hasNotText: 'vCPU' }).count()).toBe(0);
  await box.getByRole('button', { name: 'Clear the filter' }).click();
  await expect(twin(page)).toHaveCount(every);
  await box.getByLabel('nm-kthread-1').uncheck();
  await expect(page.locator('.strip-names button').filter({ hasText: 'nm-kthread-1' })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(box.locator('.strip-pop')).toBeHidden();
  await expect(page.getByLabel('Filter, on')).toBeFocused();
  await page.getByLabel('Filter, on').click();
  await box.getByRole('button', { name: 'Clear the filter' }).click();
  await page.keyboard.press('Escape');
  const name = page.locator('.strip-names button').filter({ hasText: 'nm-kthread-1' });
  await name.click();
  await expect(name).toHaveAttribute('aria-pressed', 'true');
  await expect.poll(() => twin(page).filter({ hasNotText: 'nm-kthread-1' }).count()).toBe(0);
});

test('without a pointer: the slider moves by a step, by a tenth of the window, to the ends', async ({ page }) => {
  const root = await recorded(page),
    end = root + LENGTH,
    slider = page.getByRole('slider', { name: 'Playhead' });
  await slider.focus();
  await expect(slider).toHaveAttribute('aria-valuemin', String(root));
  await expect(slider).toHaveAttribute('aria-valuenow', String(end));
  await page.keyboard.press('ArrowLeft');
  await expect(slider).toHaveAttribute('aria-valuenow', String(end - 1));
  await page.keyboard.press('ArrowRight');
  await expect(slider).toHaveAttribute('aria-valuenow', String(end));
  await page.keyboard.press('PageDown');
  await expect.poll(() => stepNumber(page)).toBeLessThan(end - 5);
  await page.keyboard.press('Home');
  await expect(slider).toHaveAttribute('aria-valuenow', String(root));
  await page.keyboard.press('End');
  await expect(slider).toHaveAttribute('aria-valuenow', String(end));
  await expect(slider).toHaveAttribute('aria-valuetext', new RegExp(`^step ${words(end)} of `));
  await expect(page.locator('.strip')).toHaveAttribute('data-open', 'true');
});

test('a fork is a sign on the axis that offers to change over', async ({ page }) => {
  const root = await recorded(page);
  await go(page, root + LENGTH - 20);
  await page.locator('.stage').focus();
  const can = page.locator('.thread:not(.cannot) .thread-no');
  await page.keyboard.press((await can.last().innerText()).trim());
  await expect.poll(() => stepNumber(page)).toBe(root + LENGTH - 19);
  const fork = page.locator('.strip-fork');
  if ((await fork.count()) === 0) {
    // the thread that the policy would have chosen anyway: then the other one
    await page.keyboard.press(',');
    await expect.poll(() => stepNumber(page)).toBe(root + LENGTH - 20);
    await page.keyboard.press((await can.first().innerText()).trim());
  }
  await expect(fork).toHaveCount(1);
  await fork.locator('summary').click();
  await fork.getByRole('button', { name: /first history/ }).click();
  await expect.poll(() => stepNumber(page)).toBe(root + LENGTH);
});

test('T shows the marks as a table whose steps can be gone to, and the table goes with the playhead', async ({ page }) => {
  const root = await recorded(page);
  await page.getByRole('button', { name: 'Show the whole recording' }).click();
  await drawn(page, words(root), words(root + LENGTH));
  await page.keyboard.press('t');
  const buttons = page.locator('.strip-twin tbody button');
  await expect(buttons.first()).toBeVisible();
  const step = Number((await buttons.first().innerText()).replaceAll(',', ''));
  await buttons.first().click();
  await expect.poll(() => stepNumber(page)).toBe(step);
  const before = await buttons.count();
  await go(page, root + 3 * LENGTH);
  await page.getByRole('button', { name: 'Show the whole recording' }).click();
  await drawn(page, words(root), words(root + 3 * LENGTH));
  await expect.poll(() => buttons.count()).toBeGreaterThan(before);
});

test('axe finds nothing in the lanes, the filter and the twin', async ({ page }) => {
  await recorded(page);
  const look = async () => (await new AxeBuilder({ page }).include('.strip').analyze()).violations;
  expect(await look()).toEqual([]);
  await page.getByLabel('Filter', { exact: true }).click();
  expect(await look()).toEqual([]);
  await page.keyboard.press('Escape');
  await page.keyboard.press('t');
  await expect(page.locator('.strip-twin')).toBeVisible();
  expect(await look()).toEqual([]);
});

test('it is one line while the lab runs freely, and when one wants so', async ({ page }) => {
  await boot(page);
  await traffic(page);
  const strip = page.locator('.strip');
  await expect(strip).toHaveAttribute('data-open', 'false');
  await expect(line(page)).toHaveText('not recorded while it runs freely');
  await expect(lanes(page)).toHaveCount(0);
  await park(page);
  await expect(strip).toHaveAttribute('data-open', 'true');
  await expect(lanes(page)).toBeVisible();
  const toggle = page.getByRole('button', { name: 'Timeline', exact: true });
  await toggle.click();
  await expect(lanes(page)).toHaveCount(0);
  expect((await strip.boundingBox())?.height).toBeLessThanOrEqual(29);
  await expect(page.getByRole('slider', { name: 'Playhead' })).toBeVisible();
  await toggle.click();
  await expect(lanes(page)).toBeVisible();
});

test('at 1440 by 800 the stage keeps its height', async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 800 });
  await recorded(page);
  expect((await page.locator('.stage').boundingBox())?.height).toBeGreaterThanOrEqual(300);
});

test('it follows the end while the step engine runs', async ({ page }) => {
  await boot(page);
  await park(page);
  await page.getByText('Step engine').click();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await typeIn(page, 'guest', 'pkt-gen -i vtnet0 -f tx');
  await shows(page, 'guest', /Sending on/);
  await expect(lanes(page)).toBeVisible();
  const before = (await span(page)).to;
  await expect.poll(async () => (await span(page)).to, { timeout: 20_000 }).toBeGreaterThan(before);
  await park(page);
  const step = await stepNumber(page);
  await expect.poll(async () => (await span(page)).to).toBeGreaterThanOrEqual(step);
  expect((await span(page)).from).toBeLessThan(step);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  test('only the scrubber, a thumb high; it moves the playhead', async ({ page }) => {
    await open(page);
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByText('Step engine').click();
    await page.getByRole('button', { name: 'Ring', exact: true }).click();
    await page.getByRole('button', { name: 'Boot the VM' }).click();
    await shows(page, 'guest', GUEST_PROMPT);
    await page.getByRole('button', { name: 'pkt-gen -i vtnet0 -f tx' }).click();
    await shows(page, 'guest', /Sending on/);
    await expect.poll(() => stepNumber(page), { timeout: 30_000 }).toBeGreaterThan(1000);
    await page.getByRole('button', { name: 'Ring', exact: true }).click();
    await park(page);
    const slider = page.getByRole('slider', { name: 'Playhead' });
    await expect(slider).toBeVisible();
    await expect(lanes(page)).toHaveCount(0);
    expect((await slider.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    const end = await stepNumber(page),
      root = Number(await slider.getAttribute('aria-valuemin')),
      b = (await slider.boundingBox())!;
    expect(end - root).toBeGreaterThan(100);
    await page.mouse.move(b.x + b.width * 0.8, b.y + 20);
    await page.mouse.down();
    await page.mouse.move(b.x + b.width * 0.5, b.y + 20, { steps: 3 });
    await page.mouse.up();
    await expect.poll(async () => Math.abs((await stepNumber(page)) - (root + end) / 2)).toBeLessThan((end - root) * 0.05);
    await page.mouse.click(b.x + 4, b.y + 20);
    await expect.poll(() => stepNumber(page)).toBe(root);
    await expect(slider).toHaveAttribute('aria-valuemax', String(end));
  });
});
