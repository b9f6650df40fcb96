// What this browser kept of earlier visits: to go on from, or to forget.
import { count } from './format';
import { Undo2 } from './icons';
import { forget, resume } from './recording';
import { useLab } from './store';
import { say } from './words';

export function Kept() {
  const kept = useLab((v) => v.started?.kept);
  if (!kept?.length) return null;
  const when = (ms: number) => new Date(ms).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
  return (
    <aside className="kept" aria-label={say.kept.title}>
      {kept.map((k, i) => (
        <p key={k.when}>
          {i === 0 ? say.kept.title : say.kept.before} <b>{when(k.when)}</b>, {say.kept.step} <b className="num">{count(k.step)}</b>{' '}
          <button type="button" onClick={() => void resume(i)}>
            <Undo2 />
            {say.kept.goOn}
          </button>
        </p>
      ))}
      <button type="button" onClick={() => void forget()}>
        {say.kept.forget}
      </button>
    </aside>
  );
}
