// When the lab could not start, or its worker stopped: a sentence and a way back.
import { RotateCcw } from './icons';
import { useLab } from './store';
import { say } from './words';

export function Trouble() {
  const failure = useLab((v) => v.failure);
  const had = useLab((v) => v.state !== null);
  return (
    <div className="trouble" role="alert">
      <h2>{had ? say.failed.crashed : say.failed.title}</h2>
      {failure && (
        <p>
          {say.failed.why}: <code>{failure}</code>
        </p>
      )}
      <button type="button" className="primary large" onClick={() => location.reload()}>
        <RotateCcw />
        {say.failed.back}
      </button>
    </div>
  );
}
