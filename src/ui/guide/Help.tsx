// The Help menu of the top bar: the tour again, the scenarios, the keys, the words.
import { CircleHelp } from '../icons';
import { Pop } from '../Pop';
import { page } from '../store';
import { helpWords } from './help_words';
import { beginTour } from './tour';

export const showKeys = () => page.set({ panel: 'keys', drawer: true, phone: 'more' });
export const showWords = () => page.set({ panel: 'words', drawer: true, phone: 'more' });

const ITEMS: readonly (readonly [string, () => unknown])[] = [
  [helpWords.tour, () => beginTour(true)],
  [helpWords.gallery, () => page.set({ gallery: true })],
  [helpWords.keys, showKeys],
  [helpWords.words, showWords],
];

export function Help() {
  return (
    <Pop className="menu help" label={helpWords.title} title={`${helpWords.title} (?)`} sign={<CircleHelp />}>
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
