// The CSB page field by field: the guest's words at the left, the host's at the right, as they lie between the two.
import { useEffect, useState } from 'react';
import type { CsbView, Field, LabState } from '../../lab/protocol';
import { ask } from '../call';
import { copyWords } from '../guide/gallery_words';
import { openScene } from '../guide/scenes';
import { Glossed } from '../guide/Term';
import { useLit } from '../guide/light';
import { useLab } from '../store';
import { embedded } from '../show/mode';
import { showWord } from '../travel';
import { showMemory } from './memory_at';
import { viewWords } from './view_words';
import { say } from '../words';

function Word({ field, touched }: { field: Field; touched: LabState['touched'] }) {
  const mark =
    touched?.addr === field.addr
      ? touched.kind === 'ld'
        ? 'mark-read'
        : touched.kind === 'st' || touched.kind === 'rmw'
          ? 'mark-written'
          : ''
      : '';
  const lit = useLit(field.name);
  return (
    <li className={`word ${lit ? 'lit' : ''} ${mark} ${mark ? `own-${touched?.side}` : ''}`}>
      <button type="button" className="word-link" data-addr={field.addr} title={say.word.open} onClick={() => showWord(field.addr)}>
        <code>{field.name}</code>
        <b className="num">{field.value}</b>
      </button>
      {mark && <small>{mark === 'mark-read' ? say.know.read : say.know.written}</small>}
      {field.note && <small>{field.note}</small>}
    </li>
  );
}

function Page({ csb, touched }: { csb: CsbView; touched: LabState['touched'] }) {
  const of = (owner: Field['owner']) => csb.fields.filter((f) => f.owner === owner);
  return (
    <article className="csb">
      <header className="csb-head">
        <h2>{csb.title}</h2>
        {!embedded && (
          <button type="button" className="csb-memory" onClick={() => showMemory(Number(csb.hostAddress))}>
            {viewWords.inMemory}
          </button>
        )}
      </header>
      <p className="addresses">
        <span className="own-guest">
          {say.csb.guestAt} <code>{csb.guestAddress}</code>
        </span>
        <span className="own-host">
          {say.csb.hostAt} <code>{csb.hostAddress}</code>
        </span>
      </p>
      <div className="csb-halves">
        {(['guest', 'host'] as const).map((side) => (
          <section key={side} className={`csb-half csb-${side}`}>
            <h3 className={`own-${side}`}>{say.csb[side]}</h3>
            <ul>
              {of(side).map((f) => (
                <Word key={f.addr} field={f} touched={touched} />
              ))}
            </ul>
          </section>
        ))}
      </div>
      {of('shared').length > 0 && (
        <section className="csb-half csb-shared">
          <h3 className="own-shared">{say.csb.shared}</h3>
          <ul>
            {of('shared').map((f) => (
              <Word key={f.addr} field={f} touched={touched} />
            ))}
          </ul>
        </section>
      )}
    </article>
  );
}

/** The copying ports of the VMs: the VM's name and the PCI slot. */
const copying = (state: LabState): string[] => state.counters.filter((g) => g.id.startsWith('vtnet.')).map((g) => g.title);

function None({ state }: { state: LabState | null }) {
  const known = state ? copying(state) : [],
    [first] = known,
    [backend, setBackend] = useState('');
  useEffect(() => {
    let live = true;
    if (first)
      void ask((api) => api.picture()).then((p) => live && setBackend(p?.ports.find((x) => x.vm && x.path === 'copying')?.backend ?? ''));
    return () => {
      live = false;
    };
  }, [first]);
  const port = first && (backend || first);
  return (
    <div className="pad">
      {port && (
        <p>
          <Glossed>{`${port} ${copyWords.says}`}</Glossed>{' '}
          <button type="button" onClick={() => void openScene('labs/copy-and-passthrough.lab')}>
            {copyWords.compare}
          </button>
        </p>
      )}
      <p className="quiet">
        <Glossed>{say.noCsb}</Glossed>
      </p>
    </div>
  );
}

export function Csb() {
  const state = useLab((v) => v.state);
  if (!state?.csbs.length) return <None state={state} />;
  const touched = state.run === 'stopped' ? state.touched : undefined;
  return (
    <div className="pad">
      {state.csbs.map((c) => (
        <Page key={c.id} csb={c} touched={touched} />
      ))}
    </div>
  );
}
