// The timeline in words: its summary, the line about what is under the pointer, the text for who does not see it.
import { MARKS, type LabState, type StripLane, type StripView } from '../../lab/protocol';
import { count } from '../format';
import { say } from '../words';
import type { StripMark } from './strip_rows';
import type { StripShown } from './strip_view';

export function marksWords(marks: readonly StripMark[]): string {
  const parts = MARKS.flatMap((kind) => {
    const n = marks.filter((m) => m.kind === kind).length;
    return n ? [`${count(n)} ${n === 1 ? say.strip.kinds[kind] : say.strip.kindsOf[kind]}`] : [];
  });
  return parts.length ? parts.join(', ') : say.strip.noMarks;
}

/** "5 threads, steps 1,200 to 1,284, 3 kicks, 1 interrupt" */
export function summaryWords(s: StripShown): string {
  const marks = s.counted ? say.strip.many(count(s.many)) : marksWords(s.marks);
  return `${say.strip.threads(s.rows.length)}, ${say.strip.steps(count(s.from), count(s.to))}, ${marks}`;
}

const nameOf = (lanes: readonly StripLane[], id: number): string => lanes.find((l) => l.id === id)?.name ?? '';

/** A mark as one line: "step 1,262 · kick · vCPU 0 → nm-kthread-1". */
export function markWords(m: StripMark, lanes: readonly StripLane[]): string {
  const from = m.lane < 0 ? say.strip.control : nameOf(lanes, m.lane),
    to = m.to >= 0 ? ` → ${nameOf(lanes, m.to)}` : m.kind === 'kick' ? `, ${say.strip.nobody}` : '';
  return `${say.strip.step} ${count(m.step)} · ${say.strip.kinds[m.kind]} · ${from}${to}`;
}

/** What a thread did at a step, or on what it rested. */
export function laneWords(lane: StripLane, step: number): string {
  const rest = lane.rests.find((r) => step > r.from && step <= r.to),
    ran = lane.steps.includes(step),
    alive = step > lane.first && step <= lane.last;
  const what = ran
    ? say.strip.ran
    : rest
      ? `${say.strip.rests} ${rest.on}, ${say.strip.since} ${count(rest.from)}`
      : alive && !lane.shares.length
        ? say.strip.ready
        : '';
  return [`${say.strip.step} ${count(step)}`, lane.name, what].filter(Boolean).join(' · ');
}

export function deedWords(d: StripView['deeds'][number]): string {
  return `${say.strip.step} ${count(d.step)} · ${d.words || say.strip.deeds[d.kind]}`;
}

/** What the slider stands at, in words. */
export function valueWords(s: LabState, end: number): string {
  return `${say.strip.step} ${count(s.step)} ${say.strip.of} ${count(end)}. ${s.sentence}`.trim();
}
