// netmap's memory: each allocator's three pools as a picture and in words, who holds what, and the sum of the buffers.
import { useState } from 'react';
import type { PanelViews } from '../../lab/protocol';
import { count, hex, sized } from '../format';
import { commands } from '../words';
import { typeAtSide } from '../term/type_at';
import { Nothing } from './Nothing';
import { usePanel } from './usePanel';
import { viewWords } from './view_words';

const say = viewWords.mem;
type Allocator = PanelViews['allocators']['view'][number];
type Pool = Allocator['pools'][number];
const COLUMNS = 64;

const whose = (a: Allocator, h: number): string =>
  h >= 0 ? (a.holders[h]?.name ?? '') : h === -1 ? say.freeOnes : h === -2 ? say.itself : say.nowhere;

/** The bitmap: a path for each holder, the free ones as outlines. */
function Picture({ a, pool, lit }: { a: Allocator; pool: Pool; lit: number | null }) {
  const rows = Math.ceil(pool.cells.length / COLUMNS);
  const paths = new Map<number, string>();
  pool.cells.forEach((h, i) => {
    const x = i % COLUMNS,
      y = Math.floor(i / COLUMNS);
    paths.set(h, `${paths.get(h) ?? ''}M${x + 0.08} ${y + 0.08}h.84v.84h-.84z`);
  });
  const wide = Math.min(COLUMNS, pool.cells.length);
  return (
    <svg
      className="bitmap"
      viewBox={`0 0 ${COLUMNS} ${rows}`}
      role="img"
      aria-label={`${say.picture} ${pool.name}: ${inWords(a, pool).slice(0, 3).join('; ')}`}
      data-few={wide < COLUMNS || undefined}
    >
      {[...paths].map(([h, d]) => (
        <path
          key={h}
          d={d}
          className={`cell ${h >= 0 ? `cell-${a.holders[h]?.owner ?? 'host'}` : h === -1 ? 'cell-free' : h === -2 ? 'cell-own' : 'cell-nowhere'} ${lit === null || lit === h ? '' : 'dim'}`}
        />
      ))}
    </svg>
  );
}
const inWords = (a: Allocator, pool: Pool): string[] =>
  pool.runs.map((r) => `${r.from === r.to ? count(r.from) : `${count(r.from)} to ${count(r.to)}`}: ${whose(a, r.holder)}`);

function Sum({ a }: { a: Allocator }) {
  const { sum } = a,
    parts = [
      [say.freeOnes, sum.free],
      [say.reserved, sum.reserved],
      [say.slots, sum.slots],
      [say.extra, sum.extra],
      [say.lost, sum.nowhere],
    ] as const,
    all = parts.reduce((n, [, x]) => n + x, 0),
    right = all === sum.total && !sum.twice && !sum.wild;
  return (
    <table className="plain">
      <caption>{say.sum}</caption>
      <tbody>
        {parts.map(([name, n]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td className="num right">{count(n)}</td>
          </tr>
        ))}
        <tr className={right ? 'total' : 'total wrong'}>
          <th scope="row">
            {right ? say.adds : say.wrong}
            {sum.twice > 0 && <small>{say.twice(sum.twice)}</small>}
            {sum.wild > 0 && <small>{say.wild(sum.wild)}</small>}
          </th>
          <td className="num right">
            {count(all)} / {count(sum.total)}
          </td>
        </tr>
      </tbody>
    </table>
  );
}

function One({ a }: { a: Allocator }) {
  const [lit, light] = useState<number | null>(null);
  return (
    <section className="allocator">
      <h2>
        {say.title(a.id, a.title)} {a.kernel !== 'host' && `${say.kernel} ${a.kernel}`}
      </h2>
      <p className="quiet">
        {say.at} <code>{hex(a.base)}</code>, {sized(a.total)}, {say.refs(a.refs)}
        {a.exposed && `, ${say.exposed}`}
      </p>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{say.pool}</th>
            <th scope="col" className="right">
              {say.total}
            </th>
            <th scope="col" className="right">
              {say.free}
            </th>
            <th scope="col" className="right">
              {say.size}
            </th>
          </tr>
        </thead>
        <tbody>
          {a.pools.map((p) => (
            <tr key={p.name}>
              <th scope="row">{p.name}</th>
              <td className="num right">{count(p.objtotal)}</td>
              <td className="num right">{count(p.objfree)}</td>
              <td className="num right">{count(p.objsize)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {a.holders.length > 0 && (
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{say.holder}</th>
              <th scope="col" className="right">
                {say.ifs}
              </th>
              <th scope="col" className="right">
                {say.rings}
              </th>
              <th scope="col" className="right">
                {say.bufs}
              </th>
            </tr>
          </thead>
          <tbody>
            {a.holders.map((h, i) => (
              <tr key={h.name} data-owner={h.owner}>
                <th scope="row">
                  <button
                    type="button"
                    className="word-link"
                    title={say.light}
                    aria-pressed={lit === i}
                    onClick={() => light(lit === i ? null : i)}
                  >
                    <code>{h.name}</code>
                  </button>
                </th>
                <td className="num right">{h.ifs}</td>
                <td className="num right">{h.rings}</td>
                <td className="num right">{count(h.bufs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {a.pools.map((p) => (
        <figure key={p.name}>
          <figcaption>
            <b>{p.name}</b> <span className="quiet">{say.each(p.each)}</span>
          </figcaption>
          <Picture a={a} pool={p} lit={lit} />
        </figure>
      ))}
      <details>
        <summary>{say.inWords}</summary>
        {a.pools.map((p) => (
          <p key={p.name}>
            <b>{p.name}</b> {inWords(a, p).join('; ')}
            {p.more > 0 && ` ${viewWords.more(p.more)}`}
          </p>
        ))}
      </details>
      <Sum a={a} />
    </section>
  );
}

export function Allocators() {
  const seen = usePanel('allocators', {});
  if (!seen) return <p className="quiet pad">{viewWords.looking}</p>;
  if (!seen.view.length)
    return (
      <Nothing words={say.none}>
        <button type="button" onClick={() => void typeAtSide('host', commands.rx)}>
          {viewWords.sw.make}
        </button>
      </Nothing>
    );
  return (
    <div className="view">
      {seen.view.map((a) => (
        <One key={`${a.kernel} ${a.id}`} a={a} />
      ))}
    </div>
  );
}
