// The card of the first sixty seconds, in the stage's top edge. It covers nothing and waits for an act.
import { useEffect, useRef } from 'react';
import { X } from '../icons';
import { useLab } from '../store';
import { shownThreads } from '../time/threads';
import { say } from '../words';
import { bootYourself, cardNow, fullSpeed, putAway, startLesson, useTour } from './tour';
import { Glossed } from './Term';
import { cards, tourWords } from './tour_words';

const touched = matchMedia('(pointer: coarse)');

/** Words in which keys stand between backticks. */
function Keyed({ words }: { words: string }) {
  return words.split('`').map((part, i) => (i % 2 ? <kbd key={part}>{part}</kbd> : part));
}

export function TourCard() {
  const n = useTour(cardNow);
  const waits = useTour((v) => v.at !== 'opening' && v.at !== 'finding');
  const host = useTour((v) => v.orders.host);
  const no = useLab((v) => shownThreads(v.state).findIndex((t) => t.id === host) + 1);
  const failed = useLab((v) => v.phase === 'failed');
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    if (n === 4) box.current?.querySelector<HTMLElement>('.tour-ends button')?.focus({ preventScroll: true });
  }, [n]);
  if (n < 0 || failed) return null;
  const all = cards(no || 2, touched.matches ? { stop: say.time.park, back: say.time.back } : null),
    card = all[n];
  if (!card) return null;
  return (
    <aside className="tour" aria-label={tourWords.title} ref={box}>
      <p className="tour-words" role="status">
        <b>
          <Glossed>{card.strong}</Glossed>
        </b>{' '}
        <Glossed>{card.rest}</Glossed>{' '}
        {card.act && waits && (
          <span className="tour-act">
            <Keyed words={card.act} />
          </span>
        )}
      </p>
      {n === 4 && (
        <p className="tour-ends">
          <button type="button" className="primary" onClick={() => void startLesson()}>
            {tourWords.ends.lesson}
          </button>
          <button type="button" onClick={() => void bootYourself()}>
            {tourWords.ends.boot}
          </button>
          <button type="button" onClick={() => void fullSpeed()}>
            {tourWords.ends.full}
          </button>
        </p>
      )}
      <p className="tour-side">
        <span className="quiet num">
          {n + 1} {tourWords.of} {all.length}
        </span>
        {n === 4 ? (
          <button type="button" className="icon" aria-label={tourWords.close} onClick={putAway}>
            <X />
          </button>
        ) : (
          <button type="button" onClick={putAway}>
            {tourWords.skip}
          </button>
        )}
      </p>
    </aside>
  );
}
