// The grammar of sh(1) to a plain tree, whose words are expanded (expand.ts) when they run.
// Mirrors list(), andor(), pipeline(), command() and synexpect() of bin/sh/parser.c.

import {
  type Operator,
  type Part,
  RESERVED,
  type RedirOperator,
  type ShError,
  Stop,
  type Token,
  type Word,
  errorAt,
  isName,
  lex,
} from './lex.ts';

export interface Redir {
  fd: number;
  op: Exclude<RedirOperator, '<<'>;
  word: Word;
  /** `>&1`, `<&0`: the descriptor written in digits; -1 for `>&-`. Otherwise the word tells when it is expanded. */
  dup?: number;
}
export interface Assign {
  name: string;
  value: Word;
}
export interface Simple {
  t: 'simple';
  assigns: Assign[];
  words: Word[];
  redirs: Redir[];
  at: number;
  end: number;
}
/** `( list )`, or `{ list; }` when not a subshell. */
export interface Group {
  t: 'group';
  subshell: boolean;
  body: List;
  redirs: Redir[];
  at: number;
  end: number;
}
export type Command = Simple | Group;
export interface Pipeline {
  not: boolean;
  commands: Command[];
}
export interface AndOr {
  first: Pipeline;
  rest: { op: '&&' | '||'; pipeline: Pipeline }[];
  background: boolean;
  /** src.slice(at, end) is the text that jobs(1) shows. */
  at: number;
  end: number;
}
export type List = AndOr[];

export interface Parsed {
  /** The complete command lines before the error, if there is one: sh has run them by then. */
  list: List;
  error?: ShError;
  /** An interactive shell would show PS2 and read another line. */
  more: boolean;
}

const MAX_DEPTH = 100;
const UNKNOWN = new Set(['case', 'for', 'if', 'until', 'while']);

const plainText = (word: Word): string | undefined => {
  const [part, second] = word.parts;
  return part?.t === 'lit' && !part.quoted && second === undefined ? part.text : undefined;
};

/** What sh calls a token in a message. */
function tokenName(token: Token, reserved: string | undefined): string {
  switch (token.t) {
    case 'eof':
      return 'end of file';
    case 'newline':
      return 'newline';
    case 'redir':
      return 'redirection';
    case 'op':
      return `"${token.op}"`;
    case 'word':
      return reserved === undefined ? 'word' : `"${reserved}"`;
  }
}

