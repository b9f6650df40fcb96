// What the page may ask the explorer, and what is said of the free engine's parks. Plain data only; a part of protocol.ts.
import type { Answer } from '../protocol.ts';
import type { Asked, HazardRow, StoryPart } from './job.ts';

/** The parks of the free engine of this machine: how often what must hold at a park was looked at, and the first that broke it. */
export interface ParksView {
  looked: number;
  broken?: { park: number; promise: string; why: string };
}
/** The explorer: searches beside the lab. What comes of them are events. */
export interface ExploreApi {
  /** Begins a search from this moment (parked first), from a scenario, or from where another began. */
  explore(asked: Asked): Promise<Answer & { id?: number }>;
  /** Ends one: what was found is kept. Or takes it out of the list. */
  stopExploring(id: number): Promise<void>;
  forgetExploring(id: number): Promise<void>;
  /** A counterexample, a sentence a move. */
  story(id: number): Promise<StoryPart[]>;
  /** Puts it into the recording as choices, and stands after so many moves of it, -1: at its end. A link to that end. */
  showFound(id: number, moves: number): Promise<Answer & { opened?: boolean }>;
  shareFound(id: number, layout?: unknown): Promise<Answer>;
  /** What every search keeps an eye on; the table of hazards that the lab ships, and a row's counterexample in the stepper. */
  promises(): Promise<readonly { name: string; title: string; about: string }[]>;
  hazards(): Promise<readonly HazardRow[]>;
  showHazard(row: number, scenario: string): Promise<Answer>;
  /** The free engine goes on and is parked so often; ends early where what must hold does not, or when something else is asked. */
  stress(parks: number): Promise<Answer>;
}
