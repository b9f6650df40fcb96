// What the inspector's panels ask of the lab, and what they get: plain data, bounded in size whatever the guest has written. The
// answers are made by the files *_view.ts of this room, by reading only; addresses are the machine's own unless a name says otherwise.

import type { Owner, Side } from './protocol.ts';

/** A word with its name, as FreeBSD has it. */
export interface NamedWord {
  name: string;
  addr: number;
  bytes: 1 | 2 | 4 | 8;
  value: number;
  owner: Owner;
  /** What it means; where the value has a name, that. */
  note: string;
  says?: string;
  /** Written as an address. */
  hex?: true;
}

// ── memory ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** guest: guest-physical, of one VM. program: as a program of that VM has it mapped. host: the addresses used elsewhere on screen. */
export type Space = 'guest' | 'program' | 'host';
export interface MemoryQuery {
  vm: string;
  show: Space;
  /** Address -1: wherever there is most to see. */
  from: { space: Space; addr: number };
  rows: number;
  /** So many of them before that address. */
  before: number;
  width: 8 | 16;
}
/** Bytes of a row that belong to one field, or to none of a structure (name ''). */
export interface MemoryPiece {
  row: number;
  at: number;
  bytes: number;
  object: string;
  name: string;
  owner: Owner;
  note: string;
  /** The whole field. */
  addr: number;
  size: number;
  value?: number;
}
export interface MemoryRow {
  /** -1: it has none in this space. */
  guest: number;
  program: number;
  host: number;
  /** Empty when nothing can be read there. */
  bytes: number[];
  /** What the row is where no structure is, or why it has no bytes. */
  what: string;
}
export interface MemoryObject {
  title: string;
  group: 'rings' | 'krings' | 'csb' | 'virtqueues' | 'pci' | 'netmap' | 'buffers' | 'threads' | 'vm';
  addr: number;
  bytes: number;
  owner: Owner;
}
export interface MemoryRegion {
  from: number;
  to: number;
  what: string;
  kind: 'ram' | 'bar' | 'mapped' | 'none';
}
export interface MemoryView {
  /** The space of the first address: the one asked for, or the one of `from` where that has none in it. */
  space: Space;
  addr: number;
  /** What was asked for, and where in the window it is: row and byte. */
  from: { space: Space; addr: number };
  focus: { row: number; col: number };
  vm: string;
  vms: string[];
  rows: MemoryRow[];
  pieces: MemoryPiece[];
  objects: MemoryObject[];
  /** The first guest address of the window at which nothing is mapped. */
  fault: number;
  map: MemoryRegion[];
}

// ── krings ────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface KringColumn {
  title: string;
  side: Side;
  addr: number;
  words: NamedWord[];
}
export interface KringsView {
  ports: { id: string; title: string }[];
  port: string;
  title: string;
  dirs: { dir: 'TX' | 'RX'; krings: KringColumn[] }[];
}

// ── threads ───────────────────────────────────────────────────────────────────────────────────────────────────────

export interface ThreadCounts {
  id: number;
  addr: number;
  iterations: number;
  sleeps: number;
  wakeups: number;
  timeouts: number;
  sleptNs: number;
  aliveNs: number;
}

// ── PCI ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface PciBar {
  n: number;
  type: 'io' | 'mem32';
  addr: number;
  size: number;
  maps: string;
}
export interface PciFunctionView {
  id: string;
  where: string;
  emul: string;
  conf: string;
  vendor: number;
  device: number;
  cls: number;
  /** The guest's driver with its unit, '' while there is none. */
  driver: string;
  bars: PciBar[];
  caps: { at: number; id: number; name: string; says: string }[];
  msix: { vector: number; addr: number; data: number; masked: boolean; use: string }[];
  features: { bit: number; name: string; offered: boolean; negotiated: boolean }[];
  registers: NamedWord[];
  /** Of the device: virtio's, ptnetmap's. */
  own: NamedWord[];
  /** The 256 bytes as the guest reads them. */
  config: number[];
  /** Where they are in the machine. */
  addr: number;
}
export interface PciView {
  vms: { name: string; functions: PciFunctionView[] }[];
}

// ── virtqueues ────────────────────────────────────────────────────────────────────────────────────────────────────

