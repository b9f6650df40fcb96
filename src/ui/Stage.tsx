// The stage: which ring, its picture or its words, and the sentence of the last step. Without a ring, what would make one.
import { lazy, Suspense, useEffect, useState } from 'react';
import type { RingRef } from '../lab/protocol';
import { BootButton } from './Boot';
import { VerdictBar } from './dock/VerdictBar';
import { galleryWords } from './guide/gallery_words';
import { Picture } from './guide/pictures';
import { SituationLine, useSituation } from './guide/Situation';
import { Glossed } from './guide/Term';
import { TourCard } from './guide/Tour';
import { ArrowLeft, ArrowRight } from './icons';
import { Kept } from './Kept';
import { Camera } from './machine/Camera';
import { Crumbs, YouAreHere } from './machine/Levels';
import { Machine } from './machine/Machine';
import { Coming } from './Coming';
import { part } from './mend';
import { Predict } from './predict/Predict';
import { PictureMenu } from './picture/PictureMenu';
import { moveLens } from './ring/lens';
import { RingView } from './ring/RingView';
import { Twin } from './ring/Twin';
import { useLook } from './ring/useLook';
import { useRing } from './ring/useRing';
import { WhoKnows } from './ring/WhoKnows';
import { once } from './seen';
import { embedded } from './show/mode';
import { type Follow, lab, type Level, page, useLab, usePage } from './store';
import { consoleTty, hostTty, typeAt } from './term/type_at';
import { giveUp } from './travel';
import { commands, say } from './words';

const Compare = lazy(async () => ({ default: (await part(() => import('./Compare'))).Compare }));

/** Asked for where a ring is shown, so that it is there when one of its slots is gone into. */
const loadSlot = () => import('./slot/Slot');
const Slot = lazy(async () => ({ default: (await part(loadSlot)).Slot }));

const FOLLOWS: readonly Follow[] = ['head', 'cur', 'tail', 'hwcur', 'hwtail', 'fixed'];

/** What the lab could not do, or is looking for: in place of the last step's sentence. */
function Answer() {
  const refusal = useLab((v) => v.refusal);
  const looking = useLab((v) => v.looking);
  return (
    <p className={`sentence ${refusal ? 'refused' : 'faded'}`} role="status">
      {refusal || looking}
      {looking && (
        <>
          {' '}
          <button type="button" onClick={() => void giveUp()}>
            {say.time.giveUp}
          </button>
        </>
      )}
    </p>
  );
}

function Sentence() {
  const state = useLab((v) => v.state);
  const meant = useSituation();
  if (!state) return null;
  if (meant?.kind === 'idle' || meant?.kind === 'stuck') return <SituationLine s={meant} />;
  const asleep = state.threads.find((t) => t.side === 'host' && t.state === 'asleep' && t.wchan);
  const words =
    state.stuck ??
    (state.run === 'idle' && asleep ? `${say.runIdle} ${asleep.name} ${say.threads.waits} ${asleep.wchan}.` : state.sentence);
  return (
    <>
      <p className={`sentence ${state.run === 'running' ? 'faded' : ''} ${state.stuck ? 'broken' : ''}`} role="status">
        <Glossed>{words || { running: say.time.going, stopped: say.time.between, idle: say.time.start }[state.run]}</Glossed>
      </p>
      {meant && <SituationLine s={meant} />}
    </>
  );
}

const SLOW_MS = 6000;

/** Before the lab's first state: the phase by its name, and after a while why it takes long. */
function Starting() {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    return once(SLOW_MS, () => setSlow(true));
  }, []);
  return (
    <div className="empty first-picture" role="status">
      <Picture of="vale" />
      <h2>{say.starting}</h2>
      <p className="quiet">{slow ? say.slow : ''}</p>
    </div>
  );
}

