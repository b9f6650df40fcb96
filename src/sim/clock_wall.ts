// The wall clock, for what is outside of the machine: how long a search may take, how often somebody is told. Nothing of a
// machine may depend on it.

/** Milliseconds since some moment. */
export const wallMs = (): number => performance.now();
