// The inspector: source over who knows what, the CSB, threads, counters and keys, one at a time.
import { Suspense, useRef } from 'react';
import { X } from '../icons';
import { useRing } from '../ring/useRing';
import { WhoKnows } from '../ring/WhoKnows';
import { page, usePage } from '../store';
import { say } from '../words';
import { BODIES } from './bodies';
import { panelIds, panelOf } from './registry';

export function Inspector() {
  const panel = usePage((v) => v.panel);
  const ring = useRing();
  const list = useRef<HTMLDivElement>(null);
  const Body = BODIES[panel];
  const tabs = panelIds();
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
        <button type="button" className="icon drawer-close" aria-label={say.panels.close} onClick={() => page.set({ drawer: false })}>
          <X />
        </button>
      </div>
      <div className={`panel panel-${panel}`} id="panel" role="tabpanel" aria-labelledby={`tab-${panel}`} tabIndex={0}>
        <Suspense>
          <Body />
        </Suspense>
      </div>
      {panel === 'source' && ring && (
        <div className="panel-know">
          <WhoKnows ring={ring} />
        </div>
      )}
    </section>
  );
}
