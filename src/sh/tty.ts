// The line discipline of a terminal: what becomes of typed characters before a program reads them, and of its output.
// Mirrors ttydisc_rint(), ttydisc_rubchar() and ttydisc_write() of sys/kern/tty_ttydisc.c with FreeBSD's default characters;
// a character here is a code point, where FreeBSD 10 rubs out single bytes.

import { charWidth } from './width.ts';

/** The termios flags that matter here. */
export interface TtyMode {
  /** ICANON and IEXTEN: lines, with erase and kill. */
  icanon: boolean;
  /** ECHO, ECHOE and ECHOCTL. */
  echo: boolean;
  /** ISIG: ^C, ^\, ^Z, ^T. */
  isig: boolean;
  /** ICRNL. */
  icrnl: boolean;
  /** IXON: ^S, ^Q. */
  ixon: boolean;
  /** OPOST and ONLCR. */
  onlcr: boolean;
}

/** As login leaves it. */
export const COOKED: Readonly<TtyMode> = { icanon: true, echo: true, isig: true, icrnl: true, ixon: true, onlcr: true };
/** As cfmakeraw(3) makes it. */
export const RAW: Readonly<TtyMode> = { icanon: false, echo: false, isig: false, icrnl: false, ixon: false, onlcr: false };

export interface TtyState {
  mode: TtyMode;
  /** The line being typed: its characters, marked when ^V quoted them. */
  line: { char: string; quoted: boolean }[];
  /** What read() gives, in order: whole lines; an empty string is an end of file. */
  queue: string[];
  /** Column of the cursor, and where it was after the last output of a program. */
  col: number;
  writepos: number;
  /** ^V came: the next character is taken as it is. */
  literal: boolean;
  /** ^S came: output waits in held. */
  stopped: boolean;
  held: string;
}

export type TtySignal = 'intr' | 'quit' | 'susp' | 'info';

export interface TtyResult {
  state: TtyState;
  /** For the terminal. */
  output: string;
  /** For the foreground process group, in order: SIGINT, SIGQUIT, SIGTSTP, SIGINFO. */
  signals: TtySignal[];
}

export function newTty(mode: Readonly<TtyMode> = COOKED): TtyState {
  return { mode: { ...mode }, line: [], queue: [], col: 0, writepos: 0, literal: false, stopped: false, held: '' };
}

const SIGNALS: Readonly<Record<string, TtySignal>> = { '\x03': 'intr', '\x1c': 'quit', '\x1a': 'susp' };
const EOF = '\x04';

/** Control characters that are echoed as they are. */
const isPlain = (c: string) => c === '\b' || c === '\t' || c === '\n' || c === '\r';
/** Control characters that are echoed as ^X. */
const isHatted = (c: string, quoted: boolean) => c === '\x7f' || (c < ' ' && (quoted || !isPlain(c)));
const hat = (c: string) => `^${c === '\x7f' ? '?' : String.fromCharCode(c.charCodeAt(0) + 64)}`;

/** The work on one call: a copy of the state and the bytes that go out. */
interface Work {
  s: TtyState;
  /** Sent: no ^S stops it. */
  sent: string;
  out: string;
  signals: TtySignal[];
}

const begin = (state: TtyState): Work => ({
  s: { ...state, line: [...state.line], queue: [...state.queue] },
  sent: '',
  out: '',
  signals: [],
});

/** Sends what is there, or keeps it while the terminal is stopped. */
function flush(w: Work): void {
  const { s } = w;
  if (s.stopped) s.held += w.out;
  else {
    w.sent += s.held + w.out;
    s.held = '';
  }
  w.out = '';
}

function end(w: Work): TtyResult {
  flush(w);
  return { state: w.s, output: w.sent, signals: w.signals };
}

/** Output processing of one character. */
function put(w: Work, c: string): void {
  const { s } = w;
  w.out += c === '\n' && s.mode.onlcr ? '\r\n' : c;
  if (c === '\b') s.col = Math.max(0, s.col - 1);
  else if (c === '\t') s.col += 8 - (s.col & 7);
  else if (c === '\r' || (c === '\n' && s.mode.onlcr)) {
    s.col = 0;
    s.writepos = 0;
  } else s.col += charWidth(c);
}

function echo(w: Work, c: string, quoted = false): void {
  if (!w.s.mode.echo) return;
  if (!isHatted(c, quoted)) {
    put(w, c);
    return;
  }
  w.out += hat(c);
  if (c === EOF && !quoted) w.out += '\b\b';
  else w.s.col += 2;
}

/** ^R: the line again, below. */
function reprint(w: Work): void {
  echo(w, '\x12');
  echo(w, '\n');
  for (const { char, quoted } of w.s.line) echo(w, char, quoted);
}

