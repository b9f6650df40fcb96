// The inspector: source over who knows what, the CSB, threads, counters and keys, one at a time.
import { useRef } from 'react';
import { Explore } from '../explore/Explore';
import { X } from '../icons';
import { useRing } from '../ring/useRing';
import { WhoKnows } from '../ring/WhoKnows';
import { type PanelTab, page, usePage } from '../store';
import { say } from '../words';
import { Counters } from './Counters';
import { Csb } from './Csb';
import { Keys } from './Keys';
import { Memory } from './Memory';
import { Krings } from './Krings';
import { PciBus } from './PciBus';
import { Virtqueues } from './Virtqueues';
import { Switches } from './Switches';
import { Allocators } from './Allocators';
import { Packets } from './Packets';
import { Source } from './Source';
import { Stops } from './Stops';
import { Threads } from './Threads';
import { Word } from './Word';

const TABS: readonly PanelTab[] = [
  'source',
  'csb',
  'word',
  'stops',
  'threads',
  'counters',
  'memory',
  'krings',
  'pci',
  'virtqueues',
  'switches',
  'allocators',
  'packets',
  'explore',
  'keys',
];
const BODIES: Record<PanelTab, () => React.ReactNode> = {
  source: Source,
  csb: Csb,
  word: Word,
  stops: Stops,
  threads: Threads,
  counters: Counters,
  memory: Memory,
  krings: Krings,
  pci: PciBus,
  virtqueues: Virtqueues,
  switches: Switches,
  allocators: Allocators,
  packets: Packets,
  explore: Explore,
  keys: Keys,
};

export function Inspector() {
  const panel = usePage((v) => v.panel);
  const ring = useRing();
  const list = useRef<HTMLDivElement>(null);
  const Body = BODIES[panel];
  const keys = (e: React.KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
    if (by === undefined) return;
    e.preventDefault();
    const next = TABS[(TABS.indexOf(panel) + by + TABS.length) % TABS.length] ?? 'source';
    page.set({ panel: next });
    list.current?.querySelector<HTMLElement>(`[data-tab="${next}"]`)?.focus();
  };
  return (
    <section className="inspector" data-region="inspector" aria-label={say.regions.inspector} tabIndex={-1}>
      <div className="tabs-row">
        <div role="tablist" aria-label={say.regions.inspector} ref={list} onKeyDown={keys}>
          {TABS.map((t) => (
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
              {say.panels[t]}
            </button>
          ))}
        </div>
        <button type="button" className="icon drawer-close" aria-label={say.panels.close} onClick={() => page.set({ drawer: false })}>
          <X />
        </button>
      </div>
      <div className={`panel panel-${panel}`} id="panel" role="tabpanel" aria-labelledby={`tab-${panel}`} tabIndex={0}>
        <Body />
      </div>
      {panel === 'source' && ring && (
        <div className="panel-know">
          <WhoKnows ring={ring} />
        </div>
      )}
    </section>
  );
}
