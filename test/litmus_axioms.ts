// The memory models as axioms, to compare the machine with: a candidate execution says which store each load reads and in which
// order the stores to a word are; it is one of a model if no cycle forbids it. SC: Lamport 1979. TSO: figure 21 of Herding cats.
// PSO: the SPARC manual's, version 9, 8.4.4, put the same way: only what begins with a load is kept in program order. It shares
// nothing with the machine but the parsed test. A locked instruction is a full barrier in all of them, as on x86.

import type { Final, Litmus } from '../src/lab/explore/litmus.ts';
import type { Model } from '../src/lab/explore/question.ts';

interface Event {
  thread: number;
  /** Place in its thread. */
  po: number;
  write: boolean;
  word: number;
  /** Of a locked instruction: its load and its store share this number. */
  lock: number;
  reg: number;
  /** A store's value, or the register it comes from. */
  value: number | undefined;
}

/** Whether numbers 0 to n - 1 have a cycle among these pairs. */
function cyclic(n: number, edge: (a: number, b: number) => boolean): boolean {
  const state = new Uint8Array(n);
  const visit = (a: number): boolean => {
    state[a] = 1;
    for (let b = 0; b < n; b++) if (a !== b && edge(a, b) && (state[b] === 1 || (state[b] === 0 && visit(b)))) return true;
    state[a] = 2;
    return false;
  };
  for (let a = 0; a < n; a++) if (state[a] === 0 && visit(a)) return true;
  return false;
}
function* orders(list: number[]): Generator<number[]> {
  if (list.length < 2) yield list;
  else for (const x of list) for (const rest of orders(list.filter((y) => y !== x))) yield [x, ...rest];
}

/** All final states that a model allows. */
export function allowed(t: Litmus, model: Model): Final[] {
  const events: Event[] = t.words.map((w, i) => ({ thread: -1, po: 0, write: true, word: i, lock: 0, reg: 0, value: w.value }));
  const fences: { thread: number; po: number; stores: boolean }[] = [];
  const moves: { thread: number; po: number; reg: number; value: number }[] = [];
  t.threads.forEach((th, thread) => {
    th.code.forEach((x, k) => {
      const po = k * 2,
        lock = 1 + thread * 100 + k;
      if (x.op === 'fence' || x.op === 'order') fences.push({ thread, po, stores: x.op === 'order' });
      else if (x.op === 'mov') moves.push({ thread, po, reg: x.reg, value: x.value });
      else if (x.op === 'ld') events.push({ thread, po, write: false, word: x.word, lock: 0, reg: x.reg, value: undefined });
      else if (x.op === 'st') events.push({ thread, po, write: true, word: x.word, lock: 0, reg: 0, value: x.value });
      else if (x.op === 'st_reg') events.push({ thread, po, write: true, word: x.word, lock: 0, reg: x.reg, value: undefined });
      else {
        events.push({ thread, po, write: false, word: x.word, lock, reg: x.reg, value: undefined });
        events.push({ thread, po: po + 1, write: true, word: x.word, lock, reg: x.reg, value: undefined });
      }
    });
  });
  const n = events.length,
    ev = (i: number) => events[i] as Event,
    before = (a: number, b: number) => ev(a).thread === ev(b).thread && ev(a).thread >= 0 && ev(a).po < ev(b).po,
    reads = events.flatMap((e, i) => (e.write ? [] : [i])),
    writesTo = (w: number) => events.flatMap((e, i) => (e.write && e.word === w ? [i] : [])),
    fenced = (a: number, b: number) =>
      ev(a).lock > 0 ||
      ev(b).lock > 0 ||
      fences.some((f) => f.thread === ev(a).thread && f.po > ev(a).po && f.po < ev(b).po && (!f.stores || (ev(a).write && ev(b).write))),
    kept = (a: number, b: number) => before(a, b) && (fenced(a, b) || (model === 'pso' ? !ev(a).write : !(ev(a).write && !ev(b).write)));
  const out = new Map<string, Final>();

  /** What a register holds just before a place in its thread, once the loads' sources are chosen. */
  const values = (rf: Map<number, number>) => {
    const store = (i: number): number => {
      const e = ev(i);
      return e.value ?? register(e.thread, e.reg, e.lock ? e.po - 1 : e.po);
    };
    const register = (thread: number, reg: number, po: number): number => {
      let last = -1,
        value = t.threads[thread]?.regs[reg] ?? 0,
        from = -1;
      for (const m of moves)
        if (m.thread === thread && m.reg === reg && m.po < po && m.po > last) [last, value, from] = [m.po, m.value, -1];
      for (const r of reads) {
        const e = ev(r);
        if (e.thread === thread && e.reg === reg && e.po < po && e.po > last) [last, from] = [e.po, r];
      }
      return from < 0 ? value : store(rf.get(from) ?? 0);
    };
    return { store, register };
  };

  const judge = (rf: Map<number, number>, place: Map<number, number>, last: number[]) => {
    const co = (a: number, b: number) =>
        ev(a).write && ev(b).write && ev(a).word === ev(b).word && (place.get(a) ?? 0) < (place.get(b) ?? 0),
      reads_ = (a: number, b: number) => ev(a).write && rf.get(b) === a,
      fr = (a: number, b: number) => !ev(a).write && ev(b).write && rf.get(a) !== b && co(rf.get(a) ?? 0, b),
      outside = (a: number, b: number) => ev(a).thread !== ev(b).thread,
      com = (a: number, b: number) => reads_(a, b) || co(a, b) || fr(a, b);
    for (const r of reads) {
      const lock = ev(r).lock;
      if (!lock) continue;
      const w = events.findIndex((e) => e.write && e.lock === lock);
      if (events.some((_, x) => x !== w && fr(r, x) && co(x, w))) return;
    }
    if (model === 'sc') {
      if (cyclic(n, (a, b) => before(a, b) || com(a, b))) return;
    } else {
      if (cyclic(n, (a, b) => (before(a, b) && ev(a).word === ev(b).word) || com(a, b))) return;
      if (cyclic(n, (a, b) => kept(a, b) || (reads_(a, b) && outside(a, b)) || co(a, b) || fr(a, b))) return;
    }
    const v = values(rf),
      f: Final = {
        regs: t.threads.map((th, i) => th.regs.map((_, r) => v.register(i, r, 1000))),
        words: last.map((w) => v.store(w)),
      };
    out.set(JSON.stringify(f), f);
  };

  const choose = (k: number, rf: Map<number, number>) => {
    const r = reads[k];
    if (r !== undefined) {
      for (const w of writesTo(ev(r).word)) if (!before(r, w)) choose(k + 1, new Map(rf).set(r, w));
      return;
    }
    if (cyclic(n, (a, b) => before(a, b) || rf.get(b) === a)) return; // a value out of thin air
    const word = (i: number, place: Map<number, number>, last: number[]) => {
      if (i === t.words.length) {
        judge(rf, place, last);
        return;
      }
      for (const o of orders(writesTo(i).filter((w) => ev(w).thread >= 0))) {
        const here = new Map(place).set(i, 0); // the initial value is event i
        for (const [p, w] of o.entries()) here.set(w, p + 1);
        word(i + 1, here, [...last, o.at(-1) ?? i]);
      }
    };
    word(0, new Map(), []);
  };
  choose(0, new Map());
  return [...out.values()];
}
