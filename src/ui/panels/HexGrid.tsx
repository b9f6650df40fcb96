// The bytes as a grid: addresses at the left, one cell a byte, arrows to move, Enter to ask who wrote the word. The table is its own text.
import { useEffect, useRef } from 'react';
import type { PanelViews } from '../../lab/protocol';
import { showWord } from '../travel';
import { memoryWords as say } from './memory_words';

type View = PanelViews['memory']['view'];
export interface Mark {
  kind: 'written' | 'read' | 'changed';
  words: string;
  side: 'guest' | 'host';
}
interface Cell {
  row: number;
  col: number;
}
interface Props {
  view: View;
  width: number;
  focus: Cell;
  setFocus: (c: Cell) => void;
  hover: Cell | null;
  setHover: (c: Cell | null) => void;
  /** Another window: to an address, with so many rows before it. */
  jump: (addr: number, before: number) => void;
  markOf: (addr: number, value: number) => readonly Mark[];
  phone: boolean;
}

const two = (n: number) => n.toString(16).padStart(2, '0');
const long = (n: number) => (n < 0 ? say.none : n.toString(16).padStart(8, '0'));
const printable = (n: number) => (n >= 32 && n < 127 ? String.fromCharCode(n) : '.');
const COLUMNS = ['guest', 'program', 'host'] as const;
/** The piece at a byte of the window. */
export const pieceAt = (view: View, row: number, col: number) =>
  view.pieces.find((p) => p.row === row && col >= p.at && col < p.at + p.bytes);

export function HexGrid({ view, width, focus, setFocus, hover, setHover, jump, markOf, phone }: Props) {
  const table = useRef<HTMLDivElement>(null);
  const rows = view.rows.length,
    at = { row: Math.min(focus.row, rows - 1), col: Math.min(focus.col, width - 1) };
  // who is in the grid goes with its focus, also when another window comes
  useEffect(() => {
    const grid = table.current,
      cell = grid?.querySelector<HTMLElement>(`[data-cell="${at.row} ${at.col}"]`);
    if (cell && grid?.contains(document.activeElement) && document.activeElement !== cell) cell.focus();
  }, [at.row, at.col]);
  const move = (row: number, col: number) => {
    if (row >= 0 && row < rows) return setFocus({ row, col });
    const page = Math.abs(row - at.row) >= rows;
    jump(view.addr + row * width + col, page ? at.row : row < 0 ? 0 : rows - 1);
  };
  const target = (e: React.KeyboardEvent, row: number, col: number): Cell | 'who' | undefined => {
    switch (e.key) {
      case 'ArrowLeft':
        return col ? { row, col: col - 1 } : { row: row - 1, col: width - 1 };
      case 'ArrowRight':
        return col < width - 1 ? { row, col: col + 1 } : { row: row + 1, col: 0 };
      case 'ArrowUp':
        return { row: row - 1, col };
      case 'ArrowDown':
        return { row: row + 1, col };
      case 'PageUp':
        return { row: row - rows, col };
      case 'PageDown':
        return { row: row + rows, col };
      case 'Home':
        return { row: e.ctrlKey ? 0 : row, col: 0 };
      case 'End':
        return { row: e.ctrlKey ? rows - 1 : row, col: width - 1 };
      case 'Enter':
        return 'who';
      default:
        return undefined;
    }
  };
  const keys = (e: React.KeyboardEvent) => {
    const to = target(e, at.row, at.col);
    if (!to || e.altKey || e.metaKey) return;
    e.preventDefault();
    e.stopPropagation();
    if (to !== 'who') return move(to.row, to.col);
    const host = view.rows[at.row]?.host ?? -1;
    if (host >= 0) showWord(host + at.col - (at.col % 4));
  };
  const lit = pieceAt(view, hover?.row ?? at.row, hover?.col ?? at.col);
  const main = view.space;
  return (
    <div className="mem-scroll">
      <div
        ref={table}
        role="grid"
        tabIndex={-1}
        className={`hex ${phone ? 'hex-8' : ''}`}
        aria-label={say.grid}
        onKeyDown={keys}
        onPointerLeave={() => setHover(null)}
      >
        <div role="row" tabIndex={-1} className="hex-head">
          {COLUMNS.map((c) => (
            <span key={c} role="columnheader" tabIndex={-1} className={`addr addr-${c} ${c === main ? 'main' : ''}`}>
              {say.short[c]}
            </span>
          ))}
          {COLUMN_KEYS.slice(0, width).map((k) => (
            <span key={k} role="columnheader" tabIndex={-1} className="at">
              {k}
            </span>
          ))}
          <span role="columnheader" tabIndex={-1} className="as-text">
            {say.text}
          </span>
        </div>
        {view.rows.map((r, y) => (
          <div key={ROW_KEYS[y]} role="row" tabIndex={-1}>
            {COLUMNS.map((c) => (
              <span
                key={c}
                role={c === main ? 'rowheader' : 'gridcell'}
                tabIndex={-1}
                className={`addr addr-${c} ${c === main ? 'main' : ''}`}
              >
                {long(r[c])}
              </span>
            ))}
            {r.bytes.length ? (
              r.bytes.map((b, x) => {
                const p = pieceAt(view, y, x),
                  addr = r.host + x,
                  marks = markOf(addr, b),
                  name = p ? p.name || `${p.object}, ${say.padding}` : r.what || say.noObject,
                  here = y === at.row && x === at.col;
                return (
                  <span
                    key={COLUMN_KEYS[x]}
                    role="gridcell"
                    data-cell={`${y} ${x}`}
                    data-owner={p?.owner}
                    className={[
                      'byte',
                      p?.name && p.addr === addr ? 'first' : '',
                      p && !p.name ? 'pad-byte' : '',
                      lit?.name && p && p.addr === lit.addr && p.name === lit.name ? 'lit' : '',
                      here ? 'here' : '',
                      ...marks.map((m) => (m.kind === 'changed' ? 'mark-changed' : `mark-${m.kind} own-${m.side}`)),
                    ].join(' ')}
                    tabIndex={here ? 0 : -1}
                    aria-label={[two(b), name, ...marks.map((m) => m.words)].join(', ')}
                    onFocus={() => setFocus({ row: y, col: x })}
                    onPointerEnter={(e) => {
                      if (e.pointerType === 'mouse') setHover({ row: y, col: x });
                    }}
                  >
                    {two(b)}
                  </span>
                );
              })
            ) : (
              <span
                role="gridcell"
                aria-colspan={width}
                data-cell={`${y} ${at.row === y ? at.col : 0}`}
                className="no-bytes"
                tabIndex={y === at.row ? 0 : -1}
                onFocus={() => setFocus({ row: y, col: at.col })}
              >
                {r.what || say.unmapped}
              </span>
            )}
            <span className="as-text" aria-hidden="true">
              {r.bytes.map(printable).join('')}
            </span>
          </div>
        ))}
      </div>
    </div>
  );
}
const ROW_KEYS = Array.from({ length: 64 }, (_, i) => `r${i}`);
const COLUMN_KEYS = Array.from({ length: 16 }, (_, i) => i.toString(16));
