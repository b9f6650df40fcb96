// Answers to `lab …` typed in terminals: taken after the machine's slice, never within it.

import { ALWAYS, labCommand } from './control.ts';
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
]);
/** Steps that typing a character takes at most while nothing else happens. */
const KEY = 8;

/** The step before the line was typed: the run of keystrokes at this terminal that ends now. */
function typedFrom(lab: Lab, tty: string): number {
  let from = lab.world.m.steps,
    first = true;
  for (const e of lab.timeline.entries.toReversed()) {
    if (e.at > from || from - e.at > KEY || (e.k !== 'input' && e.k !== 'line') || e.tty !== tty) break;
    if (!first && e.k === 'input' && /[\r\n]/.test(e.data)) break; // another line
    first = false;
    from = e.at;
  }
  return from;
}

/** The terminal at which a line was typed: a guest's is that of its console. */
function keysOf(lab: Lab, vm: string, tty: string): string {
  const v = lab.world.tree.host.vms.find((x) => x.name === vm && x.block);
  return (v && lab.world.consoleOf(v)) ?? tty;
}

/** Takes what was asked and answers; `parked` stops whichever engine runs. True when there was anything. */
export async function serve(lab: Lab, parked: () => Promise<void>): Promise<boolean> {
  const { asked } = lab.world;
  if (!asked.length) return false;
  lab.world.asked = [];
  for (const { vm, pid, tty, line } of asked) {
    if (lab.timeline.entries.some((e) => e.k === 'answer' && e.vm === vm && e.pid === pid && e.at >= lab.world.m.steps)) continue;
    const [name = ''] = line.trim().split(/\s+/),
      { engine } = lab,
      going = lab.run !== 'stopped';
    if (!ALWAYS.has(name) || name === 'park') await parked();
    // what was typed is not what is to be undone
    if (name === 'back' || name === 'undo') lab.seek(typedFrom(lab, keysOf(lab, vm, tty)));
    const r = labCommand(lab, line),
      { ok, text } = r.later ? await r.later : r;
    lab.answer(vm, pid, text, ok ? 0 : 1);
    if (going && lab.run === 'stopped' && !STOPS.has(name) && !(name === 'branches' && /\s/.test(line.trim()))) lab.start(engine);
  }
  return true;
}
