// The button that boots the VM: it runs the bhyve line that stands at the host's prompt, or types that line again.
import { Play } from './icons';
import { bootVm, typeBoot } from './link';
import { useLab } from './store';
import { say } from './words';

export function BootButton({ large = false }: { large?: boolean }) {
  const typed = useLab((v) => v.lineTyped);
  const ready = useLab((v) => v.started !== null);
  const cls = large ? 'primary large' : 'primary';
  if (!ready) return <p className="quiet">{say.noVm.waiting}</p>;
  return typed ? (
    <button type="button" className={cls} onClick={() => void bootVm()}>
      <Play />
      {say.noVm.boot}
    </button>
  ) : (
    <button type="button" className={cls} onClick={() => void typeBoot()}>
      {say.noVm.type}
    </button>
  );
}
