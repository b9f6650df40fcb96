// Stop points: conditions over named fields and places of the source, how often each was met; a field to add one.
import { useEffect, useId, useState } from 'react';
import { ask } from '../call';
import { count } from '../format';
import { Octagon, X } from '../icons';
import { useLab } from '../store';
import { order } from '../travel';
import { say } from '../words';

/** The column that an error names, from 1. */
const columnOf = (error: string): number => Number(/column (\d+)/.exec(error)?.[1] ?? 0);

function Add() {
  const [text, setText] = useState('');
  const [error, setError] = useState('');
  const [fields, setFields] = useState<string[]>([]);
  const id = useId();
  const place = /^at\s/.test(text);
  useEffect(() => {
    let live = true;
    if (!text.trim() || place) setError('');
    else
      void ask((api) => api.check(text.replace(/\sx\d+$/, ''))).then((e) => {
        if (live) setError(e ?? '');
      });
    return () => {
      live = false;
    };
  }, [text, place]);
  const complete = () => void ask((api) => api.fields()).then((f) => setFields(f ?? []));
  /** Completion is of the word at the end, the rest of the line stands before it. */
  const head = text.replace(/[\w.[\]":-]*$/, ''),
    word = text.slice(head.length);
  const options = word.length > 0 ? fields.filter((f) => f.startsWith(word) && f !== word).slice(0, 40) : [];
  const column = columnOf(error);
  return (
    <form
      className="stop-add"
      onSubmit={(e) => {
        e.preventDefault();
        if (text.trim()) void order(`break ${text.trim()}`).then((ok) => ok && setText(''));
      }}
    >
      <label>
        {say.stops.condition}
        <input
          type="text"
          className="mono"
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          value={text}
          list={`${id}-fields`}
          aria-describedby={`${id}-error`}
          aria-invalid={error !== ''}
          placeholder="csb.host_need_txkick == 1"
          onFocus={complete}
          onChange={(e) => setText(e.target.value)}
        />
      </label>
      <datalist id={`${id}-fields`}>
        {options.map((f) => (
          <option key={f} value={head + f} />
        ))}
      </datalist>
      <div id={`${id}-error`} className="stop-error" role="status">
        {error !== '' && (
          <>
            {column > 0 && <pre aria-hidden="true">{`${text}\n${' '.repeat(column - 1)}^`}</pre>}
            <p>{error}</p>
          </>
        )}
      </div>
      <button type="submit" disabled={!text.trim() || error !== ''}>
        <Octagon />
        {say.stops.add}
      </button>
      <p className="quiet">{say.stops.gloss}</p>
    </form>
  );
}

export function Stops() {
  const list = useLab((v) => v.state?.breaks);
  const free = useLab((v) => v.state?.engine === 'free' && v.state.run !== 'stopped');
  return (
    <div className="pad">
      <Add />
      {free && <p className="quiet">{say.stops.free}</p>}
      {list?.length ? (
        <ul className="stops">
          {list.map((p) => (
            <li key={p.id}>
              <Octagon />
              <div>
                <code>{p.text}</code>
                <small>
                  {say.stops.point} {p.id} · {say.stops.met} {count(p.hits)} {p.hits === 1 ? say.stops.time : say.stops.times}
                  {p.from > 1 && ` · ${say.stops.from} ${p.from}`}
                  {p.note && ` · ${p.note}`}
                </small>
              </div>
              <button
                type="button"
                className="icon"
                aria-label={`${say.stops.remove} ${p.id}`}
                onClick={() => void order(`unbreak ${p.id}`)}
              >
                <X />
              </button>
            </li>
          ))}
        </ul>
      ) : (
        <p className="quiet">{say.stops.none}</p>
      )}
    </div>
  );
}
