// The only place for time: first, back, run or park, step and its unit, last, which engine, who chooses, histories, the
// lab's clock and the step number.
import type { EngineName } from '../../lab/protocol';
import { duration } from '../format';
import { Pause, Play, SkipBack, SkipForward, StepBack, StepForward } from '../icons';
import { back, canRunFree, chooseEngine, forward, toggleRun } from '../link';
import { useLab, useLabParts, usePage } from '../store';
import { first, last } from '../travel';
import { kindWords, say, unitWords } from '../words';
import { Branches, PolicyChoice, SpeedChoice, StepNumber, UnitChoice } from './Choices';
import { useHold } from './hold';

function EngineChoice({ engine }: { engine: EngineName }) {
  const chosen = usePage((v) => v.engine);
  const free = canRunFree();
  const now = chosen ?? (free ? 'free' : engine);
  return (
    <fieldset className="engine">
      <legend className="hidden">{say.time.speed}</legend>
      {(['free', 'step'] as const).map((e) => (
        <label key={e} className={now === e ? 'on' : ''} title={e === 'free' && !free ? say.notIsolated : undefined}>
          <input
            type="radio"
            name="engine"
            value={e}
            checked={now === e}
            disabled={e === 'free' && !free}
            onChange={() => void chooseEngine(e)}
          />
          {e === 'free' ? say.time.full : say.time.slow}
        </label>
      ))}
    </fieldset>
  );
}

/** The lab's clock and the step number: all of this row that goes on while the lab runs. */
function Now() {
  const clockNs = useLab((v) => v.state?.clockNs ?? 0);
  const step = useLab((v) => v.state?.step ?? 0);
  const measured = useLab((v) => v.state?.engine === 'free' && v.state.run !== 'stopped');
  return (
    <>
      <span className="time-fact clock">
        <span className="hidden">{say.time.clock} </span>
        <span className="num">{duration(clockNs)}</span>{' '}
        {measured ? <span className="badge">{say.time.measured}</span> : <span className="badge dashed">{say.time.modelled}</span>}
      </span>
      <StepNumber step={step} />
    </>
  );
}

export function Transport() {
  const { has, run, canBack, before, vm, policy, seed, speed, ...state } = useLabParts(({ state: s }) => ({
    has: s !== null,
    run: s?.run ?? 'stopped',
    canBack: s?.canBack ?? false,
    before: s !== null && s.end > s.step,
    vm: s?.vms.some((v) => v.state === 'running') ?? false,
    engine: s?.engine ?? 'step',
    policy: s?.policy ?? 'lvt',
    seed: s?.seed ?? 0,
    speed: s?.speed ?? 0,
    branches: s?.branches,
    history: s?.history,
  }));
  const hold = useHold(forward);
  const holdBack = useHold(() => back());
  const unit = usePage((v) => v.unit);
  const kind = usePage((v) => v.kind);
  const engine = usePage((v) => v.engine);
  /** Run goes on the step engine. */
  const steps = (engine ?? (canRunFree() ? 'free' : 'step')) === 'step';
  const moving = has && run !== 'stopped';
  return (
    <section className="transport" data-region="transport" aria-label={say.regions.transport} tabIndex={-1}>
      <button
        type="button"
        className="icon time-end"
        aria-label={say.time.first}
        title={`${say.time.first} (Home)`}
        disabled={moving || !canBack}
        onClick={() => void first()}
      >
        <SkipBack />
      </button>
      <button type="button" className="time-back" {...holdBack} disabled={moving || !canBack} title={`${say.time.back} (,)`}>
        <StepBack />
        <span>{say.time.back}</span>
      </button>
      <button
        type="button"
        className={`time-run ${vm ? 'primary' : ''}`}
        disabled={!has}
        onClick={() => void toggleRun()}
        title={`${moving ? say.time.park : say.time.run} (Space)`}
      >
        {moving ? <Pause /> : <Play />}
        <span>{moving ? say.time.park : say.time.run}</span>
      </button>
      <button type="button" className="time-step" {...hold} disabled={!has || moving} title={`${say.time.step} (.) · ${say.time.repeat}`}>
        <StepForward />
        <span>{say.time.step}</span>
        {unit !== 'access' && (
          <small className="step-unit" aria-hidden="true">
            {unit === 'event' ? kindWords[kind] : unitWords[unit]}
          </small>
        )}
      </button>
      <UnitChoice />
      <button
        type="button"
        className="icon time-end"
        aria-label={say.time.last}
        title={`${say.time.last} (End)`}
        disabled={moving || !before}
        onClick={() => void last()}
      >
        <SkipForward />
      </button>
      {has && (
        <>
          <EngineChoice engine={state.engine} />
          {steps && <SpeedChoice speed={speed} />}
          <PolicyChoice free={state.engine === 'free' && moving} policy={policy} seed={seed} />
          {state.branches && state.history && <Branches branches={state.branches} history={state.history} />}
          <span className="grow" />
          <Now />
        </>
      )}
    </section>
  );
}
