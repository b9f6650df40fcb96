// Where the ring's order does not hold while the machine stands: the words by netmap's letters, and who wrote the one that breaks it.
import { useEffect, useState } from 'react';
import type { RingRef, WordView } from '../../lab/protocol';
import { indexPlaces } from '../../lab/sample';
import { askPast } from '../call';
import { count } from '../format';
import { X } from '../icons';
import { useLab } from '../store';
import { goTo } from '../travel';
import { handWords as say } from '../word/word_menu_words';
import { letters, offender } from './ownership';
import { useLook } from './useLook';

export function Broken({ ring }: { ring: RingRef }) {
  const now = useLook(ring);
  const stopped = useLab((v) => v.state?.run === 'stopped');
  const step = useLab((v) => v.state?.step);
  const bad = now && stopped ? offender(now.sample) : undefined;
  const { program: p, host: h } = indexPlaces(ring);
  const addr = bad === undefined ? 0 : ((bad.startsWith('hw') ? h[`nr_${bad}`] : p[bad]) ?? 0);
  const [word, setWord] = useState<WordView>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again after each step
  useEffect(() => {
    if (!addr) return;
    let live = true;
    void askPast(
      (api) => api.word(addr, 4),
      () => live,
    ).then((w) => {
      if (live) setWord(w);
    });
    return () => {
      live = false;
    };
  }, [addr, step]);
  if (!now || !bad) return null;
  const writer = word?.addr === addr ? word.writers[0] : undefined;
  return (
    <p className="ring-broken" role="status">
      <X /> {say.broken} <code>{letters(now.sample)}</code>.{' '}
      {now.sample[bad] >= now.sample.n && `${bad} ${now.sample[bad]} ${say.outsideRing}. `}
      {writer && (
        <>
          {say.wrote} {bad}: {writer.words}{' '}
          <button type="button" className="to-step" onClick={() => void goTo(writer.step)}>
            {say.step} <span className="num">{count(writer.step)}</span>
          </button>
        </>
      )}
    </p>
  );
}
