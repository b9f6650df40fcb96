// A panel carried by its header to another place. Everything that it does can be done from the menu beside the header.
import type { PanelId } from '../panels/registry';
import { page } from '../store';
import { PLACES, place } from './docks';

/** So far the pointer moves before a press is a drag, px. */
const SLACK = 8;

export function carry(id: PanelId, e: PointerEvent): void {
  if (e.button !== 0 || e.pointerType === 'touch') return;
  const { clientX, clientY } = e;
  const over = (m: PointerEvent) => {
    const zone = document
      .elementsFromPoint(m.clientX, m.clientY)
      .map((el) => (el instanceof HTMLElement ? el.dataset.drop : undefined))
      .find((d) => d !== undefined);
    return PLACES.find((p) => p === zone) ?? '';
  };
  const move = (m: PointerEvent) => {
    const { dragging, drop } = page.get();
    if (!dragging && Math.hypot(m.clientX - clientX, m.clientY - clientY) < SLACK) return;
    const now = over(m);
    if (dragging !== id || now !== drop) page.set({ dragging: id, drop: now });
  };
  const end = () => {
    removeEventListener('pointermove', move);
    removeEventListener('pointerup', up);
    removeEventListener('pointercancel', end);
    removeEventListener('keydown', leave, true);
    if (page.get().dragging) page.set({ dragging: '', drop: '' });
  };
  const up = (m: PointerEvent) => {
    const { dragging } = page.get(),
      where = dragging ? over(m) : '';
    end();
    if (!dragging) return;
    // the click that follows is the drag's end, not a press
    const swallow = (c: Event) => {
      c.stopPropagation();
      c.preventDefault();
    };
    addEventListener('click', swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener('click', swallow, true));
    if (where) place(id, where);
  };
  const leave = (k: KeyboardEvent) => {
    if (k.key !== 'Escape' || !page.get().dragging) return;
    k.stopPropagation();
    end();
  };
  addEventListener('pointermove', move);
  addEventListener('pointerup', up);
  addEventListener('pointercancel', end);
  addEventListener('keydown', leave, true);
}
