// The lab's commands: one list behind buttons, keys, the terminal's `lab …` and the lines of a lab file. Each takes words
// and answers text; an error is a sentence and changes nothing.

import * as L from '../../wasm/layout.ts';
import { explain } from './expr.ts';
import { addressOf } from './expr_fields.ts';
import type { Lab } from './lab.ts';
import { EVENTS, type EventKind, SEARCH_MAX } from './stops.ts';
import { nameOf, threads } from './view.ts';

export interface Outcome {
  ok: boolean;
  text: string;
}
export interface Command {
  name: string;
  args: string;
  help: string;
  run(lab: Lab, args: string[]): Outcome;
}

const ok = (text = ''): Outcome => ({ ok: true, text });
const no = (text: string): Outcome => ({ ok: false, text });
const whole = (s: string | undefined): number | undefined =>
  s !== undefined && /^\d{1,15}(?:,\d{3})*$/.test(s) ? Number(s.replaceAll(',', '')) : undefined;
const POLICIES = ['student', 'rr', 'random', 'lvt'];

/** Where the lab stands, in words. */
function where(lab: Lab): string {
  const { world: w } = lab;
  const { m } = w;
  const rows = threads(w, false).map(
    (t) =>
      `  ${String(t.id).padStart(2)} ${t.name}: ${t.state}${t.wmesg ? ` on ${t.wmesg} (${t.wchan})` : ''}${t.next ? `, about to ${t.next.phrase} [${t.next.file}:${t.next.line}]` : ''}`,
  );
  return `step ${m.steps}, lab clock ${(m.clock / 1e9).toFixed(9)} s, ${lab.run}\n${lab.sentence ? `${lab.sentence}\n` : ''}${rows.join('\n')}`;
}

/** A thread by its number or by the beginning of its name. */
function threadOf(lab: Lab, word: string): number | undefined {
  const { m } = lab.world;
  for (let i = 0; i < m.threads; i++) {
    const t = m.block(i);
    if (m.status(t) === L.TS_FREE) continue;
    if (String(i) === word || nameOf(lab.world, t).name.startsWith(word)) return i;
  }
  return undefined;
}

