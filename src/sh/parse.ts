// The grammar of sh(1) to a plain tree (ast.ts), whose words are expanded (expand.ts) when they run.
// Mirrors list(), andor(), pipeline(), command() and synexpect() of bin/sh/parser.c.

import type { AndOr, Assign, Case, Command, For, If, List, Pipeline, Redir, Simple, While } from './ast.ts';
import { type Operator, RESERVED, type ShError, type Token, errorAt, isName, lex, plainText } from './lex.ts';
import { type Part, Stop, type Word } from './word.ts';

export interface Parsed {
  /** The complete command lines before the error, if there is one: sh has run them by then. */
  list: List;
  error?: ShError;
  /** An interactive shell would show PS2 and read another line. */
  more: boolean;
}

const MAX_DEPTH = 100;
/** Characters of a command that jobs(1) keeps. */
const TEXT_MAX = 200;
/** Those that a function cannot replace. */
export const SPECIAL: ReadonlySet<string> = new Set(
  ': . break continue eval exec exit export readonly return set shift times trap unset'.split(' '),
);

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
export function parse(src: string, level = 0): Parsed {
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
  const refuse = (message: string, lab = false): never => {
    throw new Stop(peek().at, message, false, lab);
  };
  const newlines = () => {
    while (peek().t === 'newline') i++;
  };
  const endOf = (at: number) => tokens[i - 1]?.end ?? at;
  const textOf = (at: number, end: number) => (end - at > TEXT_MAX ? `${src.slice(at, at + TEXT_MAX)}...` : src.slice(at, end));

  /** The commands within the substitutions of a word are read where the word is. */
  const checked = (word: Word): Word => {
    const look = (parts: readonly Part[]) => {
      for (const p of parts) {
        if (p.t === 'cmd' && level < MAX_DEPTH) {
          const { error } = parse(p.src, level + 1);
          if (error) throw new Stop(word.at, error.message, false, error.lab);
        } else if (p.t === 'arith') look(p.parts);
        else if (p.t === 'var' && p.word) look(p.word);
      }
    };
    look(word.parts);
    return word;
  };

  const redirection = (): Redir => {
    const token = peek();
    if (token.t !== 'redir') return unexpected();
    i++;
    const target = peek();
    if (target.t !== 'word') return unexpected('word');
    i++;
    const { fd, op } = token;
    const r: Redir = { fd, op, word: checked(target.word) };
    if (token.doc) r.doc = token.doc;
    const text = op === '>&' || op === '<&' ? plainText(target.word) : undefined;
    if (text === '-') r.dup = -1;
    else if (text !== undefined && /^[0-9]$/.test(text)) r.dup = Number(text);
    else if (text !== undefined) refuse('Syntax error: Bad fd number');
    return r;
  };
  const redirections = (): Redir[] => {
    const redirs: Redir[] = [];
    while (peek().t === 'redir') redirs.push(redirection());
    return redirs;
  };

  const simple = (depth: number): Command => {
    const at = peek().at;
    const assigns: Assign[] = [],
      words: Word[] = [],
      redirs: Redir[] = [];
    for (;;) {
      const token = peek();
      if (token.t === 'word') {
        const assign = words.length === 0 ? assignment(checked(token.word)) : undefined;
        if (assign) assigns.push(assign);
        else words.push(checked(token.word));
        i++;
      } else if (token.t === 'redir') redirs.push(redirection());
      else if (token.t === 'op' && token.op === '(' && words.length === 1 && assigns.length + redirs.length === 0) {
        i++;
        if (!isOp(')')) unexpected('")"');
        i++;
        const name = words[0] && plainText(words[0]);
        if (name === undefined || /[/$`]|[!%*+\-=?@}~]$/.test(name)) return refuse('Syntax error: Bad function name');
        if (SPECIAL.has(name)) return refuse('Syntax error: Cannot override a special builtin with a function');
        newlines();
        return { t: 'func', name, body: command(depth + 1), redirs: [], at, end: endOf(at) };
      } else break;
    }
    return { t: 'simple', assigns, words, redirs, at, end: endOf(at) } satisfies Simple;
  };

  /** The reserved word that must come here. */
  const must = (word: string) => {
    if (reserved() !== word) unexpected(`"${word}"`, true);
    i++;
  };

  const compound = (keyword: string, at: number, depth: number): Command => {
    const end = <C extends If | While | For | Case>(c: Omit<C, 'redirs' | 'at' | 'end'>): C =>
      ({ ...c, redirs: redirections(), at, end: endOf(at) }) as unknown as C;
    i++;
    if (keyword === 'if') {
      const arms: If['arms'] = [];
      let otherwise: List = [];
      for (;;) {
        const cond = nested(depth, true);
        must('then');
        arms.push({ cond, body: nested(depth, true) });
        if (reserved() === 'elif') i++;
        else break;
      }
      if (reserved() === 'else') {
        i++;
        otherwise = nested(depth, true);
      }
      must('fi');
      return end<If>({ t: 'if', arms, otherwise });
    }
    if (keyword === 'while' || keyword === 'until') {
      const cond = nested(depth, true);
      must('do');
      const body = nested(depth, true);
      must('done');
      return end<While>({ t: 'while', until: keyword === 'until', cond, body });
    }
    if (keyword === 'for') {
      const token = peek(),
        name = token.t === 'word' ? plainText(token.word) : undefined;
      if (name === undefined || !isName(name)) return refuse('Syntax error: Bad for loop variable');
      i++;
      newlines();
      let words: Word[] | undefined;
      const after = peek();
      if (after.t === 'word' && plainText(after.word) === 'in') {
        i++;
        words = [];
        for (let t = peek(); t.t === 'word'; t = peek()) {
          words.push(checked(t.word));
          i++;
        }
        if (!isOp(';') && peek().t !== 'newline') unexpected();
        i++;
      } else if (isOp(';')) i++;
      newlines();
      const braces = reserved() === '{';
      if (braces) i++;
      else must('do');
      const body = nested(depth, true);
      must(braces ? '}' : 'done');
      return end<For>(words ? { t: 'for', name, words, body } : { t: 'for', name, body });
    }
    const token = peek();
    if (token.t !== 'word') return unexpected('word');
    const word = checked(token.word);
    i++;
    newlines();
    const inWord = peek();
    if (inWord.t !== 'word' || plainText(inWord.word) !== 'in') unexpected('"in"');
    i++;
    newlines();
    const items: Case['items'] = [];
    while (reserved() !== 'esac') {
      if (isOp('(')) i++;
      const patterns: Word[] = [];
      for (;;) {
        const t = peek();
        if (t.t !== 'word') return unexpected('word');
        patterns.push(checked(t.word));
        i++;
        if (!isOp('|')) break;
        i++;
      }
      if (!isOp(')')) unexpected('")"');
      i++;
      const body = nested(depth, false);
      const through = isOp(';&');
      items.push({ patterns, body, through });
      if (isOp(';;', ';&')) i++;
      else if (reserved() !== 'esac') unexpected('";;"', true);
      newlines();
    }
    i++;
    return end<Case>({ t: 'case', word, items });
  };

  const command = (depth: number): Command => {
    newlines();
    const token = peek();
    const keyword = reserved();
    const opens = isOp('(') ? ')' : keyword === '{' ? '}' : undefined;
    if (depth >= MAX_DEPTH) refuse(`lab: this sh does not know more than ${MAX_DEPTH} levels of parentheses`, true);
    if (opens !== undefined) {
      i++;
      const body = nested(depth + 1, false);
      if (opens === ')' ? !isOp(')') : reserved() !== '}') unexpected(`"${opens}"`, true);
      i++;
      const redirs = redirections();
      return { t: 'group', subshell: opens === ')', body, redirs, at: token.at, end: endOf(token.end) };
    }
    if (keyword !== undefined && ['if', 'while', 'until', 'for', 'case'].includes(keyword)) return compound(keyword, token.at, depth + 1);
    if (keyword !== undefined || (token.t !== 'word' && token.t !== 'redir')) unexpected(undefined, true);
    return simple(depth);
  };

  const pipeline = (depth: number): Pipeline => {
    newlines();
    const pipe: Pipeline = { not: false, commands: [], text: '' };
    const at = peek().at;
    for (;;) {
      newlines();
      // The status of a pipeline is its last command's, so a "!" anywhere in it turns the whole round.
      while (reserved() === '!') {
        pipe.not = !pipe.not;
        i++;
        newlines();
      }
      pipe.commands.push(command(depth));
      pipe.text = textOf(at, endOf(at));
      if (!isOp('|')) return pipe;
      i++;
    }
  };

  const andOr = (depth: number): AndOr => {
    newlines();
    const at = peek().at;
    const node: AndOr = { first: pipeline(depth), rest: [], background: false, text: '', at, end: at };
    for (;;) {
      node.end = endOf(at);
      node.text = textOf(at, node.end);
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
  /** `full`: there must be a command in it. */
  const nested = (depth: number, full: boolean): List => {
    const body: List = [];
    for (;;) {
      newlines();
      if (closes()) return full && !body.length ? unexpected(undefined, true) : body;
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
