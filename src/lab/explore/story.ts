// A counterexample as a short story: its moves made on the machine, each a sentence in the words that steps have in the lab,
// the few that carry the failure marked, the rest folded into one line a stretch. Plain data for the page; lines for a terminal.

import * as L from '../../../wasm/layout.ts';
import { ACCESS, type Access, did, pointOf } from '../../sim/points.ts';
import { fieldAt } from '../field_at.ts';
import { WHERE, nameOf, threads } from '../view.ts';
import type { World } from '../world.ts';
import { Kept, setModel } from './kept.ts';
import { make, makeOn, moves } from './moves.ts';
import { PROMISES } from './promises.ts';
import type { Found, Move, Question } from './question.ts';

export interface StoryStep {
  /** Which of the moves, from 0. */
  move: number;
  thread: number;
  who: string;
  owner: 'guest' | 'host';
  /** The pause point's name; a drain has none. */
  point: string;
  file: string;
  line: number;
  /** A sentence. */
  words: string;
  /** It carries the failure. */
  matters: boolean;
  /** The thread before could have gone on. */
  switched: boolean;
  /** Then: where it stands meanwhile, a sentence. */
  stopped?: string;
}
/** A stretch of one thread that does not matter; or one step that does. */
export type StoryLine = { from: number; to: number; thread: number; who: string; words: string; step?: StoryStep };
export interface Story {
  steps: StoryStep[];
  lines: StoryLine[];
  /** Who waits for what, or what is wrong. */
  end: string;
}

/** What a move did. */
interface Deed extends StoryStep {
  /** A drain is one, too. */
  kind: Access | 'drain' | 'act';
  addr: number;
  /** Words that are others in memory afterwards: what everybody sees from here on. */
  changed: { addr: number; after: number }[];
  /** A store that only its thread sees yet. */
  buffered: boolean;
  /** What was read or stored. */
  value: number;
  /** Who was woken: a number of threads. */
  woke: number;
}
const plain = ({ move, thread, who, owner, point, file, line, words, matters, switched, stopped }: Deed): StoryStep => ({
  move,
  thread,
  who,
  owner,
  point,
  file,
  line,
  words,
  matters,
  switched,
  ...(stopped ? { stopped } : {}),
});

/** The story of a finding; the machine must be at the root, and is so afterwards. */
export function tell(w: World, found: Found, q: Pick<Question, 'model' | 'buffer'>): Story {
  const kept = new Kept(w);
  try {
    setModel(w.m, q);
    const deeds = found.moves.flatMap((_, i) => deedOf(w, found, i));
    mark(deeds);
    return { steps: deeds.map(plain), lines: folded(deeds), end: ending(found) };
  } finally {
    kept.end();
  }
}

const asleep = (w: World) => {
  const { m } = w;
  return Array.from({ length: m.threads }, (_, i) => m.block(i)).filter((b) => m.status(b) === L.TS_ASLEEP);
};
const fieldOf = (w: World, addr: number) => fieldAt(w, addr)[0]?.path ?? `the word at 0x${addr.toString(16)}`;

/** The control plane's turn: what it did, in the words of the timeline. */
function acted(w: World, i: number, move: Move): Deed[] {
  const { m } = w,
    t = m.block(Math.max(0, move.thread)),
    owner = move.thread >= 0 && [L.TK_VCPU, L.TK_INTR].includes(m.ld32(t + L.T_KIND)) ? 'guest' : 'host';
  const who = move.thread < 0 ? 'the host' : nameOf(w, t).name;
  if (!makeOn(w, move)) return [];
  return [
    {
      ...{ move: i, thread: move.thread, who, owner, matters: true, switched: false, stopped: '', changed: [] },
      ...{ point: '', file: '', line: 0, kind: 'act', addr: 0, buffered: false, value: 0, woke: 0, words: w.acted },
    },
  ];
}

