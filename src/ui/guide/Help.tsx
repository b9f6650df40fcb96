// The Help menu of the top bar: the tour again, the scenarios, the keys, the words.
import { CircleHelp } from '../icons';
import { Pop } from '../Pop';
import { helpWords } from './help_words';
import { openGallery, showKeys, showWords } from './open';
import { setPredict, usePredict } from '../predict/predict';
import { predictWords } from '../predict/predict_words';
import { beginTour } from './tour';

const ITEMS: readonly (readonly [string, () => unknown])[] = [
  [helpWords.tour, () => beginTour()],
  [helpWords.gallery, openGallery],
  [helpWords.keys, showKeys],
  [helpWords.words, () => showWords()],
];

/** The switch is named by what it would do. */
function Switch({ done }: { done: () => void }) {
  const on = usePredict((v) => v.on);
  return (
    <button
      type="button"
      onClick={() => {
        done();
        setPredict(!on);
      }}
    >
      {on ? predictWords.off : predictWords.on}
    </button>
  );
}

export function Help() {
  return (
    <Pop className="help-menu help" label={helpWords.title} title={`${helpWords.title} (?)`} sign={<CircleHelp />}>
      {(close) => (
        <ul>
          {ITEMS.map(([words, act]) => (
            <li key={words}>
              <button
                type="button"
                onClick={() => {
                  close();
                  void act();
                }}
              >
                {words}
              </button>
            </li>
          ))}
          <li>
            <Switch done={close} />
          </li>
        </ul>
      )}
    </Pop>
  );
}
