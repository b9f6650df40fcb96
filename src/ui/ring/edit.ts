// A hand that is being moved, while the machine stands: where it would be written, and the write, which is a step of the recording.
import type { RingRef } from '../../lab/protocol';
import { indexPlaces } from '../../lab/sample';
import { repaint } from '../frames';
import { guess, isAsked } from '../predict/predict';
import { enter } from '../machine/level';
import { look } from '../samples';
import { createStore, lab, page } from '../store';
import { order } from '../travel';
import type { Movable } from './legal';
import { lensFirst } from './lens';
import { ringShown } from './useRing';

export interface Edit {
  ring: string;
  hand: Movable;
  /** The slot before whose edge it would stand; a number outside of the ring may be written too. */
  at: number;
  /** By the pointer, under which the picture must not move. */
  dragged?: true;
}
export const edit = createStore<{ now: Edit | null }>({ now: null });
edit.subscribe(repaint);

/** The slot on which the keyboard's cursor is, -1: none. */
export const cursor = createStore<{ slot: number }>({ slot: -1 });
cursor.subscribe(repaint);

export const mayEdit = (): boolean => lab.get().state?.run === 'stopped';

export function take(ring: RingRef, hand: Movable, at: number, dragged = false): void {
  if (mayEdit()) edit.set({ now: { ring: ring.id, hand, at, ...(dragged ? { dragged } : {}) } });
}
/** The same from anywhere on the page: its ring comes into sight, and its field has the focus. */
export async function takeOf(hand: Movable): Promise<void> {
  const ring = ringShown();
  if (!ring || !mayEdit()) return;
  page.set({ twin: false, phone: 'ring' });
  enter('ring', ring.id);
  // a page without the machine's memory is posted the ring once it is shown
  for (let frames = 0; frames < 120; frames++) {
    // the palette that this was chosen from has given the focus back by then
    await new Promise((next) => requestAnimationFrame(next));
    const now = look(ring, lensFirst, true, performance.now());
    if (now) return take(ring, hand, now.sample[hand]);
  }
}
export function move(n: number, by: number): void {
  const { now } = edit.get();
  if (now) edit.set({ now: { ...now, at: (((now.at + by) % n) + n) % n } });
}
export function put(at: number): void {
  const { now } = edit.get();
  if (now && now.at !== at) edit.set({ now: { ...now, at } });
}
export const leave = (): void => edit.set({ now: null });

/** Writes the word; in the past that begins a branch. */
export async function write(ring: RingRef): Promise<void> {
  const { now } = edit.get();
  leave();
  const addr = now && indexPlaces(ring).program[now.hand];
  if (now && addr && isAsked(addr)) guess(now.at);
  else if (now && addr) await order(`edit 0x${addr.toString(16)} ${now.at}`);
}
