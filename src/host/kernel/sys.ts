// What the host kernel offers to its programs, bhyve's ioctls included.

import type { Sys, ThreadHandle } from '../../bin/sys.ts';
import type { Os, Proc } from '../../sh/proc.ts';
import type { Taps } from './if_tap.ts';
import type { HostInterfaces } from './ifnet.ts';
import type { HostNetmap } from './netmap.ts';
import type { Ptnetmap } from './ptnetmap.ts';
import type { HostTree } from './tree.ts';
import type { VmEntry, Vmm } from './vmm.ts';

export interface HostSys extends Sys {
  readonly os: Os<this>;
  readonly vmm: Vmm;
  readonly netmap: HostNetmap;
  readonly ptn: Ptnetmap;
  readonly ifs: HostInterfaces;
  readonly taps: Taps;
  /** As a program's, with a name of its own (pthread_set_name_np). */
  startThread(p: Proc, fd: number, body: number, setup: (targ: number) => void, second?: number, name?: string): ThreadHandle | undefined;
  /** The ioctl for which a vCPU waits in userspace has returned: it goes on. */
  vmResume(vm: VmEntry): void;
  /** Asks the vCPU out of the guest; true once it is out for good. */
  vmStopped(vm: VmEntry): boolean;
  /** The bhyve that runs a VM. */
  bhyveOf(vm: VmEntry): Proc | undefined;
  /** The kernel's own tables, for programs that list them. */
  hostTree(): HostTree;
  /** The VM's guest is no more. */
  vmGone(vm: VmEntry): void;
}
