// Looks at rings: straight from the machine's memory where the page shares it, otherwise as the worker posts them.
// A torn look is counted and the last whole one kept; where a boundary stood in the last second is remembered.
import type { RingRef, RingSample } from '../lab/protocol';
import { sampleRing } from '../lab/sample';

interface Span {
  at: number;
  headMin: number;
  headMax: number;
  tailMin: number;
  tailMax: number;
}
export interface Look {
  sample: RingSample;
  torn: number;
  spread: Span | null;
}

const BUCKET_MS = 100;
const KEPT_MS = 1000;
const looks = new Map<string, Look & { spans: Span[] }>();
const posted = new Map<string, RingSample>();
let memory: WebAssembly.Memory | undefined;
let words = new Uint32Array(0);

export function readFrom(shared: WebAssembly.Memory | undefined): void {
  memory = shared;
}
export const sharesMemory = (): boolean => memory !== undefined;

export function post(sample: RingSample): void {
  posted.set(sample.id, sample);
}

/** Where the window of slots begins, for the hands of this very look. */
export type Window = (s: RingSample) => number;

function raw(ref: RingRef, window: Window): RingSample | undefined {
  if (!memory) {
    // the lab chose the window: a smaller lens shows a part of it
    const s = posted.get(ref.id);
    const first = s ? window(s) : 0,
      skip = s ? (first - s.first + s.n) % s.n : 0;
    return s && skip > 0 && skip < s.slots.length ? { ...s, first, slots: s.slots.slice(skip) } : s;
  }
  if (words.buffer !== memory.buffer || words.byteLength !== memory.buffer.byteLength) words = new Uint32Array(memory.buffer);
  const s = sampleRing(words, ref, 0);
  const first = window(s);
  if (first === s.first) return s;
  const { slots } = sampleRing(words, ref, first);
  return { ...s, first, slots };
}

function remember(spans: Span[], s: RingSample, now: number): void {
  const head = (s.head - s.hwcur + s.n) % s.n,
    tail = (s.tail - s.hwcur + s.n) % s.n;
  const newest = spans.at(-1);
  if (newest && now - newest.at < BUCKET_MS) {
    newest.headMin = Math.min(newest.headMin, head);
    newest.headMax = Math.max(newest.headMax, head);
    newest.tailMin = Math.min(newest.tailMin, tail);
    newest.tailMax = Math.max(newest.tailMax, tail);
  } else spans.push({ at: now, headMin: head, headMax: head, tailMin: tail, tailMax: tail });
  while (spans[0] && now - spans[0].at > KEPT_MS) spans.shift();
}

function total(spans: Span[]): Span | null {
  const [a, ...rest] = spans;
  if (!a) return null;
  return rest.reduce(
    (m, s) => ({
      at: s.at,
      headMin: Math.min(m.headMin, s.headMin),
      headMax: Math.max(m.headMax, s.headMax),
      tailMin: Math.min(m.tailMin, s.tailMin),
      tailMax: Math.max(m.tailMax, s.tailMax),
    }),
    a,
  );
}

// ── questions under way ──
// A question about the past is answered by running the recording again in the very memory that is looked at here. Until the answer
// has come nothing is looked at while the lab stands: the last look is the truth.
let asking = 0;
const answered = new Set<() => void>();

/** Says that the lab was asked something; call what it answers when it has answered. */
export function hold(): () => void {
  asking++;
  return () => {
    if (--asking === 0) for (const f of answered) f();
  };
}
export function onAnswered(listener: () => void): () => void {
  answered.add(listener);
  return () => answered.delete(listener);
}

/** One look at a ring now. While the lab stands (`exact`) a look is the truth, whatever its order. */
export function look(ref: RingRef, window: Window, exact: boolean, now: number): Look | undefined {
  const before = looks.get(ref.id);
  if (exact && asking && memory && before) return before;
  const sample = raw(ref, window);
  if (!sample) return before;
  if (sample.torn && !exact) {
    if (before) before.torn++;
    return before;
  }
  const spans = exact ? [] : (before?.spans ?? []);
  if (!exact) remember(spans, sample, now);
  const next = { sample, torn: before?.torn ?? 0, spans, spread: exact ? null : total(spans) };
  looks.set(ref.id, next);
  return next;
}

export const lastLook = (id: string): Look | undefined => looks.get(id);
