// Every field of a port's krings, a kring a column, the guest's before the host's; what changed with the last step is marked.
import { useState } from 'react';
import { useRing } from '../ring/useRing';
import { useLab } from '../store';
import { NothingYet } from './Nothing';
import { usePanel } from './usePanel';
import { useTouch, Value } from './Words';
import { viewWords } from './view_words';

const say = viewWords.krings;
type Dir = 'TX' | 'RX';

export function Krings() {
  const ring = useRing();
  const [port, setPort] = useState('');
  const [chosen, setDir] = useState<Dir | null>(null);
  const seen = usePanel('krings', { port, ring: ring?.id ?? '' });
  const view = seen?.view;
  const running = useLab((v) => v.state?.run !== 'stopped');
  const touch = useTouch(seen, () => view?.dirs.flatMap((d) => d.krings.flatMap((k) => k.words)) ?? []);
  if (!seen) return <p className="quiet pad">{viewWords.looking}</p>;
  if (!view) return <NothingYet words={say.none} />;
  const dir = chosen ?? ring?.dir ?? 'TX',
    krings = view.dirs.find((d) => d.dir === dir)?.krings ?? [],
    fields = krings[0]?.words ?? [];
  return (
    <div className="view">
      <div className="view-tools">
        <select aria-label={say.port} value={view.port} onChange={(e) => setPort(e.target.value)}>
          {view.ports.map((p) => (
            <option key={p.id} value={p.id}>
              {p.title}
            </option>
          ))}
        </select>
        <fieldset className="segments">
          <legend className="hidden">{say.dir}</legend>
          {(['TX', 'RX'] as const).map((d) => (
            <label key={d} className={d === dir ? 'on' : ''}>
              <input type="radio" name="kring-dir" checked={d === dir} onChange={() => setDir(d)} />
              {d}
            </label>
          ))}
        </fieldset>
        {running && <span className="badge">{viewWords.sampled}</span>}
      </div>
      {krings.length === 0 ? (
        <p className="quiet">{say.noDir}</p>
      ) : (
        <div className="scroll-x">
          <table className="krings">
            <caption className="hidden">
              {say.title}: {view.title}
            </caption>
            <thead>
              <tr>
                <th scope="col">
                  <span className="hidden">{say.field}</span>
                </th>
                {krings.map((k) => (
                  <th key={k.addr} scope="col" className={`own-${k.side}`}>
                    {say[k.side]}
                    <small>{k.title}</small>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {fields.map((f, i) => (
                <tr key={f.name}>
                  <th scope="row">
                    <code>{f.name}</code>
                    <small>{f.note}</small>
                  </th>
                  {krings.map((k) => {
                    const w = k.words[i];
                    if (!w) return <td key={k.addr}>{viewWords.none}</td>;
                    const t = touch(w);
                    return (
                      <td key={k.addr} data-owner={w.owner} className={t.cls}>
                        <Value word={w} touch={t} />
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
