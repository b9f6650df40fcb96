// A terminal behind the present: read only, and how to type there all the same.
import { count } from '../format';
import { lab, useLab, useStore } from '../store';
import { say } from '../words';
import { setView, terminalFor, views } from './sessions';

export function Behind({ tty }: { tty: string }) {
  const state = useLab((v) => v.state);
  const from = useLab((v) => v.typeFrom);
  const asking = useStore(views, (v) => v.byTty[tty]?.asking ?? false);
  if (!state || state.run !== 'stopped' || state.end <= state.step || from === state.step) return null;
  if (!asking) return <span className="term-parked">{say.term.past}</span>;
  return (
    <span className="term-parked" role="alert">
      <button
        type="button"
        onClick={() => {
          lab.set({ typeFrom: state.step });
          setView(tty, { asking: false });
          terminalFor(tty).focus();
        }}
      >
        {say.term.typeHere} {count(state.step)}?
      </button>{' '}
      {say.term.startsBranch}
    </span>
  );
}
