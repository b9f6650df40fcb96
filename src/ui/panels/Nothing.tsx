// A panel that has nothing to show: what is so, and the button that changes it.
import type { LabState } from '../../lab/protocol';
import { BootButton } from '../Boot';
import { ask } from '../call';
import { toFront } from '../link';
import { lab, page, useLab } from '../store';
import { terminalFor } from '../term/sessions';
import { commands } from '../words';
import { viewWords as say } from './view_words';

const consoleOf = (state: LabState | null) => state?.terminals.find((t) => t.consoleOf)?.tty;

/** Puts a command at a prompt of the guest's console or of the host, not run. */
export async function typeAt(side: 'guest' | 'host', line: string): Promise<void> {
  const { state } = lab.get(),
    tty =
      side === 'guest' ? consoleOf(state) : (state?.terminals.find((t) => !t.consoleOf)?.tty ?? (await ask((api) => api.openTerminal())));
  if (tty === undefined) return;
  toFront(side, tty);
  page.set({ phone: side, drawer: false });
  terminalFor(tty).focus();
  await ask((api) => api.typeLine(tty, line, false));
}

export function Nothing({ words, children }: { words: string; children?: React.ReactNode }) {
  return (
    <div className="nothing pad">
      <p className="prose">{words}</p>
      {children}
    </div>
  );
}

/** No VM: the host is ready, boot one. A VM, but no netmap port of it: type pkt-gen there. */
export function NothingYet({ words }: { words: string }) {
  const vm = useLab((v) => v.state?.vms.some((x) => x.state === 'running') ?? false);
  if (!vm)
    return (
      <Nothing words={say.noVm}>
        <BootButton />
      </Nothing>
    );
  return (
    <Nothing words={words}>
      <button type="button" onClick={() => void typeAt('guest', commands.tx)}>
        {say.typePktGen}
      </button>
    </Nothing>
  );
}
