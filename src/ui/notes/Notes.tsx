// The notes of the present history: a field for the one at this step, and the list, each to go to, to change, to take away.
import { useEffect, useRef, useState } from 'react';
import { Bookmark, Pencil, X } from '../icons';
import { useLab, useStore } from '../store';
import { goTo } from '../travel';
import { keepNote, leaveNote, openNote, removeNote, writing } from './notes';
import { noteWords as words } from './notes_words';

const MOST = 2000;

function Field({ at, was, asked }: { at: number; was: string; asked: boolean }) {
  const [text, setText] = useState(was);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => setText(was), [was]);
  useEffect(() => {
    if (!asked) return;
    field.current?.focus();
    writing.set({ asked: false });
  }, [asked]);
  const leave = () => writing.set({ at: -1 });
  const keep = () => {
    if (text.trim() && text !== was) void keepNote(at, text).then((ok) => ok && leave());
  };
  return (
    <form
      className="note-field"
      onSubmit={(e) => {
        e.preventDefault();
        keep();
      }}
    >
      <label>
        {was ? words.change(at) : words.here(at)}
        <textarea
          ref={field}
          rows={3}
          maxLength={MOST}
          dir="auto"
          value={text}
          onChange={(e) => setText(e.target.value)}
          onKeyDown={(e) => {
            if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) keep();
            else if (e.key === 'Escape') leaveNote();
            else return;
            e.preventDefault();
          }}
        />
      </label>
      <p className="note-acts">
        <button type="submit" className="primary" disabled={!text.trim() || text === was}>
          <Bookmark />
          {words.keep}
        </button>
        {text !== was && (
          <button
            type="button"
            onClick={() => {
              setText(was);
              leave();
            }}
          >
            {words.leave}
          </button>
        )}
        <span className="quiet">{words.keys}</span>
      </p>
    </form>
  );
}

export function Notes() {
  const notes = useLab((v) => v.state?.notes);
  const step = useLab((v) => v.state?.step ?? 0);
  const stopped = useLab((v) => v.state?.run === 'stopped');
  const free = useLab((v) => v.state?.engine === 'free' && v.state.run !== 'stopped');
  const { at: chosen, asked } = useStore(writing, (v) => v);
  const at = chosen < 0 ? step : chosen;
  const was = notes?.find((n) => n.at === at)?.text ?? '';
  return (
    <div className="pad notes">
      {free && <p className="quiet">{words.free}</p>}
      {stopped ? (
        <Field key={at} at={at} was={was} asked={asked} />
      ) : (
        <p>
          <button type="button" onClick={() => void openNote()}>
            <Bookmark />
            {words.command}
          </button>
        </p>
      )}
      {notes?.length ? (
        <ol aria-label={words.list}>
          {notes.map((n) => (
            <li key={n.at} aria-current={n.at === step ? 'step' : undefined}>
              <p className="note-head">
                <button type="button" className="to-step num" onClick={() => void goTo(n.at)}>
                  <Bookmark />
                  {words.go(n.at)}
                </button>
                {n.at === step && <span className="quiet">{words.now}</span>}
                <span className="grow" />
                <button
                  type="button"
                  className="icon"
                  aria-label={words.edit(n.at)}
                  title={words.edit(n.at)}
                  onClick={() => void openNote(n.at)}
                >
                  <Pencil />
                </button>
                <button
                  type="button"
                  className="icon"
                  aria-label={words.remove(n.at)}
                  title={words.remove(n.at)}
                  onClick={() => void removeNote(n.at, n.text)}
                >
                  <X />
                </button>
              </p>
              <p className="note-text" dir="auto">
                {n.text}
              </p>
            </li>
          ))}
        </ol>
      ) : (
        <p className="quiet">{words.none}</p>
      )}
    </div>
  );
}
