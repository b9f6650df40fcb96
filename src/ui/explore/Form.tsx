// The question: from where, under which memory model, how far, and what must be true.
import { part } from '../mend';
import { useEffect, useState } from 'react';
import type { Model } from '../../lab/protocol';
import { ask } from '../call';
import { count } from '../format';
import { Play, Plus, Telescope, X } from '../icons';
import { Condition } from '../panels/Condition';
import { useLab } from '../store';
import { say } from '../words';
import { canRunFree } from '../link';
import { actsWords, drawWords, modelWords } from './explore_words';
import { askDraft, stress } from './jobs';
import { type Draft, explorer, useExplorer } from './searches';

const words = say.explore;
const LIMITS = [10_000, 100_000, 1_000_000, 10_000_000];
const SECONDS = [0, 10, 60, 600];
const MEMORY = [64, 128, 256, 512, 700];
const PARKS = [10, 100, 1000];
const RUNS = [100, 1000, 10_000, 100_000];
const DEPTHS = [1, 2, 3, 4, 5, 6, 7, 8];
const SEED_MAX = 999_999_999;
const BUFFERS = [1, 2, 3, 4, 5, 6, 7, 8];

const set = (patch: Partial<Draft>) => explorer.set({ draft: { ...explorer.get().draft, ...patch } });

