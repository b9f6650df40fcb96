// The terminals themselves: one xterm a tty, made once and kept; when a terminal changes sides its element is moved, not remade.
import type { FitAddon } from '@xterm/addon-fit';
import type { SearchAddon } from '@xterm/addon-search';
import type { ITheme, Terminal } from '@xterm/xterm';
import type { Side } from '../../lab/protocol';
import { ask } from '../call';
import { createStore, lab } from '../store';
import { onTheme, palette } from '../theme';
import { say } from '../words';
import { pasted, Permitted, webAddress } from './permitted';
import { open as openIn } from './sheets';

/** What the headers say of each terminal. */
export interface TermView {
  tabMoves: boolean;
  reader: boolean;
  finding: boolean;
  cols: number;
  /** Something was typed behind the present, and not taken. */
  asking: boolean;
}
const fresh: TermView = { tabMoves: false, reader: false, finding: false, cols: 80, asking: false };
export const views = createStore<{ byTty: Record<string, TermView> }>({ byTty: {} });
export const viewOf = (tty: string): TermView => views.get().byTty[tty] ?? fresh;
export const setView = (tty: string, patch: Partial<TermView>) =>
  views.set({ byTty: { ...views.get().byTty, [tty]: { ...viewOf(tty), ...patch } } });

/** xterm.js, which is a third of the page's script: it comes after the first picture, and before the lab says anything (link.ts). */
let made: typeof import('./xterm') | undefined;
export async function loadTerminals(): Promise<void> {
  made ??= await import('./xterm');
}
function xterm(): typeof import('./xterm') {
  if (!made) throw new Error('a terminal was asked for before xterm.js had come');
  return made;
}

export class Session {
  readonly tty: string;
  readonly element = document.createElement('div');
  readonly xterm: Terminal;
  readonly search: SearchAddon;
  #fit: FitAddon;
  #permitted = new Permitted();
  #opened = false;
  #side: Side = 'host';
  /** The last thing focused was this terminal: it keeps focus when it is moved. */
  #focused = false;
  /** Focus was asked for before there was a place for it. */
  #wanted = false;
  #watcher = new ResizeObserver(() => this.fit());
  #ends: (() => void)[] = [];

  constructor(tty: string) {
    const { FitAddon, SearchAddon, Terminal, WebLinksAddon } = xterm();
    this.tty = tty;
    this.search = new SearchAddon();
    this.#fit = new FitAddon();
    this.element.className = 'term-xterm';
    this.xterm = new Terminal({
      allowProposedApi: true,
      cursorBlink: false,
      fontSize: 13,
      lineHeight: 1.23,
      fontFamily: palette().mono,
      scrollback: 5000,
      minimumContrastRatio: 4.5,
      macOptionIsMeta: true,
      theme: this.#theme(),
    });
    this.xterm.loadAddon(this.#fit);
    this.xterm.loadAddon(this.search);
    this.xterm.loadAddon(new WebLinksAddon((_event, text) => offerLink(text)));
    this.xterm.onData((data) => this.#typed(data));
    this.xterm.onResize(({ cols, rows }) => {
      setView(tty, { cols });
      void ask((api) => api.resize(tty, cols, rows));
    });
    this.xterm.attachCustomKeyEventHandler((event) => this.#key(event));
    const onFocus = (event: FocusEvent) => {
      this.#focused = event.target instanceof Node && this.element.contains(event.target);
    };
    document.addEventListener('focusin', onFocus);
    const onPaste = (event: ClipboardEvent) => {
      event.preventDefault();
      event.stopPropagation();
      this.xterm.paste(pasted(event.clipboardData?.getData('text/plain') ?? ''));
    };
    this.element.addEventListener('paste', onPaste, { capture: true });
    this.#ends.push(
      () => document.removeEventListener('focusin', onFocus),
      onTheme(() => {
        this.xterm.options.theme = this.#theme();
      }),
    );
  }

  #theme(): ITheme {
    const c = palette(),
      cursor = this.#side === 'guest' ? c.guest : c.host;
    const paint = {
      black: c.edge,
      red: c.ink2,
      green: c.ink2,
      yellow: c.ink2,
      blue: c.ink2,
      magenta: c.ink2,
      cyan: c.ink2,
      white: c.ink,
      brightBlack: c.ink3,
      brightRed: c.ink,
      brightGreen: c.ink,
      brightYellow: c.ink,
      brightBlue: c.ink,
      brightMagenta: c.ink,
      brightCyan: c.ink,
      brightWhite: c.ink,
    };
    const system = c.bg === 'Canvas';
    if (system) return {};
    return {
      background: c.sunken,
      foreground: c.ink,
      cursor,
      cursorAccent: c.sunken,
      selectionBackground: c.ink,
      selectionForeground: c.surface,
      selectionInactiveBackground: c.edge,
      scrollbarSliderBackground: c.hair,
      scrollbarSliderHoverBackground: c.edge,
      scrollbarSliderActiveBackground: c.edge,
      ...paint,
    };
  }

  /** Behind the present a terminal is only read, until its owner says that a branch may start. */
  #typed(data: string): void {
    const { state, typeFrom } = lab.get();
    if (state && state.run === 'stopped' && state.end > state.step && typeFrom !== state.step) {
      setView(this.tty, { asking: true });
      return;
    }
    void ask((api) => api.input(this.tty, data));
  }

