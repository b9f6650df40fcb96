// One search: its verdict in a sentence, the counterexample as a story, and what could be asked next.
import { Fragment, useEffect, useState } from 'react';
import type { ExploreJob, Model, StoryPart, StoryStep } from '../../lab/protocol';
import { ask } from '../call';
import { count } from '../format';
import { Link, RotateCcw, StepForward } from '../icons';
import { once } from '../seen';
import { page } from '../store';
import { say } from '../words';
import { modelOf, ownerWords } from './explore_words';
import { asked, askAgain, askUnder, askWithout, goOn, share, show, stop } from './jobs';
import { Facts } from './Results';
import { endOf, rowWords } from './verdict_row';

const words = say.explore;
const SAID_MS = 3000;
/** Of a long run of other accesses, so many are shown at once. */
const SHOWN = 200;

function Step({ job, step, matters }: { job: ExploreJob; step: StoryStep; matters: boolean }) {
  const light = (name: string) => page.set({ lit: name });
  return (
    <button
      type="button"
      className={`story-step ${matters ? `story-${step.owner}` : ''}`}
      onClick={() => void show(job, step.n)}
      onFocus={() => light(step.thread)}
      onBlur={() => light('')}
      onPointerEnter={() => light(step.thread)}
      onPointerLeave={() => light('')}
    >
      <span className="story-no num">{count(step.n)}</span>
      <span>
        {matters && (
          <small>
            <span className={`own-${step.owner}`}>{ownerWords[step.owner]}</span> <code>{step.point}</code>
          </small>
        )}
        {step.words}
      </span>
    </button>
  );
}

/** Accesses that the story does not need, folded. */
function Others({ job, part }: { job: ExploreJob; part: StoryPart }) {
  const [open, setOpen] = useState(false);
  const [shown, setShown] = useState(SHOWN);
  return (
    <details onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>{part.words}</summary>
      {open && (
        <ol>
          {part.steps.slice(0, shown).map((step) => (
            <li key={step.n}>
              <Step job={job} step={step} matters={false} />
            </li>
          ))}
        </ol>
      )}
      {open && part.steps.length > shown && (
        <button type="button" onClick={() => setShown(shown + SHOWN)}>
          {words.others(part.steps.length - shown)}
        </button>
      )}
    </details>
  );
}

function Story({ job }: { job: ExploreJob }) {
  const [parts, setParts] = useState<StoryPart[]>([]);
  useEffect(() => {
    let live = true;
    void ask((api) => api.story(job.id)).then((s) => live && setParts(s ?? []));
    return () => {
      live = false;
      page.set({ lit: '' });
    };
  }, [job.id]);
  if (!parts.length) return <p className="quiet">{words.looking}</p>;
  return (
    <section className="story" aria-label={words.story}>
      <h2>{words.story}</h2>
      <ol>
        {parts.map((part) => {
          const [only] = part.steps;
          return (
            <li key={only?.n}>
              {only && part.steps.length === 1 ? <Step job={job} step={only} matters={part.matters} /> : <Others job={job} part={part} />}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function WhatIf({ job }: { job: ExploreJob }) {
  const models: Model[] = ['sc', 'tso', 'pso'];
  const row = (on: boolean) => job.protections.filter((p) => p.on === on);
  return (
    <section className="what-if" aria-label={words.whatIf}>
      <h2>{words.whatIf}</h2>
      {[false, true].map((on) =>
        row(on).length ? (
          <Fragment key={String(on)}>
            <h3 className="sub">{on ? words.takeAway : words.putBack}</h3>
            <ul data-on={on}>
              {row(on).map((p) => (
                <li key={p.id}>
                  <button type="button" onClick={() => void askWithout(job, p)}>
                    <b>{p.id}</b>
                    <span>
                      <span className="hidden">{on ? words.takeAway : words.putBack} </span>
                      {p.words}
                      <small>{p.about}</small>
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          </Fragment>
        ) : null,
      )}
      <h3 className="sub">{words.under}</h3>
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
    if (said) return once(SAID_MS, () => setSaid(false));
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

/** To the protections that are in place: each is a button that asks again without it. */
function toRemove(): void {
  const first = document.querySelector<HTMLElement>('.what-if [data-on="true"] button');
  first?.scrollIntoView({ block: 'center' });
  first?.focus({ preventScroll: true });
}

export function Found({ job }: { job: ExploreJob }) {
  const { verdict } = job,
    end = endOf(job),
    promise = verdict?.found?.promise ?? '',
    [titles, setTitles] = useState<readonly { name: string; title: string }[]>([]);
  const title = titles.find((t) => t.name === promise)?.title ?? promise;
  useEffect(() => {
    if (promise) void ask((api) => api.promises()).then((all) => setTitles(all ?? []));
  }, [promise]);
  return (
    <article className="found" aria-label={asked(job)}>
      {end && <h2 className="verdict-row">{rowWords(job, title)}</h2>}
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
      {end === 'clean' && job.protections.some((p) => p.on) && (
        <p className="acts">
          <button type="button" className="primary" onClick={toRemove}>
            {words.remove}
          </button>
        </p>
      )}
      {end === 'bounded' && (
        <p className="acts">
          <button type="button" className="primary" onClick={() => void goOn(job)}>
            {words.goOn}
          </button>
        </p>
      )}
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