function Empty() {
  const state = useLab((v) => v.state);
  const typed = useLab((v) => v.lineTyped);
  const vm = state?.vms.find((v) => v.state === 'running');
  const guest = consoleTty(state),
    host = hostTty(state);
  if (!state) return <Starting />;
  if (!vm && embedded)
    return (
      <div className="empty">
        <h2>{say.noVm.title}</h2>
        <p className="prose">{say.noVm.about}</p>
      </div>
    );
  if (!vm) {
    return (
      <div className="empty">
        <Kept />
        <h2>{say.noVm.title}</h2>
        <p className="prose">
          <Glossed>{say.noVm.about}</Glossed>
        </p>
        <BootButton large />
        <p className="quiet">{typed ? say.noVm.typed : ''}</p>
        <div className="empty-try">
          <button type="button" onClick={() => page.set({ gallery: true })}>
            {galleryWords.open}…
          </button>
          <button type="button" onClick={() => page.set({ palette: true, asked: say.noVm.type })}>
            {say.noVm.others}
          </button>
          <button type="button" onClick={() => page.set({ palette: true, asked: say.palette.lesson })}>
            {say.noVm.hazards}
          </button>
        </div>
        <ol className="first-steps">
          {say.noVm.steps.map(([name, words], i) => (
            <li key={name} aria-current={i === 0 ? 'step' : undefined}>
              <b>{name}</b>
              <span className="quiet">
                <Glossed>{words}</Glossed>
              </span>
            </li>
          ))}
        </ol>
      </div>
    );
  }
  return (
    <div className="empty">
      <h2>
        <Glossed>{vm.prompt ? say.noRing.title : say.noRing.booting}</Glossed>
      </h2>
      {vm.prompt && !embedded && (
        <div className="empty-try">
          <button type="button" className="primary" onClick={() => typeAt(guest, commands.tx)}>
            {say.noRing.button}
          </button>
          {host !== undefined && (
            <button type="button" onClick={() => typeAt(host, commands.rx)}>
              {say.noRing.other}: <code>{commands.rx}</code>
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function Facts({ ring }: { ring: RingRef }) {
  const running = useLab((v) => v.state?.run === 'running');
  const now = useLook(ring);
  return (
    <span className="ring-facts">
      <span className="badge">{running ? say.ring.sampled : say.ring.exact}</span>
      {running && (now?.torn ?? 0) > 0 && (
        <span className="quiet num">
          {now?.torn} {say.ring.torn}
        </span>
      )}
    </span>
  );
}

function LensTools({ ring }: { ring: RingRef }) {
  const follow = usePage((v) => v.follow);
  if (ring.slots <= 64) return null;
  return (
    <span className="lens-tools">
      <label title={say.ring.followsWhat}>
        <span>{say.ring.follows}</span>{' '}
        <select value={follow} onChange={(e) => page.set({ follow: e.target.value as Follow })}>
          {FOLLOWS.map((f) => (
            <option key={f} value={f}>
              {f === 'fixed' ? say.ring.fixed : f}
            </option>
          ))}
        </select>
      </label>
      <button type="button" className="icon" aria-label={say.ring.earlier} onClick={() => moveLens(ring.id, ring.slots, -16)}>
        <ArrowLeft />
      </button>
      <button type="button" className="icon" aria-label={say.ring.later} onClick={() => moveLens(ring.id, ring.slots, 16)}>
        <ArrowRight />
      </button>
    </span>
  );
}

function Addresses({ ring }: { ring: RingRef }) {
  return (
    <p className="addresses">
      {ring.guestAddress ? (
        <span className="own-guest">
          {say.ring.guestAt} <code>{ring.guestAddress}</code>
        </span>
      ) : (
        <span />
      )}
      <span className="own-host">
        {say.ring.hostAt} <code>{ring.hostAddress}</code>
      </span>
    </p>
  );
}

/** A port of the VM that no netmap program of the guest holds open. */
function Closed({ ring }: { ring: RingRef }) {
  const prompt = useLab((v) => v.state?.vms.some((vm) => vm.state === 'running' && vm.prompt) ?? false);
  return (
    <p className="sentence closed" role="status">
      <span>
        {ring.port} {say.noRing.closed}
      </span>
      {prompt && !embedded && (
        <button type="button" className="primary" onClick={() => typeAt(consoleTty(lab.get().state), commands.send(ring.port))}>
          {say.noRing.button}
        </button>
      )}
    </p>
  );
}

/** The ring's own level: its picture or its words, its addresses, who knows what. */
function RingLevel({ ring }: { ring: RingRef }) {
  const twin = usePage((v) => v.twin);
  useEffect(() => void loadSlot().catch(() => undefined), []);
  return (
    <div className="stage-scroll" tabIndex={0} role="group" aria-label={ring.title}>
      {twin ? <Twin ring={ring} /> : <RingView ring={ring} />}
      <Addresses ring={ring} />
      <div className="stage-know">
        <WhoKnows ring={ring} />
      </div>
    </div>
  );
}

interface HeadProps {
  ring: RingRef | undefined;
  level: Level;
  ports?: React.ReactNode;
  facts?: React.ReactNode;
}
function Head({ ring, level, ports, facts }: HeadProps) {
  const twin = usePage((v) => v.twin);
  return (
    <header className="stage-head">
      <Crumbs />
      {ports}
      {ring && level === 'ring' && <LensTools ring={ring} />}
      <span className="grow" />
      {facts}
      {ring && level === 'ring' && <Facts ring={ring} />}
      {level !== 'slot' && (
        <button type="button" aria-pressed={twin} onClick={() => page.set({ twin: !twin })}>
          {say.ring.twin} <kbd>T</kbd>
        </button>
      )}
      <PictureMenu of="stage" title={say.regions.stage} />
      <YouAreHere />
    </header>
  );
}

export function Stage() {
  const ring = useRing();
  const ready = useLab((v) => v.state !== null);
  const chosen = usePage((v) => v.level);
  const slot = usePage((v) => v.slot);
  const comparing = usePage((v) => v.comparing);
  const answering = useLab((v) => v.refusal !== '' || v.looking !== '');
  const port = usePage((v) => v.port);
  const level = ring ? chosen : 'machine';
  return (
    <section className="stage" data-region="stage" data-level={level} aria-label={say.regions.stage} tabIndex={-1}>
      <VerdictBar />
      <TourCard />
      {comparing >= 0 ? (
        <Suspense fallback={<Coming />}>
          <Compare />
        </Suspense>
      ) : ready ? (
        <>
          {level !== 'machine' && <Head ring={ring} level={level} />}
          <Camera level={level}>
            {level === 'machine' || !ring ? (
              <Machine
                before={ring ? undefined : <Empty />}
                head={(ports, facts) => <Head ring={ring} level={level} ports={ports} facts={facts} />}
              />
            ) : level === 'slot' ? (
              <div className="stage-scroll">
                <Suspense fallback={<Coming />}>
                  <Slot ring={ring} slot={Math.min(slot, ring.slots - 1)} />
                </Suspense>
              </div>
            ) : (
              <RingLevel ring={ring} />
            )}
          </Camera>
        </>
      ) : (
        <Empty />
      )}
      <Predict />
      {answering ? (
        <Answer />
      ) : (
        ring && (ring.user === 'guest' && !ring.csbRing && !(level === 'machine' && port) ? <Closed ring={ring} /> : <Sentence />)
      )}
    </section>
  );
}
