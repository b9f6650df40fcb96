// What this browser kept of an earlier visit: to go on from, or to forget.
import { count } from './format';
import { Undo2 } from './icons';
import { forget, resume } from './recording';
import { useLab } from './store';
import { say } from './words';

export function Kept() {
  const kept = useLab((v) => v.started?.kept);
  if (!kept) return null;
  const when = new Date(kept.when).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
  return (
    <aside className="kept" aria-label={say.kept.title}>
      <p>
        {say.kept.title} <b>{when}</b>, {say.kept.step} <b className="num">{count(kept.step)}</b>.
      </p>
      <button type="button" onClick={() => void resume()}>
        <Undo2 />
        {say.kept.goOn}
      </button>
      <button type="button" onClick={() => void forget()}>
        {say.kept.forget}
      </button>
    </aside>
  );
}
