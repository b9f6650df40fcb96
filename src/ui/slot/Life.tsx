// Where the slot's buffer has been: asked for by the visitor, since the recording is run again for it.
import { useState } from 'react';
import type { LifeView } from '../../lab/protocol';
import { askPast } from '../call';
import { count } from '../format';
import { useLab } from '../store';
import { goTo } from '../travel';
import { slotWords as say } from './slot_words';

export function Life({ buf, ring }: { buf: number; ring: string }) {
  const step = useLab((v) => v.state?.step);
  const stopped = useLab((v) => v.state?.run === 'stopped');
  const [life, setLife] = useState<{ at: number | undefined; view: LifeView | undefined }>();
  const [busy, setBusy] = useState(false);
  const shown = life && life.at === step && life.view?.buf === buf ? life.view : undefined;
  const follow = async () => {
    setBusy(true);
    const view = await askPast((api) => api.life(buf, ring));
    setBusy(false);
    setLife({ at: step, view });
  };
  return (
    <section className="slot-life">
      <h3>
        {say.life} {buf}
      </h3>
      {shown ? (
        <>
          <ol>
            {[...shown.stages].reverse().map((s) => (
              <li key={s.step} className={s.slot < 0 ? 'quiet' : `own-${s.owner}`}>
                <button type="button" className="to-step" onClick={() => void goTo(s.step)}>
                  {say.step} <span className="num">{count(s.step)}</span>
                </button>
                <span>{s.slot < 0 ? s.words : `${say.slot} ${s.slot}, ${s.ring}: ${s.words}`}</span>
              </li>
            ))}
          </ol>
          {shown.cut && <p className="quiet">{say.cut}</p>}
        </>
      ) : (
        <p>
          <button type="button" disabled={!stopped || busy} onClick={() => void follow()}>
            {say.follow} {buf}
          </button>{' '}
          <span className="quiet">{busy ? say.following : stopped ? say.followGloss : say.parkFirst}</span>
        </p>
      )}
    </section>
  );
}
