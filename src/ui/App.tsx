// The page: guest at the left, host at the right, time across the middle. Where regions lie is css/layout.css and css/dock.css.
import { LIMITS, TERM_HEADER } from './dock/modes';
import { LeftDrawer, Rail, Zones } from './dock/Places';
import { resize, sizesNow } from './dock/sizes';
import { Gallery } from './guide/Gallery';
import { X } from './icons';
import { Palette } from './Palette';
import { PhoneTabs } from './PhoneTabs';
import { Inspector } from './panels/Inspector';
import { Splitter } from './Splitter';
import { Stage } from './Stage';
import { lab, useLab, usePage } from './store';
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
  const size = sizesNow(view);
  const style = {
    '--term-height': `${size.term}px`,
    '--panel-width': `${size.panel}px`,
    '--left-width': `${size.left}px`,
  } as React.CSSProperties;
  return (
    <div
      className="app"
      style={style}
      data-phone={view.phone}
      data-drawer={view.drawer}
      data-mode={view.mode}
      data-left={(view.left !== '' && view.left !== view.panel) || undefined}
      data-low={size.term < 2 * TERM_HEADER || undefined}
      data-wide={view.wideTerm || undefined}
      data-keyboard={view.keyboard || undefined}
    >
      <TopBar />
      <main>
        {phase === 'failed' && <Trouble />}
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
        <LeftDrawer />
        <Stage />
        <ThreadRow />
        <Transport />
        <Strip />
        <Splitter
          label={say.splitPanel}
          axis="x"
          value={size.panel}
          min={LIMITS.panel[0]}
          max={LIMITS.panel[1]}
          set={(w) => resize('panel', w)}
        />
        <Inspector />
        <Rail />
        <Splitter
          label={say.splitTerm}
          axis="y"
          value={size.term}
          min={LIMITS.term[0]}
          max={LIMITS.term[1]}
          set={(h) => resize('term', h)}
        />
        <Pane side="guest" />
        <Pane side="host" />
        <Zones />
      </main>
      <Troubles />
      <PhoneTabs />
      <Palette />
      <Gallery />
    </div>
  );
}
