// The marks in view as a table: for who does not see the picture, and for everyone with T.
import { count, since } from '../format';
import { useLab, useStore } from '../store';
import { say } from '../words';
import { seek } from './strip_act';
import { now, shown } from './strip_view';

const MOST = 100;

export function StripTwin({ plain }: { plain: boolean }) {
  const { marks, deeds, many, counted, from, clocks } = useStore(shown, (v) => v);
  const beginning = useLab((v) => v.state?.freeBefore === true && v.state.rootStep === from);
  const lanes = now.view?.lanes ?? [];
  const name = (id: number) => (id < 0 ? '' : (lanes.find((l) => l.id === id)?.name ?? ''));
  const rows = [
    ...marks.map((m) => ({
      key: `${m.step}.${m.kind}.${m.lane}.${m.to}`,
      step: m.step,
      kind: say.strip.kinds[m.kind] as string,
      who: m.lane < 0 ? say.strip.control : name(m.lane),
      to: name(m.to),
    })),
    ...deeds.map((d) => ({ key: `${d.step}.${d.kind}`, step: d.step, kind: say.strip.deeds[d.kind] as string, who: d.words, to: '' })),
  ].sort((a, b) => a.step - b.step);
  return (
    <div className={plain ? 'strip-twin' : 'hidden'}>
      {beginning && (
        <p className="quiet">
          {say.strip.step} {count(from)}: {say.strip.freeBefore}
        </p>
      )}
      {clocks.length > 0 && (
        <p className="quiet">
          {say.strip.clocks}: {clocks.map((c) => `${say.strip.step} ${count(c.step)} ${since(c.ns)}`).join(', ')}
        </p>
      )}
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
          {rows.slice(0, MOST).map((r) => (
            <tr key={r.key}>
              <td>
                {plain ? (
                  <button type="button" onClick={() => void seek(r.step)}>
                    {count(r.step)}
                  </button>
                ) : (
                  count(r.step)
                )}
              </td>
              <td className="words">{r.kind}</td>
              <td>{r.who}</td>
              <td>{r.to}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {counted && <p className="quiet">{say.strip.many(count(many))}</p>}
      {rows.length > MOST && <p className="quiet">{say.strip.more(rows.length - MOST)}</p>}
    </div>
  );
}
