// Pictures saved: the ring, the machine and the page as SVG and PNG. The files hold what the twin says, and nothing foreign.
import { readFile } from 'node:fs/promises';
import type { Download, Page } from '@playwright/test';
import { expect, recorded, stepNumber, test } from './lab';

async function save(page: Page, head: string, what: string): Promise<Download> {
  await page.locator(`${head} .picture-menu summary`).first().click();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.locator(`${head} .picture-menu`).getByRole('button', { name: what }).click(),
  ]);
  return file;
}
const textOf = async (file: Download): Promise<string> => readFile(await file.path(), 'utf8');

/** The names of elements and attributes, the words and the size of an SVG, read by the browser's XML parser. */
const parsed = (desk: Page, svg: string) =>
  desk.evaluate((text) => {
    const doc = new DOMParser().parseFromString(text, 'image/svg+xml'),
      all = [...doc.querySelectorAll('*')];
    return {
      broken: doc.querySelector('parsererror') !== null,
      names: [...new Set(all.map((e) => e.nodeName))],
      attributes: [...new Set(all.flatMap((e) => [...e.attributes].map((a) => a.name)))],
      words: all.filter((e) => e.nodeName === 'text').map((e) => e.textContent ?? ''),
      title: doc.querySelector('svg > title')?.textContent ?? '',
      desc: doc.querySelector('svg > desc')?.textContent ?? '',
      size: [Number(doc.documentElement.getAttribute('width')), Number(doc.documentElement.getAttribute('height'))] as const,
    };
  }, svg);

