// Puts a command at a terminal's prompt, in front and with focus; run only if that is asked for.
import type { LabState } from '../../lab/protocol';
import { ask } from '../call';
import { toFront } from '../link';
import { lab, page } from '../store';
import { terminalFor } from './sessions';

export function consoleTty(state: LabState | null): string | undefined {
  return state?.terminals.find((t) => t.consoleOf)?.tty;
}
export const hostTty = (state: LabState | null): string | undefined => state?.terminals.find((t) => !t.consoleOf)?.tty;

export function typeAt(tty: string | undefined, line: string, run = false): void {
  if (tty === undefined) return;
  const side = tty === consoleTty(lab.get().state) ? 'guest' : 'host';
  toFront(side, tty);
  page.set({ phone: side, drawer: false });
  terminalFor(tty).focus();
  void ask((api) => api.typeLine(tty, line, run));
}

/** The same at the guest's console, or at a host terminal, which is opened if there is none. */
export async function typeAtSide(side: 'guest' | 'host', line: string, run = false): Promise<void> {
  const { state } = lab.get();
  typeAt(side === 'guest' ? consoleTty(state) : (hostTty(state) ?? (await ask((api) => api.openTerminal()))), line, run);
}
