// The packet's fields, a group for each protocol; a field's focus or the pointer on it lights its bytes.
import type { SlotPacket } from '../../lab/protocol';
import type { Layer } from './cells';
import { slotWords as say } from './slot_words';

/** Lines under the bytes: a sign for each layer, by its place. */
export const signOf = (i: number): number => Math.min(i, 3);

function move(e: React.KeyboardEvent<HTMLElement>): void {
  const by = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[e.key];
  if (by === undefined) return;
  const all = [...e.currentTarget.querySelectorAll<HTMLElement>('[data-field]')],
    now = all.indexOf(document.activeElement as HTMLElement),
    to = all[Math.max(0, Math.min(all.length - 1, now + by))];
  if (!to) return;
  e.preventDefault();
  e.stopPropagation();
  for (const x of all) x.tabIndex = x === to ? 0 : -1;
  to.focus();
  to.scrollIntoView({ block: 'nearest' });
}

export function Dissection({ packet, layers }: { packet: SlotPacket; layers: readonly Layer[] }) {
  return (
    <>
      {packet.line && <p className="slot-line mono">{packet.line}</p>}
      <div className="slot-fields" role="listbox" aria-label={say.fields} onKeyDown={move}>
        {layers.map((layer, i) => (
          <div key={`${layer.name} ${layer.from}`} className="slot-layer" role="group" aria-label={`${layer.title} ${layer.note}`}>
            <p className="slot-layer-title" aria-hidden="true">
              <span className="slot-sign" data-sign={signOf(i)} />
              {layer.title} <span className="quiet">{layer.note}</span>
            </p>
            {layer.rows.map((r, k) => (
              <div
                key={r.id}
                className={`slot-field ${r.wrong ? 'broken' : ''}`}
                role="option"
                aria-selected={false}
                tabIndex={i === 0 && k === 0 ? 0 : -1}
                data-field={r.id}
                data-from={r.from}
                data-to={r.to}
                data-depth={Math.min(2, r.depth)}
              >
                <code className="slot-name">{r.name}</code>
                <code className="slot-value" title={r.value}>
                  {r.value}
                </code>
                <span className="slot-note" title={r.note || r.wrong || undefined}>
                  {r.note || r.wrong}
                </span>
              </div>
            ))}
          </div>
        ))}
      </div>
    </>
  );
}
