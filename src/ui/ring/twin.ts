// The ring in words, from the same values as the picture: for the toggle, for screen readers and for tests. Pure.
import type { RingRef, RingSample } from '../../lab/protocol';
import { slotRun } from '../format';
import { say } from '../words';
import { namesOf } from './names';
import { distance, inOrder, type Owning, ownerOf, runsOf } from './ownership';

const capital = (s: string): string => s.charAt(0).toUpperCase() + s.slice(1);
const ORDER: readonly Owning[] = ['user', 'sending', 'handed', 'done', 'flight', 'kept'];

export function hands(s: RingSample): string {
  return `head ${s.head}, cur ${s.cur}, tail ${s.tail}; host: rhead ${s.rhead}, hwcur ${s.hwcur}, hwtail ${s.hwtail}.`;
}

export function behind(s: RingSample, user: 'guest' | 'host'): string[] {
  const host = distance(s.head, s.rhead, s.n),
    guest = distance(s.hwtail, s.tail, s.n);
  const [who, other] = user === 'guest' ? ['Guest', 'Host'] : ['The program', 'The kernel'];
  return [host ? `${other} is ${host} behind on head.` : '', guest ? `${who} is ${guest} behind on hwtail.` : ''].filter(Boolean);
}

export function twinText(ref: RingRef, s: RingSample): string {
  const title = `${ref.title}, ${s.n} slots.`;
  if (!inOrder(s)) return `${title} ${say.ring.between} ${hands(s)}`;
  const names = namesOf(ref),
    runs = runsOf(s);
  const lines = ORDER.flatMap((cls) => {
    const run = runs.find((r) => r.cls === cls);
    if (!run) return cls === 'user' || cls === 'flight' ? [`${capital(names[cls])}${cls === 'user' ? ' 0' : ': 0'}.`] : [];
    const where = slotRun(run.from, run.length, s.n),
      word = run.length === 1 ? 'slot' : 'slots';
    if (cls === 'kept') return [`${capital(names.kept)}: ${word} ${where}.`];
    return cls === 'user'
      ? [`${capital(names.user)} ${run.length}: ${word} ${where}.`]
      : [`${capital(names[cls])}: ${run.length}, ${word} ${where}.`];
  });
  return [title, ...lines, hands(s), ...behind(s, ref.user)].join(' ');
}

/** One slot of the window in a sentence, for the keyboard's cursor. */
export function slotSentence(ref: RingRef, s: RingSample, slot: number): string {
  const cls = ownerOf(runsOf(s), slot, s.n),
    words = s.slots[(slot - s.first + s.n) % s.n];
  return `Slot ${slot}${cls ? `, ${namesOf(ref)[cls]}` : ''}${words ? `, buf_idx ${words.bufIdx}, len ${words.len}, flags ${words.flags}` : ''}.`;
}
