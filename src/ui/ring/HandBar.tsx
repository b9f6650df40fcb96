// The ring's hands as controls below its picture: the program's at the left, the kernel's at the right. head and cur can be moved
// while the machine stands: by dragging, by keys, or to a number.
import { useEffect, useRef } from 'react';
import type { RingRef, RingSample } from '../../lab/protocol';
import { indexPlaces } from '../../lab/sample';
import { Pencil, X } from '../icons';
import { useLab, useStore } from '../store';
import { showWord } from '../travel';
import { handWords as say } from '../word/word_menu_words';
import { edit, leave, move, put, take, write } from './edit';
import { isLegal, type Movable, rangeOf } from './legal';
import { useLook } from './useLook';

const MOVES: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1, PageDown: -16, PageUp: 16 };

/** The rule in words, for the hand that is moved. */
export function ruleOf(ring: RingRef, s: RingSample, hand: Movable): string {
  const r = rangeOf(ring, s, hand);
  return `${r.prologue} ${say.takes} ${hand} ${say.from} ${r.fromName} ${r.from} ${say.to} ${r.toName} ${r.to}.`;
}

function Moving({ ring, s, hand, at }: { ring: RingRef; s: RingSample; hand: Movable; at: number }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const bar = field.current?.closest('.hand-bar');
    if (!edit.get().now?.dragged) bar?.closest('.ring-box')?.scrollIntoView({ block: 'start' });
    field.current?.focus({ preventScroll: true });
    field.current?.select();
    return () => {
      requestAnimationFrame(() => bar?.querySelector<HTMLElement>(`[data-hand="${hand}"]`)?.focus({ preventScroll: true }));
    };
  }, [hand]);
  const past = useLab((v) => (v.state ? v.state.step < v.state.end : false));
  const good = isLegal(ring, s, hand, at);
  const keys = (e: React.KeyboardEvent) => {
    const by = MOVES[e.key];
    if (by !== undefined) move(s.n, by);
    else if (e.key === 'Escape') leave();
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  return (
    <form
      className="hand-form"
      onKeyDown={keys}
      onSubmit={(e) => {
        e.preventDefault();
        void write(ring);
      }}
    >
      <label>
        <Pencil /> {say.set} <b className="mono">{hand}</b> {say.number}{' '}
        <input
          ref={field}
          className="num"
          inputMode="numeric"
          size={6}
          value={at}
          aria-describedby="hand-rule"
          onChange={(e) => {
            const n = Number(e.target.value);
            if (Number.isInteger(n) && n >= 0 && n <= 0xffffffff) put(n);
          }}
        />
      </label>
      <button type="submit">{say.write}</button>
      <button type="button" onClick={leave}>
        {say.leave}
      </button>
      <span className="quiet">{say.keys}</span>
      <span id="hand-rule" role="status" className={good ? '' : 'hand-bad'}>
        {!good && <X />}
        {good ? say.legal : at >= s.n ? say.outside : ''} {good ? '' : say.illegal} {ruleOf(ring, s, hand)} {past ? say.branch : ''}
      </span>
    </form>
  );
}

export function HandBar({ ring }: { ring: RingRef }) {
  const now = useLook(ring);
  const stopped = useLab((v) => v.state?.run === 'stopped');
  const moved = useStore(edit, (v) => v.now);
  useEffect(() => {
    if (!stopped) leave();
  }, [stopped]);
  if (!now) return null;
  const s = now.sample,
    where = indexPlaces(ring);
  const chip = (name: string, value: number, addr: number, side: 'guest' | 'host', movable?: Movable) => (
    <button
      type="button"
      key={name}
      className={`hand own-${side}`}
      data-addr={addr}
      data-title={name}
      data-hand={movable}
      data-ring={ring.id}
      data-value={value}
      aria-pressed={movable ? moved?.hand === movable && moved.ring === ring.id : undefined}
      title={movable ? (stopped ? say.grip : say.park) : undefined}
      onClick={() => (movable && stopped ? take(ring, movable, value) : showWord(addr))}
      onKeyDown={(e) => {
        const by = MOVES[e.key];
        if (!movable || !stopped || by === undefined || e.key === 'ArrowUp' || e.key === 'ArrowDown') return;
        e.preventDefault();
        e.stopPropagation();
        take(ring, movable, value);
        move(s.n, by);
      }}
    >
      {movable && <span className="hand-grip" aria-hidden="true" />}
      {name} <b className="num">{value}</b>
    </button>
  );
  const { program: p, host: h } = where;
  return (
    <div className="hand-bar" role="group" aria-label={say.title}>
      <span role="group" aria-label={say.guest}>
        {chip('head', s.head, p.head ?? 0, ring.user, 'head')}
        {chip('cur', s.cur, p.cur ?? 0, ring.user, 'cur')}
        {chip('tail', s.tail, p.tail ?? 0, ring.user)}
      </span>
      {moved?.ring === ring.id && stopped ? (
        <Moving key={moved.hand} ring={ring} s={s} hand={moved.hand} at={moved.at} />
      ) : (
        <span className="grow" />
      )}
      <span role="group" aria-label={say.host}>
        {chip('rhead', s.rhead, h.rhead ?? 0, 'host')}
        {chip('hwcur', s.hwcur, h.nr_hwcur ?? 0, 'host')}
        {chip('hwtail', s.hwtail, h.nr_hwtail ?? 0, 'host')}
      </span>
    </div>
  );
}
