// A pager, as far as more(1) and less(1) of a small terminal go: it shows lines and waits for keys, in the process that
// asks for it. What is on the screen follows from the state; going forward scrolls, so that the window keeps what passed.

import { absolute, fileOf } from '../sh/file.ts';
import { textWidth } from '../sh/width.ts';
import type { Proc, Program, Tty } from '../sh/proc.ts';
import type { Sys } from './sys.ts';

export interface PagerState {
  /** Line at the top of the screen. */
  top: number;
  /** The first screen is there. */
  shown: boolean;
  /** A pattern being typed after / or ?. */
  typing: { back: boolean; text: string } | null;
  pattern: { back: boolean; text: string } | null;
  message: string;
  /** Rows and columns for which it was drawn. */
  rows: number;
  cols: number;
}
export const newPager = (): PagerState => ({ top: 0, shown: false, typing: null, pattern: null, message: '', rows: 0, cols: 0 });

/** The window on which a process's output appears; undefined where there is none, or somebody else has its keys. */
export function windowOf(p: Proc, sys: Sys): (Tty & { window: { cols: number; rows: number } }) | undefined {
  const tty = sys.os.tty(p.tty);
  return fileOf(sys.os.tree(), p, 1)?.k === 'tty' && tty?.window && tty.fg === p.pgid ? { ...tty, window: tty.window } : undefined;
}

