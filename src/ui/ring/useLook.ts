// The last look at a ring for React: at most four times a second while the lab runs, at each state while it stands.
import { useEffect, useState } from 'react';
import type { RingRef } from '../../lab/protocol';
import { ask } from '../call';
import { type Look, lastLook, look, onAnswered, sharesMemory } from '../samples';
import { every } from '../seen';
import { useLab, usePage } from '../store';
import { lensFirst } from './lens';

const PERIOD_MS = 250;

/** Without shared memory the lab posts the words of the one ring that is watched. */
export function useWatch(ring: RingRef): void {
  const follow = usePage((v) => v.follow),
    fixed = usePage((v) => v.lensFirst),
    first = follow === 'fixed' ? fixed : -1;
  useEffect(() => {
    if (!sharesMemory()) void ask((api) => api.watch(ring.id, first));
  }, [ring.id, first]);
}

export function useLook(ref: RingRef | undefined): Look | undefined {
  const state = useLab((v) => v.state);
  const [seen, setSeen] = useState<Look | undefined>(() => (ref ? lastLook(ref.id) : undefined));
  const running = state?.run === 'running';
  // biome-ignore lint/correctness/useExhaustiveDependencies: each state of the lab asks for a new look
  useEffect(() => {
    if (!ref) return;
    const take = () => {
      if (!document.hidden) setSeen(look(ref, lensFirst, !running, performance.now()));
    };
    take();
    if (!running) return onAnswered(take);
    return every(PERIOD_MS, take, take);
  }, [ref, running, state]);
  return ref && seen?.sample.id === ref.id ? seen : undefined;
}
