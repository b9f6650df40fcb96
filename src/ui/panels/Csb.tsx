// The CSB page field by field: the guest's words at the left, the host's at the right, as they lie between the two.
import type { CsbView, Field, LabState } from '../../lab/protocol';
import { useLab } from '../store';
import { showWord } from '../travel';
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
  return (
    <li className={`word ${mark} ${mark ? `own-${touched?.side}` : ''}`}>
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
      <h2>{csb.title}</h2>
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

export function Csb() {
  const state = useLab((v) => v.state);
  if (!state?.csbs.length) return <p className="quiet pad">{say.noCsb}</p>;
  const touched = state.run === 'stopped' ? state.touched : undefined;
  return (
    <div className="pad">
      {state.csbs.map((c) => (
        <Page key={c.id} csb={c} touched={touched} />
      ))}
    </div>
  );
}
