// What the transport lets one choose: how far a step goes, who chooses the next thread, which history, which step.
import { useEffect, useRef, useState } from 'react';
import type { LabState, PolicyName } from '../../lab/protocol';
import { count } from '../format';
import { GitBranch, X } from '../icons';
import { Pop } from '../Pop';
import { EVENT_KINDS, type EventKind, page, type Unit, usePage } from '../store';
import { goTo, order, refuse, setPolicy, setSpeed, toBranch } from '../travel';
import { kindWords, policyWords, say, unitWords } from '../words';

const UNITS = ['access', 'sync', 'packet'] as const;

export function UnitChoice() {
  const unit = usePage((v) => v.unit);
  const kind = usePage((v) => v.kind);
  const choose = (value: string) => {
    if ((EVENT_KINDS as readonly string[]).includes(value)) page.set({ unit: 'event', kind: value as EventKind });
    else page.set({ unit: value as Unit });
  };
  const words = unit === 'event' ? kindWords[kind] : unitWords[unit];
  return (
    <label className="unit" title={`${say.time.unit}: ${words} (E)`}>
      <span className="hidden">{say.time.unit}</span>
      <select value={unit === 'event' ? kind : unit} onChange={(e) => choose(e.target.value)}>
        {UNITS.map((u) => (
          <option key={u} value={u}>
            {unitWords[u]}
          </option>
        ))}
        <optgroup label={say.time.events}>
          {EVENT_KINDS.map((k) => (
            <option key={k} value={k}>
              {kindWords[k]}
            </option>
          ))}
        </optgroup>
      </select>
    </label>
  );
}

const POLICIES: readonly PolicyName[] = ['lvt', 'rr', 'random'];
const MAX_SEED = 0xffffffff;

function Seed({ seed }: { seed: number }) {
  const [text, setText] = useState(String(seed));
  useEffect(() => setText(String(seed)), [seed]);
  const commit = () => {
    const n = Number(text);
    if (n === seed) return;
    if (/^\d+$/.test(text) && n <= MAX_SEED) void setPolicy('random', n);
    else setText(String(seed));
  };
  return (
    <label className="seed">
      {say.time.seed}{' '}
      <input
        type="text"
        inputMode="numeric"
        className="num"
        size={4}
        value={text}
        onChange={(e) => setText(e.target.value)}
        onBlur={commit}
        onKeyDown={(e) => {
          if (e.key === 'Enter') commit();
          if (e.key === 'Escape') setText(String(seed));
        }}
      />
    </label>
  );
}

export function PolicyChoice({ free, policy, seed }: { free: boolean; policy: PolicyName; seed: number }) {
  if (free) return <span className="time-fact policy">{say.time.cpus}</span>;
  const shown = POLICIES.includes(policy) ? POLICIES : [policy, ...POLICIES];
  return (
    <span className="policy">
      <label title={say.time.policy}>
        <span className="hidden">{say.time.policy}</span>
        <select value={policy} onChange={(e) => void setPolicy(e.target.value as PolicyName)}>
          {shown.map((p) => (
            <option key={p} value={p}>
              {policyWords[p]}
            </option>
          ))}
        </select>
      </label>
      {policy === 'random' && <Seed seed={seed} />}
    </span>
  );
}

/** Branches below the ones from which they parted. */
function inTree(branches: LabState['branches']): { b: LabState['branches'][number]; depth: number; from: string }[] {
  const known = new Set(branches.map((b) => b.id));
  const below = (parent: (id: number) => boolean, depth: number, from: string): ReturnType<typeof inTree> =>
    branches.filter((b) => parent(b.parent)).flatMap((b) => [{ b, depth, from }, ...below((id) => id === b.id, depth + 1, b.name)]);
  const placed = below((id) => !known.has(id), 0, '');
  const lost = branches.filter((b) => !placed.some((p) => p.b === b)); // a file may say that each parted from the other
  return [...placed, ...lost.map((b) => ({ b, depth: 0, from: '' }))];
}

