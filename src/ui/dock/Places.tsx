// What moves a panel: its menu, the left drawer, the rail of narrower pages, and the zones that a carried panel may be dropped on.
import { Suspense, useSyncExternalStore } from 'react';
import { Ellipsis, Move, X } from '../icons';
import { BODIES } from '../panels/bodies';
import { type PanelId, panelIds, panelOf } from '../panels/registry';
import { Pop } from '../Pop';
import { Splitter } from '../Splitter';
import { page, usePage } from '../store';
import { dockWords as words } from './dock_words';
import { closePanel, onPhone, onPhoneChange, PLACES, place, placeOf, showPanel, type Where } from './docks';
import { carry } from './drag';
import { useListen } from './listen';
import { LIMITS } from './modes';
import { resize, useSize } from './sizes';

export const usePhone = (): boolean => useSyncExternalStore(onPhoneChange, onPhone);

/** The places that a panel can be moved to, as rows of a menu. */
export function MoveRows({ id, close, at }: { id: PanelId; close: () => void; at: Where | undefined }) {
  return PLACES.filter((p) => p !== at).map((p) => (
    <li key={p} className="split-row">
      <button
        type="button"
        onClick={() => {
          close();
          place(id, p);
        }}
      >
        {words.to[p]}
      </button>
    </li>
  ));
}

export function MoveMenu({ id }: { id: PanelId }) {
  const title = panelOf(id).title;
  return (
    <Pop className="help-menu move" label={words.move(title)} title={words.move(title)} sign={<Move />}>
      {(close) => (
        <ul>
          <MoveRows id={id} close={close} at={placeOf(id)} />
        </ul>
      )}
    </Pop>
  );
}

export function LeftDrawer() {
  const left = usePage((v) => v.left);
  const panel = usePage((v) => v.panel);
  const width = useSize('left');
  const phone = usePhone();
  const head = useListen('pointerdown', (e) => {
    if (left && !(e.target instanceof Element && e.target.closest('button, summary, ul'))) carry(left, e);
  });
  if (!left || left === panel || phone) return null;
  const Body = BODIES[left],
    { title, icon: Icon } = panelOf(left);
  return (
    <>
      <section className="left" data-region="left" aria-label={words.leftOf(title)} tabIndex={-1}>
        <header className="dock-head" title={words.drag} ref={head}>
          <Icon />
          <h2>{title}</h2>
          <MoveMenu id={left} />
          <button
            type="button"
            className="icon"
            aria-label={words.close(title)}
            title={words.close(title)}
            onClick={() => closePanel(left)}
          >
            <X />
          </button>
        </header>
        <div className={`panel panel-${left}`} role="group" aria-label={title} tabIndex={0}>
          <Suspense>
            <Body />
          </Suspense>
        </div>
      </section>
      <Splitter
        label={words.leftBorder}
        axis="x"
        grows
        value={width}
        min={LIMITS.left[0]}
        max={LIMITS.left[1]}
        set={(w) => resize('left', w)}
      />
    </>
  );
}

/** On the rail; the others are behind its last sign. */
const ON_RAIL: readonly PanelId[] = ['source', 'csb', 'ledger', 'counters', 'memory', 'word', 'threads', 'explore'];

export function Rail() {
  const panel = usePage((v) => v.panel);
  const drawer = usePage((v) => v.drawer);
  const shown = ON_RAIL.includes(panel) ? ON_RAIL : [panel, ...ON_RAIL.slice(1)];
  return (
    <nav className="rail" data-region="rail" aria-label={words.rail} tabIndex={-1}>
      {panelIds()
        .filter((id) => shown.includes(id))
        .map((id) => {
          const { icon: Icon, title } = panelOf(id);
          return (
            <button
              type="button"
              key={id}
              className="icon"
              aria-label={title}
              title={title}
              aria-current={panel === id || undefined}
              aria-expanded={drawer && panel === id}
              onClick={() => (drawer && panel === id ? page.set({ drawer: false }) : showPanel(id))}
            >
              <Icon />
            </button>
          );
        })}
      <button
        type="button"
        className="icon rail-all"
        aria-label={words.rail}
        title={words.rail}
        onClick={() => {
          page.set({ drawer: true });
          requestAnimationFrame(() => {
            const all = document.querySelector<HTMLDetailsElement>('.all-panels');
            if (all) all.open = true;
            all?.querySelector('summary')?.focus();
          });
        }}
      >
        <Ellipsis />
      </button>
    </nav>
  );
}

/** Where a carried panel may be let go. */
export function Zones() {
  const dragging = usePage((v) => v.dragging);
  const drop = usePage((v) => v.drop);
  if (!dragging) return null;
  return (
    <div className="zones" aria-hidden="true">
      {PLACES.map((p) => (
        <div key={p} data-drop={p} className={drop === p ? 'over' : ''}>
          {words.zone[p]}
        </div>
      ))}
    </div>
  );
}
