// Where buf_idx points: the three pools of the ring's memory, the ring, the buffers near the one that is named, and the sum.
import type { SlotView } from '../../lab/protocol';
import { hex } from '../format';
import { slotWords as say } from './slot_words';

const TILES = 9;

/** The buffers that are drawn: from 0 while the named one is near, else around it. */
export function tilesOf(bufIdx: number, buffers: number): number[] {
  const first = Math.max(0, Math.min(bufIdx - (TILES - 3), buffers - TILES));
  return Array.from({ length: Math.min(TILES, buffers) }, (_, i) => first + i);
}

export function Memory({ view, title }: { view: SlotView; title: string }) {
  const { region: r, bufIdx, buffer } = view;
  const tiles = tilesOf(buffer ? bufIdx : 0, r.buffers);
  const at = tiles.indexOf(bufIdx);
  return (
    <section className="slot-memory">
      <h3>
        <span className="own-shared">
          {say.memory} · {say.allocator} {r.id}
        </span>
        <span className="quiet">{say.scale}</span>
      </h3>
      <div className="slot-pools">
        {r.pools.map((p) => (
          <div key={p.name} className="slot-pool" data-pool={p.name}>
            <span className="slot-pool-name">{say.pools[p.name] ?? p.name}</span>
            {p.name === 'netmap_ring' && <span className="slot-ring">{title}</span>}
            {p.name === 'netmap_buf' && (
              <span className="slot-tiles">
                {tiles.map((t) => (
                  <span key={t} className="slot-tile" data-reserved={t < 2 || undefined} data-named={(buffer && t === bufIdx) || undefined}>
                    {t}
                  </span>
                ))}
              </span>
            )}
            <code className="slot-pool-at">{hex(p.offset)}</code>
          </div>
        ))}
        {buffer && at >= 0 && <span className="slot-arrow" style={{ '--tile': at, '--tiles': tiles.length } as React.CSSProperties} />}
      </div>
      <p className="slot-sum mono">
        {hex(r.ring)} <span className="quiet">{say.ringPlus}</span> {hex(r.bufOfs)} <span className="quiet">{say.bufOfsPlus}</span>{' '}
        <b>
          {bufIdx} × {r.bufSize}
        </b>{' '}
        {buffer && (
          <>
            = <b className="own-shared">{hex(buffer.offset)}</b>
          </>
        )}
      </p>
    </section>
  );
}
