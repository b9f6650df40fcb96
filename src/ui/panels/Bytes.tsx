// Some bytes as a still table, sixteen a row (eight on a phone): of a configuration space, of a packet.
import { viewWords as say } from './view_words';

const two = (n: number) => n.toString(16).padStart(2, '0');
const printable = (n: number) => (n >= 32 && n < 127 ? String.fromCharCode(n) : '.');
const KEYS = Array.from({ length: 16 }, (_, i) => i.toString(16));

export interface ByteMark {
  owner?: 'guest' | 'host' | 'shared' | undefined;
  first?: boolean;
  lit?: boolean;
}
export function Bytes({ bytes, caption, mark }: { bytes: readonly number[]; caption: string; mark?: (i: number) => ByteMark }) {
  const width = document.documentElement.clientWidth < 720 ? 8 : 16;
  const rows = Array.from({ length: Math.ceil(bytes.length / width) }, (_, r) => ({
    at: r * width,
    bytes: bytes.slice(r * width, (r + 1) * width),
  }));
  return (
    <table className={`bytes ${width === 8 ? 'bytes-8' : ''}`}>
      <caption>{caption}</caption>
      <thead>
        <tr>
          <td />
          {KEYS.slice(0, width).map((k) => (
            <th key={k} scope="col">
              {k}
            </th>
          ))}
          <td className="as-text" />
        </tr>
      </thead>
      <tbody>
        {rows.map((r) => (
          <tr key={r.at}>
            <th scope="row">{two(r.at)}</th>
            {KEYS.slice(0, width).map((k, x) => {
              const b = r.bytes[x];
              if (b === undefined) return <td key={k} aria-label={say.none} />;
              const m = mark?.(r.at + x);
              return (
                <td key={k} className={`byte ${m?.first ? 'first' : ''} ${m?.lit ? 'lit' : ''}`} data-owner={m?.owner}>
                  {two(b)}
                </td>
              );
            })}
            <td className="as-text" aria-hidden="true">
              {r.bytes.map(printable).join('')}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
