// Asks the lab for the picture while it is on screen: after each state that comes, so at most four times a second while the lab
// runs; and makes of the last ones what happens a second.
import { useEffect, useRef, useState } from 'react';
import { slotPlaces } from '../../lab/sample';
import type { LabState, PicturePort, PictureView } from '../../lab/protocol';
import { ask } from '../call';
import { useLab, usePage } from '../store';
import type { Rates, Shown } from './parts';

/** The stretch over which rates are taken, by the page's clock. */
const WINDOW_MS = 1200;
interface Past {
  at: number;
  view: PictureView;
}

export function ratesOf(old: PictureView, now: PictureView): Map<string, Rates> {
  const out = new Map<string, Rates>(),
    seconds = (now.clockNs - old.clockNs) / 1e9;
  if (seconds <= 0) return out;
  for (const p of now.ports) {
    const was = old.ports.find((x) => x.id === p.id);
    if (!was) continue;
    const by = (f: (x: PicturePort) => number) => Math.max(0, f(p) - f(was)) / seconds;
    out.set(p.id, {
      tx: by((x) => x.counts.tx),
      rx: by((x) => x.counts.rx),
      kicks: by((x) => x.counts.kicks),
      interrupts: by((x) => x.counts.interrupts),
    });
  }
  return out;
}

export function useView(): { view: PictureView | undefined; rates: ReadonlyMap<string, Rates> } {
  const state = useLab((v) => v.state);
  const [seen, setSeen] = useState<{ view: PictureView | undefined; rates: Map<string, Rates> }>({ view: undefined, rates: new Map() });
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
        setSeen({ view, rates: oldest ? ratesOf(oldest.view, view) : new Map() });
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

/** The ports in the picture: the chosen one; with it the other path, or the other VM's on the same switch. */
export function portsShown(view: PictureView, chosen: string, paths: boolean): PicturePort[] {
  const port = view.ports.find((p) => p.id === chosen) ?? view.ports.find((p) => p.open) ?? view.ports[0];
  if (!port) return [];
  if (paths) {
    const other = otherPath(view, port);
    if (other) return port.path === 'passthrough' ? [port, other] : [other, port];
  }
  const second = view.ports.find((p) => p.vm && p.vm !== port.vm && port.vm && p.switch && p.switch === port.switch);
  return second ? view.ports.filter((p) => p === port || p === second) : [port];
}
export const otherPath = (view: PictureView, port: PicturePort): PicturePort | undefined =>
  view.ports.find((p) => p.vm && p.path !== port.path && p.open) ?? view.ports.find((p) => p.vm && p.path !== port.path);

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
