// The table of hazards: for each protection that was removed, what the search found and what was expected of it. Nothing
// when the lab ships none.
import type { HazardRow } from '../../lab/protocol';
import { count } from '../format';
import { Check, X } from '../icons';
import { say } from '../words';

const words = say.explore;

/** `open`: a row's counterexample, in the stepper. */
export function Hazards({ rows, open }: { rows: readonly HazardRow[]; open: (row: number) => void }) {
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
                  <button type="button" aria-label={`${words.counterexample} ${r.hazard} (${r.revision})`} onClick={() => open(i)}>
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
