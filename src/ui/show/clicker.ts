// The keys of a presenter's clicker: PageDown steps, PageUp goes back, Esc leaves. All other keys are the page's (hotkeys.ts).
import { once } from '../hotkeys';
import { back, forward } from '../link';
import { lab, page } from '../store';
import { present } from './mode';

function onKey(e: KeyboardEvent): void {
  if (page.get().palette || e.ctrlKey || e.metaKey || e.altKey) return;
  if (e.key === 'Escape') {
    const busy =
      lab.get().looking || page.get().going || page.get().twin || page.get().comparing >= 0 || document.querySelector('details[open]');
    if (busy || document.fullscreenElement) return;
    present(false);
  } else if (e.key === 'PageDown') once(forward, e.repeat);
  else if (e.key === 'PageUp') once(() => back(), e.repeat);
  else return;
  e.preventDefault();
  e.stopPropagation();
}

/** Before the page's own keys: a scrolled picture would take PageDown for itself. */
export function startClicker(): () => void {
  addEventListener('keydown', onKey, true);
  return () => removeEventListener('keydown', onKey, true);
}
