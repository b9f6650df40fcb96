// What the page's first sixty seconds ask of the lab. Part of the protocol.

/** Two threads that can both go next, and whose order matters: by their numbers, as step() takes them. */
export interface Orders {
  guest: number;
  host: number;
}
export interface TourApi {
  /**
   * Parks, and goes on to the next moment at which the guest is about to look at a flag that the host is about to store;
   * where none comes soon, to the first one after `from`.
   */
  toOrders(from: number): Promise<Orders | undefined>;
  /** Whether what is here is the visitor's own: only that is kept. */
  own(yes: boolean): Promise<void>;
}