/** Makes move i. */
function deedOf(w: World, { moves: list }: Found, i: number): Deed[] {
  const { m } = w,
    move = list[i];
  if (!move) return [];
  if (move.act) return acted(w, i, move);
  const { thread, drain } = move,
    t = m.block(thread),
    { name: who, side: owner } = nameOf(w, t),
    prev = list[i - 1],
    /** The vCPU and its interrupt context are one CPU: a change between them is none of the schedule's. */
    one =
      prev !== undefined && !prev.act && (m.block(prev.thread) === m.ld32(t + L.T_PEER) || m.ld32(m.block(prev.thread) + L.T_PEER) === t),
    could =
      prev !== undefined && !prev.act && prev.thread !== thread && moves(m).some((x) => x.thread === prev.thread && x.drain === undefined),
    next = could && !one ? threads(w, false).find((x) => x.id === prev.thread) : undefined,
    stopped = next?.next ? `${next.name} is stopped, about to ${next.next.phrase}.` : '',
    slept = asleep(w),
    pending = Array.from({ length: m.ld32(t + L.T_SB_COUNT) }, (_, j) => ({
      addr: m.ld32(t + L.T_SB + j * 8),
      value: m.ld32(t + L.T_SB + j * 8 + 4),
    })),
    words = new Map(
      [...pending.map((x) => x.addr), ...(m.ld32(t + L.T_UNWOUND) ? [m.ld32(t + L.T_PADDR) & ~3] : [])].map((a) => [a, m.ld32(a)]),
    ),
    steps = m.steps;
  if (!make(m, move)) return [];
  const changed = [...words].flatMap(([addr, was]) => (addr && m.ld32(addr) !== was ? [{ addr, after: m.ld32(addr) }] : [])),
    base = { move: i, thread, who, owner, matters: false, switched: could && !one, stopped, changed };
  const drained = drain === undefined ? undefined : pending[drain];
  if (drained)
    return [
      {
        ...base,
        ...{ point: '', file: '', line: 0, kind: 'drain', addr: drained.addr, buffered: false, value: drained.value, woke: 0 },
        words: `${who}'s store of ${drained.value} to ${fieldOf(w, drained.addr)} leaves its store buffer: all see it now.`,
      },
    ];
  const made = m.steps !== steps,
    n = made ? m.ld32(L.MACHINE + L.M_DONE_POINT) : 0,
    p = pointOf(n),
    where = WHERE.get(n),
    addr = made ? m.ld32(L.MACHINE + L.M_DONE_ADDR) : 0,
    kind = p ? (ACCESS[m.ld32(L.MACHINE + L.M_DONE_KIND)] as Access) : 'plain',
    value = m.ld32(L.MACHINE + L.M_DONE_VAL),
    count = m.ld32(t + L.T_SB_COUNT),
    buffered = kind === 'st' && Array.from({ length: count }, (_, j) => m.ld32(t + L.T_SB + j * 8)).includes(addr),
    woke = kind === 'wakeup' ? slept.filter((b) => m.status(b) !== L.TS_ASLEEP).length : 0,
    out = changed.filter((c) => c.addr !== addr || (buffered && c.after !== value)).map((c) => `${c.after} to ${fieldOf(w, c.addr)}`);
  const more = [
    ...(kind === 'wakeup' && !woke ? ['and nobody slept there'] : []),
    ...(buffered ? ['into its store buffer: nobody else sees it yet'] : []),
    ...(out.length ? [`and with this its earlier ${out.length > 1 ? 'stores' : 'store'} of ${out.join(', ')} can be seen`] : []),
  ];
  return [
    {
      ...base,
      point: p?.name ?? '',
      file: where?.file ?? '',
      line: where?.line ?? 0,
      words: p ? `${[`${who} ${did(kind, p, value, value)}`, ...more].join(', ')}.` : `${who} goes on without an access.`,
      ...{ kind, addr, buffered, value, woke },
    },
  ];
}

const READS: ReadonlySet<string> = new Set(['ld', 'rmw']);

