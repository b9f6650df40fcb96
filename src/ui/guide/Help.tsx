// The Help menu of the top bar: the tour again, the scenarios, the keys, the words.
import { CircleHelp } from '../icons';
import { Pop } from '../Pop';
import { helpWords } from './help_words';
import { openGallery, showKeys, showWords } from './open';
import { beginTour } from './tour';

const ITEMS: readonly (readonly [string, () => unknown])[] = [
  [helpWords.tour, () => beginTour(true)],
  [helpWords.gallery, openGallery],
  [helpWords.keys, showKeys],
  [helpWords.words, () => showWords()],
];

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
        </ul>
      )}
    </Pop>
  );
}
