// The same packets through both paths of one VM at the same time, so that what they cost can be compared.
import type { PicturePort } from '../../lab/protocol';
import { ask } from '../call';
import { toFront } from '../link';
import { lab, page } from '../store';
import { consoleTty } from '../term/type_at';
import { linesOf } from './ports';

/** Ctrl-C: what the guest's shell waits for gives way. */
const INTERRUPT = '\x03';

/** What is typed is typed at prompts: the lab goes on first. */
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
