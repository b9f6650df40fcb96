// Notes as bookmarks on the timeline's axis; those that would lie over each other are one sign, for the first of them.
import type { LabState } from '../../lab/protocol';
import { Bookmark } from '../icons';
import { page, useLab, useStore } from '../store';
import { now, shown } from '../time/strip_view';
import { grouped } from '../time/strip_window';
import { goTo } from '../travel';
import { noteWords as words } from './notes_words';

const SIGN = 24,
  SHORT = 60;
const NONE: LabState['notes'] = [];

export function NoteSigns() {
  const notes = useLab((v) => v.state?.notes ?? NONE);
  useStore(shown, (v) => v);
  const inside = notes.filter((n) => n.at >= now.window.from && n.at <= now.window.to);
  return grouped(inside, now.window, now.width, SIGN).map(({ at, all: [first, ...more] }) => {
    const said = words.sign(more.length + 1, at, first?.text.slice(0, SHORT).split('\n')[0] ?? '');
    return (
      <button
        key={at}
        type="button"
        className="strip-note"
        data-at={at}
        aria-label={said}
        title={said}
        onClick={() => {
          page.set({ panel: 'notes' });
          void goTo(at);
        }}
      >
        <Bookmark />
      </button>
    );
  });
}
