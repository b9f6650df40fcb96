// Each screen for who cannot see it, or not well, or presses with a thumb: structure and names, targets, zoom, spacing, contrast,
// forced colours, motion; and where the focus is after each act. One visit for all, because a visit is what costs.
import type { Page } from '@playwright/test';
import { lost, motion, prepared, structure, targets } from './audit';
import { expect, open, stepNumber, terminal, test } from './lab';

type Go = (page: Page) => Promise<unknown>;
const shut: Go = (page) => page.keyboard.press('Escape');
const press =
  (name: string): Go =>
  (page) =>
    page.getByRole('button', { name }).click();

/** The main screens of a lab that stands: how to get to each, and back. */
const SCREENS: Record<string, readonly [Go, Go?]> = {
  slot: [press('Level 3: slot')],
  machine: [press('Level 1: machine')],
  ring: [press('Level 2: ring')],
  gallery: [
    async (page) => {
      await page.locator('.topbar .lessons-open').click();
      await expect(page.locator('.gallery .scene').first()).toBeVisible();
    },
    shut,
  ],
  palette: [
    async (page) => {
      await page.locator('.topbar .find').click();
      await expect(page.locator('.palette [role=option]').first()).toBeVisible();
    },
    shut,
  ],
  help: [(page) => page.locator('.topbar .help summary').click(), shut],
};
const STAGES = ['slot', 'machine', 'ring'];

async function each(page: Page, names: readonly string[], wrong: () => Promise<string[]>): Promise<void> {
  const found: Record<string, string[]> = {};
  for (const name of names) {
    const [go, back] = SCREENS[name] as readonly [Go, Go?];
    await go(page);
    const list = await wrong();
    if (list.length) found[name] = [...new Set(list)];
    await back?.(page);
  }
  expect.soft(found).toEqual({});
}

/** WCAG 1.4.12. A terminal's cells are a grid of the program's own. */
const SPACED =
  '*:not(.xterm, .xterm *, svg *) { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }';

