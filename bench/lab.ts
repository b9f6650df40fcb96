// A lab under traffic, without a screen, for the measurements: commands are typed at its terminals and run by the step
// engine, where a program's seconds of waiting cost nothing, until packets flow. Then a measurement takes it over.

import { readFileSync } from 'node:fs';
import { BHYVE, BHYVELOAD } from '../src/lab/boot_lines.ts';
import { Lab } from '../src/lab/lab.ts';
import type { World } from '../src/lab/world.ts';
import { atPrompt } from '../src/sh/shell.ts';
import { spawnNode } from '../src/sim/spawn_node.ts';
import * as L from '../wasm/layout.ts';

export type Way = 'vale' | 'pipe';
export interface Setting {
  way: Way;
  slots: number;
  burst: number;
  /** txseq and rxseq: every byte written, read and compared, instead of tx and rx. */
  checked?: boolean;
  shared: boolean;
}

const PORTS = { vale: { host: 'vale1:2', guest: 'vtnet0', port: 'vale1:1' }, pipe: { host: 'vale2}1', guest: 'vtnet1', port: 'vale2{1' } };
const VM = 'netmapvm';

/** `build`: URL of the folder with the built files. */
export function freshLab(build: URL, slots: number, shared: boolean): Lab {
  const wasm = (name: string) => new Uint8Array(readFileSync(new URL(name, build)));
  return new Lab(
    { step: wasm('step.wasm'), free: wasm('free.wasm') },
    { shared, seed: 1, slots },
    shared ? spawnNode(new URL('free.node.mjs', build)) : undefined,
  );
}

/** Step engine, unrecorded, until the condition holds. */
export function until(w: World, cond: () => boolean, seconds = 60) {
  const end = w.m.clock + seconds * 1e9;
  while (!cond()) {
    const idle = w.advance(20_000, w.m.clock + 1e6) === 'idle';
    if (cond()) return;
    if (idle || w.m.clock > end)
      throw new Error(`the lab stands still:\n${w.tree.host.os.ttys.map((t) => t.out.slice(-400)).join('\n---\n')}`);
  }
}

const hostReady = (w: World, tty: string) =>
  w.tree.host.os.procs.some((p) => p.prog === 'sh' && p.tty === tty && p.ppid === 1 && atPrompt(p));

/** Host kring of the receiver's RX ring and of the guest port's TX ring. */
export function krings(w: World, way: Way) {
  const of = (name: string, field: number) => {
    const a = w.tree.host.adapters.find((x) => x.name === name);
    if (!a) throw new Error(`no port ${name}; there are ${w.tree.host.adapters.map((x) => x.name).join(' ')}`);
    return w.m.ld32(a.addr + field);
  };
  return { rx: of(PORTS[way].host, L.NA_RX_RINGS), tx: of(PORTS[way].port, L.NA_TX_RINGS) };
}

/** A VM that sends to the host as fast as it can. Stopped on the step engine, packets already flow. */
export function underTraffic(build: URL, s: Setting): Lab {
  const lab = freshLab(build, s.slots, s.shared),
    w = lab.world,
    { host, guest } = PORTS[s.way],
    fn = s.checked ? 'seq' : '';
  until(w, () => hostReady(w, 'ttyv0'));
  w.type('ttyv0', `${BHYVELOAD}\r`);
  until(w, () => w.tree.host.vms.length > 0 && hostReady(w, 'ttyv0'));
  w.type('ttyv0', `${BHYVE}\r`);
  const tty = w.openTerminal();
  until(w, () => w.guestAtPrompt(VM) && hostReady(w, tty));
  w.type(tty, `pkt-gen -i '${host}' -f rx${fn} -b ${s.burst} -T 3600000\r`);
  w.type('ttyv0', `pkt-gen -i ${guest} -f tx${fn} -b ${s.burst} -w 0 -T 3600000\r`);
  until(w, () => w.tree.host.adapters.some((a) => a.name === host) && w.m.ld64(krings(w, s.way).rx + L.KR_STAT_PACKETS) > 4 * s.slots);
  return lab;
}

/** Lets the free engine go on for so long, with the host environment's loop beside it. */
export async function runFree(lab: Lab, ms: number) {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    const wait = lab.pump(() => false);
    if (lab.failure) throw new Error(lab.failure);
    await new Promise((r) => {
      setTimeout(r, Math.min(wait, Math.max(0, end - performance.now())));
    });
  }
}

/** Parks as the page's lab worker does. */
export async function park(lab: Lab) {
  while (!lab.park()) {
    lab.pump(() => false);
    await new Promise((r) => {
      setTimeout(r, 1);
    });
  }
}
