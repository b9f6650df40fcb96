// Every thread: what it is, its state, on what it waits, since when and until when.
import { duration } from '../format';
import { useLab } from '../store';
import { Sign } from '../time/sign';
import { shownThreads } from '../time/threads';
import { say } from '../words';

export function Threads() {
  const state = useLab((v) => v.state);
  const threads = shownThreads(state);
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
                <dd>{t.next.phrase}</dd>
              </>
            )}
          </dl>
        </article>
      ))}
    </div>
  );
}