test.describe('on a desk', () => {
  test.use({ viewport: { width: 1440, height: 900 } });
  test('structure, targets, zoom, spacing, contrast, forced colours and motion on each screen', async ({ page }) => {
    test.slow();
    await open(page);
    expect.soft([...(await structure(page)), ...(await targets(page, 24)), ...(await lost(page))], 'empty').toEqual([]);
    await prepared(page);

    await test.step('structure, names and targets', () =>
      each(page, Object.keys(SCREENS), async () => [...(await structure(page)), ...(await targets(page, 24)), ...(await lost(page))]));

    await test.step('200 %: 1440 × 900 becomes 720 × 450', async () => {
      await page.setViewportSize({ width: 720, height: 450 });
      await each(page, Object.keys(SCREENS), async () => [...(await targets(page, 24)), ...(await lost(page))]);
      await page.setViewportSize({ width: 1440, height: 900 });
    });

    await test.step('the visitor’s own spacing of text', async () => {
      await page.evaluate((css) => {
        const own = new CSSStyleSheet();
        own.replaceSync(css);
        document.adoptedStyleSheets = [own];
      }, SPACED);
      await each(page, Object.keys(SCREENS), () => lost(page));
      await page.evaluate(() => {
        document.adoptedStyleSheets = [];
      });
    });

    await test.step('without motion: cuts', async () => {
      await page.emulateMedia({ reducedMotion: 'reduce' });
      await each(page, STAGES, () => motion(page));
      await page.emulateMedia({ reducedMotion: 'no-preference' });
    });

    await test.step('more contrast: washes are paper, lines 2 px', async () => {
      await page.emulateMedia({ contrast: 'more' });
      const seen = await page.evaluate(() => {
        const of = (what: string) => getComputedStyle(document.querySelector(what) as Element);
        return {
          head: of('.term-guest .term-head').backgroundColor,
          paper: of('.transport').backgroundColor,
          button: of('.transport button.time-step').borderTopWidth,
          bar: of('.term-guest .term-head').borderLeftWidth,
        };
      });
      expect.soft(seen).toEqual({ head: seen.paper, paper: seen.paper, button: '2px', bar: '4px' });
      await page.emulateMedia({ contrast: 'no-preference' });
    });

    await test.step('forced colours: the pictures have none of ours, bars and hatches stay, focus is seen', async () => {
      await page.emulateMedia({ forcedColors: 'active' });
      await page.locator('.ring-box canvas').focus();
      await page.keyboard.press('Shift+Tab');
      await page.keyboard.press('Tab');
      // grey is what is left: no pixel of the ring or of the timeline has a hue, and both have light and dark
      const hues = () =>
        page.evaluate(() =>
          [...document.querySelectorAll<HTMLCanvasElement>('.ring-box canvas, .strip-lanes canvas, canvas.strip-lanes')].map((c) => {
            const { data } = c.getContext('2d')?.getImageData(0, 0, c.width, c.height) ?? { data: new Uint8ClampedArray() };
            let hue = 0;
            const tones = new Set<number>();
            for (let i = 0; i < data.length; i += 4) {
              if (!data[i + 3]) continue;
              const [r = 0, g = 0, b = 0] = data.subarray(i, i + 3);
              hue = Math.max(hue, Math.max(r, g, b) - Math.min(r, g, b));
              tones.add(r >> 6);
            }
            return { hue, tones: tones.size > 1 };
          }),
        );
      await expect.poll(async () => (await hues()).every((c) => c.hue < 8 && c.tones)).toBe(true);
      const ring = await page.locator('.ring-box canvas').evaluate((e) => getComputedStyle(e).outlineStyle);
      expect.soft(ring).not.toBe('none');
      await SCREENS.slot?.[0](page);
      const cells = page.locator('.slot-cells');
      expect
        .soft(
          await cells.evaluate(
            (e) => Number.parseFloat(getComputedStyle(e).borderTopWidth) + Number.parseFloat(getComputedStyle(e).borderBottomWidth),
          ),
        )
        .toBeGreaterThanOrEqual(4);
      expect
        .soft(
          await cells.evaluate(
            (e) =>
              e.matches('[data-class=handed], [data-class=sending], [data-class=done]') ===
              /gradient/.test(getComputedStyle(e).backgroundImage),
          ),
        )
        .toBe(true);
      await SCREENS.machine?.[0](page);
      const painted = await page
        .locator('svg.machine [data-zone=guest] rect, svg.machine [data-zone=host] rect')
        .evaluateAll((all) => [...new Set(all.map((e) => getComputedStyle(e).stroke))]);
      for (const colour of painted) expect.soft(colour).toMatch(/^(none|rgb\((\d+), \2, \2\))$/);
      await SCREENS.ring?.[0](page);
      await page.emulateMedia({ forcedColors: 'none' });
    });
  });

  test('the focus is somewhere sensible after each act, and what happened is said', async ({ page }) => {
    await prepared(page);
    const at = () =>
      page.evaluate(() => {
        const e = document.activeElement;
        if (!e || e === document.body) return 'body';
        return e.closest('dialog[open]')?.className ?? e.closest<HTMLElement>('[data-region]')?.dataset.region ?? e.localName;
      });
    const stage = page.locator('.stage');
    const step = page.getByRole('button', { name: 'Step', exact: true }),
      back = page.getByRole('button', { name: 'Back', exact: true });
    const tab = (name: string) => page.getByRole('tab', { name, exact: true });
    // act, and where the focus may be after it
    const ACTS: readonly (readonly [string, () => Promise<unknown>, string])[] = [
      ['Step', () => step.press('Enter'), 'transport'],
      ['Back', () => back.press('Enter'), 'transport'],
      ['First step, where Back ends', () => page.getByRole('button', { name: 'First step' }).press('Enter'), 'transport'],
      ['Last step', () => page.getByRole('button', { name: 'Last step' }).press('Enter'), 'transport'],
      ['a thread', () => page.locator('[data-region=threads] button').first().press('Enter'), 'threads'],
      ['Level 3', () => page.getByRole('button', { name: 'Level 3: slot' }).press('Enter'), 'stage'],
      ['Esc from a slot', () => page.keyboard.press('Escape'), 'stage'],
      ['Level 1', () => page.getByRole('button', { name: 'Level 1: machine' }).press('Enter'), 'stage'],
      ['into a ring', () => page.locator('svg.machine [data-act=ring]').first().press('Enter'), 'stage'],
      ['in words', () => page.getByRole('button', { name: /^In words/ }).press('Enter'), 'stage'],
      ['back to the picture', () => page.getByRole('button', { name: /^In words/ }).press('Enter'), 'stage'],
      ['another tab', () => tab('CSB').press('Enter'), 'inspector'],
      ['a tab by arrow', () => page.keyboard.press('ArrowRight'), 'inspector'],
      ['a stop point', async () => (await stage.focus(), await page.keyboard.press('b')), 'stage'],
      ['its end', () => page.getByRole('button', { name: /^Take away stop point/ }).press('Enter'), 'inspector'],
      ['the palette', async () => (await stage.focus(), await page.keyboard.press('/')), 'palette'],
      ['its Esc', () => page.keyboard.press('Escape'), 'stage'],
      ['the gallery', () => page.locator('.topbar .lessons-open').press('Enter'), 'gallery'],
      ['its Esc', () => page.keyboard.press('Escape'), 'top'],
      ['Help', () => page.locator('.topbar .help summary').press('Enter'), 'top'],
      ['its Esc', () => page.keyboard.press('Escape'), 'top'],
      ['the unit', async () => (await stage.focus(), await page.keyboard.press('e')), 'stage'],
      ['the engine', () => page.getByRole('radio', { name: 'Step engine' }).press('Space'), 'transport'],
      ['a second panel', () => page.locator('.all-panels summary').press('Enter'), 'inspector'],
      ['opened', () => page.getByRole('button', { name: 'A second panel below' }).press('Enter'), 'inspector'],
      ['closed', () => page.getByRole('button', { name: 'Close the panel below' }).press('Enter'), 'inspector'],
      ['Tab’s way in a terminal', () => terminal(page, 'host').locator('.term-tab-mode').press('Enter'), 'host'],
      ['its reader', () => terminal(page, 'host').getByRole('button', { name: 'Screen reader' }).press('Enter'), 'host'],
      ['Find in it', () => terminal(page, 'host').getByRole('button', { name: 'Find', exact: true }).press('Enter'), 'host'],
      ['its Esc', () => page.keyboard.press('Escape'), 'host'],
      ['Start over', () => page.locator('.topbar .reset[aria-label="Start over"]').press('Enter'), 'top'],
    ];
    const wrong: string[] = [];
    for (const [name, act, where] of ACTS) {
      await act();
      await page.waitForTimeout(60); // two frames: what goes, goes
      let now = await at();
      for (let i = 0; i < 20 && now !== where; i++) {
        await page.waitForTimeout(50);
        now = await at();
      }
      if (now !== where) wrong.push(`${name}: the focus is in ${now}, not in ${where}`);
    }
    expect.soft(wrong).toEqual([]);
    // a terminal that is read out waits its turn
    await expect(page.locator('[data-tty] .live-region')).toHaveAttribute('aria-live', 'polite');
    await expect(terminal(page, 'host').getByRole('button', { name: 'Screen reader' })).toHaveAttribute('aria-pressed', 'true');
    const notice = page.locator('.notice');
    await expect(notice.getByRole('alert')).toContainText('Started over');
    await notice.getByRole('button', { name: 'Close', exact: true }).press('Enter');
    await expect(notice).toHaveCount(0);
    await expect.poll(at).not.toBe('body');
    const bootVm = page.getByRole('button', { name: 'Boot the VM' }).first();
    await bootVm.press('Enter');
    await expect(bootVm).toHaveCount(0);
    await expect.poll(at).toMatch(/^(guest|stage)$/);
  });

  test('a step is said once, politely; while it runs, a second apart at least', async ({ page }) => {
    await prepared(page);
    await page.locator('.stage').focus();
    const sentence = page.locator('.stage p.sentence[role=status]');
    await expect(sentence).toHaveCount(1);
    const before = await stepNumber(page),
      was = await sentence.innerText();
    await page.keyboard.press('1');
    await expect.poll(() => stepNumber(page)).toBe(before + 1);
    await expect(sentence).not.toHaveText(was);
    // what speaks by itself, and how often it changes in three seconds of the slow run
    const most = await page.evaluate(async () => {
      const heard = new Map<Element, number>();
      const watch = new MutationObserver((all) => {
        const now = new Set(
          all.map((m) =>
            (m.target instanceof Element ? m.target : m.target.parentElement)?.closest('[aria-live=polite], [role=status], [role=alert]'),
          ),
        );
        for (const e of now) if (e && !e.closest('[aria-live=off]')) heard.set(e, (heard.get(e) ?? 0) + 1);
      });
      watch.observe(document.body, { subtree: true, childList: true, characterData: true });
      document.querySelector<HTMLElement>('.time-run')?.click();
      await new Promise((r) => setTimeout(r, 3000));
      watch.disconnect();
      return [...heard].map(([e, n]) => `${n} ${e.className}`).filter((s) => Number.parseInt(s) > 4);
    });
    expect(most).toEqual([]);
  });
});

/** Eleven keys of a terminal stand in a row of 390, as wide as those of a phone's own keyboard. */
const KEY = 34;

test.describe('under a thumb', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  test('targets are 44 px, nothing is lost, names and landmarks are there', async ({ page }) => {
    await open(page);
    expect.soft([...(await structure(page)), ...(await targets(page, 44, KEY)), ...(await lost(page))], 'empty').toEqual([]);
    await page.goto('./?tour');
    await expect(page.getByRole('complementary', { name: 'The first sixty seconds' })).toContainText('tap', { timeout: 30_000 });
    await page.getByRole('button', { name: 'Park', exact: true }).tap();
    await page.getByRole('button', { name: 'Skip' }).tap();
    const found: Record<string, string[]> = {};
    for (const tab of ['Ring', 'Guest', 'Host', 'Source', 'More']) {
      await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: tab, exact: true }).tap();
      const wrong = [...(await structure(page)), ...(await targets(page, 44, KEY)), ...(await lost(page))];
      if (wrong.length) found[tab] = [...new Set(wrong)];
    }
    expect(found).toEqual({});
  });
});
