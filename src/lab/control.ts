// The lab's commands: one list behind buttons, keys, the terminal's `lab …` and the lines of a lab file. Each takes words
// and answers text; an error is a sentence and changes nothing.

import * as L from '../../wasm/layout.ts';
import { explain } from './expr.ts';
import { addressOf } from './expr_fields.ts';
import { SCHEDULE } from './alone_command.ts';
import { CAPTURE } from './capture_command.ts';
import { DRAIN, threadOf } from './drain_command.ts';
import { EXPLAIN } from './explain_command.ts';
import { EXPLORE } from './explore/explore_command.ts';
import { LITMUS } from './explore/litmus_command.ts';
import type { Lab } from './lab.ts';
import { branchViews, compare } from './compare.ts';
import { LIMIT } from './limit_command.ts';
import { NOTES } from './notes.ts';
import { POLICIES } from './deeds.ts';
import { MAX_SPEED } from './pace.ts';
import { lifeOf, wordAt, writtenAt } from './past.ts';
import { toFragment } from './share.ts';
import { isBad } from './share_schema.ts';
import { EVENTS, type EventKind, SEARCH_MAX } from './stops.ts';
import { nameOf, threads } from './view.ts';

export interface Outcome {
  ok: boolean;
  text: string;
  /** Exit status in a terminal, where it is not 0 for ok and 1 else. */
  status?: number;
  /** The answer takes its time. */
  later?: Promise<Outcome>;
}
export interface Command {
  name: string;
  args: string;
  help: string;
  run(lab: Lab, args: string[]): Outcome;
}

/** Steps of one thread that one command makes: each is an entry of the recording. */
const THREAD_STEPS = 10_000;

const ok = (text = ''): Outcome => ({ ok: true, text });
const no = (text: string): Outcome => ({ ok: false, text });
const whole = (s: string | undefined): number | undefined =>
  s !== undefined && /^\d{1,15}(?:,\d{3})*$/.test(s) ? Number(s.replaceAll(',', '')) : undefined;

/** Where the lab stands, in words. */
function where(lab: Lab): string {
  const { m } = lab.world;
  const rows = threads(lab.world, false).map(
    (t) =>
      `  ${String(t.id).padStart(2)} ${t.name}: ${t.state}${t.wmesg ? ` on ${t.wmesg} (${t.wchan})` : ''}${t.next ? `, about to ${t.next.phrase} [${t.next.file}:${t.next.line}]` : ''}`,
  );
  return `step ${m.steps}, lab clock ${(m.clock / 1e9).toFixed(9)} s, ${lab.run}\n${lab.sentence ? `${lab.sentence}\n` : ''}${rows.join('\n')}`;
}

/** What a field's name or an address means, or what is wrong with it. */
function wordOf(
  lab: Lab,
  what: string | undefined,
): { addr: number; bytes: 2 | 4 | 8 | undefined; writable: boolean; path: string } | string {
  if (what === undefined || what === '') return 'which word? A field as in csb.host_need_txkick, or an address as in 0x4a044';
  if (/^0x[0-9a-f]{1,8}$/i.test(what)) return { addr: Number(what), bytes: undefined, writable: true, path: what };
  const f = addressOf(lab.world, what);
  return f.ok ? { addr: f.addr, bytes: f.bytes, writable: f.writable, path: f.path } : `“${what}” ${explain(f)}`;
}

