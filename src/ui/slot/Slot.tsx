// Level 3: one slot of a ring.
import type { RingRef } from '../../lab/protocol';
import { machineWords } from '../machine/machine_words';

export function Slot({ ring, slot }: { ring: RingRef; slot: number }) {
  return (
    <div className="stage-scroll" tabIndex={0} role="group" aria-label={`${ring.title}, ${machineWords.levels.slot} ${slot}`}>
      <p className="quiet">{machineWords.soon}</p>
    </div>
  );
}
