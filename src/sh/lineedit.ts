// The line editor of an interactive shell on a raw terminal: editline(3) in emacs mode, as FreeBSD's sh has it.
// key() is a pure function on plain data; what is on the screen follows from the state, so only the difference is sent.

import { type View, columns, commonPrefix, draw, erase, redraw, toEnd, toNextRow } from './display.ts';
import { charBefore, left, printable, right, wordLeft, wordRight } from './words.ts';

export interface EditState {
  prompt: string;
  buffer: string;
  /** Index in buffer, never inside a surrogate pair. */
  cursor: number;
  history: string[];
  /** Which history line is shown; history.length is the line being typed. */
  histIndex: number;
  /** The line being typed, while a history line is shown. */
  saved: string;
  cols: number;
  /** What ^Y puts back. */
  yank: string;
  /** A reverse search (^R) under way: its pattern, and the line and place to return to. */
  search: { query: string; failed: boolean; buffer: string; cursor: number; histIndex: number } | null;
  /** Between the markers of a bracketed paste. */
  pasting: boolean;
  /** The beginning of an escape sequence, or half a character, whose end has not come yet. */
  partial: string;
  /** The last key was a Tab that found several candidates. */
  tabbed: boolean;
}

/** From: where in the line the completed word begins. A candidate replaces what is between there and the cursor. */
export type Completer = (line: string, cursor: number) => { from: number; candidates: readonly string[] };

export type EditEvent = { t: 'line'; line: string } | { t: 'eof' } | { t: 'intr' };

export interface EditResult {
  state: EditState;
  /** To be written to the terminal as it is. */
  output: string;
  /** At most one: then the prompt is gone, and the caller shows it again with prompt(). */
  event?: EditEvent;
  /** What came after the event: give it to key() after the next prompt (or to the program that the line started). */
  pending?: string;
}

export const MAX_HISTORY = 500;
const PASTE_BEGIN = '\x1b[200~';
const PASTE_END = '\x1b[201~';
const BELL = '\x07';

export function newEditor(cols: number, history: readonly string[] = []): EditState {
  const kept = history.slice(-MAX_HISTORY);
  return {
    prompt: '',
    buffer: '',
    cursor: 0,
    history: kept,
    histIndex: kept.length,
    saved: '',
    cols: Math.max(cols, 1),
    yank: '',
    search: null,
    pasting: false,
    partial: '',
    tabbed: false,
  };
}

function view(s: EditState): View {
  const search = s.search ? `\nbck${s.search.failed ? '?' : ':'}${s.search.query}` : '';
  return { text: s.prompt + s.buffer + search, cursor: s.prompt.length + s.cursor };
}

const insert = (s: EditState, text: string) => {
  s.buffer = s.buffer.slice(0, s.cursor) + text + s.buffer.slice(s.cursor);
  s.cursor += text.length;
};
/** Removes a range; `keep` makes it what ^Y gives. */
const cut = (s: EditState, from: number, to: number, keep: boolean): string => {
  if (from === to) return BELL;
  if (keep) s.yank = s.buffer.slice(from, to);
  s.buffer = s.buffer.slice(0, from) + s.buffer.slice(to);
  s.cursor = from;
  return '';
};
const go = (s: EditState, to: number): string => {
  s.cursor = to;
  return '';
};

function recall(s: EditState, index: number): string {
  if (index < 0 || index > s.history.length) return BELL;
  if (s.histIndex === s.history.length) s.saved = s.buffer;
  s.histIndex = index;
  s.buffer = index === s.history.length ? s.saved : (s.history[index] ?? '');
  s.cursor = s.buffer.length;
  return '';
}

/** Puts a line in the history: not an empty one, and not the last one again. */
export function remember(history: readonly string[], line: string): string[] {
  if (line.trim() === '' || line === history[history.length - 1]) return [...history];
  return [...history, line].slice(-MAX_HISTORY);
}

/** Looks for the pattern, from history line `from` backwards. */
function seek(s: EditState, from: number): string {
  const search = s.search;
  if (!search || search.query === '') return '';
  for (let i = from; i >= 0; i--) {
    const found = s.history[i]?.indexOf(search.query) ?? -1;
    if (found < 0) continue;
    s.histIndex = i;
    s.buffer = s.history[i] ?? '';
    s.cursor = found;
    search.failed = false;
    return '';
  }
  search.failed = true;
  return BELL;
}

/** A key during a search; undefined: the search is over and the key is an ordinary one. */
function searchKey(s: EditState, key: string): string | undefined {
  const search = s.search;
  if (!search) return undefined;
  if (key === '\x12') return seek(s, s.histIndex - 1);
  if (key === '\x07') {
    s.buffer = search.buffer;
    s.cursor = search.cursor;
    s.histIndex = search.histIndex;
    s.search = null;
    return '';
  }
  if (key === '\x7f' || key === '\b') {
    search.query = search.query.slice(0, search.query.length - charBefore(search.query, search.query.length).length);
    search.failed = false;
    return search.query === '' ? '' : seek(s, s.history.length - 1);
  }
  if (!/^[\p{Cc}\p{Cs}]/u.test(key)) {
    search.query += key;
    return seek(s, Math.min(s.histIndex, s.history.length - 1));
  }
  s.search = null;
  return undefined;
}

