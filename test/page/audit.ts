// What a screen owes to who cannot see it, or not well: read from the page as it stands. Each answer is a list of what is wrong.
import type { Page } from '@playwright/test';
import { expect } from './lab';

/** Landmarks, headings, names, live regions, pictures. */
export const structure = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const wrong: string[] = [];
    const root: ParentNode = document.querySelector('dialog[open]') ?? document;
    const seen = (e: Element) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    const all = (what: string) =>
      [...root.querySelectorAll<HTMLElement>(what)].filter((e) => seen(e) && !e.closest('[aria-hidden="true"]'));
    const tag = (e: Element) => e.outerHTML.slice(0, 110).replace(/\s+/g, ' ');
    const words = (s: string | null | undefined) =>
      (s ?? '')
        .replace(/[\s,;:.…·]+/g, ' ')
        .trim()
        .toLowerCase();
    const named = (e: Element): string =>
      words(e.getAttribute('aria-label')) ||
      words(
        (e.getAttribute('aria-labelledby') ?? '')
          .split(' ')
          .map((id) => document.getElementById(id)?.textContent ?? '')
          .join(' '),
      ) ||
      words(
        e instanceof HTMLInputElement || e instanceof HTMLSelectElement || e instanceof HTMLTextAreaElement
          ? e.labels?.[0]?.textContent
          : '',
      ) ||
      words(e.textContent) ||
      words(e.getAttribute('title'));

    // landmarks: named, and each name once
    const marks = all('main, nav, aside, section[aria-label], form[aria-label], [role=region], [role=navigation], [role=complementary]');
    const names = marks.map((e) =>
      e.localName === 'main' ? 'main' : `${e.getAttribute('role') ?? e.localName} ${words(e.getAttribute('aria-label'))}`,
    );
    for (const [i, n] of names.entries()) {
      if (/ $/.test(n)) wrong.push(`landmark without a name: ${tag(marks[i] as Element)}`);
      if (names.indexOf(n) !== i) wrong.push(`two landmarks are called ${n}`);
    }
    // headings: one first, and none skips a level
    let last = 0;
    for (const h of all('h1, h2, h3, h4')) {
      const level = Number(h.localName[1]);
      if (last && level > last + 1) wrong.push(`heading ${level} after ${last}: ${tag(h)}`);
      last = level;
    }
    if (root === document && all('h1').length !== 1) wrong.push(`${all('h1').length} headings of level 1`);
    // controls: a name, which holds what is written on them
    for (const e of all(
      'button, a[href], input, select, textarea, summary, [role=button], [role=tab], [role=option], [role=separator], [role=slider]',
    )) {
      const name = named(e);
      if (!name) wrong.push(`control without a name: ${tag(e)}`);
      const label = e.getAttribute('aria-label');
      const face = e instanceof HTMLSelectElement || e.closest('svg') ? '' : words(e.innerText);
      if (label && /[a-z]{2}/.test(face) && !words(label).includes(face)) wrong.push(`called “${label}”, but reads “${face}”`);
    }
    // what speaks by itself waits its turn; only a notice may be an alert
    for (const e of [...root.querySelectorAll('[aria-live=assertive]')].filter(seen)) wrong.push(`interrupts: ${tag(e)}`);
    for (const e of all('[role=alert]'))
      if (!e.closest('.notice, .trouble, .term-head')) wrong.push(`an alert that is no notice: ${tag(e)}`);
    // pictures: a name, or silence beside their words
    for (const e of [...root.querySelectorAll('canvas')].filter(seen)) {
      if (e.closest('.xterm, [aria-hidden="true"]')) continue;
      const of = e.closest('[role=img], [role=slider], [role=application], [role=group]');
      if (!of || !named(of)) wrong.push(`a canvas without words: ${tag(e)}`);
    }
    for (const e of all('svg:not([aria-hidden="true"])')) {
      if (e.closest('button, a, summary, [role=img], [aria-hidden="true"]')) continue;
      if (!e.hasAttribute('aria-label') && !e.querySelector('title') && !e.hasAttribute('aria-labelledby')) {
        if (e.classList.contains('lucide') || !e.querySelector('text')) wrong.push(`a drawing without words: ${tag(e)}`);
      }
    }
    // nothing takes focus out of order
    for (const e of all('[tabindex]')) if (e.tabIndex > 0) wrong.push(`tabindex ${e.tabIndex}: ${tag(e)}`);
    return wrong;
  });