export const COMMANDS: readonly Command[] = [
  { name: 'park', args: '', help: 'stop between two accesses', run: (lab) => (lab.park() ? ok(where(lab)) : ok('parking')) },
  {
    name: 'run',
    args: '[step|free]',
    help: 'go on',
    run(lab, [engine]) {
      if (engine !== undefined && engine !== 'step' && engine !== 'free') return no(`no engine "${engine}"; there are step and free`);
      if (engine === 'free' && !lab.canFree) return no('the free engine is not available here');
      lab.start(engine);
      return ok();
    },
  },
  {
    name: 'step',
    args: '[N] [THREAD]',
    help: 'N steps, of a thread or as the policy picks',
    run(lab, args) {
      const n = whole(args[0]) ?? 1;
      const name = whole(args[0]) === undefined ? args[0] : args[1];
      const t = name === undefined ? undefined : threadOf(lab, name);
      if (name !== undefined && t === undefined) return no(`no thread "${name}"`);
      if (t !== undefined && !lab.world.m.wasm.runnable(lab.world.m.block(t)))
        return no(`${nameOf(lab.world, lab.world.m.block(t)).name} cannot run now`);
      if (t === undefined && n > 1) lab.steps(n);
      else for (let i = 0; i < n; i++) lab.step(t);
      return ok(`step ${lab.world.m.steps}: ${lab.sentence}`);
    },
  },
  {
    name: 'back',
    args: '[N]',
    help: 'undo N steps',
    run(lab, [word]) {
      const n = word === undefined ? 1 : whole(word);
      if (n === undefined) return no(`"${word}" is not a number of steps`);
      const was = lab.world.m.steps;
      lab.back(n);
      return lab.world.m.steps === was ? no(`this is the first step of the recording (${was})`) : ok(`step ${lab.world.m.steps}`);
    },
  },
  {
    name: 'goto',
    args: 'STEP',
    help: 'go to a step',
    run(lab, [word]) {
      const n = whole(word);
      if (n === undefined) return no(`"${word ?? ''}" is not a step`);
      if (n < lab.timeline.rootStep) return no(`the recording begins at step ${lab.timeline.rootStep}`);
      if (n - lab.world.m.steps > SEARCH_MAX) return no(`step ${n} is more than ${SEARCH_MAX} steps ahead`);
      lab.goto(n);
      return lab.world.m.steps === n ? ok(`step ${n}`) : no(`nothing happens after step ${lab.world.m.steps}`);
    },
  },
  {
    name: 'next',
    args: Object.keys(EVENTS).join('|'),
    help: 'go to the next event of a kind',
    run(lab, [kind]) {
      if (!kind || !Object.hasOwn(EVENTS, kind)) return no(`no kind of event "${kind ?? ''}"; there are ${Object.keys(EVENTS).join(', ')}`);
      return lab.next(kind as EventKind)
        ? ok(`step ${lab.world.m.steps}: ${lab.sentence}`)
        : no(`no ${EVENTS[kind as EventKind].name} comes`);
    },
  },
  { name: 'where', args: '', help: 'step, clock and every thread', run: (lab) => ok(where(lab)) },
  {
    name: 'policy',
    args: `${POLICIES.join('|')} [SEED]`,
    help: 'who goes next when nobody chooses',
    run(lab, [name, seed]) {
      const p = POLICIES.indexOf(name ?? '');
      const s = seed === undefined ? lab.world.m.ld32(L.MACHINE + L.M_SEED) : whole(seed);
      if (p < 0) return no(`no policy "${name ?? ''}"; there are ${POLICIES.join(', ')}`);
      if (s === undefined || s > 0xffffffff) return no(`"${seed}" is not a seed (0 to 4,294,967,295)`);
      lab.deed({ k: 'policy', policy: p, seed: s });
      return ok();
    },
  },
  {
    name: 'drain',
    args: 'THREAD',
    help: "let a thread's oldest pending store reach memory",
    run(lab, [name]) {
      const t = threadOf(lab, name ?? '');
      if (t === undefined) return no(`no thread "${name ?? ''}"`);
      if (!lab.world.m.ld32(lab.world.m.block(t) + L.T_SB_COUNT)) return no('its store buffer is empty');
      lab.deed({ k: 'drain', block: lab.world.m.block(t) });
      return ok();
    },
  },
  {
    name: 'edit',
    args: 'FIELD VALUE | 0xADDRESS VALUE [2|4]',
    help: 'change a word of memory (a step of the recording); fields as in lab break',
    run(lab, [what, word, size]) {
      const value = /^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(word ?? '') ? Number(word) : undefined;
      let addr: number;
      let bytes: 2 | 4 = size === '2' ? 2 : 4;
      if (/^0x[0-9a-f]{1,8}$/i.test(what ?? '')) addr = Number(what);
      else {
        const f = addressOf(lab.world, what ?? '');
        if (!f.ok) return no(`“${what ?? ''}” ${explain(f)}`);
        if (!f.writable || f.bytes === 8) return no(`${f.path} cannot be edited`);
        addr = f.addr;
        bytes = f.bytes === 2 ? 2 : 4;
      }
      if (value === undefined || value > (bytes === 2 ? 0xffff : 0xffffffff)) return no(`"${word ?? ''}" does not fit in ${bytes} bytes`);
      if (addr < L.FIRST_FREE || addr % bytes || !lab.world.m.used(addr)) return no(`nothing of the machine can be edited at ${what}`);
      lab.deed({ k: 'edit', addr, bytes, value });
      return ok();
    },
  },
  {
    name: 'break',
    args: 'CONDITION [xN]',
    help: 'stop when it becomes true (the Nth time), as in csb.host_need_txkick == 1 && tx.head != tx.hwcur',
    run(lab, args) {
      const last = args.at(-1) ?? '';
      const times = /^x([1-9]\d{0,8})$/.exec(last)?.[1];
      const id = lab.breaks.add(lab.world, (times ? args.slice(0, -1) : args).join(' '), times ? Number(times) : 1);
      if (typeof id === 'string') return no(id);
      lab.breaks.settle(lab.world);
      return ok(`stop point ${id}`);
    },
  },
  {
    name: 'breaks',
    args: '',
    help: 'stop points and how often each was met',
    run: (lab) =>
      ok(
        lab.breaks.list
          .map(
            (p) =>
              `${p.id} ${p.text}: met ${p.hits} times${p.from > 1 ? `, stops from the ${p.from}th on` : ''}${p.bound?.missing.length ? ` (now: ${p.bound.missing[0]?.message})` : ''}`,
          )
          .join('\n') || 'no stop point',
      ),
  },
  {
    name: 'unbreak',
    args: 'N',
    help: 'take a stop point away',
    run: (lab, [word]) => (lab.breaks.remove(whole(word) ?? -1) ? ok() : no(`no stop point ${word ?? ''}`)),
  },
  {
    name: 'branches',
    args: '[ID]',
    help: 'histories that were left; with a number, change over to it',
    run(lab, [word]) {
      if (word === undefined)
        return ok(
          lab.timeline.branches
            .map((b) => `${b.id} ${b.name}: parted at step ${b.fork}, went to step ${b.end}, ${b.entries.length} entries`)
            .join('\n') || 'no branch',
        );
      const id = whole(word);
      return id !== undefined && lab.switchTo(id) ? ok(`step ${lab.world.m.steps}`) : no(`no branch ${word}`);
    },
  },
];

/** Runs one command line, without the word `lab`. */
export function labCommand(lab: Lab, line: string): Outcome {
  const [name = '', ...args] = line.trim().split(/\s+/);
  const c = COMMANDS.find((x) => x.name === name);
  if (name === '' || name === 'help') return ok(COMMANDS.map((x) => `lab ${`${x.name} ${x.args}`.trim()}\n    ${x.help}`).join('\n'));
  if (!c) return no(`no command "lab ${name}"; lab help lists them`);
  if (lab.engine === 'free' && lab.run !== 'stopped' && !['park', 'run'].includes(name)) return no('the lab runs freely; lab park first');
  return c.run(lab, args);
}
