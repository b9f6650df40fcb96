// What this browser cannot do here, each with what can be done about it.
import { ask } from '../call';
import { saveFile } from '../recording';
import { useLab } from '../store';
import { say } from '../words';
import { limitWords } from './limit_words';

function Limit({ words }: { words: string }) {
  if (words === say.notIsolated)
    return (
      <details>
        <summary>
          {words} <u>{limitWords.why}</u>
        </summary>
        <p className="quiet">{limitWords.isolation}</p>
      </details>
    );
  const way =
    words === limitWords.refused
      ? { name: say.file.save, act: saveFile }
      : words === limitWords.elsewhere
        ? { name: limitWords.here, act: () => ask((api) => api.saveHere()) }
        : undefined;
  return (
    <>
      {words}{' '}
      {way && (
        <button type="button" onClick={() => void way.act()}>
          {way.name}
        </button>
      )}
    </>
  );
}

export function Limits() {
  const limits = useLab((v) => v.state?.limits);
  const all = [...new Set([...(crossOriginIsolated ? [] : [say.notIsolated]), ...(limits ?? [])])];
  if (!all.length) return null;
  return (
    <details className="limits">
      <summary>
        {say.top.limits} ({all.length})
      </summary>
      <ul>
        {all.map((l) => (
          <li key={l}>
            <Limit words={l} />
          </li>
        ))}
      </ul>
    </details>
  );
}
