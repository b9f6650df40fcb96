// Level 3: one slot. Its 16 bytes, where buf_idx points, the buffer's bytes and what they say, the buffer's life. The guest's
// addresses stand at the left edge, the host's at the right.
import { useEffect, useMemo, useRef } from 'react';
import type { RingRef, SlotView } from '../../lab/protocol';
import { slotPlaces } from '../../lab/sample';
import { ArrowLeft, ArrowRight, X } from '../icons';
import { namesOf } from '../ring/names';
import { ownerOf, runsOf } from '../ring/ownership';
import { useLook } from '../ring/useLook';
import { leave as out } from '../machine/level';
import { page, usePage } from '../store';
import { showWord } from '../travel';
import { charOf, hexOf, type Layer, layerAt, layersOf, rowsOf } from './cells';
import { Dissection, signOf } from './Dissection';
import { Life } from './Life';
import { light } from './light';
import { Memory } from './Memory';
import { flagsText, places } from './slot_text';
import { slotWords as say } from './slot_words';
import { SlotTwin } from './SlotTwin';
import { useSlot } from './useSlot';

const HEADER = 256;
const SLOT = 16;
const NO_LAYERS: Layer[] = [];

/** A row with its two addresses at the edges. */
function Row({ view, offset, children }: { view: SlotView; offset: number; children: React.ReactNode }) {
  const at = places(view, offset);
  return (
    <div className="slot-row">
      {at.guest ? <code className="slot-edge own-guest">{at.guest}</code> : <span className="slot-edge-none" />}
      <div className="slot-middle">{children}</div>
      <code className="slot-edge own-host">{at.host}</code>
    </div>
  );
}

/** The four words of struct netmap_slot and their bytes. */
const WORDS = ['buf_idx', 'len', 'flags', 'ptr'] as const;
const wordAt = (byte: number): (typeof WORDS)[number] => (byte < 4 ? 'buf_idx' : byte < 6 ? 'len' : byte < 8 ? 'flags' : 'ptr');

function Words({ ring, view, cls }: { ring: RingRef; view: SlotView; cls: string }) {
  const addr = slotPlaces(ring, view.slot);
  const value = { buf_idx: view.bufIdx, len: view.len, flags: flagsText(view), ptr: view.ptr };
  const open = { buf_idx: [addr.buf, 4], len: [addr.len, 2], flags: [addr.flags, 2], ptr: [addr.buf + 8, 4] } as const;
  return (
    <>
      <div className="slot-cells" data-class={cls} data-user={ring.user}>
        {view.bytes.map((b, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a byte is its place
          <code key={i} data-word={wordAt(i)} data-zero={b === 0 || undefined}>
            {hexOf(b)}
          </code>
        ))}
      </div>
      <div className="slot-names">
        {WORDS.map((w) => (
          <button
            type="button"
            key={w}
            data-word={w}
            data-addr={open[w][0]}
            data-bytes={open[w][1]}
            data-title={`slot[${view.slot}].${w}`}
            aria-label={`${w} ${value[w]}. ${say.open_word}`}
            onClick={() => showWord(open[w][0], open[w][1])}
          >
            {w} <b>{value[w]}</b>
          </button>
        ))}
      </div>
    </>
  );
}

function Bytes({ view, layers }: { view: SlotView; layers: readonly Layer[] }) {
  const { buffer, packet } = view;
  if (!buffer) return null;
  const from = packet?.from ?? 0;
  return rowsOf(buffer.bytes).map((row) => {
    const cells = row.bytes.map((byte, i) => ({ at: from + row.at + i, byte }));
    return (
      <Row key={row.at} view={view} offset={buffer.offset + row.at}>
        <div className="slot-dump" aria-hidden="true">
          <div className="slot-hex">
            {cells.map(({ at, byte }) => {
              const layer = packet ? layerAt(layers, at) : -1;
              return (
                <code key={at} data-at={at} data-sign={layer < 0 ? undefined : signOf(layer)}>
                  {hexOf(byte)}
                </code>
              );
            })}
          </div>
          <div className="slot-ascii">
            {cells.map(({ at, byte }) => (
              <code key={at} data-at={at}>
                {charOf(byte)}
              </code>
            ))}
          </div>
        </div>
      </Row>
    );
  });
}

function Packet({ view }: { view: SlotView }) {
  const p = view.packet;
  if (!p) return null;
  return (
    <>
      {p.slots.length > 1 && (
        <p className="slot-parts">
          {say.partOf} <b className="mono">{p.slots.join(', ')}</b>, {say.joined}; {say.thisSlot} <b className="mono">{p.from}</b>.
        </p>
      )}
      {p.open && <p className="slot-parts">{say.open}</p>}
      {p.header > 0 && (
        <p className="slot-parts">
          <b className="mono">{p.header}</b> {say.header}.
        </p>
      )}
    </>
  );
}

