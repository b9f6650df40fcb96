// The expansion of a word when its command runs: tilde, parameters, substitutions, field splitting, paths. Mirrors
// bin/sh/expand.c. It is done again from the start when a command substitution has given its text, so it changes nothing itself.

import { arithmetic } from './arith.ts';
import { escapePattern, matches } from './glob.ts';
import type { Part, Word } from './word.ts';

/** What expansion needs from the running shell. */
export interface Env {
  /** Variables, and the special parameters ? ! $ # 0 - as entries of the same name. */
  vars: Readonly<Record<string, string>>;
  /** $1, $2, … */
  params?: readonly string[];
  /** The home directory of a user; without it only ~ itself expands, to HOME. */
  home?: (user: string) => string | undefined;
  /** Paths that match a pattern (quoted characters escaped by backslash); none: the word stays as it is. */
  glob?: (pattern: string) => readonly string[];
  /** What commands print; throws when they have yet to be run. */
  output?: (src: string) => string;
  /** ${name=word} and $((name=1)); `vars` must show it at once. */
  set?: (name: string, value: string) => void;
  /** set -u: a parameter that is not set is an error. */
  nounset?: boolean;
}

/** An expansion that fails, in sh's words. */
export class BadExpansion extends Error {}

function lookup(env: Env, name: string): string | undefined {
  const params = env.params ?? [];
  if (/^[1-9][0-9]*$/.test(name)) return params[Number(name) - 1];
  if (name === '@' || name === '*') return params.length ? params.join(separator(env)) : undefined;
  if (Object.hasOwn(env.vars, name)) return env.vars[name] ?? '';
  return name === '#' ? String(params.length) : undefined;
}
const separator = (env: Env) => (Object.hasOwn(env.vars, 'IFS') ? (env.vars.IFS ?? '').slice(0, 1) : ' ');

/** Replaces the tilde at the start of a word (and, in an assignment, after each colon). */
function tilde(parts: readonly Part[], env: Env, assigned: boolean): Part[] {
  return parts.flatMap((part, index): Part[] => {
    if (part.t !== 'lit' || part.quoted) return [part];
    const next = parts[index + 1];
    const out: Part[] = [];
    let from = 0;
    for (const m of part.text.matchAll(/(^|:)~([\w.-]*)(?=([/:]?))/g)) {
      const start = m.index + (m[1] ?? '').length;
      const end = m.index + m[0].length;
      const atStart = index === 0 && m.index === 0 && m[1] === '';
      const ended = end === part.text.length ? next === undefined : m[3] === '/' || (m[3] === ':' && assigned);
      if (!ended || !(atStart || (assigned && m[1] === ':'))) continue;
      const user = m[2] ?? '';
      const home = user === '' ? ((Object.hasOwn(env.vars, 'HOME') ? env.vars.HOME : undefined) ?? env.home?.('')) : env.home?.(user);
      if (home === undefined) continue;
      out.push({ t: 'lit', text: part.text.slice(from, start), quoted: false }, { t: 'lit', text: home, quoted: true });
      from = end;
    }
    return from === 0 ? [part] : [...out, { t: 'lit', text: part.text.slice(from), quoted: false }];
  });
}

const REMOVES: Readonly<Record<string, { suffix: boolean; longest: boolean }>> = {
  '#': { suffix: false, longest: false },
  '##': { suffix: false, longest: true },
  '%': { suffix: true, longest: false },
  '%%': { suffix: true, longest: true },
};

function strip(value: string, pattern: string, suffix: boolean, longest: boolean): string {
  const n = value.length;
  for (let k = 0; k <= n; k++) {
    const length = longest ? n - k : k,
      piece = suffix ? value.slice(n - length) : value.slice(0, length);
    if (matches(pattern, piece)) return suffix ? value.slice(0, n - length) : value.slice(length);
  }
  return value;
}

/** What a parameter gives: its value, or that the word of its operator stands in its place. */
function parameter(part: Part & { t: 'var' }, env: Env): { value: string } | { word: readonly Part[] } {
  const { name, op, word = [] } = part,
    value = lookup(env, name),
    empty = value === undefined || (op?.startsWith(':') === true && value === '');
  switch (op) {
    case undefined:
    case 'length':
      if (value === undefined && env.nounset && name !== '@' && name !== '*') throw new BadExpansion(`${name}: parameter not set`);
      return { value: op ? String(Array.from(value ?? '').length) : (value ?? '') };
    case '-':
    case ':-':
      return empty ? { word } : { value };
    case '+':
    case ':+':
      return empty ? { value: '' } : { word };
    case '=':
    case ':=': {
      if (!empty) return { value };
      const text = joined(word, env);
      if (!/^[A-Za-z_]/.test(name)) throw new BadExpansion(`${name}: bad variable name`);
      env.set?.(name, text);
      return { value: text };
    }
    case '?':
    case ':?':
      if (!empty) return { value };
      throw new BadExpansion(`${name}: ${joined(word, env) || `parameter ${op === ':?' ? 'null or ' : ''}not set`}`);
    case '#':
    case '##':
    case '%':
    case '%%': {
      if (value === undefined && env.nounset) throw new BadExpansion(`${name}: parameter not set`);
      const how = REMOVES[op];
      return { value: strip(value ?? '', patternOf(word, env), how?.suffix ?? false, how?.longest ?? false) };
    }
    default:
      return { value: '' };
  }
}

