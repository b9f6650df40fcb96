// Asks the lab for the picture while it is on screen: after each state that comes, so at most four times a second while the lab
// runs; and makes of the last ones what happens a second.
import { useEffect, useRef, useState } from 'react';
import { slotPlaces } from '../../lab/sample';
import type { LabState, PictureView } from '../../lab/protocol';
import { ask } from '../call';
import { useLab, usePage } from '../store';
import type { Rates, Shown } from './parts';
import { portsShown, ratesOf } from './ports';

/** The stretch over which rates are taken, by the page's clock. */
const WINDOW_MS = 1200;
interface Past {
  at: number;
  view: PictureView;
}

/** `before`: the oldest look of the stretch. */
export function useView(): { view: PictureView | undefined; before: PictureView | undefined; rates: ReadonlyMap<string, Rates> } {
  const state = useLab((v) => v.state);
  const [seen, setSeen] = useState<{ view: PictureView | undefined; before: PictureView | undefined; rates: Map<string, Rates> }>({
    view: undefined,
    before: undefined,
    rates: new Map(),
  });
  const kept = useRef({ busy: false, again: false, gone: false, past: [] as Past[] });
  useEffect(() => {
    const k = kept.current;
    k.gone = false;
    return () => {
      k.gone = true;
    };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each state of the lab asks for a new picture
  useEffect(() => {
    const k = kept.current;
    const take = async (): Promise<void> => {
      if (document.hidden || k.gone) return;
      if (k.busy) {
        k.again = true;
        return;
      }
      k.busy = true;
      const view = await ask((api) => api.picture());
      k.busy = false;
      if (view && !k.gone) {
        const at = performance.now();
        k.past = [...k.past.filter((x) => at - x.at < WINDOW_MS && x.view.clockNs <= view.clockNs), { at, view }];
        const [oldest] = k.past;
        setSeen({ view, before: oldest?.view, rates: oldest ? ratesOf(oldest.view, view) : new Map() });
      }
      if (k.again) {
        k.again = false;
        void take();
      }
    };
    void take();
  }, [state]);
  return seen;
}

/** The ring in whose words the last step was, '': in none. */
function ringTouched(state: LabState): string {
  const t = state.touched;
  if (!t) return '';
  const r = state.rings.find((x) => t.addr >= x.ringAddr && t.addr < slotPlaces(x, x.slots).buf);
  return r?.id ?? '';
}

export function useShown(): Shown | undefined {
  const { view, rates } = useView();
  const state = useLab((v) => v.state);
  const chosen = usePage((v) => v.port);
  const paths = usePage((v) => v.paths);
  if (!view || !state) return undefined;
  return {
    view,
    ports: portsShown(view, chosen, paths),
    threads: state.threads,
    csbs: state.csbs,
    rates,
    running: state.run !== 'stopped',
    touched: state.touched,
    touchedRing: ringTouched(state),
    guestPrompt: state.vms.some((v) => v.state === 'running' && v.prompt),
    hostPrompt: state.terminals.some((t) => !t.consoleOf),
  };
}
