// The question before a step, below the picture, and what is said of the answer.
import { useEffect, useRef, useState } from 'react';
import { Check, X } from '../icons';
import { type Foreseen, giveAway, guess, putAway, setPredict, usePredict } from './predict';
import { predictWords as words, ruleOf } from './predict_words';

const touched = matchMedia('(pointer: coarse)');

function Question({ asked, wrong }: { asked: Foreseen; wrong: number | null }) {
  const [text, setText] = useState('');
  const [bad, setBad] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const was = useRef<Element | null>(null);
  useEffect(() => {
    was.current = document.activeElement;
    if (!touched.matches) field.current?.focus(); // on touch the keyboard would cover the picture
    return () => {
      const back = was.current;
      requestAnimationFrame(() => {
        if (document.activeElement === document.body && back instanceof HTMLElement) back.focus({ preventScroll: true });
      });
    };
  }, []);
  useEffect(() => {
    if (wrong !== null) field.current?.select();
  }, [wrong]);
  return (
    <form
      className={`predict own-${asked.side}`}
      aria-label={words.title}
      onKeyDown={(e) => {
        if (e.key !== 'Escape') return;
        e.stopPropagation();
        putAway();
      }}
      onSubmit={(e) => {
        e.preventDefault();
        const n = /^\s*(0x[0-9a-f]+|\d[\d,]*)\s*$/i.test(text) ? Number(text.replaceAll(',', '')) : Number.NaN;
        setBad(Number.isNaN(n));
        if (!Number.isNaN(n)) guess(n);
      }}
    >
      <p id="predict-question">
        {words.question(asked.name, asked.path, asked.fn)} <b>{words.now(asked.was)}</b>
      </p>
      <p className="predict-answer">
        <label>
          <span className="hidden">{words.field(asked.path)}</span>
          <input
            ref={field}
            className="num"
            inputMode="numeric"
            size={8}
            autoComplete="off"
            value={text}
            aria-describedby="predict-question predict-said"
            onChange={(e) => setText(e.target.value)}
            onKeyDown={(e) => {
              if (/^[.,]$/.test(e.key)) e.preventDefault(); // a held step key
            }}
          />
        </label>
        <button type="submit" className="primary">
          {words.answer}
        </button>
        <button type="button" onClick={giveAway}>
          {words.show}
        </button>
        <button type="button" onClick={() => setPredict(false)}>
          {words.stop}
        </button>
      </p>
      <p id="predict-said" role="status">
        {bad ? (
          words.number
        ) : wrong === null ? (
          ''
        ) : (
          <>
            <X /> <b>{words.wrong(wrong)}</b> {words.rule} {ruleOf(asked.path)}
          </>
        )}
      </p>
    </form>
  );
}

export function Predict() {
  const asked = usePredict((v) => v.asked);
  const wrong = usePredict((v) => v.wrong);
  const said = usePredict((v) => v.said);
  if (asked) return <Question key={`${asked.history} ${asked.step} ${asked.addr}`} asked={asked} wrong={wrong} />;
  if (!said) return null;
  return (
    <p className="predict-right" role="status">
      <Check /> {said.words}
    </p>
  );
}
