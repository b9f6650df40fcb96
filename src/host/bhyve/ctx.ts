// What bhyve's device models share: the VM, the bus, the kernel's calls, and the process's own serialisable state.

import type { ThreadHandle } from '../../bin/sys.ts';
import type { Machine } from '../../sim/machine.ts';
import type { Taps } from '../kernel/if_tap.ts';
import type { HostNetmap } from '../kernel/netmap.ts';
import type { Ptnetmap } from '../kernel/ptnetmap.ts';
import type { VmEntry, Vmm } from '../kernel/vmm.ts';
import type { Pci, PciFunction, PciTree } from './pci_emul.ts';
import type { LabOptions } from './lab_options.ts';
import type { MemdevRecord } from './pci_ptnetmap_memdev.ts';

export interface UartState {
  rx: string;
  /** Bytes of a character that is not complete. */
  tx: string;
  ier: number;
  lcr: number;
  mcr: number;
  scr: number;
  dll: number;
  dlh: number;
  /** What is behind it: nothing, `stdio`, or a device of the host. */
  dev: string;
}
export interface BackendState {
  name: string;
  /** Which of net_backends.ts has it; none: the link is down. */
  kind: 'null' | 'tap' | 'netmap' | 'ptnetmap' | 'none';
  /** Its netmap descriptor, or 0. */
  fd: number;
}

/** bhyve's process state (JSON). */
export interface BhyveState {
  phase: 'start' | 'run' | 'ending';
  vmname: string;
  pci: PciTree;
  memdevs: MemdevRecord[];
  uarts: Record<string, UartState>;
  lpc: boolean;
  backends: Record<string, BackendState>;
  lpcdev: string[];
  /** Why the VM ends: bhyve's exit status, or 128 and a signal. */
  suspend: number | null;
  /** ACPI's event registers, once the guest has enabled ACPI: status and enable. */
  pm1: { sts: number; en: number } | null;
  /** A PTCTL write whose ioctl has not returned yet. */
  pending: { fd: number; page: number } | null;
  /** Its vCPU has been started. */
  started: boolean;
  /** virtio-net functions (their pages) whose STATUS = 0 waits for their threads. */
  resetting: number[];
  /** Its threads in the data plane; `page` of a virtio-net function, 0: mevent. */
  threads: { name: string; role: 'mevent' | 'tx' | 'rx'; page: number; h: ThreadHandle }[];
  flags: { hlt: boolean; pause: boolean; acpi: boolean; msix: boolean; strictio: boolean; x2apic: boolean };
  /** -o: the lab's own. */
  lab: LabOptions;
  memBytes: number;
  vcpus: number;
}

/** Exit status of a process that dies by SIGSEGV. */
export const SEGV = 128 + 11;

/** A vCPU's thread is still inside bhyve: what it asked for has not returned. */
export const inUserspace = (st: BhyveState) => st.pending !== null || st.resetting.length > 0;

export interface BhyveCtx {
  m: Machine;
  vmm: Vmm;
  vm: VmEntry;
  netmap: HostNetmap;
  ptn: Ptnetmap;
  taps: Taps;
  st: BhyveState;
  pci: Pci;
  pid: number;
  /** dev.lab.regif_steps: an ioctl's actions one by one. */
  stepwise(): boolean;
  /** A line on bhyve's own standard output, or standard error. */
  out(line: string): void;
  err(line: string): void;
  /** Bytes for the terminal in which bhyve runs. */
  console(data: string): void;
  /** pthread_create: a thread with a body of the data plane, bound to the rings of a descriptor (0: none). */
  startThread(name: string, fd: number, op: number, setup: (page: number) => void): ThreadHandle | undefined;
  poke(h: ThreadHandle): void;
  /** Terminals of the host that a UART may be plugged into: null modems. */
  serial: { loaded(): boolean; open(path: string): boolean; write(path: string, data: string): void };
  /** Bytes of a file of the host, as a disk; undefined when there is none. */
  diskBytes(path: string): number | undefined;
  /** Raises the guest's SCI, or lowers it. */
  sci(on: boolean): void;
}

/** The only vCPU has executed HLT with interrupts off: the VM is suspended, where HLT is an exit (-H). */
export function vmSuspendHalt(st: BhyveState): number {
  if (st.flags.hlt) st.suspend ??= 2;
  return 0;
}

/** A function as its state is filed under. */
export const slotKey = (f: PciFunction) => `${f.bus}:${f.slot}:${f.func}`;
