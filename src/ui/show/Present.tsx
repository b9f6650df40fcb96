// Presented: the stage with its sentence, who runs next, the step number. Half as large again, for the last row of a lecture hall.
import { useEffect } from 'react';
import { Expand, X } from '../icons';
import { Palette } from '../Palette';
import { Stage } from '../Stage';
import { useLab } from '../store';
import { ThreadRow } from '../time/ThreadRow';
import { StepNumber } from '../time/Choices';
import { Trouble } from '../Trouble';
import { engineWords, runWords } from '../words';
import { startClicker } from './clicker';
import { present, wholeScreen } from './mode';
import { showWords } from './show_words';

export function Present() {
  const phase = useLab((v) => v.phase);
  const state = useLab((v) => v.state);
  const notice = useLab((v) => v.notice);
  useEffect(startClicker, []);
  return (
    <div className="present" data-shown="present">
      <main>
        <h1 className="hidden">{showWords.presented}</h1>
        {phase === 'failed' && <Trouble />}
        <Stage />
        <ThreadRow />
        <footer className="present-foot">
          {state && <StepNumber step={state.step} />}
          {state && (
            <span className="state" data-run={state.run}>
              {state.run === 'running' ? `${runWords.running}, ${engineWords[state.engine]}` : runWords[state.run]}
            </span>
          )}
          {notice && <p role="alert">{notice}</p>}
          <span className="grow" />
          {document.fullscreenEnabled && (
            <button type="button" className="icon" aria-label={showWords.whole} title={showWords.whole} onClick={() => void wholeScreen()}>
              <Expand />
            </button>
          )}
          <button type="button" className="icon" aria-label={showWords.leave} title={showWords.leave} onClick={() => present(false)}>
            <X />
          </button>
        </footer>
      </main>
      <Palette />
    </div>
  );
}