export function Slot({ ring, slot }: { ring: RingRef; slot: number }) {
  const view = useSlot(ring, slot);
  const look = useLook(ring);
  const twin = usePage((v) => v.twin);
  const box = useRef<HTMLDivElement>(null);
  const packet = view?.packet;
  const layers = useMemo(() => (packet ? layersOf(packet) : NO_LAYERS), [packet]);
  useEffect(() => box.current?.focus({ preventScroll: true }), []);
  const to = (by: number) => {
    // what had the focus goes while the next slot is read
    if (!box.current?.querySelector('header')?.contains(document.activeElement)) box.current?.focus({ preventScroll: true });
    page.set({ slot: (((slot + by) % ring.slots) + ring.slots) % ring.slots });
  };
  const leave = () => {
    out();
    requestAnimationFrame(() => document.querySelector<HTMLElement>('.ring-box canvas')?.focus());
  };
  const keys = (e: React.KeyboardEvent) => {
    if (e.key === 'Escape') {
      e.preventDefault();
      e.stopPropagation();
      leave();
      return;
    }
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -16, PageDown: 16 }[e.key];
    if (by === undefined || e.altKey || e.ctrlKey || e.metaKey) return;
    e.preventDefault();
    e.stopPropagation();
    to(by);
  };
  const lit = (e: React.SyntheticEvent) => {
    if (box.current) light(box.current, e.target, layers);
  };
  const dark = () => {
    if (box.current) light(box.current, document.activeElement, layers);
  };
  const cls = look ? ownerOf(runsOf(look.sample), slot, ring.slots) : undefined;
  return (
    <section
      ref={box}
      className="slot"
      tabIndex={-1}
      aria-label={`${say.slot} ${slot} ${say.of} ${ring.title}`}
      data-slot={slot}
      onKeyDown={keys}
      onPointerOver={lit}
      onPointerLeave={dark}
      onFocus={lit}
      onBlur={dark}
    >
      <header className="slot-head">
        <button type="button" className="icon" aria-label={say.previous} onClick={() => to(-1)}>
          <ArrowLeft />
        </button>
        <h2 aria-live="polite">
          {say.slot} {slot} {view?.buffer && <span className="quiet">› {`${say.buffer} ${view.bufIdx}`}</span>}
        </h2>
        <button type="button" className="icon" aria-label={say.next} onClick={() => to(1)}>
          <ArrowRight />
        </button>
        {view && (
          <span className="badge" title={view.exact ? undefined : say.sampledGloss}>
            {view.exact ? say.exact : say.sampled}
          </span>
        )}
        {view && !view.exact && <span className="quiet slot-gloss">{say.sampledGloss}</span>}
        <span className="grow" />
        {cls && <span className={cls === 'user' ? `own-${ring.user}` : 'own-host'}>{namesOf(ring)[cls]}</span>}
        <button type="button" className="icon" aria-label={say.leave} title={say.leave} onClick={leave}>
          <X />
        </button>
      </header>
      {!view ? (
        <p className="quiet">{view === null ? say.none : say.looking}</p>
      ) : twin ? (
        <SlotTwin ring={ring} view={view} layers={layers} />
      ) : (
        <>
          <div className="slot-row slot-sides">
            <b className="own-guest">{view.region.guest ? say.guestSees : ''}</b>
            <b className="own-shared">{view.region.guest ? say.same : say.hostOnly}</b>
            <b className="own-host">{say.hostSees}</b>
          </div>
          <Row view={view} offset={view.region.ring + HEADER + slot * SLOT}>
            <Words ring={ring} view={view} cls={cls ?? ''} />
          </Row>
          <div className="slot-inner">
            <Memory view={view} title={`${ring.dir} ring`} />
            {view.wrong && (
              <p className="slot-wrong" role="status">
                {view.wrong}
              </p>
            )}
          </div>
          {view.buffer && (
            <div className="slot-inner slot-title">
              <h3>
                {say.buffer} {view.bufIdx}
              </h3>
              <span className="quiet">
                {view.region.bufSize} {say.bytes}, {view.buffer.bytes.length} {say.used}
              </span>
            </div>
          )}
          <Bytes view={view} layers={layers} />
          <div className="slot-inner">
            {view.buffer && !view.buffer.bytes.length && <p className="quiet">{say.empty}</p>}
            <Packet view={view} />
          </div>
          {packet && layers.length > 0 && <Dissection packet={packet} layers={layers} />}
          {view.buffer && <Life buf={view.bufIdx} ring={ring.id} />}
        </>
      )}
    </section>
  );
}
