// A machine taken by the hand: whoever the test names makes the next access, and every access and every exit is written down.
// Exits of the guest's control plane are seen where they happen, at the CPU that vmm gives it.

import type { GuestCpu } from '../src/hw/vcpu.ts';
import type { VmEntry } from '../src/host/kernel/vmm.ts';
import type { PtnEntry } from '../src/host/kernel/ptnetmap.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';

/** One exit of the control plane: all of them go to userspace, unless a handler of vmm takes them. */
export interface Exit {
  what: 'in' | 'out' | 'mmio';
  port: number;
  bytes: number;
  value: number;
  /** What the VM's counters moved by: exits, and exits handled in userspace. */
  exits: number;
  user: number;
}

export const stat = (w: World, vm: VmEntry, i: number) => w.m.ld64(vm.vm + L.VM_STAT + i * 8);

/** From now on every exit of every guest's control plane is added to the list; `then` looks at the machine right after it. */
export function exitsOf(w: World, then: (e: Exit, vm: VmEntry) => void = () => {}): Exit[] {
  const out: Exit[] = [],
    { vmm } = w.host,
    cpu = vmm.cpu.bind(vmm);
  vmm.cpu = (vm: VmEntry): GuestCpu => {
    const c = cpu(vm),
      count = <T>(what: Exit['what'], port: number, bytes: number, value: number | undefined, f: () => T): T => {
        const [e, u] = [stat(w, vm, L.STAT_EXITS), stat(w, vm, L.STAT_USERSPACE)],
          v = f(),
          exit = {
            what,
            port,
            bytes,
            value: value ?? Number(v),
            exits: stat(w, vm, L.STAT_EXITS) - e,
            user: stat(w, vm, L.STAT_USERSPACE) - u,
          };
        out.push(exit);
        then(exit, vm);
        return v;
      };
    return {
      ...c,
      in: (port, bytes) => count('in', port, bytes, undefined, () => c.in(port, bytes)),
      out: (port, bytes, value) => count('out', port, bytes, value, () => c.out(port, bytes, value)),
      mmioWrite: (gpa, value) => count('mmio', gpa, 4, value, () => c.mmioWrite(gpa, value)),
      mmioRead: (gpa) => count('mmio', gpa, 4, undefined, () => c.mmioRead(gpa)),
    };
  };
  return out;
}

/** One access of a thread. */
export interface Step {
  point: number;
  addr: number;
  /** What was stored, or what a load found. */
  val: number;
}

/** Runs one thread alone. */
export class Hand {
  constructor(readonly w: World) {}

  /** Who takes the vCPU's next access: its interrupt context goes first. */
  #of(block: number): number {
    const { m } = this.w,
      peer = m.ld32(block + L.T_KIND) === L.TK_VCPU ? m.ld32(block + L.T_PEER) : 0;
    return peer && m.wasm.runnable(peer) ? peer : block;
  }

  /** Accesses of one thread until one of them is it (which is the last), or the thread rests. Requests are answered. */
  run(block: number, is: (s: Step) => boolean = () => false, most = 50_000): Step[] {
    const { w } = this,
      { m } = w,
      out: Step[] = [];
    while (out.length < most) {
      if (m.status(block) === L.TS_REQUEST) {
        w.act();
        continue;
      }
      const t = this.#of(block);
      if (!m.wasm.runnable(t)) return out;
      const before = m.steps;
      w.stepThread(t);
      if (m.steps === before) continue;
      const s = {
        point: m.ld32(L.MACHINE + L.M_DONE_POINT),
        addr: m.ld32(L.MACHINE + L.M_DONE_ADDR),
        val: m.ld32(L.MACHINE + L.M_DONE_VAL),
      };
      out.push(s);
      if (is(s)) return out;
    }
    throw new Error('it goes on and on');
  }

  /** These threads in turn until all of them rest. */
  settle(...blocks: number[]) {
    for (let i = 0; i < 100; i++) if (blocks.every((b) => this.run(b).length === 0)) return;
    throw new Error('they wake each other without end');
  }
}

/** The passthrough entry of a port, while it is up. */
export const ptnOf = (w: World, port: string): PtnEntry | undefined =>
  w.tree.host.ptn.find((p) => w.tree.host.fds.find((f) => f.id === p.fd)?.name === `${port}-PTN`);

/** The places of the accesses in the order of the table, each after the one before; answers what is missing. */
export function inOrder(steps: readonly Step[], wanted: readonly (readonly [string, number, number?])[]): string {
  let at = 0;
  for (const [name, point, val] of wanted) {
    const i = steps.findIndex((s, k) => k >= at && s.point === point && (val === undefined || s.val === val));
    if (i < 0) return `after ${at} accesses there is no: ${name}`;
    at = i + 1;
  }
  return '';
}
