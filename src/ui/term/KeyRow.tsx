// The keys that a phone's keyboard lacks.
import { ask } from '../call';
import { say } from '../words';
import { terminalFor } from './sessions';

const KEYS: readonly (readonly [string, string, string])[] = [
  ['Esc', '\x1b', 'Escape'],
  ['Tab', '\t', 'Tab'],
  ['^C', '\x03', 'Ctrl-C'],
  ['|', '|', 'bar'],
  ['/', '/', 'slash'],
  ['-', '-', 'minus'],
  ['↑', '\x1b[A', 'up'],
  ['↓', '\x1b[B', 'down'],
  ['←', '\x1b[D', 'left'],
  ['→', '\x1b[C', 'right'],
  ['⏎', '\r', 'Enter'],
];

export function KeyRow({ tty }: { tty: string }) {
  return (
    <div className="term-keys" role="group" aria-label={say.term.keys}>
      {KEYS.map(([face, data, name]) => (
        <button
          type="button"
          key={name}
          aria-label={name}
          onPointerDown={(e) => {
            if (terminalFor(tty).element.contains(document.activeElement)) e.preventDefault();
          }}
          onClick={() => void ask((api) => api.input(tty, data))}
        >
          {face}
        </button>
      ))}
    </div>
  );
}
