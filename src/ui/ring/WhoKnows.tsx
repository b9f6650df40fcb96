// The same index in the four places that hold it, guest at the left, host at the right; what is older than its source is dashed.
import type { LabState, RingRef, RingSample } from '../../lab/protocol';
import { type IndexPlaces, indexPlaces } from '../../lab/sample';
import { useLit } from '../guide/light';
import { useLab } from '../store';
import { showWord } from '../travel';
import { say } from '../words';
import { distance } from './ownership';
import { useLook, useWatch } from './useLook';

interface Cell {
  name: string;
  value: number;
}
interface Row {
  index: string;
  owner: 'guest' | 'host';
  cells: (Cell | null)[];
}

function rowsOf(s: RingSample): Row[] {
  const has = (v: number, name: string): Cell | null => (v < 0 ? null : { name, value: v });
  return [
    {
      index: 'head',
      owner: 'guest',
      cells: [has(s.head, 'head'), has(s.guest.rhead, 'rhead'), has(s.csb.head, 'head'), has(s.rhead, 'rhead')],
    },
    { index: 'cur', owner: 'guest', cells: [has(s.cur, 'cur'), has(s.guest.rcur, 'rcur'), has(s.csb.cur, 'cur'), has(s.rcur, 'rcur')] },
    { index: 'hwcur', owner: 'host', cells: [null, has(s.guest.hwcur, 'nr_hwcur'), has(s.csb.hwcur, 'hwcur'), has(s.hwcur, 'nr_hwcur')] },
    {
      index: 'hwtail',
      owner: 'host',
      cells: [has(s.tail, 'tail'), has(s.guest.hwtail, 'nr_hwtail'), has(s.csb.hwtail, 'hwtail'), has(s.hwtail, 'nr_hwtail')],
    },
  ];
}

/** The CSB's word that the last step touched, if it is of this ring. */
function touchedWord(state: LabState | null, ring: RingRef): { name: string; store: boolean; side: string } | null {
  const t = state?.touched;
  if (!t || state.run !== 'stopped' || !ring.csbRing || t.addr < ring.csbRing || t.addr >= ring.csbRing + 64) return null;
  const field = state.csbs.flatMap((c) => c.fields).find((f) => f.addr === t.addr);
  return field ? { name: field.name.split('.').at(-1) ?? '', store: t.kind === 'st' || t.kind === 'rmw', side: t.side } : null;
}

/** A row that a word in prose lights. */
function LitRow({ index, children }: { index: string; children: React.ReactNode }) {
  return <tr className={useLit(index) ? 'lit' : undefined}>{children}</tr>;
}

export function WhoKnows({ ring }: { ring: RingRef }) {
  useWatch(ring);
  const now = useLook(ring);
  const state = useLab((v) => v.state);
  if (!now) return <p className="quiet">{say.ring.noSample}</p>;
  const where = indexPlaces(ring);
  const s = now.sample,
    touched = touchedWord(state, ring);
  const passthrough = s.csb.head >= 0 || s.guest.hwcur >= 0;
  const places = [
    { key: 'program', words: say.know.program, side: ring.user, at: 0 },
    ...(passthrough
      ? [
          { key: 'kernel', words: say.know.guestKernel, side: 'guest', at: 1 },
          { key: 'csb', words: say.know.csb, side: 'shared', at: 2 },
        ]
      : []),
    { key: 'host', words: say.know.hostKernel, side: 'host', at: 3 },
  ];
  return (
    <table className="know">
      <caption>
        <b>{say.know.title}</b> <span>{say.know.gloss}</span>
      </caption>
      <thead>
        <tr>
          <th scope="col">
            <span className="hidden">{say.know.index}</span>
          </th>
          {places.map((p) => (
            <th key={p.key} scope="col" className={`own-${p.side}`}>
              {p.words}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rowsOf(s).map((row) => {
          const source = row.owner === 'guest' ? row.cells[0]?.value : row.cells[3]?.value;
          return (
            <LitRow key={row.index} index={row.index}>
              <th scope="row" className={`own-${row.owner}`}>
                {row.index}
                <small>{row.owner === 'guest' ? say.know.right : say.know.left}</small>
              </th>
              {places.map((p) => {
                const cell = row.cells[p.at];
                if (!cell)
                  return (
                    <td key={p.key} className="know-none">
                      {say.know.none}
                    </td>
                  );
                const late = source === undefined ? 0 : distance(source, cell.value, s.n);
                const mark = p.key === 'csb' && touched?.name === cell.name ? (touched.store ? 'written' : 'read') : '';
                const note = mark ? say.know[mark as 'written' | 'read'] : late ? `${late} ${say.know.behind}` : '';
                return (
                  <td
                    key={p.key}
                    className={`know-cell ${late ? `late own-${p.side === 'shared' ? row.owner : p.side}` : ''} ${mark ? `mark-${mark} own-${touched?.side}` : ''}`}
                  >
                    <button
                      type="button"
                      className="word-link"
                      data-addr={where[p.key as keyof IndexPlaces][cell.name]}
                      data-title={cell.name}
                      title={say.word.open}
                      aria-label={`${p.words}: ${cell.name} ${cell.value}${note ? `, ${note}` : ''}`}
                      onClick={() => showWord(where[p.key as keyof IndexPlaces][cell.name] ?? 0)}
                    >
                      <span className="know-name">{cell.name}</span> <b>{cell.value}</b>{' '}
                      <span className={`know-note ${mark ? '' : 'know-late'}`}>{note}</span>
                      {late > 0 && !mark && (
                        <span className="know-short" aria-hidden="true">
                          −{late}
                        </span>
                      )}
                    </button>
                  </td>
                );
              })}
            </LitRow>
          );
        })}
      </tbody>
    </table>
  );
}
