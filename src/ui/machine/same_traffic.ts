// The same packets through both paths of one VM, so that what they cost can be compared: a receiver on each switch that has none, then
// as many packets on each port, one after the other.
import type { PicturePort } from '../../lab/protocol';
import { ask } from '../call';
import { toFront } from '../link';
import { lab, page } from '../store';
import { consoleTty } from '../term/type_at';

export const PACKETS = 400;
/** Ctrl-C: what the guest's shell waits for gives way. */
const INTERRUPT = '\x03';

/** A port of its switch that is not there yet. */
function freeEnd(p: PicturePort): string {
  for (let i = 2; ; i++)
    if (p.backend !== `${p.switch}:${i}` && !p.ends.some((e) => e.name === `${p.switch}:${i}`)) return `${p.switch}:${i}`;
}

/** What is typed on the host and in the guest. Pure. */
export function linesOf(ports: readonly PicturePort[]): { host: string[]; guest: string } {
  const named = ports.filter((p) => p.name !== '');
  return {
    host: named.filter((p) => p.kind === 'vale' && !p.ends.some((e) => e.programs.length)).map((p) => `pkt-gen -i ${freeEnd(p)} -f rx &`),
    guest: named.map((p) => `pkt-gen -i ${p.name} -f tx -n ${PACKETS} -w 1`).join('; '),
  };
}

export async function sameTraffic(ports: readonly PicturePort[]): Promise<void> {
  const { state } = lab.get(),
    guest = consoleTty(state),
    lines = linesOf(ports);
  if (!state || guest === undefined || !lines.guest) return;
  if (state.run === 'stopped') await ask((api) => api.run(page.get().engine ?? undefined));
  if (lines.host.length) {
    const host = await ask((api) => api.openTerminal());
    if (host === undefined) return;
    toFront('host', host);
    for (const line of lines.host) await ask((api) => api.typeLine(host, line, true));
  }
  if (!state.vms.some((v) => v.prompt)) await ask((api) => api.input(guest, INTERRUPT));
  await ask((api) => api.typeLine(guest, lines.guest, true));
}
