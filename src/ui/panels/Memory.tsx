// Memory as bytes: a window of it with its addresses, each byte with its field, and the map of the guest's physical memory.
import { useEffect, useRef, useState } from 'react';
import type { PanelViews } from '../../lab/protocol';
import { ask } from '../call';
import { hex } from '../format';
import { useLab, useStore } from '../store';
import { showWord } from '../travel';
import { HexGrid, type Mark, pieceAt } from './HexGrid';
import { MemoryMap } from './MemoryMap';
import { type MemoryAt, memoryAt, type Space } from './memory_at';
import { memoryWords as say } from './memory_words';
import { useBefore, usePanel } from './usePanel';

type View = PanelViews['memory']['view'];
type Piece = View['pieces'][number];
const SPACES: readonly Space[] = ['guest', 'program', 'host'];
const ROWS = 16;
const GROUPS = Object.keys(say.groups) as (keyof typeof say.groups)[];

const PHONE = '(max-width: 719px)';
function usePhone(): boolean {
  const [phone, setPhone] = useState(() => matchMedia(PHONE).matches);
  useEffect(() => {
    const list = matchMedia(PHONE),
      on = () => setPhone(list.matches);
    list.addEventListener('change', on);
    return () => list.removeEventListener('change', on);
  }, []);
  return phone;
}

export const go = (from: MemoryAt['from']): void => memoryAt.set({ from, before: 0, follow: false, map: false });

/** An address or a field's name, as it is typed. */
function GoTo({ space, view }: { space: Space; view: View }) {
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState('');
  const find = async () => {
    const what = text.trim();
    if (!what) return;
    setWrong('');
    if (/^0x[0-9a-f]+$|^\d+$/i.test(what)) return go({ space, addr: Number(what) });
    const at = await ask((api) => api.address(what));
    if (at) go({ space: 'host', addr: at.addr });
    else setWrong(say.unknown(what));
  };
  return (
    <>
      <form
        className="mem-go"
        onSubmit={(e) => {
          e.preventDefault();
          void find();
        }}
      >
        <label>
          <span className="hidden">{say.go}</span>
          <input type="text" className="mono" placeholder={say.goHint} value={text} onChange={(e) => setText(e.target.value)} />
        </label>
        <button type="submit">{say.goDo}</button>
        <select
          aria-label={say.objects}
          value=""
          onChange={(e) => {
            if (e.target.value) go({ space: 'host', addr: Number(e.target.value) });
          }}
        >
          <option value="">{say.objects}</option>
          {GROUPS.map((g) => {
            const of = view.objects.filter((o) => o.group === g);
            return of.length ? (
              <optgroup key={g} label={say.groups[g]}>
                {of.map((o) => (
                  <option key={`${o.title} ${o.addr}`} value={o.addr}>
                    {o.title}
                  </option>
                ))}
              </optgroup>
            ) : null;
          })}
        </select>
      </form>
      {wrong && <p role="alert">{wrong}</p>}
    </>
  );
}

function Tools({ at, view }: { at: MemoryAt; view: View }) {
  const shown = view.vm ? at.show : 'host';
  return (
    <div className="mem-tools">
      <fieldset className="segments">
        <legend className="hidden">{say.spaces}</legend>
        {SPACES.map((s) => (
          <label key={s} className={shown === s ? 'on' : ''} title={say.spaceGloss[s]}>
            <input
              type="radio"
              name="mem-space"
              checked={shown === s}
              disabled={s !== 'host' && !view.vm}
              onChange={() => memoryAt.set({ show: s, from: { space: view.space, addr: view.addr }, before: 0 })}
            />
            {say.space[s]}
          </label>
        ))}
      </fieldset>
      {view.vms.length > 1 && (
        <select aria-label={say.vm} value={view.vm} onChange={(e) => memoryAt.set({ vm: e.target.value })}>
          {view.vms.map((v) => (
            <option key={v}>{v}</option>
          ))}
        </select>
      )}
      <label className="check">
        <input type="checkbox" checked={at.follow} onChange={(e) => memoryAt.set({ follow: e.target.checked, map: false })} />
        {say.follow}
      </label>
      {view.vm && (
        <button type="button" aria-pressed={at.map} onClick={() => memoryAt.set({ map: !at.map })}>
          {say.map}
        </button>
      )}
    </div>
  );
}

/** What the byte in focus is. */
function Detail({
  piece,
  byte,
  host,
  marks,
}: {
  piece: Piece | undefined;
  byte: number | undefined;
  host: number;
  marks: readonly Mark[];
}) {
  return (
    <div className="mem-detail">
      <p>
        <b className={piece ? `own-${piece.owner} mono` : 'mono'}>{piece?.name || (piece ? say.padding : say.noObject)}</b>
        {piece?.value !== undefined && (
          <>
            {' = '}
            <b className="num">{piece.value}</b> <span className="quiet num">{hex(piece.value)}</span>
          </>
        )}
      </p>
      {piece && (
        <p>
          {piece.object}
          {piece.note && `: ${piece.note}`}
        </p>
      )}
      <p className="quiet">
        {piece && `${say.owner[piece.owner]}, ${say.byteOf(Math.max(0, host - piece.addr) + 1, piece.size)}`}
        {byte !== undefined && piece ? ', ' : ''}
        {byte !== undefined && <span className="num">{hex(byte)}</span>}
        {marks.map((m) => (
          <span key={m.words}>, {m.words}</span>
        ))}
      </p>
      {host >= 0 && (
        <button type="button" onClick={() => showWord(host - (host % 4))}>
          {say.who}
        </button>
      )}
    </div>
  );
}