/** Parses a source. Never throws. */
export function parse(src: string): Parsed {
  const lexed = lex(src);
  const tokens = lexed.tokens;
  const list: List = [];
  let i = 0;

  const peek = (): Token => {
    const token = tokens[i];
    if (token) return token;
    // Past the last token lies either the end or the lexer's own error, which comes when the parser gets there.
    if (lexed.error) throw new Stop(lexed.error.at, lexed.error.message, lexed.error.more, lexed.error.lab);
    return { t: 'eof', at: src.length, end: src.length };
  };
  const isOp = (...ops: Operator[]) => {
    const t = peek();
    return t.t === 'op' && ops.includes(t.op);
  };
  const reserved = (): string | undefined => {
    const token = peek();
    const text = token.t === 'word' ? plainText(token.word) : undefined;
    return text !== undefined && RESERVED.has(text) ? text : undefined;
  };
  /** `keyword`: a reserved word would be one here. */
  const unexpected = (expecting?: string, keyword = false): never => {
    const token = peek();
    const name = tokenName(token, keyword ? reserved() : undefined);
    throw new Stop(
      token.at,
      `Syntax error: ${name} unexpected${expecting === undefined ? '' : ` (expecting ${expecting})`}`,
      token.t === 'eof',
      false,
    );
  };
  const leftOut = (what: string): never => {
    throw new Stop(peek().at, `lab: this sh does not know ${what}`, false, true);
  };
  const newlines = () => {
    while (peek().t === 'newline') i++;
  };

  const redirection = (): Redir => {
    const token = peek();
    if (token.t !== 'redir' || token.op === '<<') return unexpected();
    i++;
    const target = peek();
    if (target.t !== 'word') return unexpected('word');
    i++;
    const { fd, op } = token;
    const text = plainText(target.word);
    const dup =
      op === '>&' || op === '<&' ? (text === '-' ? -1 : text !== undefined && /^[0-9]$/.test(text) ? Number(text) : undefined) : undefined;
    return dup === undefined ? { fd, op, word: target.word } : { fd, op, word: target.word, dup };
  };

  const simple = (): Simple => {
    const at = peek().at;
    const assigns: Assign[] = [],
      words: Word[] = [],
      redirs: Redir[] = [];
    let end = at;
    for (;;) {
      const token = peek();
      if (token.t === 'word') {
        const assign = words.length === 0 ? assignment(token.word) : undefined;
        if (assign) assigns.push(assign);
        else words.push(token.word);
        i++;
      } else if (token.t === 'redir') redirs.push(redirection());
      else if (token.t === 'op' && token.op === '(' && words.length + assigns.length === 1 && redirs.length === 0) {
        i++;
        if (!isOp(')')) unexpected('")"');
        leftOut('functions');
      } else break;
      end = tokens[i - 1]?.end ?? end;
    }
    return { t: 'simple', assigns, words, redirs, at, end };
  };

  const command = (depth: number): Command => {
    newlines();
    const token = peek();
    const keyword = reserved();
    const opens = isOp('(') ? ')' : keyword === '{' ? '}' : undefined;
    if (opens !== undefined) {
      if (depth >= MAX_DEPTH) leftOut(`more than ${MAX_DEPTH} levels of parentheses`);
      i++;
      const body = nested(depth + 1);
      if (opens === ')' ? !isOp(')') : reserved() !== '}') unexpected(`"${opens}"`, true);
      i++;
      const redirs: Redir[] = [];
      while (peek().t === 'redir') redirs.push(redirection());
      return { t: 'group', subshell: opens === ')', body, redirs, at: token.at, end: tokens[i - 1]?.end ?? token.end };
    }
    if (keyword !== undefined && UNKNOWN.has(keyword)) leftOut(`"${keyword}"`);
    if (keyword !== undefined || (token.t !== 'word' && token.t !== 'redir')) unexpected(undefined, true);
    return simple();
  };

  const pipeline = (depth: number): Pipeline => {
    const pipe: Pipeline = { not: false, commands: [] };
    for (;;) {
      newlines();
      // The status of a pipeline is its last command's, so a "!" anywhere in it turns the whole round.
      while (reserved() === '!') {
        pipe.not = !pipe.not;
        i++;
        newlines();
      }
      pipe.commands.push(command(depth));
      if (!isOp('|')) return pipe;
      i++;
    }
  };

  const andOr = (depth: number): AndOr => {
    newlines();
    const at = peek().at;
    const node: AndOr = { first: pipeline(depth), rest: [], background: false, at, end: at };
    for (;;) {
      node.end = tokens[i - 1]?.end ?? at;
      const token = peek();
      if (token.t !== 'op' || (token.op !== '&&' && token.op !== '||')) return node;
      i++;
      node.rest.push({ op: token.op, pipeline: pipeline(depth) });
    }
  };

  /** Eats the ";", "&" or newline after a command; false when there is none and so the list ends. */
  const separator = (node: AndOr): boolean => {
    if (isOp('&')) node.background = true;
    if (!isOp('&', ';') && peek().t !== 'newline') return false;
    i++;
    return true;
  };

  /** What closes a nested list: sh's tokendlist. */
  const closes = () => {
    const keyword = reserved();
    return (
      peek().t === 'eof' ||
      isOp(')', ';;', ';&') ||
      (keyword !== undefined && ['}', 'do', 'done', 'elif', 'else', 'esac', 'fi', 'then'].includes(keyword))
    );
  };
  const nested = (depth: number): List => {
    const body: List = [];
    for (;;) {
      newlines();
      if (closes()) return body;
      const node = andOr(depth);
      body.push(node);
      if (!separator(node)) return body;
    }
  };

  let line: List = [];
  try {
    // A line is a unit: sh runs it before it looks at the next, and not at all if there is an error in it.
    while (peek().t !== 'eof') {
      if (peek().t === 'newline') {
        i++;
        list.push(...line);
        line = [];
        continue;
      }
      const node = andOr(0);
      line.push(node);
      if (isOp('&', ';')) separator(node);
      else if (peek().t !== 'newline' && peek().t !== 'eof') unexpected();
    }
    list.push(...line);
    return { list, more: lexed.continued };
  } catch (e) {
    if (!(e instanceof Stop)) throw e;
    return { list, error: errorAt(src, e.at, e.message, e.more, e.lab), more: e.more };
  }
}

/** `name=value`, if the word is one. */
function assignment(word: Word): Assign | undefined {
  const [head, ...tail] = word.parts;
  if (head?.t !== 'lit' || head.quoted) return undefined;
  const eq = head.text.indexOf('=');
  const name = head.text.slice(0, Math.max(eq, 0));
  if (!isName(name)) return undefined;
  const text = head.text.slice(eq + 1);
  const first: Part[] = text === '' ? [] : [{ ...head, text }];
  return { name, value: { parts: [...first, ...tail], at: word.at + eq + 1, end: word.end } };
}