/** A Tab. Answers what must be printed above the line, or a bell. */
function tab(s: EditState, complete: Completer): { bell: string; list?: string[] } {
  const again = s.tabbed;
  const { from, candidates } = complete(s.buffer, s.cursor);
  const known = [...new Set(candidates.map(printable))];
  const [one] = known;
  if (one === undefined) return { bell: BELL };
  const start = Math.min(Math.max(from, 0), s.cursor);
  const typed = s.buffer.slice(start, s.cursor);
  const put = (text: string) => {
    s.buffer = s.buffer.slice(0, start) + text + s.buffer.slice(s.cursor);
    s.cursor = start + text.length;
  };
  if (known.length === 1) {
    put(one);
    // After a whole word goes a space, unless more of the word may follow or the space is there.
    if (!/[/=,:]$/.test(one)) {
      if (s.buffer[s.cursor] === ' ') s.cursor++;
      else insert(s, ' ');
    }
    return { bell: '' };
  }
  s.tabbed = true;
  const prefix = commonPrefix(known).replace(/[\ud800-\udbff]$/, '');
  if (prefix.length > typed.length && prefix.startsWith(typed)) {
    put(prefix);
    return { bell: BELL };
  }
  return again ? { bell: '', list: columns(known, s.cols) } : { bell: BELL };
}

type Action = (s: EditState) => string;

const ACTIONS: Readonly<Record<string, Action>> = {
  home: (s) => go(s, 0),
  end: (s) => go(s, s.buffer.length),
  left: (s) => (s.cursor === 0 ? BELL : go(s, left(s.buffer, s.cursor))),
  right: (s) => (s.cursor === s.buffer.length ? BELL : go(s, right(s.buffer, s.cursor))),
  wordLeft: (s) => go(s, wordLeft(s.buffer, s.cursor)),
  wordRight: (s) => go(s, wordRight(s.buffer, s.cursor)),
  rubout: (s) => cut(s, left(s.buffer, s.cursor), s.cursor, false),
  delete: (s) => cut(s, s.cursor, right(s.buffer, s.cursor), false),
  killEnd: (s) => cut(s, s.cursor, s.buffer.length, true),
  killLine: (s) => cut(s, 0, s.buffer.length, true),
  killWordLeft: (s) => cut(s, wordLeft(s.buffer, s.cursor), s.cursor, true),
  killWordRight: (s) => cut(s, s.cursor, wordRight(s.buffer, s.cursor), true),
  yank: (s) => {
    insert(s, s.yank);
    return s.yank === '' ? BELL : '';
  },
  previous: (s) => recall(s, s.histIndex - 1),
  next: (s) => recall(s, s.histIndex + 1),
  search: (s) => {
    s.search = { query: '', failed: false, buffer: s.buffer, cursor: s.cursor, histIndex: s.histIndex };
    if (s.histIndex === s.history.length) s.saved = s.buffer;
    return '';
  },
};

const KEYS: Readonly<Record<string, keyof typeof ACTIONS>> = {
  '\x01': 'home',
  '\x02': 'left',
  '\x05': 'end',
  '\x06': 'right',
  '\b': 'rubout',
  '\x7f': 'rubout',
  '\x0b': 'killEnd',
  '\x0e': 'next',
  '\x10': 'previous',
  '\x12': 'search',
  '\x15': 'killLine',
  '\x17': 'killWordLeft',
  '\x19': 'yank',
  '\x1b[A': 'previous',
  '\x1b[B': 'next',
  '\x1b[C': 'right',
  '\x1b[D': 'left',
  '\x1b[H': 'home',
  '\x1b[F': 'end',
  '\x1bOA': 'previous',
  '\x1bOB': 'next',
  '\x1bOC': 'right',
  '\x1bOD': 'left',
  '\x1bOH': 'home',
  '\x1bOF': 'end',
  '\x1b[1~': 'home',
  '\x1b[7~': 'home',
  '\x1b[4~': 'end',
  '\x1b[8~': 'end',
  '\x1b[3~': 'delete',
  '\x1b[1;5C': 'wordRight',
  '\x1b[1;5D': 'wordLeft',
  '\x1b[1;3C': 'wordRight',
  '\x1b[1;3D': 'wordLeft',
  '\x1b[5C': 'wordRight',
  '\x1b[5D': 'wordLeft',
  '\x1bb': 'wordLeft',
  '\x1bf': 'wordRight',
  '\x1bd': 'killWordRight',
  '\x1bB': 'wordLeft',
  '\x1bF': 'wordRight',
  '\x1bD': 'killWordRight',
  '\x1b\x7f': 'killWordLeft',
  '\x1b\b': 'killWordLeft',
};

