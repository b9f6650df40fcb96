// The slot in words: what the picture shows, as sentences and two tables, from the same values.
import type { RingRef, SlotView } from '../../lab/protocol';
import { hex } from '../format';
import { charOf, hexOf, type Layer, rowsOf } from './cells';
import { slotText } from './slot_text';
import { slotWords as say } from './slot_words';

export function SlotTwin({ ring, view, layers }: { ring: RingRef; view: SlotView; layers: readonly Layer[] }) {
  const bytes = view.buffer?.bytes ?? [];
  return (
    <div className="twin slot-twin">
      <p className="prose">{slotText(ring, view)}</p>
      {bytes.length > 0 && (
        <pre className="mono" tabIndex={0} role="group" aria-label={`${say.buffer} ${view.bufIdx}`}>
          {rowsOf(bytes)
            .map((r) => {
              const dump = r.bytes.map(hexOf).join(' ').padEnd(47);
              return `${hex((view.buffer?.offset ?? 0) + r.at)}  ${dump}  ${r.bytes.map(charOf).join('')}`;
            })
            .join('\n')}
        </pre>
      )}
      {layers.length > 0 && (
        <table className="grid">
          <thead>
            <tr>
              {[say.field, say.value, '', say.bytes].map((h) => (
                <th key={h} scope="col">
                  {h}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {layers.flatMap((l) =>
              l.rows.map((r) => (
                <tr key={r.id}>
                  <th scope="row">{r.name}</th>
                  <td className="words">{r.value}</td>
                  <td className="words">{r.note || r.wrong}</td>
                  <td>{r.to > r.from ? `${r.from}–${r.to - 1}` : ''}</td>
                </tr>
              )),
            )}
          </tbody>
        </table>
      )}
    </div>
  );
}
