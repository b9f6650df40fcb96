// What goes between the page and the explorer, and between the explorer and its workers: plain data.

import type { Lots } from './fuzz.ts';
import type { TableRow } from './rows.ts';
import type { Progress, Question, Verdict } from './question.ts';

/** A sysctl of the lab's, put to this value before the search. */
export interface Knob {
  name: string;
  value: number;
}
/** A lab file's machine at its moment, as tools/lessons.mjs makes it. */
export interface Scenario {
  file: string;
  title: string;
  recording: string;
}
/** From where: a scenario; where another search began; neither: this parked moment. */
export interface Asked {
  scenario?: Scenario;
  of?: number;
  knobs: Knob[];
  /** What is different from the search that it follows, in words; '' for a question of its own. */
  varied: string;
  question: Question;
  /** Schedules drawn by lot; none: every schedule. */
  lots?: Lots;
}

/** A protection that the protocol has or lacks: what a search can put back, or take away. */
export interface Protection {
  /** H1 …, or the name of what changes several. */
  id: string;
  /** "the host’s second look" */
  words: string;
  /** What goes wrong without it. */
  about: string;
  /** Whether it is there now. */
  on: boolean;
  /** What makes it the other way round. */
  knobs: Knob[];
}

/** One step of a counterexample. */
export interface StoryStep {
  /** Moves made when it is done. */
  n: number;
  words: string;
  thread: string;
  owner: 'guest' | 'host' | 'shared';
  /** The pause point's name; '': none. */
  point: string;
}
/** One that the story needs, or a stretch of those that it does not. */
export interface StoryPart {
  matters: boolean;
  words: string;
  steps: StoryStep[];
}

export interface ExploreJob {
  id: number;
  /** "step 12,345", or the scenario's title. */
  from: string;
  /** Of the lab's own machine, not of a scenario. */
  here: boolean;
  question: Question;
  lots?: Lots;
  knobs: Knob[];
  varied: string;
  state: 'waiting' | 'preparing' | 'searching' | 'done' | 'failed';
  progress?: Progress;
  /** States a second, of late; of schedules by lot, moves. */
  rate: number;
  /** Its counterexample is not here but behind `story`; how many moves it has. */
  verdict?: Omit<Verdict, 'found'> & { found?: { promise: string; why: string; moves: number } };
  /** The verdict in a sentence. */
  sentence: string;
  protections: Protection[];
  /** Why it failed, in a sentence. */
  failure: string;
}

/** A row of the table that the lab ships (rows.ts), as tools/explore.mjs has found it. */
export type HazardRow = TableRow;

// ── workers ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** A parked machine: its tree and its used pages, or the recording that leads to it. */
export type Start = { step: number; acted: string; tree: string; pages: Map<number, Uint32Array> } | { recording: string };
export interface Task {
  wasm: Uint8Array<ArrayBuffer>;
  setup: { seed: number; slots: number };
  start: Start;
  knobs: Knob[];
  question: Question;
  lots?: Lots;
}
export type ToSearcher = { t: 'begin'; task: Task } | { t: 'stop' };
export type FromSearcher =
  /** With what the memory model sets on this machine. */
  | { t: 'ready'; protections: Protection[]; model: Knob[] }
  | { t: 'progress'; progress: Progress }
  | { t: 'done'; verdict: Verdict; sentence: string; story: StoryPart[] }
  | { t: 'failed'; why: string };
