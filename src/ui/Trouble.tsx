// When the lab could not start, its worker stopped, or something of it does not work here: what happened, in a sentence, and the way back.
import { useState } from 'react';
import type { Trouble as Kind } from '../lab/protocol';
import { advice } from './able';
import { ask } from './call';
import { count } from './format';
import { Play, RotateCcw, Save, Undo2, X } from './icons';
import { goOnAfter } from './link';
import { saveFile } from './recording';
import { BadLink, Full } from './Bounds';
import { safe } from './safe';
import { page, useLab } from './store';
import { trouble } from './trouble_words';

/** Instead of the lab. */
export function Trouble() {
  const failure = useLab((v) => v.failure);
  const state = useLab((v) => v.state);
  const held = state ? safe() : undefined;
  const freely = state?.engine === 'free' && state.run !== 'stopped';
  const more = advice(failure);
  return (
    <div className="trouble" role="alert">
      <h2>{state ? trouble.stopped : trouble.title}</h2>
      {held && (
        <p>
          {trouble.at} <b className="num">{count(held.kept.step)}</b> {trouble.safe} {freely ? trouble.freely : ''}
        </p>
      )}
      {state && !held && <p>{freely ? trouble.freely : trouble.nothing}</p>}
      {failure && (
        <p>
          {trouble.why}: <code>{failure}</code>
        </p>
      )}
      {more && <p>{more}</p>}
      <div className="trouble-ways">
        {held && (
          <button type="button" className="primary large" onClick={() => void goOnAfter(held)}>
            <Play />
            {trouble.goOn}
          </button>
        )}
        <button type="button" className={held ? 'large' : 'primary large'} onClick={() => location.reload()}>
          <RotateCcw />
          {trouble.again}
        </button>
      </div>
    </div>
  );
}

const WAYS: Record<Kind['kind'], { words: string; Sign: typeof Play; act: () => unknown }> = {
  machine: { words: trouble.back, Sign: Undo2, act: () => ask((api) => api.back()) },
  worker: { words: trouble.goOn, Sign: Play, act: () => ask((api) => api.run(page.get().engine ?? undefined)) },
  memory: { words: trouble.save, Sign: Save, act: () => saveFile() },
  unsaved: { words: trouble.save, Sign: Save, act: () => saveFile() },
  elsewhere: { words: trouble.here, Sign: Save, act: () => ask((api) => api.saveHere()) },
};
const NONE: Kind[] = [];

/** Beside the lab, which goes on: a line each, until it is mended or put aside. */
export function Troubles() {
  const all = useLab((v) => v.state?.troubles ?? NONE);
  const failed = useLab((v) => v.phase === 'failed');
  const [aside, setAside] = useState<readonly string[]>([]);
  const shown = failed ? NONE : all.filter((t) => !aside.includes(t.words));
  const bad = useLab((v) => v.badLink !== null);
  const full = useLab((v) => v.state?.recording.full ?? false);
  return (
    <section className="troubles" aria-live="assertive" aria-label={trouble.region} hidden={!shown.length && !bad && !full}>
      <BadLink />
      <Full />
      {shown.map(({ kind, words }) => {
        const { words: way, Sign, act } = WAYS[kind];
        return (
          <div className="trouble-line" key={words}>
            <p>{words}</p>
            <button type="button" onClick={() => void act()}>
              <Sign />
              {way}
            </button>
            <button type="button" className="icon" aria-label={trouble.aside} onClick={() => setAside([...aside, words])}>
              <X />
            </button>
          </div>
        );
      })}
    </section>
  );
}
