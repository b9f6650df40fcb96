// A field for a condition over named fields: checked as it is typed, with completion, an error at its column. Stop points
// and promises are written in it.
import { useEffect, useId, useState } from 'react';
import { ask } from '../call';

/** The column that an error names, from 1. */
const columnOf = (error: string): number => Number(/column (\d+)/.exec(error)?.[1] ?? 0);

interface Props {
  label: string;
  placeholder: string;
  button: React.ReactNode;
  gloss: string;
  /** What of the text is a condition; '' when it is something else, which is not checked. */
  condition?: (text: string) => string;
  /** Answers whether it was taken. */
  add(text: string): Promise<boolean>;
}

export function Condition({ label, placeholder, button, gloss, condition = (t) => t, add }: Props) {
  const [text, setText] = useState('');
  const [error, setError] = useState('');
  const [fields, setFields] = useState<string[]>([]);
  const id = useId();
  const checked = condition(text);
  useEffect(() => {
    let live = true;
    if (!checked.trim()) setError('');
    else
      void ask((api) => api.check(checked)).then((e) => {
        if (live) setError(e ?? '');
      });
    return () => {
      live = false;
    };
  }, [checked]);
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
        if (text.trim()) void add(text.trim()).then((ok) => ok && setText(''));
      }}
    >
      <label>
        {label}
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
          placeholder={placeholder}
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
        {button}
      </button>
      <p className="quiet">{gloss}</p>
    </form>
  );
}
