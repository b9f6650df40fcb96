// A virtqueue as both sides have it: the guest's words above, what lies between, the host's below; the chains on their way; descriptors.
import { useState } from 'react';
import type { PanelViews } from '../../lab/protocol';
import { count, hex } from '../format';
import { page } from '../store';
import { showMemory } from './memory_at';
import { NothingYet } from './Nothing';
import { usePanel } from './usePanel';
import { useTouch, WordTable } from './Words';
import { viewWords } from './view_words';

const say = viewWords.virtq;
type Queue = NonNullable<PanelViews['virtq']['view']['queue']>;
type Desc = Queue['table'][number];
const TABLE = 16;

function Descs({ descs, caption, hidden = false }: { descs: readonly Desc[]; caption: string; hidden?: boolean }) {
  return (
    <div className="scroll-x">
      <table className="plain descs">
        <caption className={hidden ? 'hidden' : ''}>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{say.index}</th>
            <th scope="col">{say.addr}</th>
            <th scope="col">{say.len}</th>
            <th scope="col">{say.flags}</th>
            <th scope="col">{say.next}</th>
          </tr>
        </thead>
        <tbody>
          {descs.map((d) => (
            <tr key={d.index}>
              <th scope="row" className="num">
                {d.index}
              </th>
              <td className="num">
                <button type="button" className="word-link num" title={viewWords.inMemory} onClick={() => showMemory(d.addr, 'guest')}>
                  0x{d.addr.toString(16)}
                </button>
              </td>
              <td className="num">{count(d.len)}</td>
              <td>{d.flags || viewWords.none}</td>
              <td className="num">{d.next}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Chains({ q }: { q: Queue }) {
  const words = { available: say.available, taken: say.taken, used: say.used };
  return (
    <section>
      <h2>{say.chains}</h2>
      {q.chains.length === 0 && <p className="quiet">{say.noChains}</p>}
      {q.chains.map((c) => (
        <details key={`${c.state} ${c.head}`} className={`chain chain-${c.state}`}>
          <summary>
            {say.chain} <b className="num">{c.head}</b>: {words[c.state]}, {count(c.descs.reduce((n, d) => n + d.len, 0))} {say.bytes}
            {c.state === 'used' && `, ${count(c.len)} ${say.wroteBytes}`}
            {c.wrong && <b className="wrong">; {c.wrong}</b>}
          </summary>
          <Descs descs={c.descs} caption={`${say.chain} ${c.head}`} hidden />
        </details>
      ))}
    </section>
  );
}

export function Virtqueues() {
  const [queue, setQueue] = useState('');
  const [first, setFirst] = useState(0);
  const seen = usePanel('virtq', { queue, first });
  const q = seen?.view.queue;
  const touch = useTouch(seen, () => (q ? [...q.driver, ...q.ring, ...q.device] : []));
  if (!seen) return <p className="quiet pad">{viewWords.looking}</p>;
  if (!q) return <NothingYet words={say.none} />;
  const counts = (['available', 'taken', 'used', 'free'] as const).map((k) => [say[k], q.counts[k]] as const);
  return (
    <div className="view">
      <div className="view-tools">
        <select
          aria-label={say.queue}
          value={q.id}
          onChange={(e) => {
            setQueue(e.target.value);
            setFirst(0);
          }}
        >
          {seen.view.queues.map((x) => (
            <option key={x.id} value={x.id}>
              {x.title}
            </option>
          ))}
        </select>
      </div>
      {q.passthrough && (
        <div className="view-note">
          <p>{say.passthrough}</p>
          <button type="button" onClick={() => page.set({ panel: 'krings' })}>
            {say.compare}
          </button>
        </div>
      )}
      {q.wrong && <p className="view-note">{q.wrong}</p>}
      <table className="plain">
        <caption>{say.counts}</caption>
        <tbody>
          {counts.map(([name, n]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className="num">{count(n)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {q.driver.some((w) => w.value) ? (
        <WordTable words={q.driver} caption={say.driver} touch={touch} />
      ) : (
        <p className="quiet">{say.noDriver}</p>
      )}
      {q.ring.length > 0 && (
        <>
          <WordTable words={q.ring} caption={`${say.between}, ${say.at} ${hex(q.guestAddress)}`} touch={touch} />
          <button type="button" onClick={() => showMemory(q.guestAddress, 'guest')}>
            {viewWords.inMemory}
          </button>
        </>
      )}
      <WordTable words={q.device} caption={say.device} touch={touch} />
      <Chains q={q} />
      {q.table.length > 0 && (
        <>
          <Descs descs={q.table} caption={`${say.table} ${q.first}–${q.first + q.table.length - 1} ${viewWords.sw.of} ${count(q.size)}`} />
          <div className="mem-pages">
            <button type="button" disabled={q.first === 0} onClick={() => setFirst(Math.max(0, q.first - TABLE))}>
              {say.earlier}
            </button>
            <button type="button" disabled={q.first + TABLE >= q.size} onClick={() => setFirst(q.first + TABLE)}>
              {say.later}
            </button>
          </div>
        </>
      )}
    </div>
  );
}
