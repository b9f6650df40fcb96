// A booted lab for tests: the real command line, typed; checkpointed once a file and taken from there.

import { readFileSync } from 'node:fs';
import { BHYVE, BHYVELOAD } from '../src/lab/boot_lines.ts';
import { World } from '../src/lab/world.ts';

export const wasmFile = (name: string) => new Uint8Array(readFileSync(new URL(`../build/${name}.wasm`, import.meta.url)));

/** Advances until nothing is left to do by itself (or `seconds` of lab time have gone by). */
export function settle(w: World, seconds = 5) {
  const end = w.m.clock + seconds * 1e9;
  while (w.m.clock < end && w.advance(50_000, w.m.clock + 1e7) !== 'idle');
}

/** Types a line at a host terminal, or at the console of the VM. */
export function type(w: World, where: string, line: string) {
  const vm = w.tree.host.vms.find((v) => v.name === where && v.block);
  w.type(vm ? (w.consoleOf(vm) ?? '') : where, `${line}\r`);
}

/** Text of a terminal. */
export const text = (w: World, tty: string) => w.host.os.tty(tty)?.out ?? '';

/** A lab whose VM "netmapvm" is at its prompt; host terminals ttyv0 (its console) and ttyv1. */
export function booted(slots: number, seed = 1): World {
  const w = World.create(wasmFile('step'), { shared: false, seed, slots });
  settle(w);
  type(w, 'ttyv0', BHYVELOAD);
  settle(w);
  type(w, 'ttyv0', BHYVE);
  settle(w);
  w.openTerminal();
  settle(w);
  if (!w.guestAtPrompt('netmapvm')) throw new Error(`the VM did not boot:\n${text(w, 'ttyv0')}`);
  return w;
}