export interface VirtqDesc {
  index: number;
  addr: number;
  len: number;
  flags: string;
  next: number;
}
export interface VirtqChain {
  head: number;
  state: 'available' | 'taken' | 'used';
  /** Bytes that the device says it wrote. */
  len: number;
  descs: VirtqDesc[];
  wrong: string;
}
export interface VirtqView {
  id: string;
  title: string;
  device: NamedWord[];
  driver: NamedWord[];
  ring: NamedWord[];
  size: number;
  guestAddress: number;
  /** Why the ring itself cannot be read. */
  wrong: string;
  passthrough: boolean;
  counts: { available: number; taken: number; used: number; free: number };
  chains: VirtqChain[];
  table: VirtqDesc[];
  first: number;
}
export interface VirtqsView {
  queues: { id: string; title: string }[];
  queue: VirtqView | null;
}

// ── switches, pipes, bridges ──────────────────────────────────────────────────────────────────────────────────────

export interface SwitchPort {
  n: number;
  name: string;
  kind: string;
  owner: Owner;
  txPackets: number;
  rxPackets: number;
  copies: number;
  drops: number;
  open: boolean;
  rings: { ring: number; hwcur: number; hwtail: number; hwlease: number; leaseIdx: number; open: number[]; more: number }[];
}
export interface VisibleSwitch {
  kernel: string;
  name: string;
  lock: number;
  ports: SwitchPort[];
  table: { mac: string; port: number; name: string; bucket: number; gone: boolean }[];
  more: number;
}
export interface VisiblePipe {
  kernel: string;
  ends: { name: string; open: boolean; owner: Owner; txPackets: number; rxPackets: number }[];
  parent: string;
}
export interface VisibleBridge {
  name: string;
  members: { name: string; learning: boolean }[];
  table: { mac: string; member: string; left: number }[];
  more: number;
  count: number;
  max: number;
  timeout: number;
  floods: number;
  full: number;
}
export interface SwitchView {
  switches: VisibleSwitch[];
  pipes: VisiblePipe[];
  bridges: VisibleBridge[];
}

// ── allocators ────────────────────────────────────────────────────────────────────────────────────────────────────

export interface PoolView {
  name: 'if' | 'ring' | 'buf';
  objtotal: number;
  objfree: number;
  objsize: number;
  offset: number;
  /** The bitmap as a picture: so many objects a cell; who has most of each, -1 nobody, -2 the allocator itself, -3 in no slot. */
  each: number;
  cells: number[];
  /** The same as runs of equal holders, and how many more there are. */
  runs: { from: number; to: number; holder: number }[];
  more: number;
}
export interface AllocatorHolder {
  name: string;
  owner: Owner;
  ifs: number;
  rings: number;
  bufs: number;
}
export interface AllocatorView {
  kernel: string;
  id: number;
  title: string;
  base: number;
  total: number;
  refs: number;
  exposed: boolean;
  pools: PoolView[];
  holders: AllocatorHolder[];
  /** Where the buffers are: they add up to objtotal, or somebody wrote what was not his. */
  sum: { free: number; reserved: number; slots: number; extra: number; nowhere: number; twice: number; wild: number; total: number };
}

// ── packets ───────────────────────────────────────────────────────────────────────────────────────────────────────

export interface PacketLine {
  n: number;
  ns: number;
  port: string;
  dir: 'TX' | 'RX';
  ring: number;
  slot: number;
  buf: number;
  len: number;
  line: string;
}
export interface PacketField {
  name: string;
  value: string;
  offset: number;
  length: number;
  note?: string;
  wrong?: string;
  depth: number;
}
export interface PacketsView {
  on: boolean;
  /** Something was captured, or is being. */
  there: boolean;
  ports: { port: string; seen: number; dropped: number }[];
  /** Ports that could be captured now. */
  open: string[];
  used: number;
  size: number;
  total: number;
  lines: PacketLine[];
  one: { n: number; line: PacketLine; bytes: number[]; fields: PacketField[]; cut: number } | null;
}

export interface PanelViews {
  memory: { query: MemoryQuery; view: MemoryView };
  /** Port '': that of the ring. */
  krings: { query: { port: string; ring: string }; view: KringsView | null };
  threads: { query: Record<string, never>; view: ThreadCounts[] };
  pci: { query: Record<string, never>; view: PciView };
  virtq: { query: { queue: string; first: number }; view: VirtqsView };
  switches: { query: Record<string, never>; view: SwitchView };
  allocators: { query: Record<string, never>; view: AllocatorView[] };
  packets: { query: { port: string; one: number }; view: PacketsView };
}
export type PanelKind = keyof PanelViews;
export interface PanelsApi {
  /** What a panel shows now. */
  panel<K extends PanelKind>(kind: K, query: PanelViews[K]['query']): Promise<PanelViews[K]['view']>;
}
