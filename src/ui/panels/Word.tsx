// One word of memory: its names and addresses, who wrote it and who before that, its buffer's life; to edit, to stop at.
import { useEffect, useState } from 'react';
import type { LifeView, WordView } from '../../lab/protocol';
import { askPast } from '../call';
import { count, hex } from '../format';
import { Database, Octagon, Pencil } from '../icons';
import { useRing } from '../ring/useRing';
import { embedded } from '../show/mode';
import { page, useLab, usePage } from '../store';
import { goTo, order, showWord } from '../travel';
import { say } from '../words';
import { showMemory } from './memory_at';
import { viewWords } from './view_words';

const SLOT_WORDS: readonly (readonly [string, number, 2 | 4])[] = [
  ['buf_idx', 0, 4],
  ['len', 4, 2],
  ['flags', 6, 2],
];

/** The word as it is at this step; asked again after each. */
function useWord(): WordView | null | undefined {
  const { addr, bytes } = usePage((v) => v.word);
  const at = useLab((v) => (v.state ? `${v.state.step} ${v.state.run} ${v.state.history.id}` : ''));
  const [word, setWord] = useState<WordView | null>();
  useEffect(() => {
    if (!addr || !at) return;
    let live = true;
    void askPast(
      (api) => api.word(addr, bytes),
      () => live,
    ).then((w) => {
      if (live) setWord(w ?? null);
    });
    return () => {
      live = false;
    };
  }, [addr, bytes, at]);
  return word === null || word?.addr === addr ? word : undefined;
}

function Edit({ word }: { word: WordView }) {
  const [text, setText] = useState('');
  const stopped = useLab((v) => v.state?.run === 'stopped');
  const target = word.names[0] ?? hex(word.addr);
  useEffect(() => setText(String(word.value)), [word.value]);
  if (!word.writable) return <p className="quiet">{say.word.fixed}</p>;
  return (
    <form
      className="word-edit"
      onSubmit={(e) => {
        e.preventDefault();
        void order(`edit ${target} ${text.trim()}${word.names.length ? '' : ` ${word.bytes}`}`);
      }}
    >
      <label>
        {say.word.set}{' '}
        <input type="text" className="num" size={11} value={text} disabled={!stopped} onChange={(e) => setText(e.target.value)} />
      </label>
      <button type="submit" disabled={!stopped}>
        <Pencil />
        {say.word.write}
      </button>
      {!stopped && <span className="quiet">{say.word.parkFirst}</span>}
    </form>
  );
}

function Writers({ word }: { word: WordView }) {
  const stopped = useLab((v) => v.state?.run === 'stopped');
  if (!stopped) return <p className="quiet">{say.word.parkToAsk}</p>;
  if (word.bytes === 8) return null;
  if (!word.writers.length) return <p className="quiet">{say.word.nobody}</p>;
  return (
    <ol className="writers">
      {word.writers.map((w, i) => (
        <li key={w.step}>
          <p>
            <b>{i === 0 ? say.word.last : say.word.before}</b>{' '}
            <button type="button" className="to-step" onClick={() => void goTo(w.step)}>
              {say.word.step} <span className="num">{count(w.step)}</span>
            </button>{' '}
            <span className="num">{w.was === undefined || w.was === w.value ? w.value : `${w.was} → ${w.value}`}</span>
          </p>
          <p className={`own-${w.side}`}>{w.words}</p>
        </li>
      ))}
      {word.cut && <li className="quiet">{say.word.cut}</li>}
    </ol>
  );
}

function Life({ buf }: { buf: number }) {
  const ring = useRing();
  const step = useLab((v) => v.state?.step);
  const [life, setLife] = useState<{ at: number | undefined; view: LifeView | undefined }>();
  const shown = life && life.at === step && life.view?.buf === buf ? life.view : undefined;
  return (
    <section className="life">
      <button
        type="button"
        onClick={() => void askPast((api) => api.life(buf, ring?.id ?? '')).then((view) => setLife({ at: step, view }))}
      >
        {say.word.follow} <span className="num">{buf}</span>
      </button>
      {shown && (
        <ol className="writers">
          {shown.stages.map((s) => (
            <li key={s.step}>
              <button type="button" className="to-step" onClick={() => void goTo(s.step)}>
                {say.word.step} <span className="num">{count(s.step)}</span>
              </button>{' '}
              {s.slot >= 0 ? (
                <span className={`own-${s.owner}`}>
                  {say.ring.slot} {s.slot} · {s.ring}: {s.words}
                </span>
              ) : (
                <span className="quiet">{s.words}</span>
              )}
            </li>
          ))}
          {shown.cut && <li className="quiet">{say.word.cut}</li>}
        </ol>
      )}
    </section>
  );
}

export function Word() {
  const chosen = usePage((v) => v.word.addr);
  const word = useWord();
  if (!chosen) return <p className="quiet pad">{say.word.none}</p>;
  if (word === undefined) return <p className="quiet pad">{say.word.looking}</p>;
  if (word === null) return <p className="quiet pad">{say.word.gone}</p>;
  const slot = /slot\[(\d+)\]\.(buf_idx|len|flags)$/.exec(word.names[0] ?? ''),
    base = word.addr - (SLOT_WORDS.find(([n]) => n === slot?.[2])?.[1] ?? 0);
  return (
    <div className="pad word-panel">
      <h2 className={`own-${word.owner} mono`}>{word.names[0] ?? hex(word.addr)}</h2>
      {word.doc && <p className="quiet">{word.doc}</p>}
      <p className="word-value">
        <b className="num">{count(word.value)}</b> <span className="quiet num">{hex(word.value)}</span>
      </p>
      <p className="addresses">
        {word.guestAddress ? (
          <span className="own-guest">
            {say.ring.guestAt} <code>{word.guestAddress}</code>
          </span>
        ) : (
          <span />
        )}
        <span className="own-host">
          {say.ring.hostAt} <code>{hex(word.addr)}</code>
        </span>
      </p>
      {slot && (
        <p className="slot-words">
          {say.ring.slot} {slot[1]}:{' '}
          {SLOT_WORDS.map(([name, offset, bytes]) => (
            <button type="button" key={name} aria-pressed={slot[2] === name} onClick={() => showWord(base + offset, bytes)}>
              {name}
            </button>
          ))}
        </p>
      )}
      <Edit word={word} />
      {!embedded && word.names[0] && word.bytes !== 8 && (
        <p>
          <button
            type="button"
            onClick={() => void order(`break changed(${word.names[0]})`).then((ok) => ok && page.set({ panel: 'stops' }))}
          >
            <Octagon />
            {say.word.stop} <kbd>B</kbd>
          </button>
        </p>
      )}
      {!embedded && (
        <p>
          <button type="button" onClick={() => showMemory(word.addr)}>
            <Database />
            {viewWords.inMemory}
          </button>
        </p>
      )}
      <h3>{say.word.who}</h3>
      <Writers word={word} />
      {slot?.[2] === 'buf_idx' && <Life buf={word.value} />}
    </div>
  );
}
