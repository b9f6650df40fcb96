// Where the camera is: the breadcrumb at the stage's head, and the three cells of "you are here", each a way there.
import type { RingRef } from '../../lab/protocol';
import { useRing, useRings } from '../ring/useRing';
import { type Level, page, usePage } from '../store';
import { say } from '../words';
import { enter } from './level';
import { machineWords as words } from './machine_words';

const LEVELS: readonly Level[] = ['machine', 'ring', 'slot'];

export function chooserOf(ring: RingRef, rings: RingRef[]): React.ReactNode {
  return (
    <label className="chooser">
      <span className="hidden">{say.ring.choose}</span>
      <select value={ring.id} onChange={(e) => page.set({ ring: e.target.value })}>
        {rings.map((r) => (
          <option key={r.id} value={r.id}>
            {r.title} · {r.slots} slots{r.title.includes(r.port) ? '' : ` · ${r.port}`}
          </option>
        ))}
      </select>
    </label>
  );
}

export function Crumbs() {
  const level = usePage((v) => v.level);
  const slot = usePage((v) => v.slot);
  const rings = useRings();
  const ring = useRing();
  return (
    <nav className="crumbs" aria-label={words.path}>
      <ol>
        <li>
          {level === 'machine' || !ring ? (
            <b aria-current="page">{words.levels.machine}</b>
          ) : (
            <button type="button" onClick={() => enter('machine')}>
              {words.levels.machine}
            </button>
          )}
        </li>
        {ring && level === 'ring' && <li>{chooserOf(ring, rings)}</li>}
        {ring && level === 'slot' && (
          <>
            <li>
              <button type="button" onClick={() => enter('ring')}>
                {ring.title}
              </button>
            </li>
            <li>
              <b aria-current="page">
                {words.levels.slot} {Math.min(slot, ring.slots - 1)}
              </b>
            </li>
          </>
        )}
      </ol>
    </nav>
  );
}

const CELLS: Record<Level, React.ReactNode> = {
  machine: (
    <>
      <rect className="m-guest" x="2" y="5" width="8" height="14" rx="1" />
      <rect className="m-shared" x="12" y="5" width="14" height="14" rx="1" />
      <rect className="m-host" x="28" y="5" width="8" height="14" rx="1" />
    </>
  ),
  ring: (
    <>
      <rect className="m-shared" x="2" y="5" width="34" height="14" rx="1" />
      <path d="M8 12h22" strokeWidth="4" />
    </>
  ),
  slot: (
    <>
      <rect className="m-shared" x="9" y="5" width="20" height="14" rx="1" />
      <path d="M13 10h12M13 14h8" />
    </>
  ),
};

export function YouAreHere() {
  const level = usePage((v) => v.level);
  const ring = useRing();
  return (
    <div className="here" role="group" aria-label={words.here}>
      {LEVELS.map((l) => (
        <button
          key={l}
          type="button"
          className="here-cell"
          aria-label={words.cells[l]}
          title={words.cells[l]}
          aria-pressed={(ring ? level : 'machine') === l}
          disabled={!ring && l !== 'machine'}
          onClick={() => enter(l)}
        >
          <svg viewBox="0 0 38 24" width="38" height="24" aria-hidden="true">
            {CELLS[l]}
          </svg>
        </button>
      ))}
    </div>
  );
}