/** A history's name, to be changed. */
function NameField({ id, name }: { id: number; name: string }) {
  const [text, setText] = useState(name);
  useEffect(() => setText(name), [name]);
  const commit = () => {
    const words = text.trim();
    if (words && words !== name) void order(`name ${id} ${words}`);
    else setText(name);
  };
  return (
    <input
      type="text"
      size={14}
      maxLength={60}
      aria-label={`${say.time.nameOf} ${name}`}
      value={text}
      onChange={(e) => setText(e.target.value)}
      onBlur={commit}
      onKeyDown={(e) => {
        if (e.key === 'Enter') commit();
      }}
    />
  );
}

const SPEEDS: readonly number[] = [0.2, 1, 3, 6, 30, 300, 3000, 0];

/** How fast the step engine goes by itself. */
export function SpeedChoice({ speed }: { speed: number }) {
  const shown = SPEEDS.includes(speed) ? SPEEDS : [speed, ...SPEEDS];
  return (
    <span className="speed">
      <select value={speed} aria-label={say.time.pace} title={say.time.pace} onChange={(e) => void setSpeed(Number(e.target.value))}>
        {shown.map((n) => (
          <option key={n} value={n}>
            {n === 0
              ? say.time.asFast
              : n < 1
                ? `${say.time.oneIn} ${count(1 / n)} s`
                : n === 1
                  ? say.time.oneASecond
                  : `${count(n)} ${say.time.aSecond}`}
          </option>
        ))}
      </select>
    </span>
  );
}

export function Branches({ branches, history }: { branches: LabState['branches']; history: LabState['history'] }) {
  if (!branches.length) return null;
  return (
    <Pop
      className="branches"
      label={`${say.time.branches} (${branches.length})`}
      sign={
        <>
          <GitBranch />
          <span className="hidden-narrow">{say.time.branches}</span> ({branches.length})
        </>
      }
    >
      {(close) => (
        <div className="branch-list">
          <p className="branch-present">
            {say.time.present}: <NameField id={history.id} name={history.name} />
          </p>
          <p className="quiet">{say.time.changeOver}</p>
          <ul>
            {inTree(branches).map(({ b, depth, from }) => (
              <li key={b.id} style={{ marginLeft: Math.min(depth, 6) * 12 }}>
                <button
                  type="button"
                  className="branch"
                  onClick={() => {
                    close();
                    void toBranch(b.id);
                  }}
                >
                  <b>{b.name}</b>
                  <span>
                    {say.time.parted} {count(b.fork)}, {say.time.went} {count(b.end)}
                    {from && ` · ${say.time.from} ${from}`}
                  </span>
                </button>
                <span className="branch-acts">
                  <button
                    type="button"
                    onClick={() => {
                      close();
                      page.set({ comparing: b.id, phone: 'ring' });
                    }}
                  >
                    {say.compare.button}
                  </button>
                  <NameField id={b.id} name={b.name} />
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Pop>
  );
}

/** The field for a step number, in place of the step number; focus returns to where it was. */
function GoField({ step }: { step: number }) {
  const [text, setText] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const close = () => page.set({ going: false });
  useEffect(() => {
    const before = document.activeElement;
    field.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <form
      className="go"
      onSubmit={(e) => {
        e.preventDefault();
        const words = text.trim();
        close();
        if (/^[\d,]+$/.test(words)) void goTo(Number(words.replaceAll(',', '')));
        else if (words) refuse(`“${words}” ${say.time.notStep}`);
      }}
      onKeyDown={(e) => {
        if (e.key === 'Escape') close();
      }}
    >
      <label>
        {say.time.goto}{' '}
        <input
          ref={field}
          type="text"
          inputMode="numeric"
          className="num"
          size={9}
          placeholder={count(step)}
          value={text}
          onChange={(e) => setText(e.target.value)}
        />
      </label>
      <button type="submit">{say.time.go}</button>
      <button type="button" className="icon" aria-label={say.time.close} onClick={close}>
        <X />
      </button>
    </form>
  );
}

export function StepNumber({ step }: { step: number }) {
  const going = usePage((v) => v.going);
  return (
    <>
      {going && <GoField step={step} />}
      <button
        type="button"
        className="stepno"
        title={`${say.time.goto} (G)`}
        aria-expanded={going}
        onClick={() => page.set({ going: !going })}
      >
        <span>{say.time.stepNo}</span>{' '}
        <b className="num" data-step={step}>
          {count(step)}
        </b>
      </button>
    </>
  );
}
