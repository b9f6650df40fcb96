// All keys, from the list of commands, and the glossary.
import { keyRows } from '../commands';
import { commandWords } from '../command_words';
import { glossary, glossaryWords } from '../guide/glossary_words';
import { helpWords } from '../guide/help_words';
import { openGallery } from '../guide/open';
import { beginTour } from '../guide/tour';
import { setLetters } from '../letters';
import { usePage } from '../store';

export function Keys() {
  const letters = usePage((v) => v.letters);
  return (
    <div className="pad">
      <p className="help-first">
        <button type="button" onClick={() => void beginTour()}>
          {helpWords.tour}
        </button>
        <button type="button" onClick={openGallery}>
          {helpWords.gallery}
        </button>
      </p>
      <dl className="keys">
        {keyRows().map(({ key, words }) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
      <p className="quiet">{commandWords.note}</p>
      <p>
        <label className="check">
          <input type="checkbox" checked={letters} onChange={(e) => setLetters(e.target.checked)} /> {commandWords.letters}
        </label>
      </p>
      <h2 id="words" tabIndex={-1}>
        {glossaryWords.title}
      </h2>
      <p className="quiet">{glossaryWords.about}</p>
      <dl className="words-list">
        {glossary.map((g) => (
          <div key={g.word} id={`word-${g.word}`} tabIndex={-1}>
            <dt>{g.word}</dt>
            <dd>{g.means}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
