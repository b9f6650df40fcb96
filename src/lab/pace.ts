// How fast the step engine goes when it goes by itself: so many steps a second of the wall clock.

/** What was not made in so many seconds is not made up for. */
const LATE_S = 0.5;

/** Steps at a given speed. When they are late they are not hurried. */
export class SlowPace {
  #from: number;
  #done = 0;
  constructor(
    readonly speed: number,
    wall: number,
  ) {
    this.#from = wall;
  }
  /** Steps to make now, at most `most`; wall is the time of day in ms. */
  due(wall: number, most: number): number {
    const due = Math.floor(((wall - this.#from) / 1000) * this.speed) - this.#done;
    if (due > Math.max(1, this.speed * LATE_S)) {
      this.#from = wall;
      this.#done = 0;
      return 1;
    }
    this.#done += Math.max(0, due);
    return Math.max(0, Math.min(due, most));
  }
  /** Until the next step, ms. */
  wait(wall: number): number {
    return Math.max(1, Math.min(100, ((this.#done + 1) / this.speed) * 1000 - (wall - this.#from)));
  }
}

/** What a person can choose: one step in five seconds to as fast as it goes (0). */
export const SPEEDS = [0.2, 1, 3, 6, 30, 300, 3000, 0] as const;
export const MAX_SPEED = 1e6;
