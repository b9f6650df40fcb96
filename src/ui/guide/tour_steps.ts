// The order of the first sixty seconds, as what each act leads to. Pure: the page's part is tour.ts.

/** The two threads whose order matters, by their numbers. */
export interface Orders {
  guest: number;
  host: number;
}

/** off: no tour. opening: its recording is on the way. running: at six accesses a second. finding: stopped, on to the marked moment. */
export type TourAt = 'off' | 'opening' | 'running' | 'finding' | 'stopped' | 'looked' | 'undone' | 'other' | 'end';

/** A command of the page to the lab that changes something. */
export interface Act {
  name: string;
  args: readonly unknown[];
}

const CARD: Record<TourAt, number> = {
  off: -1,
  opening: 0,
  running: 0,
  finding: 0,
  stopped: 1,
  looked: 2,
  undone: 3,
  other: 3,
  end: 4,
};
export const cardOf = (at: TourAt): number => CARD[at];

/** Where an act leads; 'away': it was another one, and the tour is over. */
export function after(at: TourAt, act: Act, orders: Orders): TourAt | 'away' {
  const step = act.name === 'step' ? act.args[0] : undefined;
  switch (at) {
    case 'off':
      return 'off';
    case 'end':
      return 'off';
    case 'opening': // whoever presses what the card says a moment too soon loses nothing
      return act.name === 'park' || act.name === 'run' ? 'opening' : 'away';
    case 'running':
      return act.name === 'park' ? 'finding' : 'away';
    case 'stopped':
      return step === orders.guest ? 'looked' : 'away';
    case 'looked':
      return act.name === 'back' && (act.args[0] ?? 1) === 1 ? 'undone' : 'away';
    case 'undone':
      return step === orders.host ? 'other' : 'away';
    case 'other':
      return step === orders.guest ? 'end' : 'away';
    default:
      return 'away';
  }
}