/** A text in its characters and CSI or SS3 sequences. */
function pieces(text: string): string[] {
  const out: string[] = [];
  let at = 0;
  while (at < text.length) {
    const m = text[at] === '\x1b' ? /^.(?:\[[0-9;]*[A-Za-z~]|O[A-Z])/su.exec(text.slice(at)) : null,
      one = m?.[0] ?? String.fromCodePoint(text.codePointAt(at) ?? 0);
    out.push(one);
    at += one.length;
  }
  return out;
}
const bare = (line: string) =>
  line.includes('\x1b')
    ? pieces(line)
        .filter((x) => x[0] !== '\x1b')
        .join('')
    : line;
const NAMED: Readonly<Record<string, string>> = {
  '\x1b[A': 'k',
  '\x1bOA': 'k',
  '\x1b[B': 'j',
  '\x1bOB': 'j',
  '\x1b[5~': 'b',
  '\x1b[6~': ' ',
  '\x1b[H': 'g',
  '\x1bOH': 'g',
  '\x1b[1~': 'g',
  '\x1b[F': 'G',
  '\x1bOF': 'G',
  '\x1b[4~': 'G',
  '\r': 'j',
  '\n': 'j',
  e: 'j',
  y: 'k',
  f: ' ',
  '\x06': ' ',
  '\x02': 'b',
  '\x04': 'd',
  '\x15': 'u',
  '<': 'g',
  '>': 'G',
  Q: 'q',
  '\x03': 'q',
};
const HELP = 'space b: a screen; j k: a line; d u: half; g G: ends; /text ?text n N: search; q: quit';

/** One line of text in rows of the window: a long line takes several. */
export function rowsOf(text: string, cols: number): string[] {
  if (textWidth(bare(text)) <= cols) return [text];
  const out: string[] = [];
  let row = '';
  for (const c of bare(text)) {
    if (textWidth(row + c) > cols) {
      out.push(row);
      row = '';
    }
    row += c;
  }
  return [...out, row];
}

/** The next line with the pattern, from beside `from`; -1 when there is none. Without capitals, case does not matter. */
function find(lines: readonly string[], pattern: string, from: number, back: boolean): number {
  const fold = pattern === pattern.toLowerCase(),
    has = (l: string | undefined) => (fold ? bare(l ?? '').toLowerCase() : bare(l ?? '')).includes(pattern);
  for (let i = from + (back ? -1 : 1); i >= 0 && i < lines.length; i += back ? -1 : 1) if (has(lines[i])) return i;
  return -1;
}

/** Goes on with the keys that came. True when it is over and the terminal is as it was. */
export function page(p: Proc, sys: Sys, st: PagerState, text: readonly string[]): boolean {
  const tty = sys.os.tty(p.tty),
    window = tty?.window;
  if (!tty || !window) return true;
  const { cols } = window,
    rows = Math.max(2, window.rows),
    lines = text.flatMap((l) => rowsOf(l.replace(/\t/g, '        '), cols)),
    most = Math.max(0, lines.length - (rows - 1));
  let out = '';
  const status = () => {
    const said = st.typing
      ? `${st.typing.back ? '?' : '/'}${st.typing.text}`
      : st.message || (st.top >= most ? '(END)' : `lines ${st.top + 1}-${st.top + rows - 1}/${lines.length}`);
    return `\r\x1b[K${st.typing ? said.slice(0, cols - 1) : `\x1b[7m${said.slice(0, cols - 1)}\x1b[m`}`;
  };
  const draw = () => {
    out += `\x1b[H${lines
      .slice(st.top, st.top + rows - 1)
      .map((l) => `${l}\x1b[K\r\n`)
      .join('')}\x1b[J`;
  };
  const to = (line: number) => {
    const top = Math.max(0, Math.min(line, most));
    if (top > st.top && top - st.top < rows - 1)
      out += `\r\x1b[K${lines
        .slice(st.top + rows - 1, top + rows - 1)
        .map((l) => `${l}\r\n`)
        .join('')}`;
    else if (top > st.top)
      out += `\r\x1b[K${lines
        .slice(top, top + rows - 1)
        .map((l) => `${l}\r\n`)
        .join('')}`;
    const was = st.top;
    st.top = top;
    if (top < was) draw();
  };
  const search = (back: boolean) => {
    const text = st.pattern?.text ?? '',
      at = text ? find(lines, text, st.top, back) : -1;
    if (at < 0) st.message = text ? 'Pattern not found' : 'No previous search pattern';
    else to(at);
  };
  const quit = () => {
    sys.os.put(tty, `${out}\r\x1b[K`);
    sys.os.mode(tty, 'cooked');
    return true;
  };
  if (p.signals.length) return quit();
  if (!st.shown) {
    st.shown = true;
    sys.os.mode(tty, 'edit');
    out += lines
      .slice(0, rows - 1)
      .map((l) => `${l}\r\n`)
      .join('');
  } else if (st.rows !== rows || st.cols !== cols) {
    st.top = Math.min(st.top, most);
    draw();
  }
  st.rows = rows;
  st.cols = cols;
  for (const typed of pieces(sys.os.read(tty) ?? '')) {
    st.message = '';
    if (st.typing) {
      const t = st.typing;
      if (typed === '\r' || typed === '\n') {
        st.typing = null;
        if (t.text) st.pattern = { back: t.back, text: t.text };
        search(t.back);
      } else if (typed === '\x7f' || typed === '\b') {
        if (t.text) t.text = Array.from(t.text).slice(0, -1).join('');
        else st.typing = null;
      } else if (typed === '\x03' || typed === '\x1b') st.typing = null;
      else if (typed >= ' ') t.text += typed;
      continue;
    }
    switch (NAMED[typed] ?? typed) {
      case 'q':
        return quit();
      case ' ':
        to(st.top + rows - 1);
        break;
      case 'b':
        to(st.top - (rows - 1));
        break;
      case 'j':
        to(st.top + 1);
        break;
      case 'k':
        to(st.top - 1);
        break;
      case 'd':
        to(st.top + (rows >> 1));
        break;
      case 'u':
        to(st.top - (rows >> 1));
        break;
      case 'g':
        to(0);
        break;
      case 'G':
        to(most);
        break;
      case '/':
      case '?':
        st.typing = { back: typed === '?', text: '' };
        break;
      case 'n':
        search(st.pattern?.back ?? false);
        break;
      case 'N':
        search(!(st.pattern?.back ?? false));
        break;
      case 'h':
        st.message = HELP;
        break;
      default:
        st.message = 'h for help, q to quit';
    }
  }
  sys.os.put(tty, out + status());
  sys.os.pause(p);
  return false;
}

/** more(1) and less(1): files, a screen at a time; where nobody looks, all of it at once. */
export const more: Program<Sys> = {
  run(p, sys) {
    const st = p.st as { pager?: PagerState; status?: number; text?: string; got?: boolean },
      { files } = sys.os.tree(),
      names = p.argv.slice(1).filter((a) => !a.startsWith('-'));
    const piped = fileOf(sys.os.tree(), p, 0)?.k !== 'tty';
    if (!names.length && piped) {
      st.text ??= '';
      for (; !st.got; ) {
        const data = sys.os.readFd(p);
        if (data === null) return;
        if (data) st.text += data;
        else st.got = true;
      }
      show(p, sys, st, st.text.replace(/\n$/, '').split('\n'), 0);
      return;
    }
    if (!names.length) {
      sys.os.writeErr(p, `Missing filename ("${p.argv[0]} -h" for help)\nlab: give it a file, as in ${p.argv[0]} FILE.\n`);
      sys.os.exit(p, 1);
      return;
    }
    const read = (f: string) => files[absolute(p.cwd, f)];
    const there = names.filter((f) => read(f) !== undefined);
    if (st.status === undefined) {
      for (const f of names) if (!there.includes(f)) sys.os.writeErr(p, `${f}: No such file or directory\n`);
      st.status = there.length === names.length ? 0 : 1;
    }
    const text = there.map((f) => read(f) ?? '').join('');
    show(p, sys, st, text.replace(/\n$/, '').split('\n'), st.status);
  },
};

/** Through the pager where there is a window and more lines than it has; else at once. Ends the process. */
export function show(p: Proc, sys: Sys, st: { pager?: PagerState }, lines: readonly string[], status: number) {
  const tty = windowOf(p, sys);
  if (st.pager || (tty && lines.flatMap((l) => rowsOf(l, tty.window.cols)).length >= tty.window.rows)) {
    st.pager ??= newPager();
    if (!page(p, sys, st.pager, lines)) return;
  } else sys.os.write(p, lines.map((l) => `${l}\n`).join(''));
  sys.os.exit(p, p.signals.length ? 128 + (p.signals[0] ?? 2) : status);
}
