// The threads in the order of the screen: guest first, then host, each by its block; dead ones are left out.
import type { CsbView, LabState, ThreadView } from '../../lab/protocol';
import { duration } from '../format';
import { say, stateWords } from '../words';

const EMPTY: ThreadView[] = [];

export function shownThreads(state: LabState | null): ThreadView[] {
  if (!state) return EMPTY;
  return state.threads.filter((t) => t.state !== 'dead').sort((a, b) => (a.side === b.side ? a.id - b.id : a.side === 'guest' ? -1 : 1));
}

/** Why a thread cannot go next: on what it waits and since when. A vCPU that is ready and may not go has an interrupt to take. */
export function whyNot(t: ThreadView, clockNs: number): string {
  if (t.state === 'ready') return `${stateWords.ready}: ${say.threads.interrupt}`;
  const on = t.state === 'blocked' ? [t.wmesg, t.wchan].filter(Boolean).join(' ') : (t.wmesg ?? t.wchan ?? '');
  const since = t.sinceNs === undefined ? '' : `, ${say.threads.since} ${duration(Math.max(0, clockNs - t.sinceNs))}`;
  return `${stateWords[t.state]}${on ? ` ${say.threads.on} ${on}` : ''}${since}`;
}

/** The thread whose source is shown: the chosen one, else who ran last, else the first that could run. */
export function sourceThread(state: LabState | null, chosen: number): ThreadView | undefined {
  if (!state) return undefined;
  const by = (id: number | undefined) => state.threads.find((t) => t.id === id && t.next);
  return by(chosen) ?? by(state.touched?.thread) ?? shownThreads(state).find((t) => t.runnable && t.next);
}

/** A word of memory by the name that the CSB has for it, else by its address. */
export function wordName(csbs: CsbView[], address: string): string {
  const addr = Number(address);
  for (const c of csbs) for (const f of c.fields) if (f.addr === addr) return f.name;
  return address;
}
