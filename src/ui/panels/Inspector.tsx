// The inspector: source over who knows what, the CSB, threads, counters and keys, one at a time.
import { Suspense, useEffect, useRef } from 'react';
import { Columns2, Ellipsis, X } from '../icons';
import { PictureMenu } from '../picture/PictureMenu';
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
                  aria-current={panel === id || undefined}
                  onClick={() => {
                    close();
                    page.set({ panel: id, ...(second === id ? { second: '' } : {}) });
                    requestAnimationFrame(() => document.getElementById(`tab-${id}`)?.focus());
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
        </ul>
      )}
    </Pop>
  );
}

/** The panel below. */
function Second() {
  const second = usePage((v) => v.second);
  const first = usePage((v) => v.panel);
  const height = usePage((v) => v.secondHeight);
  if (!second || second === first) return null;
  const Body = BODIES[second];
  const style = { '--second-height': `${height}px` } as React.CSSProperties;
  return (
    <>
      <Splitter label={say.panels.border} axis="y" value={height} min={96} max={560} set={(secondHeight) => page.set({ secondHeight })} />
      <section className="second" style={style} aria-label={`${say.panels.below}: ${panelOf(second).title}`}>
        <header>
          <label>
            <span className="hidden">{say.panels.below}</span>
            <select value={second} onChange={(e) => page.set({ second: asPanel(e.target.value) ?? '' })}>
              {panelIds()
                .filter((id) => id !== first)
                .map((id) => (
                  <option key={id} value={id}>
                    {panelOf(id).title}
                  </option>
                ))}
            </select>
          </label>
          <PictureMenu of="second" title={panelOf(second).title} />
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
          <Suspense>
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
  const tabs = panelIds();
  useEffect(() => {
    document.getElementById(`tab-${panel}`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [panel]);
  const keys = (e: React.KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
    if (by === undefined) return;
    e.preventDefault();
    const next = tabs[(tabs.indexOf(panel) + by + tabs.length) % tabs.length] ?? 'source';
    page.set({ panel: next });
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
              onClick={() => page.set({ panel: t })}
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
        <Suspense>
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
