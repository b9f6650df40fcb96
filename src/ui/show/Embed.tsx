// One picture at one moment, in a frame of somebody else's page: the picture, its sentence, a transport. Nothing is kept.
import { useEffect, useState } from 'react';
import { Pause, Play, StepBack, StepForward, X } from '../icons';
import { back, forward, toggleRun } from '../link';
import { Csb } from '../panels/Csb';
import { PictureMenu } from '../picture/PictureMenu';
import { Source } from '../panels/Source';
import { Word } from '../panels/Word';
import { useRing } from '../ring/useRing';
import { WhoKnows } from '../ring/WhoKnows';
import { Stage } from '../Stage';
import { page, useLab, usePage } from '../store';
import { Strip } from '../time/Strip';
import { StepNumber } from '../time/Choices';
import { useHold } from '../time/hold';
import { Trouble } from '../Trouble';
import { say } from '../words';
import { fullAddress } from './address';
import { startFrame } from './frame';
import type { Asked, Picture } from './address';
import { showWords } from './show_words';

function Who() {
  const ring = useRing();
  return ring ? <WhoKnows ring={ring} /> : <p className="quiet pad">{showWords.noPicture}</p>;
}

/** The word that was clicked, below the picture: there is no inspector to show it. */
function ChosenWord() {
  const addr = usePage((v) => v.word.addr);
  if (!addr) return null;
  const close = () => {
    page.set({ word: { addr: 0, bytes: 4 } });
    document.querySelector<HTMLElement>(`.embed-body [data-addr="${addr}"]`)?.focus();
  };
  return (
    <section className="embed-word" aria-label={say.panels.word}>
      <button type="button" className="icon" aria-label={showWords.closeWord} title={showWords.closeWord} onClick={close}>
        <X />
      </button>
      <Word />
    </section>
  );
}

const BODIES: Record<Picture, () => React.ReactNode> = {
  ring: Stage,
  machine: Stage,
  slot: Stage,
  csb: Csb,
  who: Who,
  source: Source,
  strip: Strip,
};
const STAGED: readonly Picture[] = ['ring', 'machine', 'slot'];

/** Those whose words can be clicked. */
const WORDED: readonly Picture[] = ['csb', 'who', 'ring', 'slot', 'machine'];

/** Those whose own head has the menu of saving. */
const HEADED: readonly Picture[] = [...STAGED, 'strip'];

function Sentence() {
  const words = useLab((v) => v.refusal || v.state?.stuck || v.state?.sentence);
  return (
    <p className="sentence" role="status">
      {words}
    </p>
  );
}

export function Embed({ asked }: { asked: Asked }) {
  const state = useLab((v) => v.state);
  const phase = useLab((v) => v.phase);
  const bad = useLab((v) => v.badLink);
  const [href, setHref] = useState(fullAddress);
  const hold = useHold(forward);
  const holdBack = useHold(() => back());
  useEffect(() => startFrame(asked), [asked]);
  const Body = BODIES[asked.picture];
  const moving = state !== null && state.run !== 'stopped';
  return (
    <div className="embed" data-shown="embed" data-picture={asked.picture}>
      <main>
        <h1 className="hidden">{showWords.embedded}</h1>
        {phase === 'failed' && <Trouble />}
        <div className="embed-body">
          {bad ? (
            <p className="pad">{bad.text}</p>
          ) : state || STAGED.includes(asked.picture) ? (
            <Body />
          ) : (
            <p className="quiet pad">{say.starting}</p>
          )}
        </div>
        {WORDED.includes(asked.picture) && <ChosenWord />}
        {!STAGED.includes(asked.picture) && <Sentence />}
        <section className="embed-transport" data-region="transport" aria-label={say.regions.transport}>
          <button type="button" {...holdBack} disabled={!state || moving || !state.canBack} title={say.time.back}>
            <StepBack />
            <span>{say.time.back}</span>
          </button>
          <button type="button" disabled={!state} onClick={() => void toggleRun()} title={moving ? say.time.park : say.time.run}>
            {moving ? <Pause /> : <Play />}
            <span>{moving ? say.time.park : say.time.run}</span>
          </button>
          <button type="button" className="primary" {...hold} disabled={!state || moving} title={say.time.step}>
            <StepForward />
            <span>{say.time.step}</span>
          </button>
          {state && <StepNumber step={state.step} />}
          <span className="grow" />
          {!HEADED.includes(asked.picture) && (
            <PictureMenu of={asked.picture === 'who' ? 'who' : 'panel'} title={showWords.views[asked.picture]} />
          )}
          <a
            href={href}
            target="_blank"
            rel="noopener"
            title={showWords.opensNew}
            onPointerEnter={() => setHref(fullAddress())}
            onFocus={() => setHref(fullAddress())}
          >
            {showWords.openHere}
          </a>
        </section>
      </main>
    </div>
  );
}
