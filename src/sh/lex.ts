// The tokens of sh(1): words, operators, redirections with their here-documents; each with its place in the source.
// Mirrors xxreadtoken() and parseheredoc() of FreeBSD's bin/sh/parser.c; words are word.ts.

import { ENDS_WORD, type Part, Stop, type Word, fail, readDocument, readWord } from './word.ts';

export type Operator = '|' | '||' | '&' | '&&' | ';' | ';;' | ';&' | '(' | ')';
export type RedirOperator = '<' | '>' | '>>' | '>|' | '<>' | '>&' | '<&' | '<<' | '<<-';

interface Place {
  at: number;
  end: number;
}
export type Token =
  | ({ t: 'word'; word: Word } & Place)
  | ({ t: 'op'; op: Operator } & Place)
  /** A here-document's text comes after the line; it is there when the line has ended. */
  | ({ t: 'redir'; op: RedirOperator; fd: number; doc?: Part[] } & Place)
  | ({ t: 'newline' | 'eof' } & Place);

export interface ShError {
  /** In sh's own words, without newline: `Syntax error: "&&" unexpected`. */
  message: string;
  /** Offset in the source, and the same as 1-based line and column. */
  at: number;
  line: number;
  col: number;
  /** True when sh would read on (a quote, a pipe, a parenthesis is open): an interactive shell shows PS2. */
  more: boolean;
  /** True when a real sh would accept this and only the lab's does not. */
  lab: boolean;
}

export interface Lexed {
  /** Always ends with 'eof', unless there is an error. */
  tokens: Token[];
  error?: ShError;
  /** The source ends in an escaped newline or within a here-document: an interactive shell would read on. */
  continued: boolean;
}

export function errorAt(src: string, at: number, message: string, more = false, lab = false): ShError {
  const before = src.slice(0, at);
  const line = before.split('\n').length;
  return { message, at, line, col: at - before.lastIndexOf('\n'), more, lab };
}

export const isName = (s: string) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(s);

const DOUBLE: readonly string[] = ['&&', '||', ';;', ';&'];
const REDIRECTIONS: readonly RedirOperator[] = ['<<-', '>>', '>&', '>|', '<<', '<&', '<>', '>', '<'];
type Redirection = Token & { t: 'redir' };

/** The redirection operator at `at`, whose first character is at `i`. */
function readRedirection(src: string, at: number, i: number): Redirection {
  const op = REDIRECTIONS.find((o) => src.startsWith(o, i)) ?? '<';
  const fd = i > at ? Number(src[at]) : op.startsWith('<') ? 0 : 1;
  return { t: 'redir', op, fd, at, end: i + op.length };
}

/** The unquoted text of a word that is one plain literal. */
export const plainText = (word: Word): string | undefined => {
  const [part, second] = word.parts;
  return part?.t === 'lit' && !part.quoted && second === undefined ? part.text : undefined;
};

interface Scan {
  tokens: Token[];
  /** Where it ended: at the closing parenthesis, if that is what was looked for. */
  end: number;
  continued: boolean;
}

