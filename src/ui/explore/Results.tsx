// Searches, one a row: what was asked and what came of it so far. One of them is looked at.
import type { ExploreJob } from '../../lab/protocol';
import { count } from '../format';
import { Check, Ellipsis, X } from '../icons';
import { say } from '../words';
import { howOf } from './explore_words';
import { asked, forget, stop } from './jobs';
import { explorer, useExplorer } from './searches';

const words = say.explore;

/** The verdict in two words, with its sign. */
export function Sign({ job }: { job: ExploreJob }) {
  const v = job.verdict;
  if (job.state === 'failed')
    return (
      <span className="mark">
        <X />
        {words.failed}
      </span>
    );
  if (!v)
    return (
      <span className="mark quiet">
        {job.state === 'searching' ? `${count(size(job.progress))}` : words[job.state === 'waiting' ? 'waiting' : 'preparing']}
      </span>
    );
  if (v.found)
    return (
      <span className="mark mark-broken">
        <X />
        {words.broken}
      </span>
    );
  return v.complete ? (
    <span className="mark">
      <Check />
      {words.holds}
    </span>
  ) : (
    <span className="mark mark-bounded">
      <Ellipsis />
      {words.bounded}
    </span>
  );
}

/** States, or schedules by lot. */
const size = (p?: { states: number; schedules?: number }): number => p?.schedules ?? p?.states ?? 0;
const going = (j: ExploreJob) => j.state !== 'done' && j.state !== 'failed';

/** `same`: it begins where the row above does. */
function Row({ job, same }: { job: ExploreJob; same: boolean }) {
  const how = howOf(job);
  const chosen = useExplorer((v) => v.chosen) === job.id;
  const v = job.verdict,
    what = job.lots ? words.schedules : words.states;
  return (
    <tr aria-current={chosen ? 'true' : undefined} data-state={job.state} className={same ? 'same' : undefined}>
      <th scope="row">
        <button type="button" onClick={() => explorer.set({ chosen: job.id })}>
          {same ? <span className="hidden">{job.from} </span> : job.from}
          {same ? how : <small>{how}</small>}
        </button>
      </th>
      <td>
        <Sign job={job} />
        {v && (
          <small>
            {v.found ? `${v.found.promise} · ` : ''}
            {count(size(v))} {what}
          </small>
        )}
        {job.state === 'searching' && <small>{what}</small>}
      </td>
      <td>
        <button
          type="button"
          className="icon"
          aria-label={`${going(job) ? words.stopThat : words.forget}: ${asked(job)}`}
          title={going(job) ? words.stop : words.forget}
          onClick={() => (going(job) ? stop(job.id) : forget(job.id))}
        >
          <X />
        </button>
      </td>
    </tr>
  );
}

export function Results() {
  const jobs = useExplorer((v) => v.jobs);
  if (!jobs.length) return null;
  return (
    <table className="searches">
      <caption className="hidden">{words.results}</caption>
      <thead className="hidden">
        <tr>
          <th scope="col">{words.what}</th>
          <th scope="col">{words.verdict}</th>
          <th scope="col">{words.forget}</th>
        </tr>
      </thead>
      <tbody>
        {jobs.map((j, i) => (
          <Row key={j.id} job={j} same={jobs[i - 1]?.from === j.from} />
        ))}
      </tbody>
    </table>
  );
}

/** How far a search is, or was. */
export function Facts({ job }: { job: ExploreJob }) {
  const p = job.verdict ?? job.progress;
  if (!p) return <p className="quiet">{job.state === 'waiting' ? words.waiting : words.preparing}.</p>;
  const rate = p.ms > 1000 ? [`${count(job.rate)} ${words.aSecond}`] : [],
    time = `${(p.ms / 1000).toFixed(1)} s`,
    facts = job.lots
      ? [`${count(size(p))} ${words.schedules}`, `${count(p.moves)} ${words.moves}`, ...rate, time]
      : [
          `${count(p.states)} ${words.states}`,
          ...rate,
          `${words.depth} ${count(p.depth)}`,
          `${words.frontier} ${count(p.states - p.expanded)}`,
          time,
        ];
  return (
    <ul className="facts">
      {facts.map((f) => (
        <li key={f.replace(/[\d,.]/g, '')}>{f}</li>
      ))}
    </ul>
  );
}
