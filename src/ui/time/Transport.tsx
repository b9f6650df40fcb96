// The only place for time: back, run or park, step, which engine, who chooses, the lab's clock and the step number.
import type { EngineName } from '../../lab/protocol';
import { count, duration } from '../format';
import { Pause, Play, StepBack, StepForward } from '../icons';
import { back, canRunFree, chooseEngine, step, toggleRun } from '../link';
import { useLab, usePage } from '../store';
import { policyWords, say } from '../words';
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

export function Transport() {
  const state = useLab((v) => v.state);
  const hold = useHold(() => step());
  const holdBack = useHold(() => back());
  const stopped = state?.run === 'stopped',
    moving = state !== null && !stopped;
  return (
    <section className="transport" data-region="transport" aria-label={say.regions.transport} tabIndex={-1}>
      <button
        type="button"
        className="time-back"
        {...holdBack}
        disabled={!state || moving || !state.canBack}
        title={`${say.time.back} (,)`}
      >
        <StepBack />
        <span>{say.time.back}</span>
      </button>
      <button
        type="button"
        className="time-run primary"
        disabled={!state}
        onClick={() => void toggleRun()}
        title={`${moving ? say.time.park : say.time.run} (Space)`}
      >
        {moving ? <Pause /> : <Play />}
        <span>{moving ? say.time.park : say.time.run}</span>
      </button>
      <button type="button" className="time-step" {...hold} disabled={!state || moving} title={`${say.time.step} (.) · ${say.time.repeat}`}>
        <StepForward />
        <span>{say.time.step}</span>
      </button>
      {state && (
        <>
          <EngineChoice engine={state.engine} />
          <span className="time-fact wide">{stopped || state.engine === 'step' ? policyWords[state.policy] : say.time.cpus}</span>
          <span className="grow" />
          <span className="time-fact clock">
            <span className="hidden">{say.time.clock} </span>
            <span className="num">{duration(state.clockNs)}</span>{' '}
            {state.engine === 'free' && moving ? (
              <span className="badge">{say.time.measured}</span>
            ) : (
              <span className="badge dashed">{say.time.modelled}</span>
            )}
          </span>
          <span className="time-fact stepno">
            {say.time.stepNo}{' '}
            <b className="num" data-step={state.step}>
              {count(state.step)}
            </b>
          </span>
        </>
      )}
    </section>
  );
}
