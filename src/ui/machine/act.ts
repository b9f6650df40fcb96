// Puts a command at a prompt of one side, not run: what the empty boxes offer.
import type { LabState } from '../../lab/protocol';
import { ask } from '../call';
import { toFront } from '../link';
import { lab, page } from '../store';
import { terminalFor } from '../term/sessions';

export const consoleTty = (state: LabState | null): string | undefined => state?.terminals.find((t) => t.consoleOf)?.tty;
export const hostTty = (state: LabState | null): string | undefined => state?.terminals.find((t) => !t.consoleOf)?.tty;

export function typeAt(tty: string | undefined, line: string): void {
  if (tty === undefined) return;
  const side = tty === consoleTty(lab.get().state) ? 'guest' : 'host';
  toFront(side, tty);
  page.set({ phone: side });
  terminalFor(tty).focus();
  void ask((api) => api.typeLine(tty, line, false));
}

export function typeAtSide(side: 'guest' | 'host', line: string): void {
  const { state } = lab.get();
  typeAt(side === 'guest' ? consoleTty(state) : hostTty(state), line);
}
