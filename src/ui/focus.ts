// Focus never falls to the page's beginning: when what had it goes, is hidden or can no longer be used, it passes to its like: the
// next of a list, where it was before a notice, else the nearest place around it that is still there.

const CAN =
  'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea, summary, [tabindex]:not([tabindex="-1"])';

interface Held {
  element: HTMLElement;
  /** What was around it, nearest first, and its place in the list around it. */
  around: HTMLElement[];
  nth: number;
}
let held: Held | undefined;
/** Where the focus was before it came into what passes: a notice, a menu, a card. */
let before: HTMLElement | undefined;
let asked = 0;

const LIST = 'ul, ol, tbody, [role=listbox]';
const PASSING = '.notice, .tour, details[open], dialog';

const there = (e: HTMLElement): boolean => e.isConnected && e.checkVisibility({ visibilityProperty: true });
const usable = (e: HTMLElement): boolean => there(e) && !e.matches(':disabled');

function hold(e: HTMLElement): void {
  const passing = e.closest(PASSING);
  if (held && (!passing || !passing.contains(held.element))) before = passing ? held.element : undefined;
  const around: HTMLElement[] = [];
  for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) around.push(p);
  const item = e.closest('li, tr, [role=option]');
  held = { element: e, around, nth: item?.parentElement?.matches(LIST) ? [...item.parentElement.children].indexOf(item) : -1 };
}

/** What is the like of an element that went. */
function heir({ element, around, nth }: Held): HTMLElement | undefined {
  const [list] = around.filter((a) => a.matches(LIST));
  if (nth >= 0 && list && there(list)) {
    const item = list.children[Math.min(nth, list.children.length - 1)];
    const first = item?.matches(CAN) ? (item as HTMLElement) : item?.querySelector<HTMLElement>(CAN);
    if (first && usable(first)) return first;
  }
  if (before && usable(before) && element.closest(PASSING) !== before.closest(PASSING)) return before;
  const name = element.getAttribute('aria-label');
  for (const a of around) {
    if (!there(a)) continue;
    const same = name
      ? [...a.querySelectorAll<HTMLElement>(CAN)].find((e) => e.getAttribute('aria-label') === name && usable(e))
      : undefined;
    if (same) return same;
    if (a.hasAttribute('tabindex')) return a;
  }
  return document.querySelector<HTMLElement>('.stage') ?? undefined;
}

function look(): void {
  asked = 0;
  const at = document.activeElement;
  if (!held || (at && at !== document.body && at !== document.documentElement)) return;
  if (usable(held.element)) {
    held = undefined; // a press beside it took the focus away
    return;
  }
  heir(held)?.focus({ preventScroll: true });
}

/** Two frames later: what goes often has said itself where the focus goes. */
function ask(): void {
  if (asked) return;
  asked = requestAnimationFrame(() => {
    asked = requestAnimationFrame(look);
  });
}

export function startFocus(): void {
  document.addEventListener('focusin', (e) => {
    if (e.target instanceof HTMLElement) hold(e.target);
  });
  document.addEventListener('focusout', (e) => {
    if (!e.relatedTarget) ask();
  });
  // a frame of a terminal is many changes: no style is read here
  new MutationObserver(() => {
    if (held && (document.activeElement !== held.element || held.element.matches(':disabled'))) ask();
  }).observe(document.body, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ['disabled', 'hidden', 'data-drawer', 'data-phone'],
  });
}
