// The words of the explorer's panel.
import type { ExploreJob, Model } from '../../lab/protocol';

export const exploreWords = {
  title: 'Explore',
  open: 'Explore every schedule',
  about: 'Every order in which the threads can go from a parked moment, and the shortest one that breaks a promise.',
  question: 'Question',
  from: 'From',
  here: 'this moment, step',
  hereRunning: 'this moment (the lab is parked first)',
  noVm: 'Boot a VM and park, or choose a scenario.',
  scenarios: 'Scenarios',
  hazards: 'Hazards, recorded',
  model: 'Memory',
  buffer: 'Stores that may wait',
  most: 'At most',
  states: 'states',
  seconds: 'seconds',
  anyTime: 'any time',
  memory: 'memory',
  promises: 'Promises',
  looked: 'looked at in every state',
  kept: 'holds',
  andYours: 'of yours',
  own: 'Also true in every state',
  addOwn: 'Add promise',
  ownGloss: 'In the language of stop points. Promises of yours hold for the searches that you begin from now on.',
  removeOwn: 'Take away the promise',
  ask: 'Explore',
  beside: 'It searches beside the lab, which goes on.',
  results: 'Searches',
  what: 'question',
  verdict: 'verdict',
  stop: 'Stop',
  stopThat: 'Stop the search',
  forget: 'Take away the search',
  waiting: 'waits for a free worker',
  preparing: 'builds its machine',
  aSecond: 'a second',
  depth: 'depth',
  frontier: 'frontier',
  holds: 'holds',
  bounded: 'no proof',
  failed: 'failed',
  broken: 'broken',
  moves: 'moves',
  time: 'time',
  state: 'a state',
  clean: (states: string) => `${states} states: every promise holds in all of them.`,
  noProof: (states: string, left: string) => `No failure in ${states} states; ${left} were not visited. This is not a proof.`,
  failure: (what: string, moves: string, states: string, seconds: string) =>
    `${what} in ${moves} steps. Found in ${states} states, ${seconds} s.`,
  deadlock: 'Deadlock',
  brokenPromise: (title: string) => `Broken promise: ${title},`,
  remove: 'Remove a protection',
  goOn: 'Go on',
  view: 'View in stepper',
  share: 'Share',
  shared: 'Link copied',
  story: 'The shortest way to it',
  others: (n: number) => (n === 1 ? '1 more access' : `${n.toLocaleString('en-US')} more accesses`),
  toStep: 'go to after',
  whatIf: 'What if',
  putBack: 'Put back',
  takeAway: 'Take away',
  under: 'Search under',
  with: 'with',
  without: 'without',
  again: 'Ask it again',
  looking: 'Looking for the story.',
  rows: 'Hazards and what each search of them found',
  counterexample: 'View in stepper: the counterexample of',
  hazard: 'hazard',
  expected: 'expected',
  same: 'as expected',
  acts: 'control plane',
  schedules: 'schedules',
  seed: 'Seed',
  draws: 'At most',
  order: 'Depth',
  drawn: 'Schedules',
  parks: 'Parks',
  stress: 'Run and park',
  stressGloss:
    'Nothing is recorded or replayed. At each park ring indices must be in order and every buffer in one slot; what lies between parks is not looked at.',
  parksHeld: (n: number) =>
    `What must hold at a park of the free engine was looked at ${n === 1 ? 'once' : `${n.toLocaleString('en-US')} times`}, and held.`,
  parksBroken: (n: string, why: string) => `At park ${n} of the free engine: ${why}`,
  drawGloss: 'For sizes whose states cannot all be visited. The same seed draws the same schedules; what is found is made shorter.',
} as const;

/** Which actions of the control plane are moves too. */
export const actsWords = {
  no: 'none of its actions',
  exits: 'exits that bhyve handles',
  all: 'all its actions',
} as const;

export const modelWords: Record<Model, string> = {
  sc: 'sequential consistency',
  tso: 'store buffers (TSO), as x86',
  pso: 'out-of-order drains (PSO)',
};
export const modelShort: Record<Model, string> = { sc: 'SC', tso: 'TSO', pso: 'PSO' };
export const ownerWords = { guest: 'guest', host: 'host', shared: 'shared' } as const;

/** Every schedule, or some. */
export const drawWords = {
  every: 'every one, the shortest found first',
  lot: 'some, drawn by lot',
  pct: 'some, by random priorities (PCT)',
  free: 'those of the free engine, parked again and again',
} as const;

/** What was asked, short: "step 1,234 · TSO of 2". */
export const modelOf = (q: Pick<ExploreJob['question'], 'model' | 'buffer'>): string =>
  q.model === 'sc' ? modelShort.sc : `${modelShort[q.model]} of ${q.buffer}`;
/** "TSO of 2 · 1,000 by lot, seed 1 · with H1". */
export function howOf({ question, lots, varied }: Pick<ExploreJob, 'question' | 'lots' | 'varied'>): string {
  const draw = lots && `${lots.depth === undefined ? 'by lot' : `PCT of ${lots.depth}`}, seed ${lots.seed}`;
  return [modelOf(question), draw, varied].filter(Boolean).join(' · ');
}
