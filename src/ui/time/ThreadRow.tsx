// Who runs next: a chip a thread, numbered, with the access it is about to make. While the lab runs, its state only.
import type { ThreadView } from '../../lab/protocol';
import { step } from '../link';
import { page, useLab, usePage } from '../store';
import { say } from '../words';
import { Sign } from './sign';
import { shownThreads, whyNot } from './threads';

function Chip({ t, n, stopped, clockNs }: { t: ThreadView; n: number; stopped: boolean; clockNs: number }) {
  const can = stopped && t.runnable;
  const going = !stopped && (t.state === 'running' || t.state === 'ready');
  const selected = usePage((v) => v.thread) === t.id;
  const next = t.next;
  const what = can ? (next?.phrase ?? t.role) : t.state === 'running' || (t.state === 'ready' && !stopped) ? t.role : whyNot(t, clockNs);
  const buffer = t.storeBuffer.map((s) => `${s.word} = ${s.value}`).join(', ');
  return (
    <li>
      <button
        type="button"
        className={`thread thread-${t.side} ${can ? '' : going ? 'going' : 'cannot'} ${selected ? 'selected' : ''}`}
        aria-disabled={!can}
        onClick={() => {
          page.set({ thread: t.id });
          if (can) void step(t.id);
        }}
        onFocus={() => page.set({ thread: t.id })}
        onPointerEnter={() => {
          if (stopped) page.set({ thread: t.id });
        }}
      >
        <span className="thread-no">{can ? n : <Sign state={t.state} />}</span>
        <span className="thread-name">{t.name}</span>
        <span className="thread-role">{what === t.role ? '' : t.role}</span>
        <span className="thread-next">
          {what}
          {buffer ? ` · ${say.threads.draws}: ${buffer}` : ''}
        </span>
      </button>
    </li>
  );
}

export function ThreadRow() {
  const state = useLab((v) => v.state);
  const threads = shownThreads(state);
  const stopped = state?.run === 'stopped';
  return (
    <section className="threads" data-region="threads" aria-label={say.regions.threads} tabIndex={-1}>
      {threads.length ? (
        <ol>
          {threads.map((t, i) => (
            <Chip key={t.id} t={t} n={i + 1} stopped={stopped} clockNs={state?.clockNs ?? 0} />
          ))}
        </ol>
      ) : (
        <p className="quiet">{say.noThreads}</p>
      )}
    </section>
  );
}
