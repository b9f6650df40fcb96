// The tree of a parsed command line: plain data, so that a shell can stop anywhere in it. Mirrors bin/sh/nodetypes.

import type { RedirOperator } from './lex.ts';
import type { Part, Word } from './word.ts';

export interface Redir {
  fd: number;
  op: RedirOperator;
  word: Word;
  /** `>&1`, `<&0`: the descriptor written in digits; -1 for `>&-`. Otherwise the word tells when it is expanded. */
  dup?: number;
  /** The text of a here-document. */
  doc?: Part[];
}
export interface Assign {
  name: string;
  value: Word;
}
interface Node {
  redirs: Redir[];
  at: number;
  end: number;
}
export interface Simple extends Node {
  t: 'simple';
  assigns: Assign[];
  words: Word[];
}
/** `( list )`, or `{ list; }` when not a subshell. */
export interface Group extends Node {
  t: 'group';
  subshell: boolean;
  body: List;
}
export interface If extends Node {
  t: 'if';
  /** The conditions and what is done if one holds, in order. */
  arms: { cond: List; body: List }[];
  otherwise: List;
}
export interface While extends Node {
  t: 'while';
  until: boolean;
  cond: List;
  body: List;
}
export interface For extends Node {
  t: 'for';
  name: string;
  /** Without `in`: the positional parameters. */
  words?: Word[];
  body: List;
}
export interface Case extends Node {
  t: 'case';
  word: Word;
  /** `through`: it ends with ;& and the next one's body follows. */
  items: { patterns: Word[]; body: List; through: boolean }[];
}
export interface Func extends Node {
  t: 'func';
  name: string;
  body: Command;
}
export type Command = Simple | Group | If | While | For | Case | Func;
export interface Pipeline {
  not: boolean;
  commands: Command[];
  /** What jobs(1) shows. */
  text: string;
}
export interface AndOr {
  first: Pipeline;
  rest: { op: '&&' | '||'; pipeline: Pipeline }[];
  background: boolean;
  /** src.slice(at, end), shortened, is the text that jobs(1) shows of it. */
  text: string;
  at: number;
  end: number;
}
export type List = AndOr[];
