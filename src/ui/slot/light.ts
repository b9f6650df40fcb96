// Lights the bytes of the field under the pointer or the focus, and the field of the byte; by attributes, outside React.
import { fieldAt, type Layer } from './cells';

const LIT = 'data-lit';

function clear(box: HTMLElement): void {
  for (const e of box.querySelectorAll(`[${LIT}]`)) e.removeAttribute(LIT);
}

function lightBytes(box: HTMLElement, from: number, to: number): void {
  for (const e of box.querySelectorAll<HTMLElement>('[data-at]')) {
    const at = Number(e.dataset.at);
    if (at >= from && at < to) e.setAttribute(LIT, '');
  }
}

/** What stands under the pointer or has the focus: a field, a whole layer, a byte of the packet, or a word of the slot. */
export function light(box: HTMLElement, target: EventTarget | null, layers: readonly Layer[]): void {
  clear(box);
  const e = target instanceof Element ? target.closest<HTMLElement>('[data-field],[data-at],[data-word]') : null;
  if (!e) return;
  const { word, at } = e.dataset;
  if (word !== undefined) {
    for (const x of box.querySelectorAll(`[data-word="${word}"]`)) x.setAttribute(LIT, '');
    return;
  }
  if (at !== undefined) {
    const row = fieldAt(layers, Number(at));
    e.setAttribute(LIT, '');
    if (!row) return;
    lightBytes(box, row.from, row.to);
    box.querySelector(`[data-field="${row.id}"]`)?.setAttribute(LIT, '');
    return;
  }
  e.setAttribute(LIT, '');
  lightBytes(box, Number(e.dataset.from), Number(e.dataset.to));
}