export function Memory() {
  const at = useStore(memoryAt, (v) => v);
  const state = useLab((v) => v.state);
  const phone = usePhone();
  const width = phone ? 8 : 16;
  const stopped = state?.run === 'stopped';
  const touched = stopped ? state.touched : undefined;
  const seen = usePanel('memory', { vm: at.vm, show: at.show, from: at.from, before: at.before, rows: ROWS, width });
  const [focus, setFocus] = useState({ row: 0, col: 0 });
  const [hover, setHover] = useState<typeof focus | null>(null);
  const view = seen?.view;
  const latest = useRef(view);
  latest.current = view;
  // the focus goes to the address that was asked for, once its window is there
  const arrived = view ? `${view.from.space} ${view.from.addr} ${view.vm}` : '';
  useEffect(() => {
    if (arrived && latest.current) setFocus(latest.current.focus);
  }, [arrived]);
  // following, the window stays while the word is in it
  const word = at.follow ? touched?.addr : undefined,
    step = state?.step;
  useEffect(() => {
    const rows = latest.current?.rows;
    if (word === undefined || step === undefined || !rows) return;
    const row = rows.findIndex((r) => r.host >= 0 && word >= r.host && word < r.host + width),
      host = rows[row]?.host;
    if (host !== undefined) setFocus({ row, col: word - host });
    else memoryAt.set({ from: { space: 'host', addr: word }, before: 4 });
  }, [word, step, width]);
  const before = useBefore(stopped ? seen : undefined, () => bytesOf(view));
  if (!view) return <p className="quiet pad">{say.looking}</p>;
  if (at.map)
    return (
      <div className="pad">
        <Tools at={at} view={view} />
        <MemoryMap regions={view.map} vm={view.vm} />
      </div>
    );
  const shown = hover ?? focus,
    row = view.rows[Math.min(shown.row, view.rows.length - 1)],
    piece = pieceAt(view, shown.row, shown.col),
    host = row && row.host >= 0 ? row.host + shown.col : -1;
  const markOf = (addr: number, value: number): readonly Mark[] => {
    const marks: Mark[] = [];
    if (touched && addr >= touched.addr && addr < touched.addr + 4) {
      if (touched.kind === 'st' || touched.kind === 'rmw') marks.push({ kind: 'written', words: say.written, side: touched.side });
      else if (touched.kind === 'ld') marks.push({ kind: 'read', words: say.read, side: touched.side });
    }
    const was = before.get(addr);
    if (stopped && was !== undefined && was !== value) marks.push({ kind: 'changed', words: say.changed(hex(was)), side: 'host' });
    return marks;
  };
  const jump = (addr: number, rowsBefore: number) =>
    memoryAt.set({ from: { space: view.space, addr: Math.max(0, addr) }, before: rowsBefore, follow: false });
  const page = (by: number) => jump(view.addr + (by * ROWS + focus.row) * width + focus.col, focus.row);
  return (
    <div className="memory">
      <GoTo space={at.show} view={view} />
      <Tools at={at} view={view} />
      {view.fault >= 0 && (
        <p className="mem-fault" role="status">
          {say.fault(hex(view.fault))}{' '}
          <button type="button" onClick={() => memoryAt.set({ map: true })}>
            {say.showMap}
          </button>
        </p>
      )}
      {at.show !== view.space && view.vm && <p className="quiet">{say.fell}</p>}
      <HexGrid
        view={view}
        width={width}
        focus={focus}
        setFocus={setFocus}
        hover={hover}
        setHover={setHover}
        jump={jump}
        markOf={markOf}
        phone={phone}
      />
      <div className="mem-pages">
        <button type="button" onClick={() => page(-1)} disabled={view.addr === 0}>
          {say.earlier}
        </button>
        <button type="button" onClick={() => page(1)}>
          {say.later}
        </button>
        {!stopped && <span className="badge">{say.sampled}</span>}
      </div>
      <Detail piece={piece} byte={row?.bytes[shown.col]} host={host} marks={host >= 0 ? markOf(host, row?.bytes[shown.col] ?? 0) : []} />
    </div>
  );
}

const bytesOf = (view: View | undefined): Map<number, number> => {
  const out = new Map<number, number>();
  for (const r of view?.rows ?? []) for (const [i, b] of r.bytes.entries()) out.set(r.host + i, b);
  return out;
};
