// A panel that has nothing to show: what is so, and the button that changes it.
import { BootButton } from '../Boot';
import { useLab } from '../store';
import { typeAtSide } from '../term/type_at';
import { commands } from '../words';
import { viewWords as say } from './view_words';

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
      <button type="button" onClick={() => void typeAtSide('guest', commands.tx)}>
        {say.typePktGen}
      </button>
    </Nothing>
  );
}
