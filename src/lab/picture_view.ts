// What the picture of the machine (level 1 of the page) is drawn from: plain data, made by picture.ts from memory and tree.

import type { ChartsApi } from './chart_types.ts';
import type { MarkKind, RingSample, Side } from './protocol.ts';

export type * from './chart_types.ts';

/** How the bytes of a port's packets cross: never, or by a thread of bhyve that copies them. */
export type Path = 'passthrough' | 'copying';
export type BackendKind = 'vale' | 'pipe' | 'nic' | 'tap' | 'port' | 'none';

/** A program that holds a port open. */
export interface PictureProgram {
  pid: number;
  line: string;
}
/** Another port of the switch, the other end of the pipe or of the bridge. */
export interface PictureEnd {
  name: string;
  /** The VM whose port it is, '': the host's own. */
  vm: string;
  programs: PictureProgram[];
}
/** Registers of a NIC's first queue pair. */
export interface PictureNic {
  name: string;
  tdh: number;
  tdt: number;
  rdh: number;
  rdt: number;
  /** Frames that have left on the wire and come from it. */
  sent: number;
  received: number;
}
/** One look at a ring of the port: id as in RingRef. */
export interface PictureRing {
  id: string;
  dir: 'TX' | 'RX';
  sample: RingSample;
}
/** A virtqueue as its two sides know it; flags are those with which one side asks the other not to disturb it. */
export interface PictureQueue {
  dir: 'TX' | 'RX';
  size: number;
  avail: number;
  used: number;
  lastAvail: number;
  noInterrupt: boolean;
  noNotify: boolean;
}
/** Counted since the port was opened for passthrough (REGIF), or since the VM's bhyve began. */
export interface PictureCounts {
  tx: number;
  rx: number;
  bytes: number;
  guestSyncs: number;
  hostSyncs: number;
  kicks: number;
  suppressed: number;
  /** Kicks that ended in vmm.ko, those that went on to bhyve, and every other exit to it. */
  kernelExits: number;
  bhyveExits: number;
  otherExits: number;
  interrupts: number;
  /** Bytes of a packet copied by bhyve, by the switch: packets. */
  ferried: number;
  switched: number;
  systemCalls: number;
}
export interface PictureMemory {
  id: number;
  bytes: number;
  buffers: number;
  bufferBytes: number;
  /** Buffers in use by rings or programs. */
  taken: number;
  /** BAR1 of ptnetmap-memdev in the guest, '' where the guest does not have it. */
  guestAddress: string;
  hostAddress: string;
}
export interface PicturePort {
  id: string;
  /** '' when the host uses it alone. */
  vm: string;
  /** The guest's name of it, '' until its driver is there. */
  name: string;
  /** The host's. */
  backend: string;
  kind: BackendKind;
  path: Path;
  /** A netmap program of the guest has it (REGIF done, or the queues carry packets). */
  open: boolean;
  /** Id of its CsbView, '': none. */
  csb: string;
  rings: PictureRing[];
  queues: PictureQueue[];
  /** The switch or bridge, '': none. */
  switch: string;
  ends: PictureEnd[];
  /** Rings of the pipe's other end: in the same memory. */
  peerRings: PictureRing[];
  nic?: PictureNic;
  memory?: PictureMemory;
  /** Programs in the guest, or on the host when it uses the port alone. */
  programs: PictureProgram[];
  /** Threads by their block: the vCPU, those that move packets, with what they are for. */
  vcpu: number;
  movers: { thread: number; dir: 'TX' | 'RX' | '' }[];
  counts: PictureCounts;
  /** Port of the doorbell, where the guest has it. */
  doorbell: string;
}
export interface PictureVm {
  name: string;
  running: boolean;
  memoryBytes: number;
  vcpus: number;
}
export interface PictureView {
  clockNs: number;
  step: number;
  vms: PictureVm[];
  ports: PicturePort[];
  /** Numbers are of a machine whose time is modelled (step engine), or measured (free). */
  modelled: boolean;
  /** What happened at the last step, while the machine stands. Lanes are threads, -1: nobody. */
  signals: { kind: MarkKind; side: Side; thread: number; to: number }[];
}
export interface PictureApi extends ChartsApi {
  /** The machine as a picture: asked at most four times a second while it is on screen. */
  picture(): Promise<PictureView>;
}
