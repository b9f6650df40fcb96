// Which ports a picture shows, and what they do a second: from one view, and from two. Pure.
import type { PicturePort, PictureView } from '../../lab/protocol';
import type { Rates } from './parts';

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
