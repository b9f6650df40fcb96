// Above the failing state: what the search that is looked at found, and the way into it.
import { show } from '../explore/jobs';
import { useExplorer } from '../explore/searches';
import { StepForward } from '../icons';
import { usePage } from '../store';
import { dockWords } from './dock_words';

export function VerdictBar() {
  const mode = usePage((v) => v.mode);
  const job = useExplorer((v) => v.jobs.find((j) => j.id === v.chosen));
  if (mode !== 'explorer' || !job?.verdict?.found) return null;
  return (
    <section className="verdict-bar" aria-label={dockWords.verdict}>
      <p>{job.sentence}</p>
      <button type="button" onClick={() => void show(job)}>
        <StepForward />
        {dockWords.failing}
      </button>
    </section>
  );
}
