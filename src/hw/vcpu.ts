// What a virtual CPU offers to the guest kernel that runs on it: port I/O, memory by guest-physical address, time.
// The hypervisor implements it; the guest knows nothing else of its host.

import type { Machine } from '../sim/machine.ts';

export interface GuestCpu {
  readonly m: Machine;
  /** IN and OUT: each is a VM exit. Sizes in bytes (1, 2, 4). */
  in(port: number, bytes: 1 | 2 | 4): number;
  out(port: number, bytes: 1 | 2 | 4, value: number): void;
  /** Pointer to guest-physical memory; allocates RAM on first touch. Valid within its 4 KiB page. */
  ram(gpa: number): number;
  /** Backs consecutive pages of RAM that were never touched with one run of frames: its pointer. Not `now`: a page is used from its first touch on. */
  wire(gpa: number, bytes: number, now: boolean): number;
  unwire(gpa: number, bytes: number): void;
  /** Pointer to any mapped guest-physical address (a BAR), undefined when nothing is mapped there. */
  mapped(gpa: number): number | undefined;
  /** MMIO to emulated device memory (the MSI-X table): an exit each. Of 1, 2, 4 (the default) or 8 bytes. */
  mmioWrite(gpa: number, value: number, bytes?: number): void;
  mmioRead(gpa: number, bytes?: number): number;
  /** Address of the VM's map (address space of its programs) and of the vCPU. */
  readonly as: number;
  readonly vcpu: number;
  /** Thread block of the vCPU. */
  readonly block: number;
  readonly ramBytes: number;
  /** PROTOCOL_*: which revision of the passthrough protocol this machine was started for; its kernel is the one that fits. */
  readonly protocol: number;
  /** The environment that the loader left for the kernel. */
  readonly kenv: Readonly<Record<string, string>>;
  /** A loop of PAUSE that takes so many ns, as DELAY(9) is one. */
  spin(ns: number): void;
  /** CLI; HLT. */
  halt(): void;
  /** The last OUT has not returned yet: the vCPU is still in the hypervisor's userspace. */
  busy(): boolean;
}
