// The expansion of a word when its command runs: tilde, parameters, field splitting, paths. Mirrors bin/sh/expand.c.

import { escapePattern } from './glob.ts';
import type { Part, Word } from './lex.ts';

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
}

function lookup(env: Env, name: string): string {
  const params = env.params ?? [];
  if (/^[1-9][0-9]*$/.test(name)) return params[Number(name) - 1] ?? '';
  if (name === '@' || name === '*') return params.join(' ');
  if (Object.hasOwn(env.vars, name)) return env.vars[name] ?? '';
  return name === '#' ? String(params.length) : '';
}

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
      const c = value[i] ?? '';
      if (!ifs.includes(c)) {
        add(c, false);
        continue;
      }
      let j = i;
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

  for (const part of tilde(word.parts, env, false)) {
    if (part.t === 'lit') add(part.text, part.quoted);
    else if (part.name === '@' || (part.name === '*' && !part.quoted)) {
      (env.params ?? []).forEach((p, n) => {
        if (n > 0) cut();
        if (part.quoted) add(p, true);
        else split(p);
      });
      // "$@" without parameters is no field at all, even beside an empty quote.
      if (part.quoted && (env.params ?? []).length === 0 && field.text === '') field.real = false;
    } else if (part.quoted) add(lookup(env, part.name), true);
    else split(lookup(env, part.name));
  }
  cut();
  return fields.flatMap((f) => {
    const found = f.magic ? (env.glob?.(f.pattern) ?? []) : [];
    return found.length > 0 ? [...found] : [f.text];
  });
}

/** Expands a word to one string: the value of an assignment, the target of a redirection. No splitting, no paths. */
export function expandText(word: Word, env: Env, assigned = false): string {
  return tilde(word.parts, env, assigned)
    .map((part) => (part.t === 'lit' ? part.text : lookup(env, part.name)))
    .join('');
}
