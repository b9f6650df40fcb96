// What the classes of slots are called: other words for TX and RX, and for a ring that a host program holds.
import type { RingRef } from '../../lab/protocol';
import type { Owning } from './ownership';

type Names = Record<Owning, string>;

export function namesOf(ref: RingRef): Names {
  const user = ref.user === 'guest' ? 'guest' : 'program',
    kernel = ref.user === 'guest' ? 'host' : 'kernel';
  return ref.dir === 'TX'
    ? {
        sending: `${kernel} is sending`,
        handed: `submitted, ${kernel} has not looked`,
        user: `${user} may fill`,
        done: `done, ${user} not told`,
        flight: 'in flight',
        kept: 'kept empty',
      }
    : {
        sending: `${kernel} is taking back`,
        handed: `released, ${kernel} has not looked`,
        user: `${user} may read`,
        done: `received, ${user} not told`,
        flight: 'empty, waiting for packets',
        kept: 'kept empty',
      };
}

/** Short forms, for runs that are too narrow for the long ones. */
export function shortNames(ref: RingRef): Names {
  return ref.dir === 'TX'
    ? { sending: 'sending', handed: 'submitted', user: 'may fill', done: 'done, untold', flight: 'in flight', kept: 'kept' }
    : { sending: 'taking back', handed: 'released', user: 'may read', done: 'received', flight: 'waiting', kept: 'kept' };
}
