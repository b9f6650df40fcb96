// One search: its verdict in a sentence, the counterexample as a story, and what could be asked next.
import { Fragment, useEffect, useState } from 'react';
import type { ExploreJob, Model, StoryStep } from '../../lab/protocol';
import { ask } from '../call';
import { count } from '../format';
import { Link, RotateCcw, StepForward } from '../icons';
import { page } from '../store';
import { say } from '../words';
import { modelOf, ownerWords } from './explore_words';
import { asked, askAgain, askUnder, askWithout, share, show, stop } from './jobs';
import { Facts } from './Results';

const words = say.explore;
const SAID_MS = 3000;
/** Of a long run of other accesses, so many are shown when it is opened. */
const SHOWN = 200;

function Step({ job, step, n }: { job: ExploreJob; step: StoryStep; n: number }) {
  const light = (name: string) => page.set({ lit: name });
  return (
    <button
      type="button"
      className={`story-step ${step.matters ? `story-${step.owner}` : ''}`}
      onClick={() => void show(job, n)}
      onFocus={() => light(step.thread)}
      onBlur={() => light('')}
      onPointerEnter={() => light(step.thread)}
      onPointerLeave={() => light('')}
    >
      <span className="story-no num">{count(n)}</span>
      <span>
        {step.matters && <small className={`own-${step.owner}`}>{ownerWords[step.owner]}</small>}
        {step.words}
      </span>
    </button>
  );
}

/** Accesses that the story does not need, folded. */
function Others({ job, steps, from }: { job: ExploreJob; steps: StoryStep[]; from: number }) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>{words.others(steps.length)}</summary>
      {open && (
        <ol>
          {steps.slice(0, SHOWN).map((s, i) => (
            <li key={from + i}>
              <Step job={job} step={s} n={from + i} />
            </li>
          ))}
        </ol>
      )}
    </details>
  );
}

function Story({ job }: { job: ExploreJob }) {
  const [steps, setSteps] = useState<StoryStep[]>([]);
  useEffect(() => {
    let live = true;
    void ask((api) => api.story(job.id)).then((s) => live && setSteps(s ?? []));
    return () => {
      live = false;
      page.set({ lit: '' });
    };
  }, [job.id]);
  if (!steps.length) return <p className="quiet">{words.looking}</p>;
  const parts: { matters: boolean; from: number; steps: StoryStep[] }[] = [];
  steps.forEach((s, i) => {
    const last = parts.at(-1);
    if (last && !last.matters && !s.matters) last.steps.push(s);
    else parts.push({ matters: s.matters, from: i + 1, steps: [s] });
  });
  return (
    <section className="story" aria-label={words.story}>
      <h3>{words.story}</h3>
      <ol>
        {parts.map((p) => (
          <li key={p.from}>
            {p.matters ? (
              p.steps.map((s) => <Step key={p.from} job={job} step={s} n={p.from} />)
            ) : (
              <Others job={job} steps={p.steps} from={p.from} />
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

function WhatIf({ job }: { job: ExploreJob }) {
  const models: Model[] = ['sc', 'tso', 'pso'];
  const row = (on: boolean) => job.protections.filter((p) => p.on === on);
  return (
    <section className="what-if" aria-label={words.whatIf}>
      <h3>{words.whatIf}</h3>
      {[false, true].map((on) =>
        row(on).length ? (
          <Fragment key={String(on)}>
            <h4>{on ? words.takeAway : words.putBack}</h4>
            <ul>
              {row(on).map((p) => (
                <li key={p.id}>
                  <button type="button" title={p.about} onClick={() => void askWithout(job, p)}>
                    <b>{p.id}</b>
                    <span>
                      <span className="hidden">{on ? words.takeAway : words.putBack} </span>
                      {p.words}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          </Fragment>
        ) : null,
      )}
      <h4>{words.under}</h4>
      <ul className="models">
        {models
          .filter((m) => m !== job.question.model)
          .map((m) => (
            <li key={m}>
              <button type="button" onClick={() => void askUnder(job, m)}>
                {modelOf({ ...job.question, model: m })}
              </button>
            </li>
          ))}
      </ul>
    </section>
  );
}

function Acts({ job }: { job: ExploreJob }) {
  const [said, setSaid] = useState(false);
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <p className="acts">
      <button type="button" className="primary" onClick={() => void show(job)}>
        <StepForward />
        {words.view}
      </button>
      <button type="button" onClick={() => void share(job).then(setSaid)}>
        <Link />
        {said ? words.shared : words.share}
      </button>
    </p>
  );
}

export function Found({ job }: { job: ExploreJob }) {
  const { verdict } = job;
  return (
    <article className="found" aria-label={asked(job)}>
      {job.state === 'done' && <p className={`verdict ${verdict?.found ? 'verdict-broken' : ''}`}>{job.sentence}</p>}
      {job.state === 'failed' && <p className="verdict">{job.failure}</p>}
      {job.state !== 'failed' && <Facts job={job} />}
      {job.state === 'searching' && (
        <p className="acts">
          <button type="button" onClick={() => stop(job.id)}>
            {words.stop}
          </button>
        </p>
      )}
      {verdict?.found && <Acts job={job} />}
      {job.state === 'failed' && (
        <p className="acts">
          <button type="button" onClick={() => void askAgain(job)}>
            <RotateCcw />
            {words.again}
          </button>
        </p>
      )}
      {verdict?.found && <Story key={job.id} job={job} />}
      {job.protections.length > 0 && <WhatIf job={job} />}
    </article>
  );
}
