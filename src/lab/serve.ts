// Answers to `lab …` typed in terminals: taken after the machine's slice, never within it.

import { ALWAYS, type Outcome, labCommand } from './control.ts';
import type { Lab } from './lab.ts';

/** Commands after which the machine stays stopped. */
const STOPS: ReadonlySet<string> = new Set([
  'park',
  'run',
  'step',
  'back',
  'goto',
  'next',
  'undo',
  'redo',
  'fork',
  'edit',
  'drain',
  'reset',
  'counterexample',
]);
/** Entries among which the beginning of a line is looked for. */
const MOST_KEYS = 4096;

/** The step before the line was typed: the keystrokes at this terminal since the Enter before this one. */
function typedFrom(lab: Lab, tty: string): number {
  const { m } = lab.world;
  let from = m.steps,
    enters = 0;
  for (const e of lab.timeline.entries
    .filter((x) => x.at < m.steps)
    .slice(-MOST_KEYS)
    .reverse()) {
    if ((e.k !== 'input' && e.k !== 'line') || e.tty !== tty) continue;
    if (e.k === 'input' && /[\r\n]/.test(e.data) && ++enters > 1) break;
    from = e.at;
  }
  return from;
}

/** The terminal at which a line was typed: a guest's is that of its console. */
function keysOf(lab: Lab, vm: string, tty: string): string {
  const v = lab.world.tree.host.vms.find((x) => x.name === vm && x.block);
  return (v && lab.world.consoleOf(v)) ?? tty;
}

/** Whether the machine stays stopped after it. */
const stops = (name: string, line: string) =>
  STOPS.has(name) || (name === 'branches' && /\s/.test(line.trim())) || (name === 'explore' && /\s--take\b/.test(line));

/**
 * Takes what was asked and answers; `parked` stops whichever engine runs. True when there was anything. With `aside` the machine
 * goes on while an answer takes its time; it is told of each such answer.
 */
export async function serve(lab: Lab, parked: () => Promise<void>, aside?: (answer: Promise<void>) => void): Promise<boolean> {
  const { asked } = lab.world;
  if (!asked.length) return false;
  lab.world.asked = [];
  for (const { vm, pid, tty, line, again } of asked) {
    if (lab.timeline.entries.some((e) => e.k === 'answer' && e.vm === vm && e.pid === pid && e.at >= lab.world.m.steps)) continue;
    const [name = ''] = line.trim().split(/\s+/),
      { engine } = lab,
      going = lab.run !== 'stopped';
    if (again && (STOPS.has(name) || name === 'explore' || name === 'litmus')) {
      lab.answer(vm, pid, '', 0); // it was done, and led elsewhere
      continue;
    }
    if (!ALWAYS.has(name) || name === 'park' || (name === 'run' && /\s/.test(line.trim()))) await parked();
    // what was typed is not what is to be undone
    if (name === 'back' || name === 'undo') lab.seek(typedFrom(lab, keysOf(lab, vm, tty)));
    lab.asker = { vm, pid };
    const r = labCommand(lab, line),
      say = ({ ok, text, status }: Outcome) => {
        lab.answer(vm, pid, text, status ?? (ok ? 0 : 1));
      };
    lab.asker = undefined;
    if (!r.later) say(r);
    else if (!aside) say(await r.later);
    else aside(r.later.then(say));
    if (going && lab.run === 'stopped' && !stops(name, line)) lab.start(engine);
  }
  return true;
}
