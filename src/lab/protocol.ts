// What crosses between the page and the lab worker: commands one way (Comlink), events the other. Plain data only.
import type { ExploreApi, ParksView } from './explore/explore_types.ts';
import type { ExploreJob } from './explore/job.ts';
import type { Rescue, RescueApi, RescueEvent, Trouble } from './rescue.ts';
import type { Began, GuideApi, StartsWith } from './guide_types.ts';
import type { NotesApi, NoteView } from './notes.ts';
import type { PredictApi } from './predict.ts';
import type { PanelsApi } from './panel_types.ts';
import type { PictureApi } from './picture_view.ts';
import type { LifeView, SlotView } from './slot_job.ts';

export type { ExploreApi, ParksView } from './explore/explore_types.ts';
export type { Asked, ExploreJob, HazardRow, Knob, Protection, Scenario, StoryPart, StoryStep } from './explore/job.ts';
export type { Model, Question } from './explore/question.ts';
export type { PanelKind, PanelViews } from './panel_types.ts';
export type * from './picture_view.ts';
export type { LifeView, SlotField, SlotPacket, SlotRegion, SlotView } from './slot_job.ts';
export { type Rescue, type Told, type Trouble, together } from './rescue.ts';

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
  /** It names something, and is not counted: written without separators. */
  plain?: true;
  cleared?: true; // the other side writes it too
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
  /** It names something, and is not counted: written without separators. */
  plain?: true;
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

/** What happens between accesses, or is more than an access. */
export const MARKS = ['kick', 'suppressed', 'interrupt', 'exit', 'sleep', 'wake', 'timeout', 'prologue', 'drop', 'wrap'] as const;
export type MarkKind = (typeof MARKS)[number];
/** Steps from … to of the timeline, in so many columns; of which kinds, and with which text in thread, port, kind or source. */
export interface StripQuery {
  from: number;
  to: number;
  columns: number;
  kinds?: MarkKind[];
  text?: string;
  /** Lab time is wanted at each multiple of so many steps, from that at this step. */
  every?: number;
  at?: number;
}
export interface StripLane {
  id: number;
  name: string;
  side: Side;
  /** The steps between which the thread existed. */
  first: number;
  last: number;
  /** The steps that it made, where a step is a column wide or more. */
  steps: number[];
  /** Else the share of each column, 0 to 255. */
  shares: number[];
  /** Where it slept or was blocked, and on what; short ones are left out where columns are wide. */
  rests: { from: number; to: number; on: string }[];
}
export interface StripView {
  from: number;
  to: number;
  /** The steps that are known. */
  base: number;
  end: number;
  columns: number;
  lanes: StripLane[];
  /** Lane and the lane that it woke or interrupts, -1: none. Empty when there are too many: then counted by column. */
  marks: { step: number; kind: MarkKind; lane: number; to: number }[];
  counts: number[];
  many: number;
  /** What was typed, edited and chosen, at its step. */
  deeds: { step: number; kind: 'typed' | 'edit' | 'choice' | 'other'; words: string }[];
  clockNs: [number, number];
  /** Lab time, ns, at the multiples of `every` steps in the stretch that are known, by the clock of who made the step, from that at the step
   * `at`; every 0: not asked for. */
  every: number;
  at: number;
  clocks: { step: number; ns: number }[];
}

/** A store or a change of a word. */
export interface Writer {
  step: number;
  /** "vCPU 0 stored head = 9 in the CSB" */
  words: string;
  side: Owner;
  value: number;
  was?: number;
}
/** A word of memory and who wrote it, newest first. */
export interface WordView {
  addr: number;
  bytes: 2 | 4 | 8;
  value: number;
  /** Its names, as in stop points: "csb.tx_ring.head". */
  names: string[];
  doc: string;
  owner: Owner;
  writable: boolean;
  guestAddress?: string;
  writers: Writer[];
  /** The search ended before the beginning of the recording. */
  cut: boolean;
}
export interface BranchView {
  id: number;
  name: string;
  /** The history from which it parted, and where; -1: none. */
  parent: number;
  fork: number;
  end: number;
  entries: number;
}
/** Two histories side by side. */
export interface Comparison {
  here: { id: number; name: string; step: number; sentence: string; next: string };
  there: { id: number; name: string; step: number; sentence: string; next: string };
  /** The last step that they have in common. */
  fork: number;
  /** The state that differs. */
  rows: { where: string; name: string; owner: Owner; here: string; there: string }[];
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
  /** What ran freely before the first step was not recorded. */
  freeBefore: boolean;
  /** The furthest step of the present history. */
  end: number;
  /** Start over, or opening a recording, can be undone. */
  canTakeBack: boolean;
  history: { id: number; name: string };
  /** Histories that a choice in the past has left. */
  branches: BranchView[];
  breaks: { id: number; text: string; hits: number; from: number; note: string }[];
  /** Steps a second while it runs on the step engine, 0: as fast as it can. */
  speed: number;
  /** Checkpoints kept, what they take and may take; full: some were taken out for it. */
  recording: { checkpoints: number; bytes: number; limit: number; full: boolean };
  /** Of the present history, by step. */
  notes: NoteView[];
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
  limits: string[];
  parks?: ParksView;
  troubles?: Trouble[];
}

