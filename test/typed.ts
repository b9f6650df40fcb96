// Commands typed at real terminals, for tests: the bytes go through the line discipline and the shell, the answer is
// what the terminal shows until the prompt is back, and the exit status is what `echo $?` says there.

import { readFileSync } from 'node:fs';
import type { BhyveState } from '../src/host/bhyve/ctx.ts';
import type { Tty } from '../src/sh/proc.ts';
import { World } from '../src/lab/world.ts';

const PROMPT = /root@[\w.-]+:~ # $/;
const WIDE = 4000; // no wrapping, so that what was typed stands in one line
const SLICE_NS = 2e6;

export const wasmFile = (name: string) => new Uint8Array(readFileSync(new URL(`../build/${name}.wasm`, import.meta.url)));
const text = (w: World, tty: string) => w.host.os.tty(tty)?.out ?? '';

export interface Answer {
  /** What the command printed, lines ended by \n. */
  text: string;
  /** Its lines that are not the lab's own. */
  real: string[];
  /** Its lines that begin with "lab:". */
  lab: string[];
  status: number;
}

/** A lab with wide host terminals ttyv0, ttyv1, … */
export function freshLab(slots = 8, terminals = 1, seed = 1): World {
  const w = World.create(wasmFile('step'), { shared: false, seed, slots });
  for (let i = 1; i < terminals; i++) w.openTerminal();
  for (let i = 0; i < terminals; i++) w.resize(`ttyv${i}`, WIDE, 24);
  until(w, () => w.tree.host.os.ttys.every((t) => PROMPT.test(t.out)));
  return w;
}

/** Runs the machine until the condition holds; throws when it does not within `seconds` of lab time. */
export function until(w: World, cond: () => boolean, seconds = 30) {
  const end = w.m.clock + seconds * 1e9;
  while (!cond()) {
    if (w.m.clock >= end)
      throw new Error(
        `not within ${seconds} s of lab time; the terminals show\n${w.tree.host.os.ttys.map((t) => `${t.id}: ${t.out.slice(-600)}`).join('\n')}`,
      );
    if (w.advance(20_000, w.m.clock + SLICE_NS) === 'idle' && !cond())
      throw new Error(
        `nothing happens any more; the terminals show\n${w.tree.host.os.ttys.map((t) => `${t.id}: ${t.out.slice(-600)}`).join('\n')}`,
      );
  }
}

/** Lets lab time go by. */
export function pass(w: World, seconds: number) {
  const end = w.m.clock + seconds * 1e9;
  while (w.m.clock < end) if (w.advance(20_000, Math.min(end, w.m.clock + SLICE_NS)) === 'idle') w.m.clock = end;
}

const ttyOf = (w: World, id: string): Tty => {
  const t = w.host.os.tty(id);
  if (!t) throw new Error(`no terminal ${id}`);
  return t;
};
const atPrompt = (w: World, id: string) => PROMPT.test(text(w, id));

/** Text that a terminal shows since a mark, without CR. */
export const since = (w: World, id: string, mark: number) =>
  text(w, id)
    .slice(-(ttyOf(w, id).written - mark) || undefined)
    .replace(/\r/g, '');
export const mark = (w: World, id: string) => ttyOf(w, id).written;

/** Types a line and returns at once. Answers the mark before it. */
export function begin(w: World, id: string, line: string): number {
  const m = mark(w, id);
  w.type(id, `${line}\r`);
  return m;
}

/** Waits for the prompt after `m`; answers what was printed between the line and the prompt. */
export function finish(w: World, id: string, m: number, seconds = 30): string {
  until(w, () => ttyOf(w, id).written > m && since(w, id, m).includes('\n') && atPrompt(w, id), seconds);
  const shown = since(w, id, m);
  return shown.slice(shown.indexOf('\n') + 1).replace(PROMPT, '');
}

/** Types a line, waits for the prompt, asks for the status. */
export function run(w: World, id: string, line: string, seconds = 30): Answer {
  return answer(w, id, finish(w, id, begin(w, id, line), seconds));
}

/** The answer to a command that has printed `printed`: now asks for its status. */
export function answer(w: World, id: string, printed: string): Answer {
  const status = Number(finish(w, id, begin(w, id, 'echo $?')).trim());
  const lines = printed.split('\n').slice(0, -1);
  return { text: printed, real: lines.filter((l) => !l.startsWith('lab:')), lab: lines.filter((l) => l.startsWith('lab:')), status };
}

/** Boots a VM with this bhyve command line at terminal `id`, which becomes its console. */
export function boot(w: World, id: string, bhyve: string, vm = 'netmapvm') {
  run(w, id, `bhyveload -m 2G -d mfsroot.img ${vm}`);
  begin(w, id, bhyve);
  until(w, () => w.guestAtPrompt(vm));
  const v = w.host.vmm.find(vm),
    con = v && w.guest(v).os.tty('ttyu0');
  if (!con) throw new Error('the guest has no console');
  con.cols = WIDE;
  finish(w, id, begin(w, id, ':'));
}

export const END = '-l com1,stdio -A -H -P -m 2G netmapvm';

/** A VM with these devices behind hostbridge and lpc; its console is ttyv0. */
export function vmWith(slots: string, before?: (w: World) => void) {
  const w = freshLab(8, 2);
  before?.(w);
  boot(w, 'ttyv0', `bhyve -s 0,hostbridge -s 1,lpc ${slots} ${END}`);
  const vm = w.host.vmm.find('netmapvm');
  if (!vm) throw new Error('no VM');
  const st = w.host.bhyveOf(vm)?.st as BhyveState;
  const fn = (where: string) => st.pci.functions.find((f) => `${f.slot}:${f.func}` === where);
  return {
    w,
    vm,
    st,
    cpu: w.host.vmm.cpu(vm),
    fn,
    bars: (where: string) => (fn(where)?.bars ?? []).map((b) => (b ? `${b.type} 0x${b.addr.toString(16)} ${b.size}` : '-')),
    console: () => since(w, 'ttyv0', 0),
    dmesg: () => w.tree.guests.netmapvm?.dmesg.join('\n') ?? '',
  };
}
