// Level 1: the machine as a picture. Ports as tabs, one band a port, and the same in words.
import { useLayoutEffect, useRef, useState } from 'react';
import type { PicturePort } from '../../lab/protocol';
import { typeBoot } from '../link';
import { embedded } from '../show/mode';
import { page, usePage } from '../store';
import { typeAtSide } from '../term/type_at';
import { showWord } from '../travel';
import { Drawn, Glyph } from './Drawn';
import { layOut } from './layout';
import { enter } from './level';
import { machineTwin } from './machine_twin';
import { machineWords as words } from './machine_words';
import type { Shown } from './parts';
import type { Act } from './scene';
import { otherPath } from './ports';
import { sameTraffic } from './same_traffic';
import { useShown } from './useMachine';

function useRoom(): [React.RefObject<HTMLDivElement | null>, number, number] {
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ w: 0, h: 0 });
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => setSize({ w: element.clientWidth, h: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);
  return [box, size.w, size.h];
}

function Tabs({ s }: { s: Shown }) {
  const paths = usePage((v) => v.paths),
    [first] = s.ports;
  if (!first || s.view.ports.length < 2) return null;
  const many = new Set(s.view.ports.flatMap((p) => p.vm || [])).size > 1,
    other = otherPath(s.view, first);
  return (
    <div className="m-ports" role="group" aria-label={words.ports}>
      <div className="m-port-list">
        {s.view.ports.map((p) => (
          <button
            key={p.id}
            type="button"
            aria-pressed={s.ports.includes(p)}
            className="m-port"
            onClick={() => page.set({ port: p.id, paths: false })}
            title={p.path === 'passthrough' ? words.passthrough : words.copying}
          >
            <Glyph name={p.path === 'passthrough' ? 'one-tile' : 'two-tiles'} />
            <span className="mono">{many && p.vm ? `${p.vm} ${words.portName(p)}` : words.portName(p)}</span>
            <span className="hidden">{p.path === 'passthrough' ? words.passthrough : words.copying}</span>
          </button>
        ))}
      </div>
      {other && (
        <button type="button" aria-pressed={paths} title={words.compareHint} onClick={() => page.set({ paths: !paths })}>
          {words.compare}
        </button>
      )}
      {other && paths && (
        <button type="button" title={words.sameHint} onClick={() => void sameTraffic(s.ports)}>
          {words.same}
        </button>
      )}
    </div>
  );
}

/** What a packet costs on each of the two paths. */
function Figures({ p }: { p: PicturePort }) {
  const n = p.counts.tx + p.counts.rx,
    c = p.counts,
    f = words.figures;
  const rows: [string, string][] = [
    [words.share(c.ferried + c.switched, n), f.copies],
    [words.share(c.systemCalls, n), f.calls],
    [words.share(c.kernelExits, n), f.kernel],
    [words.share(c.bhyveExits, n), f.user],
    [words.share(c.interrupts, n), f.interrupts],
  ];
  return (
    <section className="m-figures" aria-label={words.portName(p)}>
      <p>
        <Glyph name={p.path === 'passthrough' ? 'one-tile' : 'two-tiles'} />
        <b>{words[p.path]}</b> <code>{p.backend}</code>{' '}
        <span className="quiet">{p.path === 'passthrough' ? words.passthroughIs : words.copyingIs}</span>
      </p>
      {!p.open && <p className="quiet">{words.closed}</p>}
      <dl hidden={!p.open}>
        {rows.map(([value, name]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="mono">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function MachineInWords({ s }: { s: Shown }) {
  const twin = machineTwin(s);
  return (
    <div className="twin m-twin" data-twin="machine">
      <h2>{words.twinTitle}</h2>
      {twin.sentences.map((line) => (
        <p key={line} className="prose">
          {line}
        </p>
      ))}
      {twin.rows.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">{words.twin.place}</th>
              <th scope="col">{words.twin.side}</th>
              <th scope="col">{words.twin.what}</th>
            </tr>
          </thead>
          <tbody>
            {twin.rows.map((r) => (
              <tr key={`${r.place} ${r.what}`}>
                <td>{r.place}</td>
                <td>{r.side}</td>
                <td className="mono">{r.what}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function act(a: Act, at: Element): void {
  switch (a.t) {
    case 'ring':
      enter('ring', a.ring, undefined, at);
      return;
    case 'csb':
      enter('ring', undefined, undefined, at);
      page.set({ panel: 'csb' });
      return;
    case 'thread':
      page.set({ thread: a.thread, panel: 'threads', drawer: true });
      return;
    case 'word':
      showWord(a.addr);
      return;
    case 'type':
      void typeAtSide(a.side, a.line);
      return;
    case 'boot':
      void typeBoot();
      return;
    case 'port':
      page.set({ port: a.port });
  }
}

/** How the figures were got. */
function MachineFacts({ s }: { s: Shown }) {
  return <span className="badge">{s.running ? (s.view.modelled ? words.modelled : words.measured) : words.exact}</span>;
}

/** The whole level: its head, made by the stage, with the ports in it; what stands before the picture; the picture or its words. */
export function Machine({
  head,
  before,
}: {
  head(ports: React.ReactNode, facts: React.ReactNode): React.ReactNode;
  before?: React.ReactNode;
}) {
  const s = useShown();
  const twin = usePage((v) => v.twin);
  const [box, width, height] = useRoom();
  const scene = s && width > 0 ? layOut(s, width, Math.max(240, embedded ? 0 : height)) : undefined;
  const paths = usePage((v) => v.paths);
  return (
    <>
      {head(s && <Tabs s={s} />, s && s.ports.length > 0 && <MachineFacts s={s} />)}
      <div className="stage-scroll m-scroll" {...(twin ? { tabIndex: 0, role: 'group', 'aria-label': words.picture } : {})}>
        {before}
        <div className="m-room" ref={box}>
          {s && twin ? (
            <MachineInWords s={s} />
          ) : (
            s &&
            scene && (
              <>
                <Drawn scene={scene} label={words.picture} describedBy="machine-words" onAct={act} />
                <p id="machine-words" className="hidden">
                  {machineTwin(s).sentences.join(' ')}
                </p>
                {paths && s.ports.length > 1 && s.ports.map((p) => <Figures key={p.id} p={p} />)}
              </>
            )
          )}
        </div>
      </div>
    </>
  );
}