const ESC = '\x1b';
const SEQUENCE = new RegExp(`^${ESC}(?:\\[[0-?]*[ -/]*[@-~]|O[ -~]|(?![[O])[^${ESC}])`, 'u');
const UNFINISHED = new RegExp(`^${ESC}(?:\\[[0-?]*[ -/]*|O)?$`);

/** The first key of the data; undefined when its end has not come yet. */
function nextKey(data: string): string | undefined {
  const first = data[0] ?? '';
  if (first !== '\x1b') {
    if (/[\ud800-\udbff]/.test(first) && data.length === 1) return undefined;
    return data.startsWith('\r\n') ? '\r\n' : String.fromCodePoint(data.codePointAt(0) ?? 0);
  }
  const sequence = SEQUENCE.exec(data)?.[0];
  if (sequence !== undefined) return sequence;
  // An escape that no sequence follows is a key of its own, and does nothing.
  return UNFINISHED.test(data) ? undefined : '\x1b';
}

/** Feeds what the terminal sent. Stops after the first line, end of file or interrupt; the rest is `pending`. */
export function key(state: EditState, data: string, complete: Completer): EditResult {
  const s: EditState = { ...state, search: state.search && { ...state.search }, partial: '' };
  let shown = view(s);
  let output = '';
  let rest = state.partial + data;

  const flush = () => {
    const now = view(s);
    output += redraw(shown, now, s.cols);
    shown = now;
  };
  const finish = (event: EditEvent, after: string): EditResult => {
    s.search = null;
    flush();
    output += after === '' ? toNextRow(shown, s.cols) : `${toEnd(shown, s.cols)}${after}\r\n`;
    Object.assign(s, { prompt: '', buffer: '', cursor: 0, saved: '', tabbed: false });
    s.histIndex = s.history.length;
    return rest === '' ? { state: s, output, event } : { state: s, output, event, pending: rest };
  };

  while (rest !== '') {
    const k = nextKey(rest);
    if (k === undefined) {
      // Escape alone ends a search; otherwise it may be the start of a sequence.
      if (s.search && rest === '\x1b') {
        s.search = null;
        rest = '';
      } else s.partial = rest;
      break;
    }
    rest = rest.slice(k.length);

    if (k === PASTE_BEGIN) {
      s.pasting = true;
      continue;
    }
    if (k === PASTE_END) {
      s.pasting = false;
      continue;
    }
    if (k === '\r' || k === '\n' || k === '\r\n') {
      const line = s.buffer;
      s.history = remember(s.history, line);
      s.search = null;
      s.cursor = line.length;
      return finish({ t: 'line', line }, '');
    }
    if (s.pasting) {
      const text = printable(k.startsWith('\x1b') ? '' : k);
      s.search = null;
      insert(s, text);
      continue;
    }
    if (k === '\x03') return finish({ t: 'intr' }, '^C');

    const found = searchKey(s, k);
    if (found !== undefined) {
      output += found;
      continue;
    }
    const tabbed = s.tabbed;
    s.tabbed = false;

    if (k === '\t') {
      s.tabbed = tabbed;
      const { bell, list } = tab(s, complete);
      if (bell === '') s.tabbed = false;
      flush();
      output += bell;
      if (list) {
        output += `${toNextRow(shown, s.cols)}${list.map((l) => `${l}\r\n`).join('')}${draw(shown, s.cols)}`;
      }
    } else if (k === '\x04') {
      if (s.buffer === '') return finish({ t: 'eof' }, '^D');
      output += cut(s, s.cursor, right(s.buffer, s.cursor), false);
    } else if (k === '\x0c') {
      shown = view(s);
      output += `\x1b[H\x1b[2J${draw(shown, s.cols)}`;
    } else if (Object.hasOwn(KEYS, k)) {
      output += ACTIONS[KEYS[k] ?? '']?.(s) ?? '';
    } else if (!k.startsWith('\x1b')) {
      const text = printable(k);
      insert(s, text);
      if (text === '') output += BELL;
    }
  }
  flush();
  return { state: s, output };
}

/** Shows a prompt, with what is typed already after it. */
export function prompt(state: EditState, text: string): { state: EditState; output: string } {
  const s: EditState = { ...state, prompt: text };
  return { state: s, output: draw(view(s), s.cols) };
}

/** Puts text at the cursor as if typed. It stays one line: an escaped newline vanishes as it does for sh, any other is a space. */
export function type(state: EditState, text: string): { state: EditState; output: string } {
  const s: EditState = { ...state, search: null, tabbed: false };
  insert(s, printable(text.replace(/\\\r?\n[ \t]*/g, '')));
  return { state: s, output: redraw(view(state), view(s), s.cols) };
}

/** Another width: draws the line again, since terminals leave the cursor's own line as it was. */
export function resize(state: EditState, cols: number): { state: EditState; output: string } {
  const s: EditState = { ...state, cols: Math.max(cols, 1) };
  if (s.prompt === '' && s.buffer === '') return { state: s, output: '' };
  return { state: s, output: erase(view(state), state.cols) + draw(view(s), s.cols) };
}