export type LabEvent =
  | { t: 'state'; state: LabState }
  | { t: 'tty'; tty: string; data: string }
  /** The terminal was rewound: its whole content. */
  | { t: 'tty-reset'; tty: string; data: string }
  /** Without shared memory: the words of the watched ring, at most one a frame (see lab/sample). */
  | { t: 'sample'; sample: RingSample }
  /** How far a search of the explorer is. */
  | { t: 'explore'; job: ExploreJob }
  | RescueEvent
  /** Another machine is here now: its memory, where it is shared. */
  | { t: 'machine'; memory?: WebAssembly.Memory };

/** One look at a ring. Not atomic while the machine runs: `torn` when the order is impossible. */
export interface RingSample {
  id: string;
  n: number;
  head: number;
  cur: number;
  tail: number;
  rhead: number;
  rcur: number;
  rtail: number;
  hwcur: number;
  hwtail: number;
  /** Who knows what: the guest's kring and the CSB, -1 without passthrough. */
  guest: { rhead: number; rcur: number; rtail: number; hwcur: number; hwtail: number };
  csb: { head: number; cur: number; hwcur: number; hwtail: number };
  torn: boolean;
  /** Slots from `first` on, cyclic. */
  first: number;
  slots: { bufIdx: number; len: number; flags: number }[];
}

export interface StartOptions extends StartsWith {
  /** Use SharedArrayBuffer and worker threads if this page may. */
  shared: boolean;
  /** The address's part after `#`, when it may hold a shared moment. */
  fragment?: string;
  /** Keep nothing in the browser: a picture embedded in another page. */
  forget?: boolean;
  /** The engine to begin on. Only what runs on the step engine from the start on can be shared. */
  engine?: EngineName;
  rescue?: Rescue;
}
export interface Started extends Began {
  engine: EngineName;
  memory?: WebAssembly.Memory;
  bhyveload: string;
  bhyve: string;
  /** Command lines to choose from: what is run before, and what is left at the prompt. */
  ready: readonly { words: string; first: readonly string[]; line: string }[];
  /** What this browser kept of earlier visits, the newest first: they can be gone on from. */
  kept: { when: number; step: number; free: boolean }[];
  /** A link was given: the moment it brought, or a sentence why it could not be opened. */
  opened?: { ok: boolean; text: string; layout?: unknown; setup?: { seed: number; slots: number }; newer?: number };
}
/** How an event crosses: beside Comlink's messages, in order with its answers. */
export type Posted = { event: LabEvent };

export type Answer = { ok: boolean; text: string };
/** A text to save, with the name of its file. */
export interface Saved extends Answer {
  name: string;
  /** Instead of the text, when the file is one of bytes. */
  bytes?: Uint8Array<ArrayBuffer>;
}
export type ExportKind = 'trace' | 'vcd' | 'transcript' | 'capture';

export interface LabApi extends ExploreApi, RescueApi, GuideApi, NotesApi, PredictApi, PictureApi, PanelsApi {
  start(options: StartOptions): Promise<Started>;
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
  share(layout?: unknown): Promise<Answer>;
  /** This moment as a file, or a sentence why it is none. */
  save(layout?: unknown): Promise<Saved>;
  /** Opens a file's text. What was there before can be taken back. */
  open(text: string): Promise<Answer & { layout?: unknown }>;
  /** A stretch for other programs: Chrome trace JSON, VCD of the indices, or the terminals as text. */
  export(kind: ExportKind, from: number, to: number): Promise<Saved>;
  /** One of the lab's commands, as typed after `lab` ("next kick", "goto 1234", "policy random 7"): src/lab/control.ts lists them. */
  command(line: string): Promise<Answer>;
  /** The commands, for the palette. */
  commands(): Promise<{ name: string; args: string; help: string }[]>;
  /** Gives up the search that is under way. */
  cancel(): Promise<void>;
  /** A stretch of the timeline, and the nearest mark of it before (-1) or after (1) a step. */
  strip(query: StripQuery): Promise<StripView>;
  near(query: StripQuery, step: number, by: 1 | -1): Promise<number | undefined>;
  /** The nearest step before or after one that was an access at a place of the source: FILE:LINE, or a function. */
  nearPlace(place: string, step: number, by: 1 | -1): Promise<{ step: number; thread: number } | undefined>;
  /** The step at which a text came to stand in a terminal. */
  writtenAt(tty: string, text: string): Promise<number | undefined>;
  /** A word and who wrote it; where a buffer has been; two histories side by side. Undefined: there is none. */
  word(addr: number, bytes?: 2 | 4): Promise<WordView | undefined>;
  life(buf: number, ring: string): Promise<LifeView | undefined>;
  slot(ring: string, slot: number): Promise<SlotView | undefined>;
  compare(branch: number, after: number): Promise<Comparison | undefined>;
  /** Names of fields for completion; what is wrong with a condition, '' when nothing. */
  fields(): Promise<string[]>;
  /** Where a named field is now. */
  address(path: string): Promise<{ addr: number; bytes: 2 | 4 } | undefined>;
  check(condition: string): Promise<string>;
  /** What Start over or another recording put away comes back. */
  takeBack(): Promise<void>;
  ping(): Promise<void>;
  /** Starts over: a fresh host, set up in another way if that is said. */
  reset(engine?: EngineName, setup?: { seed: number; slots: number }): Promise<void>;
}
