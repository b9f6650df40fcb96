// The page's keys, by the list of commands. Single keys work only when no text field or terminal has focus, and can be
// switched off; a few work everywhere.
import { chordOf } from './chord';
import { type Command, commandOf, inFrames } from './commands';
import { keptLetters } from './letters';
import { embedded } from './show/mode';
import { page } from './store';

/** Key presses that may wait. */
const PRESSES = 20;

const within = (el: Element | null, what: string): boolean => el instanceof HTMLElement && el.closest(what) !== null;
const typing = (el: Element | null) => within(el, '.xterm, input:not([type=radio]), textarea, select, [contenteditable]');
const activates = (el: Element | null) => within(el, 'button, a, summary, input, [role=tab]');
const usesArrows = (el: Element | null) => within(el, '[role=tablist], [role=separator], input, select, .stage-scroll, .source, .panel');

let busy = false;
const waiting: (() => unknown)[] = [];
/** Presses that come while the lab works wait their turn; of a held key's repeats, only those that it can keep up with count. */
export function once(act: () => unknown, repeat = false): void {
  if (busy) {
    if (!repeat && waiting.length < PRESSES) waiting.push(act);
    return;
  }
  busy = true;
  void Promise.resolve(act()).finally(() => {
    busy = false;
    const next = waiting.shift();
    if (next) once(next, false);
  });
}

function pressed(c: Command, chord: string, repeat: boolean): boolean {
  if (c.queued) {
    if (repeat && c.queued === 'once' && c.yields === 'press') return false;
    once(() => c.act(chord), repeat);
  } else if (repeat && /[1-9]$/.test(chord)) return false;
  else void c.act(chord);
  return true;
}

function onKey(e: KeyboardEvent): void {
  const chord = chordOf(e),
    c = commandOf(chord),
    at = document.activeElement;
  if (!c || (embedded && !inFrames(c))) return;
  if (!c.everywhere) {
    const { palette, gallery, letters } = page.get();
    const finds = chord === 'Ctrl+K';
    if (finds ? within(at, '.xterm') : palette || gallery || typing(at)) return;
    if (!letters && chord.length === 1) return;
    if (!letters && /^Shift\+.$/.test(chord)) return;
    if (c.yields === 'arrows' && usesArrows(at)) return;
    if (c.yields === 'press' && activates(at)) return;
  }
  if (pressed(c, chord, e.repeat)) e.preventDefault();
}

export function startKeys(): void {
  page.set({ letters: keptLetters() });
  window.addEventListener('keydown', onKey);
}
