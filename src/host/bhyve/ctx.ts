// What bhyve's device models share: the VM, the bus, the kernel's calls, and the process's own serialisable state.

import type { Machine } from '../../sim/machine.ts';
import type { HostNetmap } from '../kernel/netmap.ts';
import type { Ptnetmap } from '../kernel/ptnetmap.ts';
import type { VmEntry, Vmm } from '../kernel/vmm.ts';
import type { Pci, PciTree } from './pci_emul.ts';
import type { MemdevRecord } from './pci_ptnetmap_memdev.ts';

export interface UartState {
  slotIrq: number;
  rx: string;
  /** Bytes of a character that is not complete. */
  tx: string;
  ier: number;
  backend: boolean;
}
export interface BackendState {
  name: string;
  kind: 'ptnetmap' | 'none';
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
  /** Why the VM ends: bhyve's exit status. */
  suspend: number | null;
  /** A PTCTL write whose ioctl has not returned yet. */
  pending: { fd: number; page: number } | null;
  flags: { hlt: boolean; pause: boolean; acpi: boolean; msix: boolean; strictio: boolean };
  memBytes: number;
  vcpus: number;
}

export interface BhyveCtx {
  m: Machine;
  vmm: Vmm;
  vm: VmEntry;
  netmap: HostNetmap;
  ptn: Ptnetmap;
  st: BhyveState;
  pci: Pci;
  pid: number;
  /** A line on bhyve's own standard output. */
  out(line: string): void;
  /** Bytes for the terminal in which bhyve runs. */
  console(data: string): void;
}
