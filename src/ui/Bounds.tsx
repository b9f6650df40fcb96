// Two more lines of what is wrong: a link that brought no moment, and a recording that reached its limit.
import { useState } from 'react';
import { Play, X } from './icons';
import { look, lookedAlready } from './newer';
import { openScenario } from './recording';
import { lab, useLab } from './store';
import { order } from './travel';
import { trouble } from './trouble_words';

/** The link by which the page was opened brought no moment: what of it can be had. */
export function BadLink() {
  const bad = useLab((v) => v.badLink);
  if (!bad) return null;
  const { text, setup, newer } = bad,
    tried = newer !== undefined && lookedAlready(newer);
  return (
    <div className="trouble-line" role="alert">
      <p>
        {text} {tried && trouble.older}
      </p>
      {setup && (
        <button type="button" onClick={() => void openScenario(setup)}>
          <Play />
          {trouble.scenario}
        </button>
      )}
      {newer !== undefined && !tried && (
        <button type="button" onClick={() => void look(newer)}>
          <Play />
          {trouble.newer(newer)}
        </button>
      )}
      <button type="button" className="icon" aria-label={trouble.aside} onClick={() => lab.set({ badLink: null })}>
        <X />
      </button>
    </div>
  );
}

const MIB = 1024 * 1024;
const LIMITS: readonly number[] = [32, 64, 128, 256, 512];

/** Checkpoints were taken out for the limit: said until it is changed or put aside. */
export function Full() {
  const limit = useLab((v) => Math.round((v.state?.recording.limit ?? 0) / MIB));
  const full = useLab((v) => v.state?.recording.full ?? false);
  const [choosing, setChoosing] = useState(false);
  const [aside, setAside] = useState(0);
  if (!full || aside === limit) return null;
  return (
    <div className="trouble-line">
      <p>{trouble.full(limit)}</p>
      {choosing ? (
        <fieldset className="trouble-limits">
          <legend className="hidden">{trouble.limits}</legend>
          {LIMITS.map((n) => (
            <button
              type="button"
              key={n}
              aria-pressed={n === limit}
              onClick={() => {
                setChoosing(false);
                void order(`limit ${n}`);
              }}
            >
              {trouble.mebibytes(n)}
            </button>
          ))}
        </fieldset>
      ) : (
        <button type="button" onClick={() => setChoosing(true)}>
          {trouble.limit}
        </button>
      )}
      <button type="button" className="icon" aria-label={trouble.aside} onClick={() => setAside(limit)}>
        <X />
      </button>
    </div>
  );
}