/** Cuts a source into tokens from `start` on; when `nested`, up to the parenthesis that closes what is around it. */
function scan(src: string, start: number, nested: boolean, depth: number, tokens: Token[]): Scan {
  let i = start,
    continued = false,
    open = 0,
    cases = 0;
  const docs: { redir: Redirection; delimiter: string; quoted: boolean }[] = [];
  let wanted: Redirection | undefined;

  /** The here-documents of the line that has just ended. */
  const readDocs = () => {
    for (const { redir, delimiter, quoted } of docs.splice(0)) {
      const strip = redir.op === '<<-';
      let text = '';
      for (;;) {
        if (i >= src.length) {
          continued = true;
          break;
        }
        const nl = src.indexOf('\n', i),
          stop = nl < 0 ? src.length : nl,
          raw = src.slice(i, stop),
          line = strip ? raw.replace(/^\t+/, '') : raw;
        i = Math.min(stop + 1, src.length);
        if (line === delimiter) break;
        text += `${line}\n`;
        if (nl < 0) continued = true;
      }
      redir.doc = quoted ? [{ t: 'lit', text, quoted: true }] : readDocument(text, closes, depth + 1);
    }
  };
  const word = (w: Word) => {
    const prev = tokens[tokens.length - 2],
      before = prev?.t === 'word' ? plainText(prev.word) : '',
      text = before !== undefined && (before === '' || RESERVED.has(before)) ? plainText(w) : undefined;
    // Within case … esac a parenthesis may close a pattern.
    if (text === 'case') cases++;
    if (text === 'esac' && cases > 0) cases--;
    if (!wanted) return;
    const delimiter = w.parts.map((p) => (p.t === 'lit' ? p.text : '')).join('');
    docs.push({ redir: wanted, delimiter, quoted: w.parts.some((p) => p.t === 'lit' && p.quoted) });
    wanted = undefined;
  };
  const redirection = (from: number, at: number) => {
    const token = readRedirection(src, from, at);
    tokens.push(token);
    i = token.end;
    wanted = token.op.startsWith('<<') ? token : undefined;
  };

  for (;;) {
    const at = i;
    const c = src[i];
    if (c === undefined) {
      if (nested) fail(start, 'Syntax error: end of file unexpected (expecting ")")', true);
      tokens.push({ t: 'eof', at, end: at });
      return { tokens, end: at, continued: continued || docs.length > 0 };
    }
    if (c === ' ' || c === '\t') i++;
    else if (c === '\\' && src[i + 1] === '\n') {
      i += 2;
      continued = i === src.length;
    } else if (c === '#') {
      const newline = src.indexOf('\n', i);
      i = newline < 0 ? src.length : newline;
    } else if (c === '\n') {
      tokens.push({ t: 'newline', at, end: ++i });
      readDocs();
    } else if (c === '<' || c === '>') redirection(at, at);
    else if (ENDS_WORD.has(c)) {
      if (nested && c === ')' && open === 0 && cases === 0) return { tokens, end: at, continued: false };
      if (c === '(') open++;
      if (c === ')' && open > 0) open--;
      const two = src.slice(i, i + 2);
      const op = (DOUBLE.includes(two) ? two : c) as Operator;
      i += op.length;
      tokens.push({ t: 'op', op, at, end: i });
    } else {
      const w = readWord(src, i, closes, depth);
      i = w.end;
      // A word has the last newline in it only when that is escaped.
      continued = i === src.length && src.endsWith('\n');
      // One digit right before < or > is the descriptor, not a word.
      if (w.end === at + 1 && c >= '0' && c <= '9' && (src[i] === '<' || src[i] === '>')) redirection(at, i);
      else if (w.parts.length > 0) {
        tokens.push({ t: 'word', word: w, at, end: i });
        word(w);
      }
    }
  }
}
const closes = (src: string, from: number, depth: number): number => scan(src, from, true, depth, []).end;

/** Cuts a source into tokens. Never throws: tokens up to the error, and the error. */
export function lex(src: string): Lexed {
  const tokens: Token[] = [];
  try {
    const { continued } = scan(src, 0, false, 0, tokens);
    return { tokens, continued };
  } catch (e) {
    if (!(e instanceof Stop)) throw e;
    return { tokens, error: errorAt(src, e.at, e.message, e.more, e.lab), continued: false };
  }
}

/** The shortest plain way to write `text` as one word that expands to itself. */
export function quote(text: string): string {
  // An assignment and a reserved word must not be read as such.
  if (/^[\w@%+:,./=‐-]+$/.test(text) && !/^\w*=/.test(text) && !RESERVED.has(text)) return text;
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Words that are not words where a command begins. */
export const RESERVED: ReadonlySet<string> = new Set([
  '!',
  '{',
  '}',
  'case',
  'do',
  'done',
  'elif',
  'else',
  'esac',
  'fi',
  'for',
  'if',
  'then',
  'until',
  'while',
]);
