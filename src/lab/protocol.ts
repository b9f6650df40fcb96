// What crosses between the page and the lab worker: commands one way (Comlink, a few a second), events the other.
// Plain data only. The page knows nothing else of the machine.

export type Side = 'guest' | 'host';
export type Owner = Side | 'shared';
export type EngineName = 'step' | 'free';
/** stopped: parked between two accesses. running: going. idle: going, but every thread sleeps and nothing is due. */
export type RunState = 'stopped' | 'running' | 'idle';
export type PolicyName = 'student' | 'rr' | 'random' | 'lvt';
export type Access = 'ld' | 'st' | 'rmw' | 'fence' | 'sleep' | 'wakeup' | 'lock' | 'unlock' | 'plain';

/** A line of the data plane's source: path below the project's root, 1-based line, kernel function it mirrors. */
export interface SourceLine {
  file: string;
  line: number;
  fn: string;
}

/** The access that a thread is parked in front of. */
export interface NextAccess extends SourceLine {
  point: number;
  kind: Access;
  /** "read host_need_txkick of the CSB (now 1)" – a verb phrase without subject. */
  phrase: string;
  addr: number;
  /** What is in memory at addr now; what a store would write is in `store`. */
  value: number;
  store?: number;
}

export interface ThreadView {
  /** Index of its thread block: the argument of step(). */
  id: number;
  name: string;
  side: Side;
  /** One line: what it is ("runs txsync of vale1:1 for the guest"). */
  role: string;
  state: 'running' | 'ready' | 'asleep' | 'blocked' | 'waiting' | 'dead';
  /** Asleep or blocked: on what, and since when (lab ns). */
  wchan?: string;
  wmesg?: string;
  sinceNs?: number;
  deadlineNs?: number;
  vtimeNs: number;
  /** True when step(id) is possible now. */
  runnable: boolean;
  next?: NextAccess;
  /** Pending stores, oldest first. */
  storeBuffer: { word: string; value: number }[];
}

/** Addresses (bytes, in the machine's memory) of what a ring picture needs; read them with lab/sample. */
export interface RingRef {
  id: string;
  /** "TX ring 0 of vtnet0" */
  title: string;
  port: string;
  dir: 'TX' | 'RX';
  slots: number;
  /** Who fills and reads the slots: a guest program (passthrough), or a host program. */
  user: Side;
  ringAddr: number;
  /** The kring that runs sync on the backend (host), and the guest's own where there is one. */
  hostKring: number;
  guestKring: number;
  /** pt_ring inside the CSB page, 0 without passthrough. */
  csbRing: number;
  /** Address of the ring as its program knows it, and as the host does: "0xc4006a00". */
  guestAddress: string;
  hostAddress: string;
}

export interface Field {
  name: string;
  owner: Owner;
  addr: number;
  value: number;
  note?: string;
}
export interface CsbView {
  id: string;
  title: string;
  guestAddress: string;
  hostAddress: string;
  fields: Field[];
}

export interface CounterRow {
  name: string;
  value: number;
  note?: string;
  mark?: 'modelled' | 'sampled';
}
export interface CounterGroup {
  id: string;
  title: string;
  side: Owner;
  rows: CounterRow[];
}

export interface TerminalView {
  tty: string;
  title: string;
  side: Side;
  /** True while the terminal is a VM's console: what it shows then belongs to the guest. */
  consoleOf?: string;
}

export interface VmView {
  name: string;
  state: 'loaded' | 'running';
  prompt: boolean;
}

export interface LabState {
  engine: EngineName;
  run: RunState;
  /** Shared accesses executed by the step engine since the lab was started. */
  step: number;
  clockNs: number;
  policy: PolicyName;
  seed: number;
  canBack: boolean;
  /** First step of the recording: Back goes no further. */
  rootStep: number;
  /** Histories that a choice in the past has left. */
  branches: { id: number; name: string; fork: number; end: number }[];
  /** Checkpoints kept and what they take. */
  recording: { checkpoints: number; bytes: number };
  /** The last step as one sentence with its subject ("vCPU 0 stored head = 9 in the CSB."), empty at the start. */
  sentence: string;
  /** The word that the last step touched. */
  touched?: { addr: number; kind: Access; thread: number; side: Side };
  threads: ThreadView[];
  rings: RingRef[];
  csbs: CsbView[];
  counters: CounterGroup[];
  terminals: TerminalView[];
  vms: VmView[];
  memory: { usedBytes: number; peakBytes: number };
  /** Set when nothing can ever happen again by itself although work waits: who waits for what. */
  stuck?: string;
  /** Sentences about what this browser cannot do here. */
  limits: string[];
}

export type LabEvent =
  | { t: 'state'; state: LabState }
  | { t: 'tty'; tty: string; data: string }
  /** The terminal was rewound: its whole content. */
  | { t: 'tty-reset'; tty: string; data: string }
  /** Without shared memory: the words of the watched ring, at most one a frame (see lab/sample). */
  | { t: 'sample'; sample: RingSample };

/** One look at a ring. Not atomic while the machine runs: `torn` when the order is impossible. */
export interface RingSample {
  id: string;
  n: number;
  head: number;
  cur: number;
  tail: number;
  rhead: number;
  rcur: number;
  hwcur: number;
  hwtail: number;
  /** Who knows what: the guest's kring and the CSB, -1 without passthrough. */
  guest: { rhead: number; rcur: number; hwcur: number; hwtail: number };
  csb: { head: number; cur: number; hwcur: number; hwtail: number };
  torn: boolean;
  /** Slots from `first` on, cyclic. */
  first: number;
  slots: { bufIdx: number; len: number; flags: number }[];
}

export interface StartOptions {
  /** Use SharedArrayBuffer and worker threads if this page may. */
  shared: boolean;
  /** The address's part after `#`, when it may hold a shared moment. */
  fragment?: string;
  /** The engine to begin on. Only what runs on the step engine from the start on can be shared. */
  engine?: EngineName;
}
export interface Started {
  engine: EngineName;
  memory?: WebAssembly.Memory;
  bhyveload: string;
  bhyve: string;
  /** A link was given: the moment it brought, or a sentence why it could not be opened. */
  opened?: { ok: boolean; text: string };
}

export interface LabApi {
  start(options: StartOptions, onEvent: (event: LabEvent) => void): Promise<Started>;
  /** Bytes typed in a terminal, as xterm gives them. */
  input(tty: string, data: string): Promise<void>;
  resize(tty: string, cols: number, rows: number): Promise<void>;
  /** Opens a further host terminal; answers its tty. */
  openTerminal(): Promise<string>;
  /** Types a command line at a terminal's prompt; with enter, runs it. */
  typeLine(tty: string, line: string, enter: boolean): Promise<void>;
  run(engine?: EngineName): Promise<void>;
  /** Parks: the step engine takes over in place. */
  park(): Promise<void>;
  /** One shared access: of the given thread, or of the one the policy picks. */
  step(thread?: number): Promise<void>;
  /** Undoes n accesses (1). */
  back(n?: number): Promise<void>;
  /** Which ring the samples are of, and the first slot of the window (-1: around head). */
  watch(ring: string, first: number): Promise<void>;
  /** A link's fragment (without #) that restores this very moment, or a sentence why there is none. */
  share(): Promise<{ ok: boolean; text: string }>;
  /** One of the lab's commands, as typed after `lab` ("next kick", "goto 1234", "policy random 7"): src/lab/control.ts lists them. */
  command(line: string): Promise<{ ok: boolean; text: string }>;
  /** Starts over: a fresh host. */
  reset(): Promise<void>;
}