/** Controls that are too small to be hit: the least side of what can be pressed. Words in a sentence are as tall as its line (2.5.8). */
export const targets = (page: Page, tall: number, wide = tall): Promise<string[]> =>
  page.evaluate(
    ({ tall, wide }) => {
      const root: ParentNode = document.querySelector('dialog[open]') ?? document;
      const out: string[] = [];
      for (const e of root.querySelectorAll<HTMLElement>(
        'button, a[href], input:not([type=hidden]), select, summary, label:has(input), [role=button], [role=tab], [role=option], [role=separator]',
      )) {
        if (!e.checkVisibility({ visibilityProperty: true }) || e.closest('.hidden, .xterm, [hidden]')) continue;
        // borders have nothing beside them; the Stops panel does what a line's number does, the timeline's filter what a lane's name does
        if (e.matches(':disabled, [role=separator], .line-stop, .strip-names button')) continue;
        const style = getComputedStyle(e);
        if (style.display === 'inline' || e.closest('.prose, .sentence, p.quiet')) continue;
        const hit = e.matches('input') ? (e.closest('label') ?? e) : e;
        const { width, height } = hit.getBoundingClientRect();
        if (width < 1 || height < 1) continue;
        if (width < wide - 0.5 || height < tall - 0.5)
          out.push(`${Math.round(width)} × ${Math.round(height)}: ${e.outerHTML.slice(0, 90).replace(/\s+/g, ' ')}`);
      }
      return out;
    },
    { tall, wide },
  );

/** What cannot be read or reached: beyond the page's edge, or cut off by a box that cannot be scrolled. */
export const lost = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const out: string[] = [];
    const html = document.documentElement;
    if (html.scrollWidth > innerWidth + 4) out.push(`the page is ${html.scrollWidth} wide in ${innerWidth}`);
    const root: ParentNode = document.querySelector('dialog[open]') ?? document;
    for (const e of root.querySelectorAll<HTMLElement>(
      'button, input, select, summary, h1, h2, h3, p, li, td, th, label, code, b, small',
    )) {
      if (!e.checkVisibility({ visibilityProperty: true }) || e.closest('.hidden, .xterm, svg, [aria-hidden="true"]')) continue;
      const box = e.getBoundingClientRect();
      if (box.width < 2 || box.height < 2) continue;
      // its own words do not fit
      const own = getComputedStyle(e);
      const clips = own.overflowX !== 'visible' && own.overflowX !== 'auto' && own.overflowX !== 'scroll';
      if (
        clips &&
        e.scrollWidth > e.clientWidth + 1 &&
        own.textOverflow !== 'ellipsis' &&
        e.innerText.trim() &&
        e.localName !== 'select' &&
        e.localName !== 'input'
      ) {
        out.push(`cut off: ${e.outerHTML.slice(0, 100)}`);
        continue;
      }
      // it lies outside of a box that hides what lies outside
      let scrolls = { x: false, y: false };
      for (let p = e.parentElement; p; p = p.parentElement) {
        const s = getComputedStyle(p);
        const b = p.getBoundingClientRect();
        if (/auto|scroll/.test(s.overflowX) && p.scrollWidth > p.clientWidth) scrolls = { ...scrolls, x: true };
        if (/auto|scroll/.test(s.overflowY) && p.scrollHeight > p.clientHeight) scrolls = { ...scrolls, y: true };
        if (p.matches('[data-region]') && !scrolls.y && box.bottom > b.bottom + 2) {
          out.push(`over what lies below ${p.dataset.region}: ${e.outerHTML.slice(0, 90)}`);
          break;
        }
        if (/fixed|absolute/.test(s.position) || p === document.body) break;
        if (s.overflowX !== 'hidden' && s.overflowX !== 'clip') continue;
        const right = !scrolls.x && box.right > b.right + 1.5 && s.textOverflow !== 'ellipsis';
        const below = !scrolls.y && box.bottom > b.bottom + 1.5 + (e.localName === 'b' ? 4 : 0);
        if (right || below) {
          out.push(`${right ? 'beyond the right' : 'below the edge'} of ${p.className || p.localName}: ${e.outerHTML.slice(0, 90)}`);
          break;
        }
      }
    }
    return out;
  });

/** Everything that would move by itself or glide. */
export const motion = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const out = document.getAnimations().map((a) => `${a.constructor.name} ${(a as CSSAnimation).animationName ?? ''}`);
    for (const e of document.querySelectorAll<HTMLElement>('*')) {
      const s = getComputedStyle(e);
      const time = (t: string) => t.split(',').some((x) => Number.parseFloat(x) > 0);
      if (time(s.transitionDuration)) out.push(`transition: ${e.outerHTML.slice(0, 90)}`);
      if (s.animationName !== 'none' && time(s.animationDuration)) out.push(`animation: ${e.outerHTML.slice(0, 90)}`);
      if (s.scrollBehavior === 'smooth') out.push(`glides: ${e.outerHTML.slice(0, 90)}`);
    }
    return out;
  });

/** A lab that stands with a ring on screen, without a boot: the prepared one of the first sixty seconds. */
export async function prepared(page: Page): Promise<void> {
  await page.goto('./?tour');
  const card = page.getByRole('complementary', { name: 'The first sixty seconds' });
  await expect(card).toContainText('Stop it:', { timeout: 30_000 });
  await page.keyboard.press('Control+Shift+Space');
  await expect(card).toContainText('Let the guest’s CPU go', { timeout: 20_000 });
  await card.getByRole('button', { name: 'Skip' }).click();
  await page.locator('.notice').getByRole('button', { name: 'Close', exact: true }).click();
  await expect(page.locator('.ring-box canvas')).toBeVisible();
}
