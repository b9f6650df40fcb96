// A slot as the lab reads it: after each step while the machine stands, four times a second at most while it runs.
import { useEffect, useState } from 'react';
import type { RingRef, SlotView } from '../../lab/protocol';
import { ask } from '../call';
import { useLab } from '../store';

const PERIOD_MS = 250;

/** undefined: not read yet. null: there is no such slot. */
export function useSlot(ring: RingRef, slot: number): SlotView | null | undefined {
  const state = useLab((v) => v.state);
  const running = state?.run === 'running';
  const [view, setView] = useState<SlotView | null>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: each state of the lab asks anew
  useEffect(() => {
    let live = true,
      under = false;
    const take = () => {
      if (document.hidden || under) return;
      under = true;
      void ask((api) => api.slot(ring.id, slot)).then((v) => {
        under = false;
        if (live) setView(v ?? null);
      });
    };
    take();
    const timer = running ? setInterval(take, PERIOD_MS) : undefined;
    return () => {
      live = false;
      clearInterval(timer);
    };
  }, [ring.id, slot, running ? 'running' : state]);
  return view === null || (view?.slot === slot && view.ring === ring.id) ? view : undefined;
}
