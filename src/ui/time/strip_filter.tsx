// Which marks and which threads the timeline shows: kinds, threads, and one text for thread, kind, function and file.
import { MARKS, type MarkKind } from '../../lab/protocol';
import { page, usePage, useStore } from '../store';
import { say } from '../words';
import { ListFilter } from './strip_icons';
import { Pop } from '../Pop';
import { shown } from './strip_view';

function toggled<T>(list: readonly T[], one: T): T[] {
  return list.includes(one) ? list.filter((x) => x !== one) : [...list, one];
}

/** One kind more or less; all of them are no filter. */
function toggleKind(kinds: readonly MarkKind[] | null, kind: MarkKind): MarkKind[] | null {
  const next = toggled(kinds ?? MARKS, kind);
  return next.length === MARKS.length ? null : next;
}

export function Filter() {
  const kinds = usePage((v) => v.stripKinds);
  const text = usePage((v) => v.stripText);
  const hidden = usePage((v) => v.stripHidden);
  const lanes = useStore(shown, (v) => v.names);
  const names = [...new Set([...lanes, ...hidden])];
  const on = kinds !== null || text.trim() !== '' || hidden.length > 0;
  return (
    <Pop
      className={`strip-filter ${on ? 'on' : ''}`}
      label={on ? say.strip.filtered : say.strip.filter}
      title={on ? say.strip.filtered : say.strip.filter}
      sign={<ListFilter />}
    >
      {() => (
        <div className="strip-pop">
          <label className="strip-text">
            {say.strip.text}
            <input
              type="text"
              value={text}
              placeholder={say.strip.textHint}
              spellCheck={false}
              onChange={(e) => page.set({ stripText: e.target.value })}
            />
          </label>
          <div className="strip-choices">
            <fieldset>
              <legend>{say.strip.kindsTitle}</legend>
              <label>
                <input type="checkbox" checked={kinds === null} onChange={(e) => page.set({ stripKinds: e.target.checked ? null : [] })} />
                {say.strip.all}
              </label>
              {MARKS.map((k) => (
                <label key={k}>
                  <input
                    type="checkbox"
                    checked={kinds?.includes(k) ?? true}
                    onChange={() => page.set({ stripKinds: toggleKind(kinds, k) })}
                  />
                  {say.strip.kinds[k]}
                </label>
              ))}
            </fieldset>
            <fieldset>
              <legend>{say.strip.lanesTitle}</legend>
              {names.map((n) => (
                <label key={n}>
                  <input type="checkbox" checked={!hidden.includes(n)} onChange={() => page.set({ stripHidden: toggled(hidden, n) })} />
                  {n}
                </label>
              ))}
            </fieldset>
          </div>
          <button type="button" disabled={!on} onClick={() => page.set({ stripKinds: null, stripText: '', stripHidden: [] })}>
            {say.strip.clear}
          </button>
        </div>
      )}
    </Pop>
  );
}
