// Hover or focus on a word lights every copy of it: hands, cells, CSB words, the source's line. By attributes and one frame of
// the canvas, outside React. Whatever shows a word of memory carries data-addr; what only
// is about to touch one, data-touches.
import { indexPlaces } from '../../lab/sample';
import { repaint } from '../frames';
import { createStore, lab } from '../store';

/** The addresses that are lit. */
export const litWord = createStore<{ addrs: ReadonlySet<number> }>({ addrs: new Set() });
const NONE: ReadonlySet<number> = new Set();
const AFTER_MS = 150;

/** Names of one index in its places, the program's to the host's. */
const COPIES: readonly (readonly string[])[] = [
  ['head', 'rhead'],
  ['cur', 'rcur'],
  ['hwcur', 'nr_hwcur'],
  ['tail', 'hwtail', 'nr_hwtail'],
];

/** All places of the index that lives at an address; the address alone when it is no index. */
export function copiesOf(addr: number): ReadonlySet<number> {
  for (const ring of lab.get().state?.rings ?? []) {
    const places = Object.values(indexPlaces(ring));
    for (const names of COPIES) {
      const all = places.flatMap((p) => names.flatMap((n) => p[n] ?? []));
      if (all.includes(addr)) return new Set(all);
    }
  }
  return new Set([addr]);
}

const addrOf = (e: EventTarget | null): number => {
  const at = e instanceof Element ? e.closest<HTMLElement>('[data-addr],[data-touches]') : null;
  return Number(at?.dataset.addr ?? at?.dataset.touches ?? 0);
};

function mark(): void {
  const { addrs } = litWord.get();
  for (const e of document.querySelectorAll('[data-lit-word]')) e.removeAttribute('data-lit-word');
  if (!addrs.size) return;
  for (const e of document.querySelectorAll<HTMLElement>('[data-addr]'))
    if (addrs.has(Number(e.dataset.addr))) e.setAttribute('data-lit-word', '');
}

let shown = 0;
/** Lights an address, 0: none. */
export function lightWord(addr: number): void {
  if (addr === shown) return;
  shown = addr;
  litWord.set({ addrs: addr ? copiesOf(addr) : NONE });
  mark();
  repaint();
}

let timer: ReturnType<typeof setTimeout> | undefined;
function soon(addr: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => lightWord(addr), addr ? AFTER_MS : 0);
}

/** Listens on the whole page until what it answers is called. */
export function startLighting(): () => void {
  const over = (e: Event) => {
    if (e.target instanceof HTMLCanvasElement)
      clearTimeout(timer); // a picture says itself which hand is under the pointer
    else soon(addrOf(e.target) || addrOf(document.activeElement));
  };
  const off = lab.subscribe(() => requestAnimationFrame(mark)); // what was drawn anew is marked anew
  for (const type of ['pointerover', 'focusin', 'focusout'] as const) document.addEventListener(type, over);
  return () => {
    off();
    for (const type of ['pointerover', 'focusin', 'focusout'] as const) document.removeEventListener(type, over);
  };
}
