// A page that is older than its server: a part that it loads when asked for is no longer there. Said so, and reloaded with the work kept.
import { arrangement } from './arrangement';
import { ask } from './call';
import { resume } from './recording';
import { lab } from './store';
import { trouble } from './trouble_words';

/** Set over one reload: what this tab kept is gone on from. */
const FLAG = 'ringside-go-on';

async function reloadKept(): Promise<void> {
  await ask((api) => api.keep(arrangement()));
  try {
    sessionStorage.setItem(FLAG, '1');
  } catch {
    /* storage refused: the offer to go on stands on the page instead */
  }
  location.reload();
}

/** After such a reload. */
export async function goOnKept(): Promise<void> {
  let asked = false;
  try {
    asked = sessionStorage.getItem(FLAG) !== null;
    sessionStorage.removeItem(FLAG);
  } catch {
    return;
  }
  if (asked && lab.get().started?.kept.length) await resume(0);
}

/** A part that is loaded when it is asked for; one that does not come is said, and never answers. */
export function part<T>(load: () => Promise<T>): Promise<T> {
  return load().catch(() => {
    lab.set({ notice: trouble.part, remedy: { words: trouble.reload, act: () => void reloadKept() } });
    return new Promise<T>(() => {});
  });
}