/** Column after the typed line, counted from where the program's output ended. */
const lineEnd = (s: TtyState) =>
  s.line.reduce((col, { char, quoted }) => {
    if (isHatted(char, quoted)) return col + 2;
    return char === '\t' ? col + 8 - (col & 7) : col + charWidth(char);
  }, s.writepos);

/** Takes back the last character; false when there is none. */
function rubout(w: Work): boolean {
  const { s } = w;
  const last = s.line.pop();
  if (last === undefined) return false;
  if (!s.mode.echo) return true;
  const { char, quoted } = last;
  // A program wrote after the line was typed: what is to be rubbed out is not before the cursor.
  if (s.writepos >= s.col) reprint(w);
  else if (char === '\t' && !quoted) {
    const before = lineEnd(s);
    w.out += '\b'.repeat(before >= s.col ? 1 : Math.min(8, s.col - before));
    s.col = before;
  } else {
    const cells = isHatted(char, quoted) ? 2 : charWidth(char);
    w.out += char === ' ' ? '\b' : '\b'.repeat(cells) + ' '.repeat(cells) + '\b'.repeat(cells);
    s.col -= cells;
  }
  return true;
}

/** ^W: white space, then what is not. */
function ruboutWord(w: Work): void {
  const last = () => w.s.line[w.s.line.length - 1]?.char;
  const white = (c: string | undefined) => c === ' ' || c === '\t';
  while (white(last())) rubout(w);
  while (last() !== undefined && !white(last())) rubout(w);
}

function signal(w: Work, which: TtySignal, c: string): void {
  const { s } = w;
  s.line = [];
  s.queue = [];
  s.held = '';
  w.out = '';
  // The echo must be seen, though the output that waited is gone.
  echo(w, c);
  w.signals.push(which);
}

/** One typed character. */
function typed(w: Work, char: string): void {
  const { s } = w;
  const { mode } = s;
  if (s.literal) {
    s.literal = false;
    s.line.push({ char, quoted: true });
    echo(w, char, true);
    return;
  }
  if (mode.icanon && char === '\x16') {
    s.literal = true;
    if (mode.echo) w.out += '^\b';
    return;
  }
  if (mode.isig) {
    if (mode.icanon && char === '\x14') {
      w.signals.push('info');
      return;
    }
    const which = Object.hasOwn(SIGNALS, char) ? SIGNALS[char] : undefined;
    if (which !== undefined) {
      signal(w, which, char);
      return;
    }
  }
  if (mode.ixon && (char === '\x13' || char === '\x11')) {
    s.stopped = char === '\x13';
    return;
  }
  const c = char === '\r' && mode.icrnl ? '\n' : char;
  if (!mode.icanon) {
    s.queue.push(c);
    echo(w, c);
  } else if (c === '\x7f' || c === '\b') rubout(w);
  else if (c === '\x15') while (rubout(w));
  else if (c === '\x17') ruboutWord(w);
  else if (c === '\x12') reprint(w);
  else if (c === '\n' || c === EOF) {
    s.queue.push(s.line.map((l) => l.char).join('') + (c === EOF ? '' : c));
    s.line = [];
    echo(w, c);
    if (c === EOF) s.writepos = s.col;
  } else {
    s.line.push({ char: c, quoted: false });
    echo(w, c);
  }
}

/** What was typed at the terminal. */
export function input(state: TtyState, data: string): TtyResult {
  const w = begin(state);
  for (const char of data) {
    flush(w);
    typed(w, char);
  }
  return end(w);
}

/** What a program writes. */
export function write(state: TtyState, text: string): TtyResult {
  const w = begin(state);
  for (const char of text) put(w, char);
  w.s.writepos = w.s.col;
  return end(w);
}

/** What a program reads, one line at most: null when it must wait, '' at the end of file. */
export function read(state: TtyState, max = Number.POSITIVE_INFINITY): { state: TtyState; data: string | null } {
  const [first, ...queue] = state.queue;
  if (first === undefined) return { state, data: null };
  // Without lines, a read takes all there is.
  const [data, rest] = state.mode.icanon ? [first, queue] : [state.queue.join(''), []];
  const left = data.slice(max);
  return { state: { ...state, queue: left === '' ? rest : [left, ...rest] }, data: data.slice(0, max) };
}

/** tcsetattr(3): with `flush`, what was typed and not read is gone. */
export function setMode(state: TtyState, mode: Readonly<TtyMode>, flush = false): TtyState {
  const kept = flush ? { line: [], queue: [] } : mode.icanon ? {} : { line: [], queue: pendingInput(state) };
  return { ...state, ...kept, mode: { ...mode }, literal: false };
}

/** Leaving lines: what was typed of the last one can be read at once. */
const pendingInput = (s: TtyState) => [...s.queue.filter((l) => l !== ''), ...s.line.map((l) => l.char)];
