// The ledger: what each port's packets have cost, in total, a second and a packet. Ports of both paths stand one below the
// other with the same rows, and a zero is shown: it is the result.
import type { PictureCounts, PicturePort } from '../../lab/protocol';
import { count, perPacket } from '../format';
import { useView } from '../machine/useMachine';
import { NothingYet } from './Nothing';
import { ledgerWords as say } from './ledger_words';

type Row = keyof typeof say.rows;
/** Guest's first, then vmm.ko's and bhyve's, then the host's. */
const ROWS: readonly (readonly [Row, 'guest' | 'host' | 'shared', (c: PictureCounts) => number])[] = [
  ['packets', 'shared', (c) => c.tx + c.rx],
  ['guestSyncs', 'guest', (c) => c.guestSyncs],
  ['kicks', 'guest', (c) => c.kicks],
  ['suppressed', 'guest', (c) => c.suppressed],
  ['kernelExits', 'shared', (c) => c.kernelExits],
  ['bhyveExits', 'host', (c) => c.bhyveExits],
  ['otherExits', 'host', (c) => c.otherExits],
  ['interrupts', 'host', (c) => c.interrupts],
  ['hostSyncs', 'host', (c) => c.hostSyncs],
  ['ferried', 'host', (c) => c.ferried],
  ['switched', 'host', (c) => c.switched],
  ['systemCalls', 'host', (c) => c.systemCalls],
];

/** The counts of a port a second, between two looks; undefined: nothing has gone by. */
type Speed = ((f: (c: PictureCounts) => number) => number | undefined) | undefined;

function Port({ port, speed, mark }: { port: PicturePort; speed: Speed; mark: string }) {
  const packets = port.counts.tx + port.counts.rx;
  return (
    <table className="plain ledger">
      <caption>
        <code>{port.name || port.backend}</code> {port.name && <code>{port.backend}</code>}{' '}
        <b>{port.path === 'passthrough' ? say.passthrough : say.copying}</b> <span className="badge">{mark}</span>
      </caption>
      <thead>
        <tr>
          <th scope="col">{say.what}</th>
          <th scope="col" className="right">
            {say.total}
          </th>
          <th scope="col" className="right">
            {say.second}
          </th>
          <th scope="col" className="right">
            {say.packet}
          </th>
        </tr>
      </thead>
      <tbody>
        {ROWS.map(([name, owner, of]) => {
          const n = of(port.counts),
            s = speed?.(of);
          return (
            <tr key={name} data-owner={owner}>
              <th scope="row">{say.rows[name]}</th>
              <td className="num right">{count(n)}</td>
              <td className="num right">{s === undefined ? '–' : count(Math.round(s))}</td>
              <td className="num right">{name === 'packets' ? '' : perPacket(n, packets)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** What packets bring about: other exits are the console's and PCI's, of the whole VM. */
const BY_PACKETS = ROWS.filter(([name]) => name !== 'otherExits');

/** What a packet costs by each path, side by side: the ports of one VM that carry both. */
function Paths({ passed, copied }: { passed: PicturePort; copied: PicturePort }) {
  const both = [passed, copied];
  return (
    <table className="plain ledger ledger-paths">
      <caption>
        <b>{say.costs}</b>
      </caption>
      <thead>
        <tr>
          <th scope="col">{say.what}</th>
          {both.map((p) => (
            <th key={p.id} scope="col" className="right">
              {say[p.path]} <code>{p.backend}</code>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {BY_PACKETS.map(([name, owner, of]) => (
          <tr key={name} data-owner={owner}>
            <th scope="row">{name === 'packets' ? say.packetsInAll : say.rows[name]}</th>
            {both.map((p) => (
              <td key={p.id} className="num right">
                {name === 'packets' ? count(of(p.counts)) : perPacket(of(p.counts), p.counts.tx + p.counts.rx)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Ledger() {
  const { view, before } = useView();
  const open = view?.ports.filter((p) => p.vm !== '' && p.open) ?? [];
  if (!view) return null;
  if (!open.length) return <NothingYet words={say.none} />;
  const passed = open.find((p) => p.path === 'passthrough'),
    copied = open.find((p) => p.path === 'copying' && p.vm === passed?.vm);
  return (
    <div className="pad views">
      {passed && copied && <Paths passed={passed} copied={copied} />}
      {open.map((p) => {
        const was = before?.ports.find((x) => x.id === p.id),
          ns = was && before ? view.clockNs - before.clockNs : 0,
          speed: Speed = was && ns > 0 ? (of) => ((of(p.counts) - of(was.counts)) / ns) * 1e9 : undefined;
        return <Port key={p.id} port={p} speed={speed} mark={view.modelled ? say.modelled : say.measured} />;
      })}
      <p className="quiet">{say.about}</p>
    </div>
  );
}
