// Which ring the page shows: the chosen one, else the first that a guest's program holds open, else the first.
import { useRef } from 'react';
import type { RingRef } from '../../lab/protocol';
import { lab, page, useLab, usePage } from '../store';

const NONE: RingRef[] = [];

const among = (rings: readonly RingRef[], chosen: string): RingRef | undefined =>
  rings.find((r) => r.id === chosen) ?? rings.find((r) => r.csbRing !== 0) ?? rings[0];

/** For what is not a component. */
export const ringShown = (): RingRef | undefined => among(lab.get().state?.rings ?? NONE, page.get().ring);

export function useRings(): RingRef[] {
  return useLab((v) => v.state?.rings ?? NONE);
}

/** The same object as long as the ring is the same, so that the picture is not made anew at each state. */
export function useRing(): RingRef | undefined {
  const rings = useRings();
  const chosen = usePage((v) => v.ring);
  const ring = among(rings, chosen);
  const kept = useRef(ring);
  if (JSON.stringify(kept.current) !== JSON.stringify(ring)) kept.current = ring;
  return kept.current;
}
