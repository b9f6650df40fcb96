// Below the last step's sentence: what a machine that stands still means, with the way on as a button.
import { useEffect, useState } from 'react';
import type { LabApi } from '../../lab/protocol';
import { ask } from '../call';
import { showMap } from '../panels/memory_at';
import { readSource } from '../panels/reading';
import { embedded } from '../show/mode';
import { lab, page, useLab } from '../store';
import { consoleTty, typeAt } from '../term/type_at';
import { goTo, refuse } from '../travel';
import { kindWords, say } from '../words';
import { situationWords as words } from './situation_words';
import { Glossed } from './Term';

export type Meant = NonNullable<Awaited<ReturnType<LabApi['situation']>>>;

/** Steps that follow each other faster are not asked about. */
const REST_MS = 120;

/** What the present moment means, once the machine rests there. */
export function useSituation(): Meant | undefined {
  const at = useLab((v) => (v.state && v.state.run !== 'running' ? `${v.state.run} ${v.state.history.id} ${v.state.step}` : ''));
  const [found, setFound] = useState<{ at: string; meant: Meant | undefined }>();
  useEffect(() => {
    if (!at) return;
    let live = true;
    const timer = setTimeout(() => {
      void ask((api) => api.situation() as Promise<Meant | undefined>).then((meant) => {
        if (live) setFound({ at, meant });
      });
    }, REST_MS);
    return () => {
      live = false;
      clearTimeout(timer);
    };
  }, [at]);
  return found?.at === at ? found.meant : undefined;
}

/** Back to the last kick that was not sent: who looked then, and found that none was wanted, is who should have. */
async function toLostKick(): Promise<void> {
  const { state } = lab.get();
  if (!state) return;
  if (state.run !== 'stopped') await ask((api) => api.park());
  const to = await ask((api) => api.near({ from: state.rootStep, to: state.end, columns: 1, kinds: ['suppressed'] }, state.step + 1, -1));
  if (to === undefined) refuse(`${say.strip.none(kindWords.suppressed)} ${say.strip.before}`);
  else await goTo(to);
}

export function saidOf(s: Meant): string {
  switch (s.kind) {
    case 'idle':
      return words.idle(s.thread);
    case 'stuck':
      return [words.stuck(s.packets, s.first, s.last), !s.packets && s.why, s.timer && words.timer].filter(Boolean).join(' ');
    case 'timeout':
      return words.timeout(s.thread, s.bound, s.alone);
    case 'prologue': {
      const who = /^(.+?) (?:stored|wrote) /.exec(s.words)?.[1] ?? words.somebody;
      return [
        words.prologue([s.line, s.said].filter(Boolean).join(': '), s.index, s.slots),
        s.step >= 0 && words.wrote(who, s.step),
        words.reset,
      ]
        .filter(Boolean)
        .join(' ');
    }
    case 'nonsense':
      return words.nonsense(s.dir, s.head);
    case 'unmapped':
      return words.unmapped(s.addr);
  }
}

export function wayOn(s: Meant): { name: string; act: () => unknown } | undefined {
  const { state } = lab.get();
  switch (s.kind) {
    case 'idle':
      return state?.vms.some((v) => v.prompt)
        ? { name: words.send, act: () => typeAt(consoleTty(state), 'pkt-gen -i vtnet0 -f tx -n 1 -w 0', true) }
        : undefined;
    case 'stuck':
      return { name: words.who, act: toLostKick };
    case 'timeout':
      return { name: words.lost, act: toLostKick };
    case 'prologue':
      return s.step >= 0 ? { name: words.go(s.step), act: () => goTo(s.step) } : undefined;
    case 'nonsense':
      return {
        name: words.check,
        act: () => readSource('wasm/host/ptnetmap.ts', s.dir === 'tx' ? 'nm_txsync_check(' : 'nm_rxsync_check('),
      };
    case 'unmapped':
      return { name: words.map, act: () => showMap(s.vm) };
  }
}

/** Their ways lead into parts of the page that an embedded picture has not. */
const INSIDE: readonly Meant['kind'][] = ['nonsense', 'unmapped'];

export function SituationLine({ s }: { s: Meant }) {
  const way = embedded && INSIDE.includes(s.kind) ? undefined : wayOn(s);
  return (
    <p className={`sentence closed situation ${s.kind === 'idle' ? '' : 'broken'}`} role="status">
      <span>
        <Glossed>{saidOf(s)}</Glossed>
      </span>
      {way && (
        <button
          type="button"
          onClick={() => {
            page.set({ phone: 'ring' });
            void way.act();
          }}
        >
          {way.name}
        </button>
      )}
    </p>
  );
}
