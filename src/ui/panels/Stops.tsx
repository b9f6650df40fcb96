// Stop points: conditions over named fields and places of the source, how often each was met; a field to add one.
import { count } from '../format';
import { Octagon, X } from '../icons';
import { useLab } from '../store';
import { order } from '../travel';
import { say } from '../words';
import { Condition } from './Condition';

/** A place is not checked as a condition is; how often is not part of one. */
const condition = (text: string): string => (/^at\s/.test(text) ? '' : text.replace(/\sx\d+$/, ''));

export function Stops() {
  const list = useLab((v) => v.state?.breaks);
  const free = useLab((v) => v.state?.engine === 'free' && v.state.run !== 'stopped');
  return (
    <div className="pad">
      <Condition
        label={say.stops.condition}
        placeholder="csb.host_need_txkick == 1"
        button={
          <>
            <Octagon />
            {say.stops.add}
          </>
        }
        gloss={say.stops.gloss}
        condition={condition}
        add={(text) => order(`break ${text}`)}
      />
      {free && <p className="quiet">{say.stops.free}</p>}
      {list?.length ? (
        <ul className="stops">
          {list.map((p) => (
            <li key={p.id}>
              <Octagon />
              <div>
                <code>{p.text}</code>
                <small>
                  {say.stops.point} {p.id} · {say.stops.met} {count(p.hits)} {p.hits === 1 ? say.stops.time : say.stops.times}
                  {p.from > 1 && ` · ${say.stops.from} ${p.from}`}
                  {p.note && ` · ${p.note}`}
                </small>
              </div>
              <button
                type="button"
                className="icon"
                aria-label={`${say.stops.remove} ${p.id}`}
                onClick={() => void order(`unbreak ${p.id}`)}
              >
                <X />
              </button>
            </li>
          ))}
        </ul>
      ) : (
        <p className="quiet">{say.stops.none}</p>
      )}
    </div>
  );
}