  /** Keys that are the page's even here; all others are the terminal's. */
  #key(event: KeyboardEvent): boolean {
    const { key, code, ctrlKey, shiftKey, altKey, metaKey } = event;
    if (key === 'F6') return false;
    if (ctrlKey && shiftKey && code === 'Space') return false;
    if (key === 'Tab' && viewOf(this.tty).tabMoves && !ctrlKey && !altKey && !metaKey) return false;
    const down = event.type === 'keydown';
    if (ctrlKey && !shiftKey && !altKey && !metaKey && code === 'KeyM') {
      if (down) this.toggleTab();
      event.preventDefault();
      return false;
    }
    if (ctrlKey && shiftKey && code === 'KeyF') {
      if (down) this.find(true);
      event.preventDefault();
      return false;
    }
    if (ctrlKey && shiftKey && code === 'KeyC') {
      if (down) void this.copy();
      event.preventDefault();
      return false;
    }
    return true;
  }

  /** Puts the terminal into a pane; opens it the first time. */
  mount(into: HTMLElement, side: Side): void {
    if (this.element.parentElement !== into) into.append(this.element);
    if (!this.#opened) {
      this.#opened = true;
      openIn(this.xterm, this.element);
      this.#watcher.observe(this.element);
    }
    this.#side = side;
    this.xterm.options.theme = this.#theme();
    this.name(`${side}, ${this.tty}`);
    if (this.#wanted || (this.#focused && (document.activeElement === document.body || document.activeElement === null))) this.focus();
    this.fit();
  }

  /** What a program wrote, as far as it is permitted (permitted.ts): the only way to the screen. */
  write(data: string): void {
    this.xterm.write(this.#permitted.pass(data));
  }
  anew(data: string): void {
    this.#permitted = new Permitted();
    this.xterm.reset();
    this.write(data);
  }

  name(label: string): void {
    this.xterm.textarea?.setAttribute('aria-label', label);
  }

  fit(): void {
    if (!this.#opened || this.element.clientWidth < 60 || this.element.clientHeight < 30) return;
    const size = matchMedia('(max-width: 719px)').matches ? 12 : 13;
    if (this.xterm.options.fontSize !== size) this.xterm.options.fontSize = size;
    this.#fit.fit();
  }

  dispose(): void {
    for (const end of this.#ends) end();
    this.#watcher.disconnect();
    this.xterm.dispose();
    this.element.remove();
  }

  focus(): void {
    this.#wanted = !this.element.isConnected;
    this.xterm.focus();
  }
  toggleTab(): void {
    setView(this.tty, { tabMoves: !viewOf(this.tty).tabMoves });
  }
  toggleReader(): void {
    const reader = !viewOf(this.tty).reader;
    this.xterm.options.screenReaderMode = reader;
    // xterm interrupts the reader at each line; a terminal that fills by itself waits its turn
    this.element.querySelector('.live-region')?.setAttribute('aria-live', 'polite');
    setView(this.tty, { reader });
  }
  find(open: boolean): void {
    setView(this.tty, { finding: open });
    if (!open) {
      this.search.clearDecorations();
      this.focus();
    }
  }
  /** The line that is chosen, or that holds the choice. */
  chosen(): string {
    return (
      this.xterm
        .getSelection()
        .split('\n')
        .map((l) => l.trimEnd())
        .findLast((l) => l.trim()) ?? ''
    );
  }
  async copy(): Promise<void> {
    const chosen = this.xterm.getSelection();
    if (chosen) await navigator.clipboard?.writeText(chosen).catch(() => undefined);
  }
  async paste(): Promise<void> {
    const text = await navigator.clipboard?.readText().catch(() => '');
    if (text) this.xterm.paste(pasted(text));
    this.focus();
  }
}

/** Says first where a link in a terminal leads: a program wrote it. */
function offerLink(text: string): void {
  const url = webAddress(text);
  if (!url) return;
  const shown = url.length > 120 ? `${url.slice(0, 120)}…` : url;
  lab.set({
    notice: `${say.term.link} ${shown}`,
    remedy: { words: say.term.follow, act: () => void open(url, '_blank', 'noopener,noreferrer') },
  });
}

const sessions = new Map<string, Session>();

export function terminalFor(tty: string): Session {
  const found = sessions.get(tty);
  if (found) return found;
  const made = new Session(tty);
  sessions.set(tty, made);
  setView(tty, {});
  return made;
}

export function writeTerminal(tty: string, data: string): void {
  terminalFor(tty).write(data);
}

export function resetTerminal(tty: string, data: string): void {
  terminalFor(tty).anew(data);
}

/** Forgets terminals that the machine no longer has. */
export function keepOnly(ttys: ReadonlySet<string>): void {
  for (const [tty, session] of sessions) {
    if (ttys.has(tty)) continue;
    session.dispose();
    sessions.delete(tty);
  }
}
