// The explorer's panel: a question, the searches, and the one that is looked at; and the table of hazards that the lab ships.
import { useEffect, useRef, useState } from 'react';
import type { HazardRow } from '../../lab/protocol';
import { ask } from '../call';
import { count } from '../format';
import { say } from '../words';
import { Form } from './Form';
import { Found } from './Found';
import { Hazards } from './Hazards';
import { asked, openHazard } from './jobs';
import { explorer, useExplorer } from './searches';
import { Results } from './Results';

const words = say.explore;
const SAY_MS = 4000;

/** For who cannot see the numbers move: now and then how far the search is, and its verdict at once. */
function Spoken() {
  const job = useExplorer((v) => v.jobs.find((j) => j.id === v.chosen));
  const [text, setText] = useState('');
  const at = useRef(0);
  useEffect(() => {
    if (!job) return;
    const over = job.state === 'done' || job.state === 'failed';
    if (!over && performance.now() - at.current < SAY_MS) return;
    at.current = performance.now();
    setText(over ? job.sentence || job.failure : `${asked(job)}: ${count(job.progress?.states ?? 0)} ${words.states}`);
  }, [job]);
  return (
    <p className="hidden" role="status">
      {text}
    </p>
  );
}

export function Explore() {
  const asking = useExplorer((v) => v.asking);
  const job = useExplorer((v) => v.jobs.find((j) => j.id === v.chosen));
  const some = useExplorer((v) => v.jobs.length > 0);
  const [rows, setRows] = useState<readonly HazardRow[]>([]);
  useEffect(() => {
    void ask((api) => api.hazards()).then((r) => setRows(r ?? []));
  }, []);
  return (
    <div className="pad explore">
      {!some && <p className="quiet">{words.about}</p>}
      <details className="asking" open={asking} onToggle={(e) => explorer.set({ asking: e.currentTarget.open })}>
        <summary>{words.question}</summary>
        <Form />
      </details>
      <Results />
      <Spoken />
      {job && <Found job={job} />}
      <Hazards rows={rows} open={(i) => rows[i] && void openHazard(i, rows[i])} />
    </div>
  );
}
