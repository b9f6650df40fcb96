// Moving panels: to the inspector's top or bottom, to the left drawer, closed and back. A panel is in one place at a time.
// Focus follows the panel, or goes to what brings it back.
import { type LayoutMode, type PanelId, panelIds } from '../panels/registry';
import { type PageView, page, phoneTabOf } from '../store';
import { docksOf } from './modes';

export type Where = 'top' | 'bottom' | 'left';
export const PLACES: readonly Where[] = ['top', 'bottom', 'left'];

const phone = matchMedia('(max-width: 719px)');
const wide = matchMedia('(min-width: 1200px)');
export const onPhone = (): boolean => phone.matches;
export const isWide = (): boolean => wide.matches;
export const onPhoneChange = (listener: () => void) => {
  phone.addEventListener('change', listener);
  return () => phone.removeEventListener('change', listener);
};

/** Where a panel stands; undefined: it is a tab that is not in front, or closed. */
export function placeOf(id: PanelId): Where | undefined {
  const { panel, second, left } = page.get();
  return id === panel ? 'top' : onPhone() ? undefined : id === left ? 'left' : id === second ? 'bottom' : undefined;
}

/** The tabs of the inspector's top: all that stand nowhere else and are not closed. */
export function tabsOf(v: Pick<PageView, 'panel' | 'second' | 'left' | 'closed'>, phoneNow: boolean): PanelId[] {
  return panelIds().filter((id) => id === v.panel || phoneNow || (id !== v.left && !v.closed.includes(id)));
}

/** Something else for the top when its panel goes: the one below, else the mode's own, else the first that is free. */
function insteadOf(id: PanelId, v: PageView): PanelId {
  const free = panelIds().filter((p) => p !== id && p !== v.left && p !== v.second && !v.closed.includes(p)),
    own = docksOf(v.mode).panel;
  return free.includes(own) ? own : (free[0] ?? (id === 'source' ? 'csb' : 'source'));
}

/** A panel moved, as a change of the page: nothing is lost, what stood there changes places or becomes a tab. */
export function moved(id: PanelId, where: Where, v: PageView): Partial<PageView> {
  const out = { panel: v.panel, second: v.second, left: v.left };
  if (out.second === id) out.second = '';
  if (out.left === id) out.left = '';
  if (where === 'top') out.panel = id;
  else {
    if (out.panel === id) {
      out.panel = where === 'bottom' && v.second && v.second !== id ? v.second : insteadOf(id, v);
      if (out.panel === out.second) out.second = '';
    }
    if (where === 'bottom') out.second = id;
    else out.left = id;
  }
  return { ...out, closed: v.closed.filter((c) => c !== id) };
}

/** After the next paint, so that what is focused is there. */
export function focusSoon(find: () => HTMLElement | null | undefined): void {
  requestAnimationFrame(() => requestAnimationFrame(() => find()?.focus()));
}
const find = (selector: string) => document.querySelector<HTMLElement>(selector);

export function focusPanel(id: PanelId): void {
  focusSoon(() => {
    const where = placeOf(id);
    if (where === 'left') return find('.left .move summary');
    if (where === 'bottom') return find('.second .move summary');
    return document.getElementById(`tab-${id}`);
  });
}

export function place(id: PanelId, where: Where): void {
  page.set({ ...moved(id, where, page.get()), drawer: where !== 'left' });
  focusPanel(id);
}

/** A panel shown where it stands, or in front at the top. */
export function showPanel(id: PanelId): void {
  const at = placeOf(id);
  page.set(at ? { drawer: at !== 'left' || page.get().drawer } : { panel: id, drawer: true, phone: phoneTabOf(id) });
  focusPanel(id);
}

/** Takes a panel away. It comes back from All panels, or when something asks for it. */
export function closePanel(id: PanelId): void {
  const v = page.get();
  if (v.left === id) page.set({ left: '' });
  else if (v.second === id) page.set({ second: '' });
  else {
    const panel = v.second || insteadOf(id, v);
    page.set({ panel, closed: [...v.closed.filter((c) => c !== id), id], ...(v.second ? { second: '' as const } : {}) });
  }
  focusSoon(() => find('.all-panels summary') ?? find('.rail button'));
}

/** From one mode to another: what the visitor chose stays, what was only the mode's own gives way to the next one's. */
export function turned(from: LayoutMode, to: LayoutMode, v: PageView, wideNow: boolean): Partial<PageView> {
  const a = docksOf(from),
    b = docksOf(to);
  if (!wideNow) {
    // narrower pages have no lasting drawer at the left; what is open in the inspector stays open there
    a.left = b.left = '';
    if (v.panel === 'explore' || v.drawer) return {};
  }
  let { panel, second, left } = v;
  if (left === a.left) left = b.left;
  if (panel === a.panel || panel === left) panel = b.panel;
  if (panel === left) panel = insteadOf(panel, { ...v, left, second, mode: to });
  if (second === a.second || second === left || second === panel) second = b.second;
  if (second === left || second === panel) second = '';
  return { panel, second, left };
}
