// The page: guest at the left, host at the right, time across the middle.
import { Gallery } from './guide/Gallery';
import { X } from './icons';
import { Palette } from './Palette';
import { PhoneTabs } from './PhoneTabs';
import { Inspector } from './panels/Inspector';
import { Splitter } from './Splitter';
import { Stage } from './Stage';
import { lab, page, useLab, usePage } from './store';
import { Pane } from './term/Pane';
import { Strip } from './time/Strip';
import { ThreadRow } from './time/ThreadRow';
import { Transport } from './time/Transport';
import { TopBar } from './TopBar';
import { Trouble, Troubles } from './Trouble';
import { say } from './words';

export function App() {
  const phase = useLab((v) => v.phase);
  const notice = useLab((v) => v.notice);
  const remedy = useLab((v) => v.remedy);
  const view = usePage((v) => v);
  const style = { '--term-height': `${view.termHeight}px`, '--panel-width': `${view.panelWidth}px` } as React.CSSProperties;
  return (
    <div className="app" style={style} data-phone={view.phone} data-drawer={view.drawer}>
      <TopBar />
      <main>
        {phase === 'failed' && <Trouble />}
        <Stage />
        <ThreadRow />
        <Transport />
        <Strip />
        <Splitter
          label={say.splitPanel}
          axis="x"
          value={view.panelWidth}
          min={300}
          max={640}
          set={(panelWidth) => page.set({ panelWidth })}
        />
        <Inspector />
        <Splitter
          label={say.splitTerm}
          axis="y"
          value={view.termHeight}
          min={120}
          max={560}
          set={(termHeight) => page.set({ termHeight })}
        />
        <Pane side="guest" />
        <Pane side="host" />
        {notice && (
          <div className="notice">
            <p role="alert">{notice}</p>
            {remedy && (
              <button type="button" onClick={remedy.act}>
                {remedy.words}
              </button>
            )}
            <button type="button" className="icon" aria-label={say.term.close} onClick={() => lab.set({ notice: '', remedy: null })}>
              <X />
            </button>
          </div>
        )}
      </main>
      <Troubles />
      <PhoneTabs />
      <Palette />
      <Gallery />
    </div>
  );
}
