// Two histories side by side, in place of the ring: where they part, what comes next in each, and the state that differs.
import { useEffect, useRef, useState } from 'react';
import type { Comparison } from '../lab/protocol';
import { askPast } from './call';
import { count } from './format';
import { X } from './icons';
import { page, useLab, usePage } from './store';
import { goTo, toBranch } from './travel';
import { say } from './words';

const AFTER: readonly number[] = [1, 10, 100, 1000, Number.MAX_SAFE_INTEGER];

function Head({ side, at, fork }: { side: Comparison['here']; at: 'here' | 'there'; fork: number }) {
  return (
    <section className={`history history-${at}`}>
      <h3>{side.name}</h3>
      <p className="quiet">{at === 'here' ? say.compare.here : say.compare.there}</p>
      <p>
        {say.compare.next}: <b>{side.next || say.compare.nothing}</b>
      </p>
      <p className="quiet num">
        {say.compare.at} {count(side.step)}
      </p>
      <button
        type="button"
        onClick={() => {
          page.set({ comparing: -1 });
          void (at === 'here' ? goTo(fork) : toBranch(side.id).then((ok) => (ok ? goTo(fork) : undefined)));
        }}
      >
        {at === 'here' ? say.compare.goHere : say.compare.goThere}
      </button>
    </section>
  );
}

export function Compare() {
  const id = usePage((v) => v.comparing);
  const at = useLab((v) => (v.state ? `${v.state.history.id} ${v.state.end} ${v.state.branches.length}` : ''));
  const [after, setAfter] = useState(1);
  const [found, setFound] = useState<Comparison | null>();
  useEffect(() => {
    if (!at) return;
    let live = true;
    void askPast((api) => api.compare(id, after)).then((c) => {
      if (live) setFound(c ?? null);
    });
    return () => {
      live = false;
    };
  }, [id, after, at]);
  const title = useRef<HTMLHeadingElement>(null);
  // The button that opened this went away with its list: reading begins here, and goes on at the ring.
  useEffect(() => {
    const heading = title.current,
      stage = heading?.closest<HTMLElement>('.stage');
    heading?.focus();
    return () => {
      if (document.activeElement === document.body || stage?.contains(document.activeElement)) stage?.focus();
    };
  }, []);
  const close = () => page.set({ comparing: -1 });
  return (
    <div className="compare">
      <header className="stage-head">
        <h2 ref={title} tabIndex={-1}>
          {say.compare.title}
        </h2>
        <label>
          {say.compare.look}{' '}
          <select value={after} onChange={(e) => setAfter(Number(e.target.value))}>
            {AFTER.map((n) => (
              <option key={n} value={n}>
                {n > 1000 ? say.compare.ends : `${count(n)} ${n === 1 ? say.compare.oneStep : say.compare.steps}`}
              </option>
            ))}
          </select>
        </label>
        <span className="grow" />
        <button type="button" className="icon" aria-label={say.compare.close} title={`${say.compare.close} (Esc)`} onClick={close}>
          <X />
        </button>
      </header>
      {found === undefined && <p className="quiet pad">{say.compare.working}</p>}
      {found === null && <p className="quiet pad">{say.compare.gone}</p>}
      {found && (
        <div className="stage-scroll" tabIndex={0} role="group" aria-label={say.compare.title}>
          <p>
            {say.compare.parted} <b className="num">{count(found.fork)}</b>.
          </p>
          <div className="histories">
            <Head side={found.here} at="here" fork={found.fork} />
            <Head side={found.there} at="there" fork={found.fork} />
          </div>
          {found.rows.length ? (
            <table className="grid differs">
              <caption className="hidden">{say.compare.differs}</caption>
              <thead>
                <tr>
                  <th scope="col">{say.compare.what}</th>
                  <th scope="col">{found.here.name}</th>
                  <th scope="col">{found.there.name}</th>
                </tr>
              </thead>
              <tbody>
                {found.rows.map((r) => (
                  <tr key={`${r.where} ${r.name}`}>
                    <th scope="row" className={`own-${r.owner}`}>
                      {r.name} <small>{r.where}</small>
                    </th>
                    <td>{r.here}</td>
                    <td>{r.there}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          ) : (
            <p className="quiet">{say.compare.same}</p>
          )}
        </div>
      )}
    </div>
  );
}
