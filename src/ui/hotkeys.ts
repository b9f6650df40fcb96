// The page's keys. Single keys work only when no text field or terminal has focus; F6 and Ctrl+Shift+Space work everywhere.
import { back, step, toggleRun } from './link';
import { lab, page } from './store';
import { terminalFor } from './term/sessions';
import { shownThreads } from './time/threads';

const typing = (el: Element | null): boolean =>
  el instanceof HTMLElement && el.closest('.xterm, input:not([type=radio]), textarea, select, [contenteditable]') !== null;
const activates = (el: Element | null): boolean =>
  el instanceof HTMLElement && el.closest('button, a, summary, input, [role=tab]') !== null;
const usesArrows = (el: Element | null): boolean =>
  el instanceof HTMLElement && el.closest('[role=tablist], [role=separator], input, select, .stage-scroll, .source, .panel') !== null;

/** Moves focus to the next region that is on screen: a terminal itself, elsewhere the region. */
function cycle(by: number): void {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')].filter(
    (r) => r.offsetParent !== null && getComputedStyle(r).visibility !== 'hidden',
  );
  const here = regions.findIndex((r) => r.contains(document.activeElement));
  const next = regions[(here + by + regions.length + (here < 0 && by < 0 ? 1 : 0)) % regions.length];
  const tty = next?.querySelector<HTMLElement>('[data-tty]:not([hidden])')?.dataset.tty;
  if (tty !== undefined) terminalFor(tty).focus();
  else next?.focus();
}

function letNext(n: number): void {
  const state = lab.get().state,
    thread = shownThreads(state)[n - 1];
  if (!thread || state?.run !== 'stopped') return;
  page.set({ thread: thread.id });
  if (thread.runnable) void step(thread.id);
}

let busy = false;
/** Key repeat never queues more than the lab can do. */
function once(act: () => Promise<void>): void {
  if (busy) return;
  busy = true;
  void act().finally(() => {
    busy = false;
  });
}

function onKey(e: KeyboardEvent): void {
  if (e.key === 'F6') {
    e.preventDefault();
    cycle(e.shiftKey ? -1 : 1);
    return;
  }
  if (e.ctrlKey && e.shiftKey && e.code === 'Space') {
    e.preventDefault();
    once(toggleRun);
    return;
  }
  const at = document.activeElement;
  if (e.ctrlKey || e.metaKey || e.altKey || typing(at)) return;
  const arrows = !usesArrows(at);
  const act = ((): (() => void) | undefined => {
    switch (e.key) {
      case ' ':
        return activates(at) || e.repeat ? undefined : () => once(toggleRun);
      case '.':
        return () => once(() => step());
      case ',':
        return () => once(() => back());
      case 'ArrowRight':
        return arrows ? () => once(() => step()) : undefined;
      case 'ArrowLeft':
        return arrows ? () => once(() => back()) : undefined;
      case 't':
      case 'T':
        return () => page.set({ twin: !page.get().twin });
      case '?':
        return () => page.set({ panel: 'keys', drawer: true, phone: 'more' });
      case 'Escape':
        return () => page.set({ drawer: false, twin: false });
      default:
        return /^[1-9]$/.test(e.key) && !e.repeat ? () => letNext(Number(e.key)) : undefined;
    }
  })();
  if (!act) return;
  e.preventDefault();
  act();
}

export function startKeys(): void {
  window.addEventListener('keydown', onKey);
}
