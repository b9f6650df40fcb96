// The table of hazards: for each protection that was removed, what the search found and what was expected of it. Nothing
// when the lab ships none.
import type { HazardRow } from '../../lab/protocol';
import { ask } from '../call';
import { count } from '../format';
import { Check, X } from '../icons';
import { lab, page } from '../store';
import { say } from '../words';
import { explorer } from './jobs';

const words = say.explore;

/** A row's counterexample, in the stepper. */
async function open(row: number, { scenario }: HazardRow): Promise<void> {
  const { scenarios } = explorer.get(),
    at = scenarios.find((s) => s.file === scenario || s.file.endsWith(`/${scenario}.lab`));
  const answer = await ask((api) => api.showHazard(row, at?.recording ?? ''));
  if (!answer) return;
  if (answer.ok) page.set({ engine: 'step', comparing: -1 });
  lab.set({ notice: answer.text, remedy: null });
}

export function Hazards({ rows }: { rows: readonly HazardRow[] }) {
  if (!rows.length) return null;
  return (
    <details className="hazards">
      <summary>{words.rows}</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">{words.hazard}</th>
            <th scope="col">{words.verdict}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((r, i) => (
            <tr key={`${r.hazard} ${r.revision} ${r.removed} ${r.model} ${r.scenario}`}>
              <th scope="row">
                <b>{r.hazard}</b> {r.title}
                <small>
                  {r.revision}
                  {r.removed && ` · ${words.without} ${r.removed}`} · {r.model.toUpperCase()} · {r.scenario}
                </small>
              </th>
              <td>
                <span className={`mark ${r.counterexample ? 'mark-broken' : ''}`}>
                  {r.counterexample ? <X /> : <Check />}
                  {r.verdict}
                </span>
                <small>
                  <span className="num">{count(r.states)}</span> {words.states}
                  {' · '}
                  {r.expected === r.verdict ? words.same : `${words.expected}: ${r.expected}`}
                </small>
                {r.counterexample !== undefined && (
                  <button type="button" aria-label={`${words.counterexample} ${r.hazard} (${r.revision})`} onClick={() => void open(i, r)}>
                    {words.view}
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