/** A branch by its number or its name; the present history too. */
function historyOf(lab: Lab, word: string | undefined): number | undefined {
  const all = [lab.timeline.present, ...lab.timeline.branches];
  return all.find((h) => String(h.id) === word || h.name === word)?.id;
}
function noBranch(lab: Lab, word = ''): Outcome {
  const { present, branches } = lab.timeline,
    left = branches.map((h) => `${h.id} ${h.name}`).join(', ');
  if (word === String(present.id) || word === present.name) return no(`${word} is the present history; besides it: ${left || 'none'}`);
  return no(`no branch ${word}; ${left ? `there is ${left}` : 'nothing was undone or forked yet'}`);
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
      if (n > SEARCH_MAX) return no(`${n} steps are more than ${SEARCH_MAX} at once`);
      const name = whole(args[0]) === undefined ? args[0] : args[1];
      const t = name === undefined ? undefined : threadOf(lab, name);
      if (name !== undefined && t === undefined) return no(`no thread "${name}"`);
      if (t !== undefined && !lab.world.m.wasm.runnable(lab.world.m.block(t)))
        return no(`${nameOf(lab.world, lab.world.m.block(t)).name} cannot run now`);
      if (t === undefined && n > 1) lab.steps(n);
      else
        for (let i = 0; i < n; i++) {
          if (t !== undefined && !lab.world.m.wasm.runnable(lab.world.m.block(t)))
            return ok(
              `step ${lab.world.m.steps}: after ${i} steps ${nameOf(lab.world, lab.world.m.block(t)).name} cannot run. ${lab.sentence}`,
            );
          if (i === THREAD_STEPS) return ok(`step ${lab.world.m.steps}: ${i} steps of one thread are enough at once. ${lab.sentence}`);
          lab.step(t);
        }
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
      return lab.world.m.steps === was && was <= lab.timeline.rootStep
        ? no(`this is the first step of the recording (${was})`)
        : ok(`step ${lab.world.m.steps}`);
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
      const p = (POLICIES as readonly string[]).indexOf(name ?? '');
      const s = seed === undefined ? lab.world.m.ld32(L.MACHINE + L.M_SEED) : whole(seed);
      if (p < 0) return no(`no policy "${name ?? ''}"; there are ${POLICIES.join(', ')}`);
      if (s === undefined || s > 0xffffffff) return no(`"${seed}" is not a seed (0 to 4,294,967,295)`);
      lab.deed({ k: 'policy', policy: p, seed: s });
      return ok();
    },
  },
  DRAIN,
  {
    name: 'edit',
    args: 'FIELD VALUE | 0xADDRESS VALUE [2|4]',
    help: 'change a word of memory (a step of the recording); fields as in lab break',
    run(lab, [what, word, size]) {
      const f = wordOf(lab, what);
      if (typeof f === 'string') return no(f);
      if (!f.writable || f.bytes === 8) return no(`${f.path} cannot be edited`);
      if (word === undefined) return no(`edit ${f.path} to which value?`);
      const value = /^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(word) ? Number(word) : undefined,
        { addr } = f,
        bytes = f.bytes === 2 || (f.bytes === undefined && size === '2') ? 2 : 4;
      if (value === undefined) return no(`"${word}" is not a number`);
      if (value > (bytes === 2 ? 0xffff : 0xffffffff)) return no(`"${word}" does not fit in ${bytes} bytes`);
      if (addr < L.FIRST_FREE || addr % bytes || !lab.world.m.used(addr)) return no(`nothing of the machine can be edited at ${what}`);
      lab.deed({ k: 'edit', addr, bytes, value });
      return ok();
    },
  },
  {
    name: 'break',
    args: 'CONDITION [xN] | at FILE:LINE|FUNCTION|POINT [xN]',
    help: 'stop when it becomes true (the Nth time), as in csb.host_need_txkick == 1 && tx.head != tx.hwcur; or after an access there',
    run(lab, args) {
      const last = args.at(-1) ?? '';
      const times = /^x([1-9]\d{0,8})$/.exec(last)?.[1];
      const words = times ? args.slice(0, -1) : args;
      const id =
        words[0] === 'at' && words.length === 2
          ? lab.breaks.addAt(words[1] ?? '', times ? Number(times) : 1)
          : lab.breaks.add(lab.world, words.join(' '), times ? Number(times) : 1);
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
              `${p.id} ${p.text}: met ${p.met.length} times${p.from > 1 ? `, stops from the ${p.from}th on` : ''}${p.bound?.missing.length ? ` (now: ${p.bound.missing[0]?.message})` : ''}`,
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
    name: 'wrote',
    args: 'FIELD | 0xADDRESS',
    help: 'who wrote a word last, and who before that',
    run(lab, [what]) {
      const f = wordOf(lab, what);
      if (typeof f === 'string') return no(f);
      const v = lab.ask((w, t) => wordAt(w, t, f.addr, f.bytes === 2 ? 2 : 4), undefined);
      if (!v) return no(`nothing of the machine is at ${f.path}`);
      const head = `${f.path} is ${v.value} now`;
      if (!v.writers.length) return ok(`${head}; nobody wrote it since step ${lab.timeline.rootStep}`);
      return ok(
        `${head}\n${v.writers.map((x) => `step ${x.step}: ${x.was === undefined ? '' : `${x.was} → `}${x.value}. ${x.words}`).join('\n')}`,
      );
    },
  },
  {
    name: 'written',
    args: 'TERMINAL TEXT',
    help: 'the step at which a text came to stand in a terminal',
    run(lab, [tty = '', ...words]) {
      if (!lab.world.host.os.tty(tty))
        return no(`no terminal "${tty}"; there are ${lab.world.tree.host.os.ttys.map((t) => t.id).join(', ')}`);
      const step = lab.ask((w, t) => writtenAt(w, t, tty, words.join(' ')), undefined);
      return step === undefined ? no(`“${words.join(' ')}” came to ${tty} at no step of the recording`) : ok(`step ${step}`);
    },
  },
  {
    name: 'life',
    args: 'BUFFER [RING]',
    help: 'every slot, ring and owner that a buffer passed through',
    run(lab, [word, ring]) {
      const buf = whole(word);
      if (buf === undefined) return no(`"${word ?? ''}" is not a buffer's number`);
      const v = lab.ask((w, t) => lifeOf(w, t, buf, ring), undefined);
      if (!v) return no('no ring is open');
      return ok(
        v.stages.map((x) => `step ${x.step}: ${x.ring ? `slot ${x.slot} of ${x.ring}, ` : ''}${x.words}`).join('\n') ||
          `buffer ${buf} was in no slot`,
      );
    },
  },
  {
    name: 'speed',
    args: 'N|full',
    help: 'steps a second while it runs on the step engine, as in 0.2',
    run(lab, [word]) {
      const n = word === 'full' ? 0 : Number(word);
      if (word === undefined || !Number.isFinite(n) || n < 0 || n > MAX_SPEED || (n === 0 && word !== 'full'))
        return no(`"${word ?? ''}" is not a speed: steps a second, up to ${MAX_SPEED}, or full`);
      lab.speed = n;
      return ok();
    },
  },
  ...NOTES,
  LIMIT,
  {
    name: 'fork',
    args: '[NAME]',
    help: 'begin a history of its own here; the present one is kept as a branch',
    run(lab, args) {
      lab.fork(args.join(' ').slice(0, 60) || undefined);
      return ok(`${lab.timeline.present.name}, from step ${lab.world.m.steps}`);
    },
  },
  {
    name: 'name',
    args: 'BRANCH NAME',
    help: 'name a history',
    run(lab, [word, ...name]) {
      const id = historyOf(lab, word);
      if (id === undefined) return noBranch(lab, word);
      if (!name.length) return no('name it how?');
      lab.timeline.name(id, name.join(' ').slice(0, 60));
      return ok();
    },
  },
  {
    name: 'branches',
    args: '[BRANCH]',
    help: 'histories that were left; with a number or name, change over to it',
    run(lab, args) {
      const word = args.join(' ');
      if (word === '')
        return ok(
          branchViews(lab.timeline)
            .map((b) => `${b.id} ${b.name}: parted at step ${b.fork}, went to step ${b.end}, ${b.entries} entries`)
            .join('\n') || 'no branch',
        );
      const id = historyOf(lab, word);
      return id !== undefined && lab.switchTo(id) ? ok(`step ${lab.world.m.steps}`) : noBranch(lab, word);
    },
  },
  {
    name: 'compare',
    args: 'BRANCH [N]',
    help: 'where a branch parts from the present history, and what differs N steps later (at their ends without N)',
    run(lab, args) {
      // a name may be of several words
      const last = historyOf(lab, args.join(' ')) === undefined && args.length > 1 ? args.at(-1) : undefined;
      const word = (last === undefined ? args : args.slice(0, -1)).join(' ');
      const id = historyOf(lab, word || undefined);
      const n = last === undefined ? Number.MAX_SAFE_INTEGER : whole(last);
      if (n === undefined) return no(`"${last}" is not a number of steps`);
      const c = id === undefined ? undefined : lab.ask((w, t) => compare(w, t, id, n), undefined);
      if (!c) return noBranch(lab, word);
      return ok(
        [
          `parted after step ${c.fork}`,
          `${c.here.name}: ${c.here.next || 'nothing more'}`,
          `${c.there.name}: ${c.there.next || 'nothing more'}`,
          `at step ${c.here.step} and ${c.there.step}:`,
          ...(c.rows.map((r) => `  ${r.where} ${r.name}: ${r.here} and ${r.there}`).slice(0, 200) || []),
          ...(c.rows.length ? [] : ['  nothing differs']),
        ].join('\n'),
      );
    },
  },
  ...SCHEDULE,
  CAPTURE,
  EXPLAIN,
  ...EXPLORE,
  LITMUS,
  {
    name: 'undo',
    args: '',
    help: 'back to before the last choice, edit or command',
    run: (lab) => (lab.undo() ? ok(`step ${lab.world.m.steps}`) : no('nothing was chosen, edited or typed before this step')),
  },
  {
    name: 'redo',
    args: '',
    help: 'forward over the next choice, edit or command that was undone',
    run: (lab) => (lab.redo() ? ok(`step ${lab.world.m.steps}`) : no('nothing that was undone follows')),
  },
  {
    name: 'share',
    args: '',
    help: 'a link to this moment: the part after #',
    run(lab) {
      const r = lab.record();
      return isBad(r) ? no(r.error) : { ...ok(), later: toFragment(r).then((f) => ok(`#${f}`)) };
    },
  },
  {
    name: 'reset',
    args: '[undo]',
    help: 'start over; undo: take that back',
    run(lab, [word]) {
      if (word === 'undo') return lab.takeBack() ? ok(`step ${lab.world.m.steps}`) : no('there is nothing to take back');
      lab.reset();
      return ok();
    },
  },
];

/** Commands that need no parked machine. */
export const ALWAYS: ReadonlySet<string> = new Set('park run help explain where speed breaks break unbreak name'.split(' '));

/** Runs one command line, without the word `lab`. */
export function labCommand(lab: Lab, line: string): Outcome {
  const [name = '', ...args] = line.trim().split(/\s+/);
  const c = COMMANDS.find((x) => x.name === name);
  if (name === '' || name === 'help') return ok(COMMANDS.map((x) => `lab ${`${x.name} ${x.args}`.trim()}\n    ${x.help}`).join('\n'));
  if (!c) return no(`no command "lab ${name}"; lab help lists them`);
  if (lab.engine === 'free' && lab.run !== 'stopped' && !ALWAYS.has(name)) return no('the lab runs freely; lab park first');
  return c.run(lab, args);
}
