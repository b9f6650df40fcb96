// Two histories side by side: where they part, what goes on there in each, and the state that differs.

import type { BranchView, Comparison, Owner } from './protocol.ts';
import { sampleRing } from './sample.ts';
import type { Timeline } from './timeline.ts';
import { counters } from './counters.ts';
import { csbs, lastStep, rings, threads } from './view.ts';
import type { World } from './world.ts';

/** What is compared, as [where, name, owner, value]. */
type Fact = readonly [where: string, name: string, owner: Owner, value: string];

function facts(w: World): Fact[] {
  const out: Fact[] = [];
  for (const r of rings(w)) {
    const s = sampleRing(w.m.u32, r, 0);
    for (const k of ['head', 'cur', 'tail'] as const) out.push([r.title, k, r.user, String(s[k])]);
    for (const k of ['rhead', 'hwcur', 'hwtail'] as const) out.push([r.title, k, 'host', String(s[k])]);
    if (r.guestKring) for (const k of ['rhead', 'hwcur', 'hwtail'] as const) out.push([r.title, `guest ${k}`, 'guest', String(s.guest[k])]);
  }
  for (const c of csbs(w)) for (const f of c.fields) out.push([c.title, f.name, f.owner, String(f.value)]);
  for (const t of threads(w, false))
    out.push([t.name, 'state', t.side, `${t.state}${t.wmesg ? ` on ${t.wmesg}` : ''}${t.next ? `, about to ${t.next.phrase}` : ''}`]);
  for (const g of counters(w)) for (const r of g.rows) out.push([g.title, r.name, g.side, String(r.value)]);
  for (const t of w.tree.host.os.ttys) out.push([t.id, 'last line', 'host', t.out.trimEnd().split(/\r?\n/).at(-1)?.trim() ?? '']);
  return out;
}

interface Look {
  step: number;
  facts: Fact[];
  sentence: string;
  next: string;
}

/** The machine at a step, and the step after it in words. */
function look(w: World, t: Timeline, step: number, parting: number): Look {
  t.seek(Math.min(parting + 1, t.end));
  const next = w.m.steps > parting ? lastStep(w).sentence : '';
  t.seek(Math.min(step, t.end));
  return { step: w.m.steps, facts: facts(w), sentence: lastStep(w).sentence, next };
}

/**
 * The present history and a branch, each so many steps after they part (or at its end, when that comes first).
 * Leaves everything as it was. Undefined when there is no such branch.
 */
export function compare(w: World, t: Timeline, id: number, after: number): Comparison | undefined {
  const b = t.branches.find((x) => x.id === id),
    now = w.m.steps,
    mine = t.present;
  if (!b) return undefined;
  const fork = t.common(b),
    step = Math.min(Number.MAX_SAFE_INTEGER, fork + after);
  const here = look(w, t, step, fork);
  t.switchTo(id, fork);
  const there = look(w, t, step, fork);
  t.switchTo(mine.id, now);
  const key = ([where, name]: Fact) => `${where}\n${name}`,
    theirs = new Map(there.facts.map((f) => [key(f), f])),
    rows: Comparison['rows'] = [];
  for (const f of here.facts) {
    const other = theirs.get(key(f));
    theirs.delete(key(f));
    if (other?.[3] !== f[3]) rows.push({ where: f[0], name: f[1], owner: f[2], here: f[3], there: other?.[3] ?? '–' });
  }
  for (const f of theirs.values()) rows.push({ where: f[0], name: f[1], owner: f[2], here: '–', there: f[3] });
  return {
    here: { id: mine.id, name: mine.name, step: here.step, sentence: here.sentence, next: here.next },
    there: { id: b.id, name: b.name, step: there.step, sentence: there.sentence, next: there.next },
    fork,
    rows,
  };
}

/** The branches as the page lists them. */
export const branchViews = (t: Timeline): BranchView[] =>
  t.branches.map((b) => ({ id: b.id, name: b.name, parent: b.parent, fork: t.common(b), end: b.end, entries: b.entries.length }));