/** Everything but words of fields: the text of a part that is no literal. */
function substituted(part: Part & { t: 'cmd' | 'arith' }, env: Env): string {
  if (part.t === 'cmd') return env.output?.(part.src) ?? '';
  try {
    return arithmetic(joined(part.parts, env), { get: (n) => lookup(env, n), set: (n, v) => env.set?.(n, v) });
  } catch (e) {
    throw e instanceof Error && e.message.startsWith('arith') ? new BadExpansion(e.message) : e;
  }
}

/** The text of parts as one string, each piece through `f`. */
const joined = (parts: readonly Part[], env: Env, f = (text: string, _quoted: boolean) => text): string =>
  tilde(parts, env, false)
    .map((part) => {
      if (part.t === 'lit') return f(part.text, part.quoted);
      if (part.t !== 'var') return f(substituted(part, env), part.quoted);
      const r = parameter(part, env);
      return 'word' in r ? joined(r.word, env, f) : f(r.value, part.quoted);
    })
    .join('');

/** A pattern: what was quoted arrives escaped. */
export const patternOf = (parts: readonly Part[], env: Env): string =>
  joined(parts, env, (text, quoted) => (quoted ? escapePattern(text) : text));

/** One field in the making: its text, and the same as a pattern in which quoted characters are escaped. */
interface Field {
  text: string;
  pattern: string;
  magic: boolean;
  real: boolean;
}

/** Expands a word to fields: tilde, parameters, field splitting of unquoted ones, paths. */
export function expand(word: Word, env: Env): string[] {
  const fields: Field[] = [];
  let field: Field = { text: '', pattern: '', magic: false, real: false };
  const ifs = Object.hasOwn(env.vars, 'IFS') ? (env.vars.IFS ?? '') : ' \t\n';

  const cut = () => {
    if (field.real) fields.push(field);
    field = { text: '', pattern: '', magic: false, real: false };
  };
  const add = (text: string, quoted: boolean) => {
    field.text += text;
    field.pattern += quoted ? escapePattern(text) : text.replaceAll('\\', '\\\\');
    if (!quoted && /[*?[]/.test(text)) field.magic = true;
    if (quoted || text !== '') field.real = true;
  };
  const split = (value: string) => {
    for (let i = 0; i < value.length; i++) {
      let j = i;
      while (j < value.length && !ifs.includes(value[j] ?? '')) j++;
      if (j > i) add(value.slice(i, j), false);
      if (j === value.length) return;
      const white = (k: number) => ' \t\n'.includes(value[k] ?? 'x') && ifs.includes(value[k] ?? 'x');
      while (white(j)) j++;
      const hard = j < value.length && ifs.includes(value[j] ?? '') ? j : -1;
      if (hard >= 0) {
        // A separator that is not white space ends a field even if that is empty.
        field.real = true;
        j = hard + 1;
        while (white(j)) j++;
      }
      cut();
      i = j - 1;
    }
  };
  const all = (quoted: boolean) => {
    const params = env.params ?? [];
    params.forEach((p, n) => {
      if (n > 0) cut();
      if (quoted) add(p, true);
      else split(p);
    });
    // "$@" without parameters is no field at all, even beside an empty quote.
    if (quoted && params.length === 0 && field.text === '') field.real = false;
  };
  /** `inside`: the word of an operator, whose plain text is split as what it stands for. */
  const walk = (parts: readonly Part[], inside: boolean) => {
    for (const part of tilde(parts, env, false)) {
      if (part.t === 'lit') {
        if (inside && !part.quoted) split(part.text);
        else add(part.text, part.quoted);
      } else if (part.t !== 'var') {
        if (part.quoted) add(substituted(part, env), true);
        else split(substituted(part, env));
      } else if (part.op === undefined && (part.name === '@' || (part.name === '*' && !part.quoted))) all(part.quoted);
      else {
        const r = parameter(part, env);
        if ('word' in r) {
          if (part.quoted && r.word.length === 0) add('', true);
          walk(r.word, true);
        } else if (part.quoted) add(r.value, true);
        else split(r.value);
      }
    }
  };
  walk(word.parts, false);
  cut();
  return fields.flatMap((f) => {
    const found = f.magic ? (env.glob?.(f.pattern) ?? []) : [];
    return found.length > 0 ? [...found] : [f.text];
  });
}

/** Expands a word to one string: the value of an assignment, the target of a redirection. No splitting, no paths. */
export function expandText(word: Pick<Word, 'parts'>, env: Env, assigned = false): string {
  return joined(assigned ? tilde(word.parts, env, true) : word.parts, env);
}
