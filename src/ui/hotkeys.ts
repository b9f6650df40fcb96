// The page's keys. Single keys work only when no text field or terminal has focus; F6 and Ctrl+Shift+Space work everywhere.
import { back, forward, step, toggleRun } from './link';
import { lab, openExplorer, page } from './store';
import { terminalFor } from './term/sessions';
import { ask } from './call';
import { centreOrFit, nearMark, panBy, zoomBy } from './time/strip_act';
import { shownThreads, sourceThread } from './time/threads';
import { copyLink } from './Share';
import { drain, first, giveUp, jump, jumpBack, last, nextUnit, order, redo, undo } from './travel';

/** Key presses that may wait. */
const PRESSES = 20;

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

/** Lets the oldest pending store of thread n reach memory. */
function drainOf(n: number): void {
  const state = lab.get().state,
    thread = shownThreads(state)[n - 1];
  if (thread?.storeBuffer.length && state?.run === 'stopped') void drain(thread.id);
}

/** A stop point on what is looked at: the word in the inspector, else the source's line. */
async function stopHere(): Promise<void> {
  const { panel, word, thread } = page.get(),
    next = sourceThread(lab.get().state, thread)?.next;
  if (panel === 'word' && word.addr) {
    const found = await ask((api) => api.word(word.addr, word.bytes));
    const [name] = found?.names ?? [];
    if (name && (await order(`break changed(${name})`))) page.set({ panel: 'stops' });
  } else if (next && (await order(`break at ${next.file}:${next.line}`))) page.set({ panel: 'stops', drawer: true });
}

let busy = false;
const waiting: (() => Promise<unknown>)[] = [];
/** Presses that come while the lab works wait their turn; of a held key's repeats, only those that it can keep up with count. */
export function once(act: () => Promise<unknown>, repeat = false): void {
  if (busy) {
    if (!repeat && waiting.length < PRESSES) waiting.push(act);
    return;
  }
  busy = true;
  void act().finally(() => {
    busy = false;
    const next = waiting.shift();
    if (next) once(next);
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
  const command = (e.ctrlKey || e.metaKey) && !e.altKey;
  if (command && !e.shiftKey && e.code === 'KeyK' && !(at instanceof HTMLElement && at.closest('.xterm'))) {
    e.preventDefault();
    page.set({ palette: !page.get().palette, asked: '' });
    return;
  }
  if (command && e.code === 'KeyZ' && !typing(at)) {
    e.preventDefault();
    once(e.shiftKey ? redo : undo);
    return;
  }
  if (page.get().palette) return;
  if (e.ctrlKey || e.metaKey || e.altKey || typing(at)) return;
  const arrows = !usesArrows(at);
  const act = ((): (() => void) | undefined => {
    switch (e.key) {
      case ' ':
        return activates(at) || e.repeat ? undefined : () => once(toggleRun);
      case '.':
        return () => once(forward, e.repeat);
      case '>':
        return () => once(() => jump(page.get().kind));
      case '<':
        return () => once(jumpBack);
      case 'Home':
        return arrows ? () => once(first) : undefined;
      case 'End':
        return arrows ? () => once(last) : undefined;
      case 'e':
      case 'E':
        return nextUnit;
      case 'g':
      case 'G':
        return () => page.set({ going: true, phone: 'ring' });
      case ',':
        return () => once(() => back(), e.repeat);
      case 'ArrowRight':
        return arrows ? () => once(forward, e.repeat) : undefined;
      case 'ArrowLeft':
        return arrows ? () => once(() => back(), e.repeat) : undefined;
      case 't':
      case 'T':
        return () => page.set({ twin: !page.get().twin });
      case 'w':
      case 'W':
        return () => zoomBy(1 / 1.5);
      case 's':
      case 'S':
        return () => zoomBy(1.5);
      case 'a':
      case 'A':
        return () => panBy(-0.15);
      case 'd':
      case 'D':
        return () => panBy(0.15);
      case 'f':
      case 'F':
        return centreOrFit;
      case 'n':
      case 'N':
        return () => once(() => nearMark(e.shiftKey ? -1 : 1));
      case 'x':
      case 'X':
        return openExplorer;
      case '?':
        return () => page.set({ panel: 'keys', drawer: true, phone: 'more' });
      case '/':
        return () => page.set({ palette: true });
      case 'l':
      case 'L':
        return () => once(copyLink);
      case 'b':
      case 'B':
        return () => once(stopHere);
      case 'Escape':
        return () => {
          if (lab.get().looking) void giveUp();
          else page.set({ drawer: false, twin: false, comparing: -1 });
        };
      default:
        if (e.repeat) return undefined;
        if (/^[1-9]$/.test(e.key)) return () => letNext(Number(e.key));
        if (e.shiftKey && e.code === 'Period') return () => once(() => jump(page.get().kind));
        if (e.shiftKey && e.code === 'Comma') return () => once(jumpBack);
        return e.shiftKey && /^Digit[1-9]$/.test(e.code) ? () => drainOf(Number(e.code.slice(5))) : undefined;
    }
  })();
  if (!act) return;
  e.preventDefault();
  act();
}

export function startKeys(): void {
  window.addEventListener('keydown', onKey);
}
