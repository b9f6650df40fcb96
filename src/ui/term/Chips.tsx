// Commands that a finger need not type: a chip types its command at the terminal's prompt and runs it.
import type { Side } from '../../lab/protocol';
import { ask } from '../call';
import { commands, say } from '../words';
import { terminalFor } from './sessions';

export function Chips({ tty, side }: { tty: string; side: Side }) {
  return (
    <div className="term-chips" role="group" aria-label={say.term.tryThis}>
      <span aria-hidden="true">{say.term.tryThis}</span>
      {commands[side].map((line) => (
        <button
          type="button"
          key={line}
          className={`chip chip-${side}`}
          onClick={() => {
            void ask((api) => api.typeLine(tty, line, true));
            terminalFor(tty).xterm.scrollToBottom();
          }}
        >
          {line}
        </button>
      ))}
      <button type="button" className="chip" onClick={() => void ask((api) => api.input(tty, '\x03'))}>
        Ctrl-C
      </button>
    </div>
  );
}
