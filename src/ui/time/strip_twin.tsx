// The marks in view as a table: for who does not see the picture, and for everyone with T.
import { count } from '../format';
import { useStore } from '../store';
import { say } from '../words';
import { seek } from './strip_act';
import { now, shown } from './strip_view';

const MOST = 100;

export function StripTwin({ plain }: { plain: boolean }) {
  const marks = useStore(shown, (v) => v.marks);
  const many = useStore(shown, (v) => v.many);
  const lanes = now.view?.lanes ?? [];
  const name = (id: number) => (id < 0 ? '' : (lanes.find((l) => l.id === id)?.name ?? ''));
  const seen = marks.slice(0, MOST);
  return (
    <div className={plain ? 'strip-twin' : 'hidden'}>
      <table className="grid">
        <caption className="hidden">{say.strip.twin}</caption>
        <thead>
          <tr>
            <th scope="col">{say.strip.at}</th>
            <th scope="col">{say.strip.kind}</th>
            <th scope="col">{say.strip.who}</th>
            <th scope="col">{say.strip.to}</th>
          </tr>
        </thead>
        <tbody>
          {seen.map((m) => (
            <tr key={`${m.step}.${m.kind}.${m.lane}.${m.to}`}>
              <td>
                {plain ? (
                  <button type="button" onClick={() => void seek(m.step)}>
                    {count(m.step)}
                  </button>
                ) : (
                  count(m.step)
                )}
              </td>
              <td className="words">{say.strip.kinds[m.kind]}</td>
              <td>{m.lane < 0 ? say.strip.control : name(m.lane)}</td>
              <td>{name(m.to)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {many > seen.length && <p className="quiet">{say.strip.more(many - seen.length)}</p>}
    </div>
  );
}
