// What a panel shows of the machine, asked of the lab after each of its states while the panel is on screen: once a step while it is
// stopped, four times a second at most while it runs. One question at a time.
import { useEffect, useRef, useState } from 'react';
import type { PanelKind, PanelViews } from '../../lab/protocol';
import { ask } from '../call';
import { useLab } from '../store';

export interface Seen<V> {
  view: V;
  /** The step at which it was asked. */
  step: number;
}

export function usePanel<K extends PanelKind>(kind: K, query: PanelViews[K]['query']): Seen<PanelViews[K]['view']> | undefined {
  const state = useLab((v) => v.state);
  const key = JSON.stringify(query);
  const [seen, setSeen] = useState<Seen<PanelViews[K]['view']>>();
  const busy = useRef(false),
    again = useRef(false),
    mounted = useRef(true),
    latest = useRef({ key, step: state?.step ?? -1 });
  latest.current = { key, step: state?.step ?? -1 };
  useEffect(() => {
    const look = async () => {
      if (busy.current) {
        again.current = true;
        return;
      }
      busy.current = true;
      do {
        again.current = false;
        const { key: now, step } = latest.current;
        const view = (await ask((api) => api.panel(kind, JSON.parse(now)) as Promise<unknown>)) as PanelViews[K]['view'] | undefined;
        if (mounted.current && view !== undefined && latest.current.key === now) setSeen({ view, step });
      } while (again.current && mounted.current);
      busy.current = false;
    };
    if (state && key && !document.hidden) void look();
  }, [kind, key, state]);
  useEffect(() => {
    mounted.current = true;
    return () => {
      mounted.current = false;
    };
  }, []);
  return seen;
}

/** The values of the step before, by address: what is another now has changed with the last step. */
export function useBefore(seen: { step: number } | undefined, values: () => Map<number, number>): Map<number, number> {
  const kept = useRef<{ step: number; now: Map<number, number>; before: Map<number, number> }>(undefined);
  if (!seen) return NOTHING;
  const was = kept.current;
  if (!was || was.step !== seen.step) kept.current = { step: seen.step, now: values(), before: was?.now ?? NOTHING };
  else kept.current = { ...was, now: values() };
  return kept.current?.before ?? NOTHING;
}
const NOTHING = new Map<number, number>();
