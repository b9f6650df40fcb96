// A VM's PCI bus: the functions as a tree, and of the chosen one its BARs, capabilities, vectors, features and configuration space.
import { useState } from 'react';
import type { PanelViews } from '../../lab/protocol';
import { hex, sized } from '../format';
import { Bytes } from './Bytes';
import { showMemory } from './memory_at';
import { Nothing, NothingYet } from './Nothing';
import { usePanel } from './usePanel';
import { useTouch, WordTable } from './Words';
import { viewWords } from './view_words';

const say = viewWords.pci;
type Fn = PanelViews['pci']['view']['vms'][number]['functions'][number];
const id4 = (n: number) => n.toString(16).padStart(4, '0');

function Bars({ f }: { f: Fn }) {
  if (!f.bars.length) return <p className="quiet">{say.noBars}</p>;
  return (
    <table className="plain">
      <caption>{say.bars}</caption>
      <thead>
        <tr>
          <th scope="col">{say.bar}</th>
          <th scope="col">{say.at}</th>
          <th scope="col">{say.size}</th>
        </tr>
      </thead>
      <tbody>
        {f.bars.map((b) => (
          <tr key={b.n}>
            <th scope="row">
              {b.n} {say[b.type]}
            </th>
            <td className="num">
              {b.type === 'mem32' ? (
                <button type="button" className="word-link num" title={viewWords.inMemory} onClick={() => showMemory(b.addr, 'guest')}>
                  {hex(b.addr)}
                </button>
              ) : (
                hex(b.addr)
              )}
              <small>{b.maps}</small>
            </td>
            <td className="num">{sized(b.size)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Caps({ f }: { f: Fn }) {
  return f.caps.length ? (
    <table className="plain">
      <caption>{say.caps}</caption>
      <tbody>
        {f.caps.map((c) => (
          <tr key={c.at}>
            <th scope="row" className="num">
              {hex(c.at)}
            </th>
            <td>
              {c.name}
              <small>{c.says}</small>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  ) : (
    <p className="quiet">{say.noCaps}</p>
  );
}

function Msix({ f }: { f: Fn }) {
  if (!f.msix.length) return null;
  return (
    <table className="plain">
      <caption>{say.msix}</caption>
      <thead>
        <tr>
          <th scope="col">{say.vector}</th>
          <th scope="col">{say.address}</th>
          <th scope="col">{say.data}</th>
        </tr>
      </thead>
      <tbody>
        {f.msix.map((v) => (
          <tr key={v.vector}>
            <th scope="row" className="num">
              {v.vector}
            </th>
            <td className="num">
              {hex(v.addr)}
              <small>{[v.use, v.masked ? say.masked : ''].filter(Boolean).join(', ')}</small>
            </td>
            <td className="num">{hex(v.data)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Features({ f }: { f: Fn }) {
  if (!f.features.length) return null;
  return (
    <table className="plain">
      <caption>{say.features}</caption>
      <thead>
        <tr>
          <th scope="col">{say.bit}</th>
          <th scope="col">{viewWords.name}</th>
          <th scope="col">{say.offered}</th>
          <th scope="col">{say.negotiated}</th>
        </tr>
      </thead>
      <tbody>
        {f.features.map((x) => (
          <tr key={x.bit}>
            <td className="num">{x.bit}</td>
            <th scope="row">{x.name || hex(2 ** x.bit)}</th>
            <td>{x.offered ? viewWords.yes : viewWords.no}</td>
            <td>{x.negotiated ? viewWords.yes : viewWords.no}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function PciBus() {
  const seen = usePanel('pci', {});
  const [chosen, choose] = useState('');
  const vms = seen?.view.vms ?? [];
  const all = vms.flatMap((v) => v.functions),
    f = all.find((x) => x.id === chosen) ?? all.find((x) => x.emul === 'virtio-net') ?? all[0];
  const touch = useTouch(seen, () => [...(f?.own ?? []), ...(f?.registers ?? [])]);
  if (!seen) return <p className="quiet pad">{viewWords.looking}</p>;
  if (!vms.length) return <NothingYet words={viewWords.noVm} />;
  if (!f) return <Nothing words={say.noBars} />;
  const register = (i: number) => f.registers.find((r) => i >= r.addr - f.addr && i < r.addr - f.addr + r.bytes);
  return (
    <div className="view">
      {vms.map((vm) => (
        <section key={vm.name} aria-label={`${say.functions}: ${vm.name}`}>
          <h2>{vm.name}</h2>
          <ul className="bus">
            {vm.functions.map((x) => (
              <li key={x.id}>
                <button type="button" className="bus-fn" aria-pressed={x.id === f.id} onClick={() => choose(x.id)}>
                  <span className="num">{x.where}</span>
                  <span>
                    {x.emul}
                    {x.conf && <small>{x.conf}</small>}
                  </span>
                  <span className="num">
                    {id4(x.vendor)}:{id4(x.device)}
                    <small>{x.driver || say.noDriver}</small>
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
      <h2>
        {f.emul} {f.where}
      </h2>
      <Bars f={f} />
      <Features f={f} />
      <Msix f={f} />
      <Caps f={f} />
      {f.own.length > 0 && <WordTable words={f.own} caption={say.own} touch={touch} />}
      <p className="quiet">{say.emulated}</p>
      <div className="scroll-x">
        <Bytes
          bytes={f.config}
          caption={say.config}
          mark={(i) => {
            const r = register(i);
            return r ? { owner: r.owner, first: r.addr - f.addr === i } : {};
          }}
        />
      </div>
      <button type="button" onClick={() => showMemory(f.addr)}>
        {viewWords.inMemory}
      </button>
      <WordTable words={f.registers} caption={say.registers} touch={touch} />
    </div>
  );
}