/** The steps that carry the failure. */
function mark(deeds: Deed[]) {
  const lastOf = new Map(deeds.map((d) => [d.thread, d])),
    shared = (d: Deed) => deeds.some((x) => x.addr === d.addr && x.thread !== d.thread);
  for (const d of deeds)
    d.matters =
      d.switched ||
      (d.kind === 'drain' && shared(d)) ||
      (d.kind === 'wakeup' && !d.woke) ||
      (d.kind === 'sleep' && lastOf.get(d.thread) === d);
  /** Who made this change: himself, or a store of his that waited until now. */
  const source = (d: Deed, addr: number, after: number) => {
    d.matters = true;
    const from = deeds.findLast((x) => x.move < d.move && x.thread === d.thread && x.buffered && x.addr === addr && x.value === after);
    if (from && d.addr !== addr) from.matters = true;
    else if (from && d.kind !== 'st') from.matters = true;
  };
  deeds.forEach((r, i) => {
    if (!READS.has(r.kind)) return;
    if (deeds.some((x, k) => k > i && x.thread === r.thread && x.addr === r.addr && READS.has(x.kind))) return;
    // he does not look again: what another one changes later he never sees
    for (const d of deeds.slice(i + 1)) {
      const c = d.thread === r.thread ? undefined : d.changed.find((x) => x.addr === r.addr && x.after !== r.value);
      if (!c) continue;
      r.matters = true;
      r.words = r.words.replace(/\.$/, `; ${d.who} makes it ${c.after} later, and it is not read again.`);
      source(d, c.addr, c.after);
      return;
    }
    // nor what another one has stored and nobody sees yet
    const hidden = deeds.slice(0, i).findLast((x) => x.thread !== r.thread && x.buffered && x.addr === r.addr && x.value !== r.value);
    if (hidden && deeds.slice(hidden.move + 1, i).every((x) => !x.changed.some((c) => c.addr === r.addr && x.thread === hidden.thread))) {
      hidden.matters = true;
      r.matters = true;
    }
    // the last that another one has told him
    const d = deeds.slice(0, i).findLast((x) => x.changed.some((c) => c.addr === r.addr));
    if (d && d.thread !== r.thread) r.matters = true;
  });
}

/** Stretches of one thread that do not matter are one line. */
function folded(deeds: readonly Deed[]): StoryLine[] {
  const out: StoryLine[] = [],
    seen = new Map<number, Set<number>>();
  for (const d of deeds) if (d.addr) seen.set(d.addr, (seen.get(d.addr) ?? new Set()).add(d.thread));
  let noticed = 0;
  for (const d of deeds) {
    const { addr, move, thread, who, words } = d,
      step = plain(d),
      last = out.at(-1);
    if (step.matters) {
      out.push({ from: move, to: move, thread, who, words, step });
      continue;
    }
    const more = last && !last.step && last.thread === thread,
      line = more ? last : { from: move, to: move, thread, who, words: '' };
    if (!more) {
      out.push(line);
      noticed = 0;
    }
    if ((seen.get(addr)?.size ?? 0) > 1) noticed++;
    line.to = move;
    const n = move - line.from + 1;
    line.words = n === 1 ? words : `${who} makes ${n} accesses${noticed ? '' : ' that nobody else notices'}.`;
  }
  return out;
}

function ending(found: Found): string {
  const title = PROMISES.find((p) => p.name === found.promise)?.title ?? found.promise;
  return `The promise “${title}” is broken: ${found.why}`;
}

// ── for a terminal ────────────────────────────────────────────────────────────────────────────────────────────────

const WIDTH = 100;
/** Words in lines of at most so many columns. */
export function wrapped(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last && last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = last ? `${last} ${word}` : word;
  }
  return lines;
}

/** Lines of at most 100 columns: the move's number, a sentence, where it stands in the source. Those that matter have a mark. */
export function storyText(s: Story): string {
  const digits = String(s.steps.length).length,
    out: string[] = [];
  for (const l of s.lines) {
    const at = l.step?.file ? ` [${l.step.file}:${l.step.line}]` : '',
      head = `${l.step ? '*' : ' '} ${String(l.to + 1).padStart(digits)}  `;
    if (l.step?.stopped) out.push(...wrapped(l.step.stopped, WIDTH - head.length).map((x) => `${' '.repeat(head.length)}${x}`));
    out.push(...wrapped(`${l.words}${at}`, WIDTH - head.length).map((x, i) => `${i ? ' '.repeat(head.length) : head}${x}`));
  }
  return [...out, ...wrapped(s.end, WIDTH)].join('\n');
}
