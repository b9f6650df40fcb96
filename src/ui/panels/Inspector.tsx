// The inspector: source over who knows what, the CSB, threads, counters and keys, one at a time.
import { Suspense, useEffect, useRef } from 'react';
import { Coming } from '../Coming';
import { PictureMenu } from '../picture/PictureMenu';
import { dockWords } from '../dock/dock_words';
import { closePanel, placeOf, showPanel, tabsOf } from '../dock/docks';
import { carry } from '../dock/drag';
import { useListen } from '../dock/listen';
import { LIMITS } from '../dock/modes';
import { MoveMenu, MoveRows, usePhone } from '../dock/Places';
import { resetLayout, resize, useSize } from '../dock/sizes';
import { Columns2, Ellipsis, LayoutGrid, X } from '../icons';
import { Pop } from '../Pop';
import { Splitter } from '../Splitter';
import { useRing } from '../ring/useRing';
import { WhoKnows } from '../ring/WhoKnows';
import { page, usePage } from '../store';
import { say } from '../words';
import { BODIES } from './bodies';
import { asPanel, panelIds, panelOf } from './registry';

/** Every panel by name, for where the row of tabs is longer than there is room; and a second one below. */
function AllPanels() {
  const panel = usePage((v) => v.panel);
  const second = usePage((v) => v.second);
  return (
    <Pop className="help-menu all-panels" label={say.panels.all} title={say.panels.all} sign={<Ellipsis />}>
      {(close) => (
        <ul>
          {panelIds().map((id) => {
            const { icon: Icon, title } = panelOf(id);
            return (
              <li key={id}>
                <button
                  type="button"
                  aria-current={placeOf(id) !== undefined || undefined}
                  onClick={() => {
                    close();
                    showPanel(id);
                  }}
                >
                  <Icon />
                  {title}
                </button>
              </li>
            );
          })}
          <li className="split-row">
            <button
              type="button"
              onClick={() => {
                close();
                page.set({ second: second ? '' : (panelIds().find((id) => id !== panel && id === 'csb') ?? 'source') });
                requestAnimationFrame(() =>
                  document.querySelector<HTMLElement>(second ? '.all-panels summary' : '.second select')?.focus(),
                );
              }}
            >
              <Columns2 />
              {second ? say.panels.one : say.panels.split}
            </button>
          </li>
          <li className="split-row quiet">{dockWords.move(panelOf(panel).title)}</li>
          <MoveRows id={panel} close={close} at="top" />
          <li className="split-row">
            <button
              type="button"
              onClick={() => {
                close();
                closePanel(panel);
              }}
            >
              <X />
              {dockWords.close(panelOf(panel).title)}
            </button>
          </li>
          <li className="split-row">
            <button
              type="button"
              title={dockWords.resetAbout}
              onClick={() => {
                close();
                resetLayout();
                document.querySelector<HTMLElement>('.all-panels summary')?.focus();
              }}
            >
              <LayoutGrid />
              {dockWords.reset}
            </button>
          </li>
        </ul>
      )}
    </Pop>
  );
}

/** The panel below. */
function Second() {
  const second = usePage((v) => v.second);
  const first = usePage((v) => v.panel);
  const left = usePage((v) => v.left);
  const closed = usePage((v) => v.closed);
  const height = useSize('second');
  const phone = usePhone();
  const head = useListen('pointerdown', (e) => second && e.target === e.currentTarget && carry(second, e));
  if (!second || second === first || second === left || phone) return null;
  const Body = BODIES[second];
  const style = { '--second-height': `${height}px` } as React.CSSProperties;
  return (
    <>
      <Splitter
        label={say.panels.border}
        axis="y"
        value={height}
        min={LIMITS.second[0]}
        max={LIMITS.second[1]}
        set={(h) => resize('second', h)}
      />
      <section className="second" style={style} aria-label={`${say.panels.below}: ${panelOf(second).title}`}>
        <header ref={head}>
          <label>
            <span className="hidden">{say.panels.below}</span>
            <select value={second} onChange={(e) => page.set({ second: asPanel(e.target.value) ?? '' })}>
              {panelIds()
                .filter((id) => id === second || (id !== first && id !== left && !closed.includes(id)))
                .map((id) => (
                  <option key={id} value={id}>
                    {panelOf(id).title}
                  </option>
                ))}
            </select>
          </label>
          <span className="grow" />
          <PictureMenu of="second" title={panelOf(second).title} />
          <MoveMenu id={second} />
          <button
            type="button"
            className="icon"
            aria-label={say.panels.one}
            title={say.panels.one}
            onClick={() => {
              page.set({ second: '' });
              document.querySelector<HTMLElement>('.all-panels summary')?.focus();
            }}
          >
            <X />
          </button>
        </header>
        <div className={`panel panel-${second}`} role="group" aria-label={panelOf(second).title} tabIndex={0}>
          <Suspense fallback={<Coming />}>
            <Body />
          </Suspense>
        </div>
      </section>
    </>
  );
}

export function Inspector() {
  const panel = usePage((v) => v.panel);
  const second = usePage((v) => v.second);
  const ring = useRing();
  const list = useRef<HTMLDivElement>(null);
  const Body = BODIES[panel];
  const phone = usePhone();
  const left = usePage((v) => v.left);
  const closed = usePage((v) => v.closed);
  const tabs = tabsOf({ panel, second, left, closed }, phone);
  useEffect(() => {
    document.getElementById(`tab-${panel}`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [panel]);
  const keys = (e: React.KeyboardEvent) => {
    const at = tabs.indexOf(panel),
      to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: -1 }[e.key];
    if (to === undefined) return;
    e.preventDefault();
    e.stopPropagation(); // Home and End elsewhere are the recording's
    const next = tabs[(to + tabs.length) % tabs.length] ?? 'source';
    page.set({ panel: next, ...(next === second ? { second: '' as const } : {}) });
    list.current?.querySelector<HTMLElement>(`[data-tab="${next}"]`)?.focus();
  };
  return (
    <section className="inspector" data-region="inspector" aria-label={say.regions.inspector} tabIndex={-1}>
      <div className="tabs-row">
        <div role="tablist" aria-label={say.regions.inspector} ref={list} onKeyDown={keys}>
          {tabs.map((t) => (
            <button
              type="button"
              role="tab"
              key={t}
              id={`tab-${t}`}
              data-tab={t}
              aria-selected={panel === t}
              aria-controls="panel"
              tabIndex={panel === t ? 0 : -1}
              onPointerDown={(e) => carry(t, e.nativeEvent)}
              onClick={() => page.set({ panel: t, ...(t === second ? { second: '' as const } : {}) })}
            >
              {panelOf(t).title}
            </button>
          ))}
        </div>
        <PictureMenu of="panel" title={panelOf(panel).title} />
        <AllPanels />
        <button type="button" className="icon drawer-close" aria-label={say.panels.close} onClick={() => page.set({ drawer: false })}>
          <X />
        </button>
      </div>
      <div className={`panel panel-${panel}`} id="panel" role="tabpanel" aria-labelledby={`tab-${panel}`} tabIndex={0}>
        <Suspense fallback={<Coming />}>
          <Body />
        </Suspense>
      </div>
      {panel === 'source' && ring && !second && (
        <div className="panel-know">
          <WhoKnows ring={ring} />
        </div>
      )}
      <Second />
    </section>
  );
}
