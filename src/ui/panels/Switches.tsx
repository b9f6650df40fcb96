// What forwards frames: VALE switches with ports, leases and forwarding table, netmap pipes, and if_bridge.
import type { PanelViews } from '../../lab/protocol';
import { count } from '../format';
import { commands } from '../words';
import { typeAtSide } from '../term/type_at';
import { Nothing } from './Nothing';
import { usePanel } from './usePanel';
import { viewWords } from './view_words';

const say = viewWords.sw;
type View = PanelViews['switches']['view'];
type Switch = View['switches'][number];

function Ports({ s }: { s: Switch }) {
  return (
    <table className="plain">
      <caption>{say.ports}</caption>
      <thead>
        <tr>
          <th scope="col">{say.n}</th>
          <th scope="col">{say.port}</th>
          <th scope="col" className="right">
            {say.tx}
          </th>
          <th scope="col" className="right">
            {say.rx}
          </th>
          <th scope="col" className="right">
            {say.drops}
          </th>
        </tr>
      </thead>
      <tbody>
        {s.ports.map((p) => (
          <tr key={p.n} data-owner={p.owner}>
            <td className="num">{p.n}</td>
            <th scope="row">
              <code>{p.name}</code>
              <small>{[p.kind, p.open ? '' : say.notOpen].filter(Boolean).join(', ')}</small>
            </th>
            <td className="num right">{count(p.txPackets)}</td>
            <td className="num right">{count(p.rxPackets)}</td>
            <td className="num right">{count(p.drops)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Leases({ s }: { s: Switch }) {
  const rings = s.ports.flatMap((p) => p.rings.map((r) => ({ p, r })));
  return (
    <table className="plain">
      <caption>{say.leases}</caption>
      <thead>
        <tr>
          <th scope="col">{say.ring}</th>
          <th scope="col" className="right">
            {say.hwcur}
          </th>
          <th scope="col" className="right">
            {say.hwtail}
          </th>
          <th scope="col" className="right">
            {say.hwlease}
          </th>
        </tr>
      </thead>
      <tbody>
        {rings.map(({ p, r }) => (
          <tr key={`${p.n} ${r.ring}`}>
            <th scope="row">
              <code>
                {p.name} RX {r.ring}
              </code>
              <small>
                {say.idx} {r.leaseIdx}
                {r.hwlease !== r.hwtail && `; ${say.leased}`}
                {r.open.length > 0 && `; ${say.completed}: ${r.open.join(', ')}${r.more ? ` ${viewWords.more(r.more)}` : ''}`}
              </small>
            </th>
            <td className="num right">{r.hwcur}</td>
            <td className="num right">{r.hwtail}</td>
            <td className="num right">{r.hwlease}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Table({ s }: { s: Switch }) {
  if (!s.table.length) return <p className="quiet">{say.noTable}</p>;
  return (
    <>
      <table className="plain">
        <caption>{say.table}</caption>
        <thead>
          <tr>
            <th scope="col">{say.mac}</th>
            <th scope="col">{say.to}</th>
            <th scope="col" className="right">
              {say.bucket}
            </th>
          </tr>
        </thead>
        <tbody>
          {s.table.map((e) => (
            <tr key={e.bucket}>
              <th scope="row">
                <code>{e.mac}</code>
              </th>
              <td>
                <span className="num">{e.port}</span> <code>{e.name}</code>
                {e.gone && <small>{say.gone}</small>}
              </td>
              <td className="num right">{e.bucket}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {s.more > 0 && <p className="quiet">{viewWords.more(s.more)}</p>}
      <p className="quiet">
        {say.age}: {say.noAge}.
      </p>
    </>
  );
}

function Pipes({ pipes }: { pipes: View['pipes'] }) {
  return (
    <section>
      <h2>{say.pipes}</h2>
      <p className="quiet">{say.pipeNote}</p>
      <table className="plain">
        <caption className="hidden">{say.pipes}</caption>
        <thead>
          <tr>
            <th scope="col">{say.ends}</th>
            <th scope="col" className="right">
              {say.sent}
            </th>
            <th scope="col" className="right">
              {say.received}
            </th>
          </tr>
        </thead>
        <tbody>
          {pipes.flatMap((p) =>
            p.ends.map((e, i) => (
              <tr key={`${p.kernel} ${e.name}`} data-owner={e.owner} className={i ? '' : 'group'}>
                <th scope="row">
                  <code>{e.name}</code>
                  {!e.open && <small>{say.notOpen}</small>}
                </th>
                <td className="num right">{count(e.txPackets)}</td>
                <td className="num right">{count(e.rxPackets)}</td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </section>
  );
}

function Bridge({ b }: { b: View['bridges'][number] }) {
  return (
    <section>
      <h2>
        <code>{b.name}</code>
      </h2>
      <p>
        {say.members}: {b.members.map((m) => `${m.name} (${m.learning ? say.learning : say.notLearning})`).join(', ') || viewWords.none}
      </p>
      <p className="quiet">
        {say.addresses(b.count, b.max, b.timeout)}; {say.floods} {count(b.floods)}, {say.full} {count(b.full)}
      </p>
      {b.table.length === 0 ? (
        <p className="quiet">{say.noAddresses}</p>
      ) : (
        <table className="plain">
          <caption>{say.table}</caption>
          <thead>
            <tr>
              <th scope="col">{say.mac}</th>
              <th scope="col">{say.to}</th>
              <th scope="col" className="right">
                {say.left}
              </th>
            </tr>
          </thead>
          <tbody>
            {b.table.map((e) => (
              <tr key={e.mac}>
                <th scope="row">
                  <code>{e.mac}</code>
                </th>
                <td>
                  <code>{e.member}</code>
                </td>
                <td className="num right">{e.left ? `${count(e.left)} s` : say.forever}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {b.more > 0 && <p className="quiet">{viewWords.more(b.more)}</p>}
    </section>
  );
}

export function Switches() {
  const seen = usePanel('switches', {});
  if (!seen) return <p className="quiet pad">{viewWords.looking}</p>;
  const { switches, pipes, bridges } = seen.view;
  if (!switches.length && !pipes.length && !bridges.length)
    return (
      <Nothing words={say.none}>
        <button type="button" onClick={() => void typeAtSide('host', commands.rx)}>
          {say.make}
        </button>
      </Nothing>
    );
  return (
    <div className="view">
      {switches.map((s) => (
        <section key={`${s.kernel} ${s.name}`}>
          <h2>
            <code>{s.name}</code> {s.kernel !== 'host' && `${say.of} ${s.kernel}`}
          </h2>
          <p className="quiet">{say.locked(s.lock)}</p>
          <div className="scroll-x">
            <Ports s={s} />
          </div>
          <Table s={s} />
          <p className="quiet">{say.broadcast}</p>
          <div className="scroll-x">
            <Leases s={s} />
          </div>
        </section>
      ))}
      {pipes.length > 0 && <Pipes pipes={pipes} />}
      {bridges.map((b) => (
        <Bridge key={b.name} b={b} />
      ))}
    </div>
  );
}
