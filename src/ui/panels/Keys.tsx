// All keys.
import { keyHelp, keyNote } from './key_words';

export function Keys() {
  return (
    <div className="pad">
      <dl className="keys">
        {keyHelp.map(([key, does]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p className="quiet">{keyNote}</p>
    </div>
  );
}
