// The guest's physical memory from 0 to 4 GiB: what is where, and what is nowhere.
import type { PanelViews } from '../../lab/protocol';
import { hex, sized } from '../format';
import { memoryAt } from './memory_at';
import { memoryWords as say } from './memory_words';

type Region = PanelViews['memory']['view']['map'][number];

export function MemoryMap({ regions, vm }: { regions: readonly Region[]; vm: string }) {
  return (
    <table className="grid mem-map">
      <caption>
        {say.region}: {vm}
      </caption>
      <thead>
        <tr>
          <th scope="col">{say.from}</th>
          <th scope="col">{say.size}</th>
          <th scope="col">{say.what}</th>
        </tr>
      </thead>
      <tbody>
        {regions.map((r) => (
          <tr key={`${r.from} ${r.kind}`} className={`region-${r.kind}`}>
            <th scope="row">
              <button
                type="button"
                className="word-link"
                onClick={() =>
                  memoryAt.set({ show: 'guest', from: { space: 'guest', addr: r.from }, before: 0, map: false, follow: false })
                }
                aria-label={`${say.goTo}: ${hex(r.from)}`}
              >
                <code>{hex(r.from)}</code>
              </button>
            </th>
            <td className="num">{sized(r.to - r.from)}</td>
            <td className="words">
              <b>{say.regions[r.kind]}</b> {r.what && <>· {r.what}</>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
