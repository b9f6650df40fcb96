// One side's terminals: a header in the owner's colour with the owner's name, the terminals of that side as tabs, the one in front.
import { useEffect, useRef } from 'react';
import type { Side, TerminalView } from '../../lab/protocol';
import { BootButton } from '../Boot';
import { ask, askPast } from '../call';
import { dockWords } from '../dock/dock_words';
import { useListen } from '../dock/listen';
import { resize, sizesNow } from '../dock/sizes';
import { ClipboardPaste, Copy, Ear, FoldHorizontal, History, Plus, Search, UnfoldHorizontal } from '../icons';
import { toFront } from '../link';
import { page, useLab, usePage, useStore } from '../store';
import { goTo, refuse } from '../travel';
import { say } from '../words';
import { Chips } from './Chips';
import { Behind } from './Behind';
import { FindBox } from './FindBox';
import { KeyRow } from './KeyRow';
import { terminalFor, viewOf, views } from './sessions';

export const sideOf = (t: TerminalView): Side => (t.consoleOf ? 'guest' : t.side);
const NONE: TerminalView[] = [];
/** px */
const RISEN = 184;

function Screen({ view, side, front }: { view: TerminalView; side: Side; front: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!box.current) return;
    const session = terminalFor(view.tty);
    session.mount(box.current, side);
    session.name(`${side === 'guest' ? say.term.guest : say.term.host} ${view.title}`);
  }, [view.tty, view.title, side]);
  return <div ref={box} className="term-screen" hidden={!front} data-tty={view.tty} />;
}

/** To the step at which a line came to stand in a terminal. */
async function whenWritten(tty: string, text: string): Promise<void> {
  if (!text) {
    refuse(say.term.choose);
    return;
  }
  const step = await askPast((api) => api.writtenAt(tty, text));
  if (step === undefined) refuse(say.term.noStep);
  else await goTo(step);
}

/** All the width to one terminal, or half to each again. */
const widen = (side: Side) => page.set({ wideTerm: page.get().wideTerm === side ? '' : side });

function Widen({ side }: { side: Side }) {
  const wide = usePage((v) => v.wideTerm) === side;
  const Sign = wide ? FoldHorizontal : UnfoldHorizontal,
    words = wide ? dockWords.narrow : dockWords.widen(side);
  return (
    <button type="button" className="icon term-widen" aria-label={words} title={words} onClick={() => widen(side)}>
      <Sign />
    </button>
  );
}

/** A terminal that is a header only gets its height back when it is gone to. */
function rise(): void {
  if (sizesNow().term < RISEN / 2) resize('term', RISEN);
}

function Tools({ tty, side }: { tty: string; side: Side }) {
  const view = useStore(views, (v) => v.byTty[tty] ?? viewOf(tty));
  const session = terminalFor(tty);
  return (
    <div className="term-tools">
      <button
        type="button"
        className="term-tab-mode"
        aria-pressed={view.tabMoves}
        title={say.term.ctrlM}
        onClick={() => {
          session.toggleTab();
          session.focus();
        }}
      >
        {view.tabMoves ? say.term.tabMove : say.term.tabType}
        <span className="term-hint"> · {say.term.ctrlM}</span>
      </button>
      <button
        type="button"
        className="icon"
        aria-label={say.term.find}
        title={`${say.term.find} (Ctrl+Shift+F)`}
        aria-pressed={view.finding}
        onClick={() => session.find(!view.finding)}
      >
        <Search />
      </button>
      <button
        type="button"
        className="icon"
        aria-label={say.term.copy}
        title={`${say.term.copy} (Ctrl+Shift+C)`}
        onClick={() => void session.copy()}
      >
        <Copy />
      </button>
      <button
        type="button"
        className="icon term-when"
        aria-label={say.term.when}
        title={say.term.when}
        onClick={() => void whenWritten(tty, session.chosen())}
      >
        <History />
      </button>
      <button type="button" className="icon" aria-label={say.term.paste} title={say.term.paste} onClick={() => void session.paste()}>
        <ClipboardPaste />
      </button>
      <button
        type="button"
        className="icon"
        aria-label={say.term.reader}
        title={say.term.reader}
        aria-pressed={view.reader}
        onClick={() => session.toggleReader()}
      >
        <Ear />
      </button>
      {side === 'host' && (
        <button type="button" className="icon" aria-label={say.term.fresh} title={say.term.fresh} onClick={() => void openHost()}>
          <Plus />
        </button>
      )}
      <Widen side={side} />
    </div>
  );
}

async function openHost(): Promise<void> {
  const tty = await ask((api) => api.openTerminal());
  if (tty === undefined) return;
  toFront('host', tty);
  terminalFor(tty).focus();
}

function Tabs({ list, front, choose }: { list: TerminalView[]; front: string; choose: (tty: string) => void }) {
  return (
    <div className="term-tabs">
      {list.map((t) => (
        <button
          type="button"
          key={t.tty}
          aria-current={t.tty === front}
          aria-label={t.title}
          title={t.title}
          onClick={() => {
            choose(t.tty);
            terminalFor(t.tty).focus();
          }}
        >
          {t.consoleOf ?? t.title.replace(/^host /, '')}
        </button>
      ))}
    </div>
  );
}

export function Pane({ side }: { side: Side }) {
  const all = useLab((v) => v.state?.terminals ?? NONE);
  const parked = useLab((v) => v.state?.run === 'stopped');
  const rings = useLab((v) => (v.state?.rings.length ?? 0) > 0);
  const list = all.filter((t) => sideOf(t) === side);
  const chosen = usePage((v) => v.front[side]);
  const front = list.find((t) => t.tty === chosen) ?? list.at(-1);
  const view = useStore(views, (v) => (front ? v.byTty[front.tty] : undefined));
  const name = side === 'guest' ? say.term.guest : say.term.host;
  const head = useListen('dblclick', (e) => {
    if (!(e.target instanceof Element && e.target.closest('button'))) widen(side);
  });
  const body = useListen('focusin', rise);
  return (
    <section
      className={`term term-${side}`}
      data-region={side}
      aria-label={side === 'guest' ? say.regions.guest : say.regions.host}
      tabIndex={-1}
    >
      <header className="term-head" ref={head}>
        <b>{name}</b>
        {list.length > 1 ? (
          <Tabs list={list} front={front?.tty ?? ''} choose={(tty) => toFront(side, tty)} />
        ) : (
          <span className="term-title" title={front?.title}>
            {front?.title ?? ''}
          </span>
        )}
        {front && parked && side === 'guest' && <span className="term-parked">{say.term.parked}</span>}
        {front && <Behind tty={front.tty} />}
        {front && <Tools tty={front.tty} side={side} />}
      </header>
      {front && view?.finding && <FindBox tty={front.tty} />}
      <div className="term-body" ref={body}>
        {list.map((t) => (
          <Screen key={t.tty} view={t} side={side} front={t === front} />
        ))}
        {!front && (
          <div className="term-empty">
            <p>{side === 'guest' ? say.noVm.guest : say.hostTerminal}</p>
            {side === 'guest' && rings && <BootButton />}
          </div>
        )}
      </div>
      {front && <Chips tty={front.tty} side={side} />}
      {front && <KeyRow tty={front.tty} />}
    </section>
  );
}
