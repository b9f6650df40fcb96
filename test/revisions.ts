// A booted lab whose VM was started with the lab's own options of bhyve, and its guest's threads brought to their first access.

import * as L from '../wasm/layout.ts';
import { BHYVE, BHYVELOAD } from '../src/lab/boot_lines.ts';
import { World } from '../src/lab/world.ts';
import { settle, text, type, wasmFile } from './booted.ts';

/** booted() with `-o` options; sysctls set before. */
export function bootedWith(options: readonly string[], slots: number, sysctl: readonly string[] = [], seed = 1): World {
  const w = World.create(wasmFile('step'), { shared: false, seed, slots });
  settle(w);
  for (const s of sysctl) {
    type(w, 'ttyv0', `sysctl ${s}`);
    settle(w);
  }
  type(w, 'ttyv0', BHYVELOAD);
  settle(w);
  type(w, 'ttyv0', BHYVE.replace('bhyve ', `bhyve ${options.map((o) => `-o ${o} `).join('')}`));
  settle(w);
  w.openTerminal();
  settle(w);
  if (!w.guestAtPrompt('netmapvm')) throw new Error(`the VM did not boot:\n${text(w, 'ttyv0')}`);
  return w;
}

/** The guest's program has its thread, and neither reports nor the control plane get the CPU from here: time stands still. */
export function atFirstAccess(w: World): World {
  const guest = () => w.tree.guests.netmapvm?.threads[0];
  for (let i = 0; i < 100_000 && !guest(); i++) w.advance(1);
  const vm = w.tree.host.vms[0],
    th = guest();
  if (!vm || !th) throw new Error('the program did not start');
  const targ = w.host.vmm.hostAddress(vm, th.targ) ?? 0;
  for (let i = 0; i < 1000 && w.m.ld32(targ + L.TARG_STATE) === 0; i++) w.advance(1);
  w.m.st64(vm.vcpu + L.VCPU_CTL_DEADLINE, 0);
  for (let i = 0; i < w.m.threads; i++) if (!w.m.wasm.to_boundary(w.m.block(i))) throw new Error('a thread is blocked');
  return w;
}

/** A pipe's TX ring at rest: what the peer's ring holds, and what waits in the guest's. */
export function atRest(w: World): { held: number; pending: number; room: number } {
  const {
      m,
      tree: { host },
    } = w,
    ptn = host.ptn[0],
    fd = host.fds.find((f) => f.id === ptn?.fd);
  if (!ptn || !fd) throw new Error('the port is gone');
  const csb = m.ld32(ptn.pts + L.PTN_CSB),
    peer = m.ld32(fd.tx + L.KR_PIPE),
    n = m.ld32(fd.tx + L.KR_NUM_SLOTS);
  return {
    held: (m.ld32(peer + L.KR_NR_HWTAIL) - m.ld32(peer + L.KR_NR_HWCUR) + n) % n,
    pending: (m.ld32(csb + L.CSB_TX_RING + L.PTR_HEAD) - m.ld32(fd.tx + L.KR_NR_HWCUR) + n) % n,
    room: n - 1,
  };
}
