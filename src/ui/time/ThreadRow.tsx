// Who runs next: a chip a thread, numbered, with the access it is about to make. While the lab runs, its state only.
import { Fragment } from 'react';
import type { CsbView, NextAccess, ThreadView } from '../../lab/protocol';
import { Layers } from '../icons';
import { step } from '../link';
import { usePhrase } from '../predict/predict';
import { page, useLab, usePage } from '../store';
import { drain } from '../travel';
import { say } from '../words';
import { Sign } from './sign';
import { shownThreads, whyNot, wordName } from './threads';

/** The line that a thread is about to execute: "ptnetmap.ts:67". */
const lineOf = (next: NextAccess): string => `${next.file.split('/').at(-1)}:${next.line}`;

function Chip({ t, n, stopped, clockNs }: { t: ThreadView; n: number; stopped: boolean; clockNs: number }) {
  const can = stopped && t.runnable;
  const going = !stopped && (t.state === 'running' || t.state === 'ready');
  const selected = usePage((v) => v.thread) === t.id;
  const lit = usePage((v) => v.lit) === t.name;
  const next = t.next;
  const phrase = usePhrase();
  const what = can
    ? next
      ? phrase(next)
      : say.threads.begins
    : t.state === 'running' || (t.state === 'ready' && !stopped)
      ? t.role
      : whyNot(t, clockNs);
  return (
    <li>
      <button
        type="button"
        data-touches={next?.addr || undefined}
        className={`thread thread-${t.side} ${can ? '' : going ? 'going' : 'cannot'} ${selected ? 'selected' : ''} ${lit ? 'lit' : ''}`}
        aria-disabled={!can}
        onClick={() => {
          page.set({ thread: t.id });
          if (can) void step(t.id);
        }}
        onFocus={() => page.set({ thread: t.id })}
        onPointerEnter={() => {
          if (stopped) page.set({ thread: t.id });
        }}
      >
        <span className="thread-no">{can ? n : <Sign state={t.state} />}</span>
        <span className="thread-name">{t.name}</span>
        <span className="thread-role">{can && next ? lineOf(next) : what === t.role ? '' : t.role}</span>
        <span className="thread-next">{what}</span>
      </button>
    </li>
  );
}

/** The oldest pending store of a thread, which may reach memory at any time. */
function Drain({ t, n, stopped, csbs }: { t: ThreadView; n: number; stopped: boolean; csbs: CsbView[] }) {
  const oldest = t.storeBuffer[0];
  if (!oldest) return null;
  const more = t.storeBuffer.length > 1 ? ` · ${t.storeBuffer.length} ${say.threads.pending}` : '';
  return (
    <li className="drain">
      <button
        type="button"
        className={`thread thread-${t.side} ${stopped ? '' : 'going'}`}
        aria-disabled={!stopped}
        onClick={() => {
          if (stopped) void drain(t.id);
        }}
      >
        <span className="thread-drain">
          <Layers />
        </span>
        <span className="thread-name">
          {wordName(csbs, oldest.word)} = {oldest.value}
        </span>
        <span className="thread-next">
          {say.threads.reaches}: {say.threads.buffered} {t.name}
          {more} <kbd>{`${say.threads.drainKey}${n}`}</kbd>
        </span>
      </button>
    </li>
  );
}

export function ThreadRow() {
  const state = useLab((v) => v.state);
  const threads = shownThreads(state);
  const stopped = state?.run === 'stopped';
  return (
    <section className="threads" data-region="threads" aria-label={say.regions.threads} tabIndex={threads.length ? -1 : 0}>
      {threads.length ? (
        <ol>
          {threads.map((t, i) => (
            <Fragment key={t.id}>
              <Chip t={t} n={i + 1} stopped={stopped} clockNs={state?.clockNs ?? 0} />
              <Drain t={t} n={i + 1} stopped={stopped} csbs={state?.csbs ?? []} />
            </Fragment>
          ))}
        </ol>
      ) : (
        <p className="quiet">{say.noThreads}</p>
      )}
    </section>
  );
}