const KNOWN = /^(?:svg|title|desc|defs|g|rect|path|text|tspan|circle|ellipse|line|polyline|polygon|clipPath|pattern|marker)$/;
async function plain(desk: Page, svg: string) {
  const p = await parsed(desk, svg);
  expect(p.broken).toBe(false);
  expect(p.names.filter((n) => !KNOWN.test(n))).toEqual([]);
  expect(p.attributes.filter((a) => /^on|href|style|class/.test(a))).toEqual([]);
  expect(svg).not.toMatch(/var\(|currentColor|https?:\/\/(?!www\.w3\.org)/);
  return p;
}

/** Width and height of a PNG, and how many colours it has in some of its rows. */
async function points(page: Page, file: Download) {
  const bytes = await readFile(await file.path());
  expect(bytes.subarray(1, 4).toString('latin1')).toBe('PNG');
  const colours = await page.evaluate(async (base64) => {
    const image = new Image();
    image.src = `data:image/png;base64,${base64}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = image.width;
    canvas.height = image.height;
    const c = canvas.getContext('2d');
    c?.drawImage(image, 0, 0);
    return new Set(new Uint32Array(c?.getImageData(0, 0, image.width, image.height).data.buffer ?? new ArrayBuffer(0))).size;
  }, bytes.toString('base64'));
  return { size: [bytes.readUInt32BE(16), bytes.readUInt32BE(20)] as const, colours };
}

test('the ring, the machine, a panel and the page as files', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  // the page itself may parse nothing (docs/SECURITY.md)
  const desk = await context.newPage();
  await page.bringToFront();
  await recorded(page);
  const step = await stepNumber(page);
  await page.getByRole('button', { name: 'Level 2: ring' }).click();
  await expect(page.locator('.ring-box canvas')).toBeVisible();
  const label = (await page.locator('.ring-box canvas').getAttribute('aria-label')) ?? '';

  const ring = await save(page, '.stage', 'Save as SVG');
  expect(ring.suggestedFilename()).toBe(`ringside-ring-vtnet0-tx0-step-${step}.svg`);
  const svg = await textOf(ring),
    r = await plain(desk, svg);
  expect(r.desc).toBe(label);
  expect(r.title).toContain(`step ${step.toLocaleString('en-US')}`);
  const hands = /head (\d+), cur (\d+), tail (\d+); host: rhead (\d+), hwcur (\d+), hwtail (\d+)/.exec(label)?.slice(1) ?? [];
  expect(hands).toHaveLength(6);
  const all = r.words.join(' ');
  for (const [i, name] of ['head', 'cur', 'tail', 'rhead', 'hwcur', 'hwtail'].entries()) {
    expect(all).toContain(name);
    expect(all).toContain(hands[i]);
  }
  expect(r.words.at(-1)).toContain('protocol revision 2015');

  // the same moment is the same file
  expect(await textOf(await save(page, '.stage', 'Save as SVG'))).toBe(svg);

  const png = await save(page, '.stage', 'Save as PNG'),
    dots = await points(page, png);
  expect(png.suggestedFilename()).toMatch(/\.png$/);
  expect(dots.size).toEqual([r.size[0] * 2, r.size[1] * 2]);
  expect(dots.colours).toBeGreaterThan(20);

  await page
    .getByRole('button', { name: 'Level 1: the machine' })
    .or(page.getByRole('button', { name: /^Level 1/ }))
    .first()
    .click();
  const shown = await page.locator('svg.machine text').allTextContents();
  const machine = await save(page, '.stage', 'Save as SVG'),
    m = await plain(desk, await textOf(machine));
  expect(machine.suggestedFilename()).toBe(`ringside-machine-step-${step}.svg`);
  expect(m.words.join('\n')).toContain(
    shown
      .filter((t) => t.trim())
      .slice(0, 5)
      .join('\n'),
  );
  expect(m.names).toContain('marker');
  const machineTwin = (await page.locator('#machine-words').textContent()) ?? '';
  expect(m.desc).toBe(machineTwin);
  const [, csbHead = ''] = /tx_ring head (\d+)/.exec(machineTwin) ?? [];
  expect(m.words).toContain(csbHead);

  // a part that is still being loaded is waited for, not saved empty
  await page.route('**/more_bodies*.js', async (route) => {
    await new Promise((later) => setTimeout(later, 800));
    await route.continue();
  });
  await page.getByRole('tab', { name: 'CSB' }).click();
  const csb = await plain(desk, await textOf(await save(page, '.tabs-row', 'Save as SVG')));
  expect(csb.words.join(' ')).toContain('guest_need_txkick');

  await page.locator('.stage').focus();
  const [whole] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Shift+I')]);
  expect(whole.suggestedFilename()).toBe(`ringside-page-step-${step}.png`);
  const view = page.viewportSize(),
    seen = await points(page, whole);
  expect(seen.size).toEqual([(view?.width ?? 0) * 2, (view?.height ?? 0) * 2]);
  expect(seen.colours).toBeGreaterThan(100);

  // by the palette, terminals and all
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Find or do anything' }).fill('picture of the page save as svg');
  const [page2] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  const p = await plain(desk, await textOf(page2));
  expect(p.words.join('\n')).toContain('sender_body');
  expect(p.size).toEqual([view?.width, view?.height]);

  // running, the file says what was painted last, not its title only
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByRole('button', { name: 'Level 2: ring' }).click();
  await expect(page.locator('.ring-box canvas')).toBeVisible();
  const running = await plain(desk, await textOf(await save(page, '.stage', 'Save as SVG')));
  expect(running.desc).toMatch(/ head \d+, cur \d+, tail \d+; host: rhead \d+/);
  await page.getByRole('button', { name: 'Park', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeEnabled();

  // into the clipboard, or a sentence
  const head = '.stage .picture-menu';
  await page.locator(`${head} summary`).click();
  await page.locator(head).getByRole('button', { name: 'Copy as PNG' }).click();
  await expect(page.getByRole('alert')).toContainText('The picture is in the clipboard.');
  const types = await page.evaluate(async () => (await navigator.clipboard.read()).flatMap((i) => i.types));
  expect(types).toEqual(['image/png']);
  await page.evaluate(() => {
    Object.defineProperty(navigator.clipboard, 'write', { value: () => Promise.reject(new Error('no')) });
  });
  await page.locator(`${head} summary`).click();
  await page.locator(head).getByRole('button', { name: 'Copy as PNG' }).click();
  await expect(page.getByRole('alert')).toContainText('save it as PNG');
});
