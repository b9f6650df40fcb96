// Sizes and places that the visitor chose, for each mode; kept by the browser, and carried by a link only if asked. Nothing read is believed.
import { asPanel, type LayoutMode, type PanelId } from '../panels/registry';
import { type PageView, page, usePage } from '../store';
import { docksOf, LIMITS, MODES, SIZES, type SizeName, type Sizes, sizesAt } from './modes';

const KEY = 'ringside-layout';
export type KeptSizes = Partial<Record<LayoutMode, Partial<Sizes>>>;

type Look = Pick<PageView, 'mode' | 'sizes' | 'width' | 'height' | 'level' | 'paths'>;
export const sizesNow = (v: Look = page.get()): Sizes => ({
  ...sizesAt(v.mode, v.width, v.height, v.paths && v.level === 'machine'),
  ...v.sizes[v.mode],
});
export const useSize = (name: SizeName): number => usePage((v) => sizesNow(v)[name]);

export function resize(name: SizeName, to: number): void {
  const { sizes, mode } = page.get(),
    [least, most] = LIMITS[name];
  page.set({ sizes: { ...sizes, [mode]: { ...sizes[mode], [name]: Math.round(Math.min(most, Math.max(least, to))) } } });
  keep();
}

function sizesFrom(from: unknown): KeptSizes {
  const out: KeptSizes = {};
  if (typeof from !== 'object' || from === null) return out;
  for (const mode of MODES) {
    const of = Object.hasOwn(from, mode) ? (from as Record<string, unknown>)[mode] : undefined;
    if (typeof of !== 'object' || of === null) continue;
    const mine: Partial<Sizes> = {};
    for (const name of SIZES) {
      const v = Object.hasOwn(of, name) ? (of as Record<string, unknown>)[name] : undefined,
        [least, most] = LIMITS[name];
      if (typeof v === 'number' && v >= least && v <= most) mine[name] = Math.round(v);
    }
    if (Object.keys(mine).length) out[mode] = mine;
  }
  return out;
}

/** The layout as plain data: sizes, and the panels that do not stand where their mode put them. */
export function layoutNow(): Record<string, unknown> {
  const { sizes, second, left, closed, mode } = page.get(),
    own = docksOf(mode);
  return { sizes, closed, second: second === own.second ? '' : second, left: left === own.left ? '' : left };
}

/** What of such data can be used. */
export function layoutFrom(from: unknown): Partial<PageView> {
  if (typeof from !== 'object' || from === null) return {};
  const o = from as Record<string, unknown>,
    panel = page.get().panel;
  const seen = new Set<PanelId>([panel]);
  const once = (v: unknown): PanelId | '' => {
    const id = asPanel(v);
    if (!id || seen.has(id)) return '';
    seen.add(id);
    return id;
  };
  const left = once(o.left),
    second = once(o.second),
    closed = Array.isArray(o.closed) ? o.closed.map(once).filter((id) => id !== '') : [];
  return { sizes: sizesFrom(o.sizes), closed, ...(left ? { left } : {}), ...(second ? { second } : {}) };
}

export function keep(): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(layoutNow()));
  } catch {
    /* storage refused: the layout lives as long as the page */
  }
}
export function keptLayout(): Partial<PageView> {
  try {
    return layoutFrom(JSON.parse(localStorage.getItem(KEY) ?? 'null'));
  } catch {
    return {};
  }
}

/** Every mode's own sizes and panels. */
export function resetLayout(): void {
  const { mode } = page.get();
  page.set({ sizes: {}, closed: [], wideTerm: '', stripOpen: true, ...docksOf(mode) });
  try {
    localStorage.removeItem(KEY);
  } catch {
    /* nothing was kept */
  }
}
