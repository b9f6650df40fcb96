// Which default layout the page is in: set when what the machine or the visitor does changes it, once. Focus that was lost is found.
import { explorer } from '../explore/searches';
import { lab, type PageView, page } from '../store';
import { terminalFor } from '../term/sessions';
import { focusSoon, isWide, onPhone, turned } from './docks';
import { modeOf } from './modes';
import { keep, keptLayout } from './sizes';

const find = (selector: string) => document.querySelector<HTMLElement>(selector);

/** The explorer's panel is on screen somewhere. */
const exploring = ({ panel, second, left }: PageView): boolean => [panel, second, left].includes('explore');

function modeNow() {
  const { state } = lab.get(),
    v = page.get(),
    { jobs, chosen } = explorer.get();
  return modeOf({
    room: v.room,
    // once a result is shown the layout stays while the explorer is open: the next question is asked from there
    found: exploring(v) && (v.mode === 'explorer' || jobs.some((j) => j.id === chosen && j.state === 'done' && j.verdict?.found)),
    free: state?.engine === 'free' && state.run !== 'stopped' && state.vms.some((vm) => vm.state === 'running'),
  });
}

/** What a mode's first act is on; only for a focus that would be lost. */
function entryFocus(): HTMLElement | null {
  const { mode, front } = page.get();
  if (mode === 'explorer') return find('.found .acts .primary') ?? find('.verdict-bar button');
  if (mode !== 'free') return find('.thread[aria-disabled="false"]') ?? find('.stage');
  const tty = front.guest || front.host;
  if (tty && !onPhone()) terminalFor(tty).focus();
  return lost() ? find('.stage') : null;
}
/** On nothing, or on what is no longer on screen. */
function lost(): boolean {
  const at = document.activeElement;
  return at === null || at === document.body || !at.checkVisibility();
}

let before: PageView = page.get(),
  turning = false;

/** Enters the mode that now holds, if it is another. */
function turn(): void {
  const v = page.get(),
    mode = modeNow();
  if (turning || mode === v.mode) return;
  turning = true;
  const had = !lost();
  page.set({ mode, ...(onPhone() ? {} : turned(v.mode, mode, v, isWide())) });
  turning = false;
  // what was opened before is told by the result now; the File menu can still take it back
  if (mode === 'explorer' && lab.get().remedy) lab.set({ notice: '', remedy: null });
  if (had) focusSoon(() => (lost() ? entryFocus() : null));
}

/** A panel that stands elsewhere is shown where it stands; one that was closed is back; a drawer that closes gives its focus back. */
function settle(): void {
  const v = page.get(),
    was = before;
  before = v;
  if (turning) return;
  if (v.panel !== was.panel && !onPhone()) {
    const elsewhere = (v.panel === v.left && was.left === v.left) || (v.panel === v.second && was.second === v.second);
    if (elsewhere) {
      page.set({ panel: was.panel });
      return;
    }
  }
  if (v.closed.includes(v.panel)) {
    page.set({ closed: v.closed.filter((c) => c !== v.panel) });
    return;
  }
  if (was.drawer && !v.drawer) focusSoon(() => (lost() ? find('.rail [aria-current]') : null));
  if (v.second !== was.second || v.left !== was.left || v.closed !== was.closed) keep();
  turn();
}

export function startLayout(): void {
  page.set(keptLayout());
  before = page.get();
  page.subscribe(settle);
  lab.subscribe(turn);
  explorer.subscribe(turn);
  addEventListener('resize', () => page.set({ width: innerWidth, height: innerHeight }));
  // with a thumb: the keyboard has taken the lower half of the screen
  visualViewport?.addEventListener('resize', () => {
    const up = onPhone() && innerHeight - (visualViewport?.height ?? innerHeight) > 120;
    document.documentElement.style.setProperty('--seen-height', up ? `${visualViewport?.height}px` : '100dvh');
    if (up !== page.get().keyboard) page.set({ keyboard: up });
  });
}
