// What the machine counts, group by group; zeros are shown, for they are the result.
import { count } from '../format';
import { useLab } from '../store';
import { say } from '../words';

export function Counters() {
  const groups = useLab((v) => v.state?.counters);
  if (!groups?.length) return <p className="quiet pad">{say.noCounters}</p>;
  return (
    <div className="pad">
      {groups.map((g) => (
        <table key={g.id} className="counters">
          <caption className={`own-${g.side}`}>{g.title}</caption>
          <tbody>
            {g.rows.map((r) => (
              <tr key={r.name}>
                <th scope="row">
                  <code>{r.name}</code>
                  {r.note && <small>{r.note}</small>}
                </th>
                <td className="num">
                  {r.plain ? r.value : count(r.value)}
                  {r.mark && <span className={`badge ${r.mark === 'modelled' ? 'dashed' : ''}`}>{r.mark}</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </div>
  );
}
