// Which ports a picture shows, and what they do a second: from one view, and from two. Pure.
import type { PicturePort, PictureView } from '../../lab/protocol';
import type { Rates } from './parts';

/** Lab time too short to speak of a second: a few packets of one batch in it would be millions. */
const SHORTEST_NS = 100_000;

export function ratesOf(old: PictureView, now: PictureView): Map<string, Rates> {
  const out = new Map<string, Rates>(),
    ns = now.clockNs - old.clockNs,
    seconds = ns / 1e9;
  if (ns < SHORTEST_NS) return out;
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
  // a guest's before its host's own: what has carried packets is still worth a look when its program is done
  const guests = view.ports.filter((p) => p.vm),
    port =
      view.ports.find((p) => p.id === chosen) ??
      guests.find((p) => p.open) ??
      guests.find((p) => p.counts.tx + p.counts.rx > 0) ??
      view.ports.find((p) => p.open) ??
      view.ports[0];
  if (!port) return [];
  if (paths) {
    const one = port.vm ? port : view.ports.find((p) => p.vm && p.path === 'passthrough'), // the host's own ports are on no path
      other = one && otherPath(view, one);
    if (one && other) return one.path === 'passthrough' ? [one, other] : [other, one];
  }
  const second = view.ports.find((p) => p.vm && p.vm !== port.vm && port.vm && p.switch && p.switch === port.switch);
  return second ? view.ports.filter((p) => p === port || p === second) : [port];
}
export const otherPath = (view: PictureView, port: PicturePort): PicturePort | undefined =>
  view.ports.find((p) => p.vm && p.path !== port.path && p.open) ?? view.ports.find((p) => p.vm && p.path !== port.path);

/** A port of its switch that is not there yet. */
function freeEnd(p: PicturePort): string {
  for (let i = 2; ; i++) {
    const name = `${p.switch}:${i}`;
    if (p.backend !== name && !p.ends.some((e) => e.name === name)) return name;
  }
}
/** Packets a second, and in one batch: the same on both paths. */
const RATE = '-R 1000 -b 10 -w 1';
/** What sends the same through several ports at once: a receiver on the host for each switch that has none, and one line in the guest. */
export function linesOf(ports: readonly PicturePort[]): { host: string[]; guest: string } {
  const named = ports.filter((p) => p.name !== '');
  return {
    host: named.filter((p) => p.kind === 'vale' && !p.ends.some((e) => e.programs.length)).map((p) => `pkt-gen -i ${freeEnd(p)} -f rx &`),
    guest: named.map((p) => `pkt-gen -i ${p.name} -f tx ${RATE}`).join(' & '),
  };
}
