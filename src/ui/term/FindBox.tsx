// The search box of a terminal.
import { useEffect, useRef, useState } from 'react';
import { X } from '../icons';
import { say } from '../words';
import { terminalFor } from './sessions';

export function FindBox({ tty }: { tty: string }) {
  const session = terminalFor(tty);
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => box.current?.focus(), []);
  const [words, setWords] = useState('');
  const [missing, setMissing] = useState(false);
  const find = (text: string, back: boolean, incremental = false) => {
    const found = text === '' || (back ? session.search.findPrevious(text) : session.search.findNext(text, { incremental }));
    setMissing(!found);
  };
  return (
    <form
      className="term-find"
      role="search"
      onSubmit={(e) => {
        e.preventDefault();
        find(words, true);
      }}
    >
      <input
        ref={box}
        aria-label={say.term.find}
        value={words}
        placeholder={say.term.find}
        spellCheck={false}
        onChange={(e) => {
          setWords(e.target.value);
          find(e.target.value, false, true);
        }}
        onKeyDown={(e) => {
          if (e.key === 'Escape') {
            e.stopPropagation();
            session.find(false);
          }
        }}
      />
      <button type="submit">{say.term.findPrev}</button>
      <button type="button" onClick={() => find(words, false)}>
        {say.term.findNext}
      </button>
      <span role="status">{missing ? say.term.findNone : ''}</span>
      <button type="button" className="icon" aria-label={say.term.close} onClick={() => session.find(false)}>
        <X />
      </button>
    </form>
  );
}
