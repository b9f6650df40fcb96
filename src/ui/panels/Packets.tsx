// The last packets that passed the rings of ports, as the lab's capture copied them: tcpdump's line of each, one of them dissected.
import { useState } from 'react';
import type { PanelViews } from '../../lab/protocol';
import { ask } from '../call';
import { bytes, count, duration } from '../format';
import { exportAs } from '../recording';
import { lab, page } from '../store';
import { order } from '../travel';
import { commands } from '../words';
import { typeAtSide } from '../term/type_at';
import { Bytes } from './Bytes';
import { Nothing, NothingYet } from './Nothing';
import { usePanel } from './usePanel';
import { viewWords } from './view_words';

const say = viewWords.packets;
type View = PanelViews['packets']['view'];
type One = NonNullable<View['one']>;

/** A command that parks the lab for a moment; what went goes on. */
async function capture(line: string): Promise<void> {
  const going = lab.get().state?.run !== 'stopped';
  const done = await order(`capture ${line}`);
  if (going && done) await ask((api) => api.run(page.get().engine ?? undefined));
}

function Tools({ view, port, setPort }: { view: View; port: string; setPort: (p: string) => void }) {
  return (
    <>
      <p>
        <b>{view.on ? say.on : say.stopped}</b> {view.ports.map((p) => `${p.port}: ${say.seen(p.seen, p.dropped)}`).join('; ')}
        <span className="quiet">, {say.used(bytes(view.used), bytes(view.size))}</span>
      </p>
      {view.on && view.ports.some((p) => p.dropped > 0) && <p className="view-note">{say.full}</p>}
      <div className="view-tools">
        {view.ports.length > 1 && (
          <select aria-label={say.port} value={port} onChange={(e) => setPort(e.target.value)}>
            <option value="">{say.any}</option>
            {view.ports.map((p) => (
              <option key={p.port}>{p.port}</option>
            ))}
          </select>
        )}
        {view.on ? (
          <button type="button" onClick={() => void capture('stop')}>
            {say.stop}
          </button>
        ) : (
          view.open.length > 0 && (
            <button type="button" onClick={() => void capture(`start ${view.open.join(' ')}`)}>
              {say.again}
            </button>
          )
        )}
        <button type="button" onClick={() => void capture('clear')}>
          {say.clear}
        </button>
        <button type="button" onClick={() => void exportAs('capture')}>
          {say.save}
        </button>
      </div>
    </>
  );
}

function Dissected({ one, close }: { one: One; close: () => void }) {
  const [field, setField] = useState(-1);
  const f = one.fields[field];
  return (
    <section className="dissected" aria-label={`${say.selected} ${one.n}`}>
      <div className="dissected-head">
        <h2>
          {say.selected} <span className="num">{count(one.n)}</span>
        </h2>
        <button type="button" onClick={close}>
          {say.close}
        </button>
      </div>
      <p className="mono line">{one.line.line}</p>
      <p className="quiet">
        {one.line.port} {one.line.dir} {say.way} {one.line.ring}, {say.slot} {one.line.slot}, {say.buf} {one.line.buf}
      </p>
      <h3>{say.fields}</h3>
      <ul className="dissection">
        {one.fields.map((x, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: fields of one dissection never move
          <li key={i} style={{ '--depth': x.depth } as React.CSSProperties}>
            <button type="button" className="word-link" aria-pressed={i === field} onClick={() => setField(i === field ? -1 : i)}>
              <span>
                <code>{x.name}</code> {x.value}
                {x.note && <span className="quiet"> {x.note}</span>}
                {x.wrong && <b className="wrong"> {x.wrong}</b>}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <div className="scroll-x">
        <Bytes bytes={one.bytes} caption={say.bytes} mark={(i) => (f && i >= f.offset && i < f.offset + f.length ? { lit: true } : {})} />
      </div>
      {one.cut > 0 && <p className="quiet">{say.cut(one.cut)}</p>}
    </section>
  );
}

export function Packets() {
  const [port, setPort] = useState('');
  const [one, setOne] = useState(-1);
  const seen = usePanel('packets', { port, one });
  if (!seen) return <p className="quiet pad">{viewWords.looking}</p>;
  const { view } = seen;
  if (!view.there && !view.open.length) return <NothingYet words={say.noPorts} />;
  if (!view.there)
    return (
      <Nothing words={say.off}>
        <p className="quiet">{say.about}</p>
        <button type="button" className="primary" onClick={() => void capture(`start ${view.open.join(' ')}`)}>
          {say.begin(view.open.join(', '))}
        </button>
      </Nothing>
    );
  return (
    <div className="view">
      <Tools view={view} port={port} setPort={setPort} />
      {view.one && <Dissected key={view.one.n} one={view.one} close={() => setOne(-1)} />}
      {view.lines.length === 0 ? (
        <div>
          <p className="quiet">{say.waiting}</p>
          <button type="button" onClick={() => void typeAtSide('guest', `${commands.tx} -n 1`)}>
            {say.one}
          </button>
        </div>
      ) : (
        <table className="plain packets">
          <caption>{say.list(view.lines.length, view.total)}</caption>
          <thead>
            <tr>
              <th scope="col">{say.time}</th>
              <th scope="col">{say.packet}</th>
            </tr>
          </thead>
          <tbody>
            {view.lines.map((x) => (
              <tr key={x.n}>
                <td className="num">
                  {duration(x.ns)}
                  <small>
                    {x.port} {x.dir}
                  </small>
                </td>
                <th scope="row">
                  <button
                    type="button"
                    className="word-link mono"
                    aria-pressed={one === x.n}
                    onClick={() => setOne(one === x.n ? -1 : x.n)}
                  >
                    {x.line}
                  </button>
                </th>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