function Choice<T extends string | number>(p: { label: string; value: T; of: readonly T[]; show: (v: T) => string; set: (v: T) => void }) {
  return (
    <label className="field">
      <span>{p.label}</span>
      <select value={p.value} onChange={(e) => p.set(p.of.find((v) => String(v) === e.target.value) ?? p.value)}>
        {p.of.map((v) => (
          <option key={v} value={v}>
            {p.show(v)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** A title without its second half. */
const short = (title: string): string => (/^H\d/.test(title) ? title.split(',') : title.split(':'))[0] ?? title;

function From() {
  const from = useExplorer((v) => v.draft.from);
  const scenarios = useExplorer((v) => v.scenarios);
  const step = useLab((v) => v.state?.step ?? 0);
  const stopped = useLab((v) => v.state?.run === 'stopped');
  useEffect(() => {
    if (explorer.get().scenarios.length) return;
    void part(() => import('virtual:lessons')).then((m) =>
      explorer.set({ scenarios: [...m.scenarios, ...m.lessons].map((l) => ({ ...l, title: short(l.title) })) }),
    );
  }, []);
  const group = (label: string, ours: boolean) => {
    const list = scenarios.filter((s) => s.file.startsWith('labs/explore/') === ours);
    return list.length ? (
      <optgroup label={label}>
        {list.map((s) => (
          <option key={s.file} value={s.file}>
            {s.title}
          </option>
        ))}
      </optgroup>
    ) : null;
  };
  return (
    <label className="field">
      <span>{words.from}</span>
      <select value={from} onChange={(e) => set({ from: e.target.value })}>
        <option value="">{stopped ? `${words.here} ${count(step)}` : words.hereRunning}</option>
        {group(words.scenarios, true)}
        {group(words.hazards, false)}
      </select>
    </label>
  );
}

function Promises() {
  const [kept, setKept] = useState<readonly { name: string; title: string; about: string }[]>([]);
  const own = useExplorer((v) => v.draft.promises);
  useEffect(() => {
    void ask((api) => api.promises()).then((p) => setKept(p ?? []));
  }, []);
  return (
    <details className="promises">
      <summary>
        {words.promises}: <span className="num">{kept.length}</span> {words.looked}
        {own.length > 0 && (
          <>
            , <span className="num">{own.length}</span> {words.andYours}
          </>
        )}
      </summary>
      <dl>
        {kept.map((p) => (
          <div key={p.name}>
            <dt>{p.title}</dt>
            <dd className="quiet">{p.about}</dd>
          </div>
        ))}
      </dl>
      <Own />
    </details>
  );
}

function Own() {
  const own = useExplorer((v) => v.draft.promises);
  return (
    <div className="own-promises">
      {own.length > 0 && (
        <ul>
          {own.map((p) => (
            <li key={p}>
              <code>{p}</code>
              <button
                type="button"
                className="icon"
                aria-label={`${words.removeOwn} ${p}`}
                onClick={() => set({ promises: own.filter((x) => x !== p) })}
              >
                <X />
              </button>
            </li>
          ))}
        </ul>
      )}
      <Condition
        label={words.own}
        placeholder="csb.tx_ring.head < 1024"
        button={
          <>
            <Plus />
            {words.addOwn}
          </>
        }
        gloss={words.ownGloss}
        add={async (text) => {
          if (!own.includes(text)) set({ promises: [...own, text] });
          return true;
        }}
      />
    </div>
  );
}

/** Which schedules are tried. */
function How() {
  const how = useExplorer((v) => v.draft.how);
  return (
    <Choice
      label={words.drawn}
      value={how}
      of={(Object.keys(drawWords) as Draft['how'][]).filter((h) => h !== 'free' || canRunFree())}
      show={(h) => drawWords[h]}
      set={(how) => set({ how })}
    />
  );
}

/** What the parks of the free engine have shown; who does not see it hears it when they are over. */
function Looked() {
  const parks = useLab((v) => v.state?.parks);
  if (!parks) return null;
  const { looked, broken } = parks;
  return broken ? <p className="refusal">{words.parksBroken(count(broken.park), broken.why)}</p> : <p>{words.parksHeld(looked)}</p>;
}

function Stress() {
  const parks = useExplorer((v) => v.draft.parks);
  const [busy, setBusy] = useState(false);
  return (
    <>
      <div className="fields">
        <Choice label={words.parks} value={parks} of={PARKS} show={count} set={(n) => set({ parks: n })} />
      </div>
      <p className="quiet">{words.stressGloss}</p>
      <p className="ask-row">
        <button
          type="button"
          className="primary"
          aria-disabled={busy}
          onClick={() => {
            if (busy) return;
            setBusy(true);
            void stress().finally(() => setBusy(false));
          }}
        >
          <Play />
          {words.stress}
        </button>
      </p>
      <div role="status" aria-busy={busy}>
        <Looked />
      </div>
    </>
  );
}

function Draws({ d }: { d: Draft }) {
  return (
    <>
      <div className="fields">
        <Choice label={words.draws} value={d.runs} of={RUNS} show={count} set={(runs) => set({ runs })} />
        {d.how === 'pct' && <Choice label={words.order} value={d.depth} of={DEPTHS} show={String} set={(depth) => set({ depth })} />}
        <label className="field">
          <span>{words.seed}</span>
          <input
            type="number"
            min={0}
            max={SEED_MAX}
            step={1}
            value={d.seed}
            onChange={(e) => set({ seed: Math.min(SEED_MAX, Math.max(0, Math.trunc(Number(e.target.value) || 0))) })}
          />
        </label>
      </div>
      <p className="quiet">{words.drawGloss}</p>
    </>
  );
}

function Searched({ d }: { d: Draft }) {
  const refusal = useExplorer((v) => v.refusal);
  return (
    <>
      {(d.how === 'lot' || d.how === 'pct') && <Draws d={d} />}
      <p className="ask-row">
        <button type="button" className="primary" onClick={() => void askDraft()}>
          <Telescope />
          {words.ask}
        </button>
        <span className="quiet">{words.beside}</span>
      </p>
      {refusal && (
        <p className="refusal" role="alert">
          {refusal}
        </p>
      )}
      <details>
        <summary>
          {words.most} <span className="num">{count(d.limit)}</span> {words.states},{' '}
          {d.seconds ? `${count(d.seconds)} ${words.seconds}` : words.anyTime}, {d.memoryMiB} MiB
        </summary>
        <div className="fields bounds">
          <Choice label={words.states} value={d.limit} of={LIMITS} show={count} set={(limit) => set({ limit })} />
          <Choice
            label={words.seconds}
            value={d.seconds}
            of={SECONDS}
            show={(s) => (s ? count(s) : words.anyTime)}
            set={(seconds) => set({ seconds })}
          />
          <Choice
            label={words.acts}
            value={d.acts}
            of={['no', 'exits', 'all'] as const}
            show={(a) => actsWords[a]}
            set={(acts) => set({ acts })}
          />
          <Choice label={words.memory} value={d.memoryMiB} of={MEMORY} show={(m) => `${m} MiB`} set={(memoryMiB) => set({ memoryMiB })} />
        </div>
      </details>
      <Promises />
    </>
  );
}

export function Form() {
  const d = useExplorer((v) => v.draft);
  return (
    <div className="question">
      {d.how !== 'free' && (
        <>
          <From />
          <div className="fields">
            <Choice
              label={words.model}
              value={d.model}
              of={['sc', 'tso', 'pso'] as Model[]}
              show={(m) => modelWords[m]}
              set={(model) => set({ model })}
            />
            {d.model !== 'sc' && (
              <Choice label={words.buffer} value={d.buffer} of={BUFFERS} show={String} set={(buffer) => set({ buffer })} />
            )}
          </div>
        </>
      )}
      <How />
      {d.how === 'free' ? <Stress /> : <Searched d={d} />}
    </div>
  );
}
