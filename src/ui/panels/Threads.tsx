// Every thread: what it is, its state, on what it waits, since when and until when.
import type { PanelViews } from '../../lab/protocol';
import { count, duration } from '../format';
import { usePhrase } from '../predict/predict';
import { useLab } from '../store';
import { Sign } from '../time/sign';
import { shownThreads } from '../time/threads';
import { say } from '../words';
import { usePanel } from './usePanel';
import { viewWords } from './view_words';

/** What it has done so far, in a row. */
function counted(c: PanelViews['threads']['view'][number] | undefined) {
  if (!c) return null;
  const { threads: words } = viewWords;
  return (
    <p className="thread-counts">
      {count(c.iterations)} {words.turns}, {count(c.sleeps)} {words.sleeps}, {count(c.wakeups)} {words.wakeups}, {count(c.timeouts)}{' '}
      {words.timeouts}, {duration(c.sleptNs)} {words.slept} {duration(c.aliveNs)}
    </p>
  );
}

export function Threads() {
  const state = useLab((v) => v.state);
  const phrase = usePhrase();
  const threads = shownThreads(state);
  const counts = new Map(usePanel('threads', {})?.view.map((c) => [c.id, c]));
  if (!state || !threads.length) return <p className="quiet pad">{say.noThreads}</p>;
  return (
    <div className="pad">
      {threads.map((t) => (
        <article key={t.id} className={`thread-card thread-card-${t.side}`}>
          <h2 className={`own-${t.side}`}>{t.name}</h2>
          <Sign state={t.state} words />
          <p className="quiet">{t.role}</p>
          <dl>
            {(t.wchan ?? t.wmesg) && (
              <>
                <dt>{say.table.on}</dt>
                <dd className="mono">{[t.wmesg, t.wchan].filter(Boolean).join(' · ')}</dd>
              </>
            )}
            {t.sinceNs !== undefined && (
              <>
                <dt>{say.table.since}</dt>
                <dd className="num">{duration(Math.max(0, state.clockNs - t.sinceNs))}</dd>
              </>
            )}
            {t.deadlineNs !== undefined && (
              <>
                <dt>{say.table.until}</dt>
                <dd className="num">{duration(t.deadlineNs)}</dd>
              </>
            )}
            {t.next && (
              <>
                <dt>{say.source.next}</dt>
                <dd>{phrase(t.next)}</dd>
              </>
            )}
            {t.storeBuffer.length > 0 && (
              <>
                <dt>{viewWords.threads.pending}</dt>
                <dd className="mono">{t.storeBuffer.map((s) => `${s.word} = ${s.value}`).join(', ')}</dd>
              </>
            )}
          </dl>
          {counted(counts.get(t.id))}
        </article>
      ))}
    </div>
  );
}
