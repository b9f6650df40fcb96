// The table of hazards: for each protection that was removed, what the search found and what was expected of it. Nothing
// when the lab ships none.
import type { HazardRow } from '../../lab/protocol';
import { count } from '../format';
import { Check, Ellipsis, X } from '../icons';
import { say } from '../words';
import { modelOf } from './explore_words';

const words = say.explore;

const came = (r: HazardRow): HazardRow['expect'] => (r.broken ? 'broken' : r.complete ? 'kept' : 'open');
const VERDICT = { broken: words.broken, kept: words.holds, open: words.bounded };
const verdictOf = (r: HazardRow): string => VERDICT[came(r)];

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
            <tr key={r.id}>
              <th scope="row">
                {r.id}
                <small>
                  {r.scenario} · {modelOf(r)}
                </small>
                {r.broken && (
                  <button type="button" aria-label={`${words.counterexample} ${r.id}`} onClick={() => open(i)}>
                    {words.view}
                  </button>
                )}
              </th>
              <td>
                <span className={`mark ${r.broken ? 'mark-broken' : ''}`}>
                  {r.broken ? <X /> : r.complete ? <Check /> : <Ellipsis />}
                  {verdictOf(r)}
                </span>
                <small>
                  {r.broken && `${r.broken.promise} · `}
                  {count(r.states)} {words.states}
                </small>
                <small>{came(r) === r.expect ? words.same : `${words.expected}: ${VERDICT[r.expect]}`}</small>
                {r.note && <small>{r.note}</small>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
