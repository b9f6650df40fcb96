// A student's own promises: expressions of stop points that must be true in every state.

import { compile, explain } from '../expr.ts';
import { fieldsOf } from '../expr_fields.ts';
import { bind } from '../expr_values.ts';
import type { World } from '../world.ts';
import type { Broken } from './promises.ts';

/** What is wrong with a promise as written; undefined when it can be kept an eye on. */
export function promiseProblem(w: World, text: string): string | undefined {
  const c = compile(text, fieldsOf(w), 'bool');
  if (c.ok && /\bchanged\s*\(/.test(text))
    return 'changed() is of a step, and a promise of every state: what a value was before is not known there.';
  return c.ok ? undefined : explain(c);
}

/** The words that they read: an access to one is noticed, by him who promised. */
export function promisedWords(w: World, texts: readonly string[]): number[] {
  const words = texts.flatMap((text) => {
    const c = compile(text, fieldsOf(w), 'bool');
    return c.ok ? [...bind(w, c.expr).places.values()].flatMap((p) => [p.addr & ~3, (p.addr + p.bytes - 1) & ~3]) : [];
  });
  return [...new Set(words)];
}

/** Looks whether all of them are true now. Throws the first problem; no promises: undefined. */
export function promised(w: World, texts: readonly string[]): (() => Broken | undefined) | undefined {
  if (!texts.length) return undefined;
  const all = texts.map((text) => {
    const problem = promiseProblem(w, text),
      c = compile(text, fieldsOf(w), 'bool');
    if (problem !== undefined || !c.ok) throw new Error(`promise “${text}”: ${problem}`);
    return { text, bound: bind(w, c.expr) };
  });
  return () => {
    const broken = all.find((p) => p.bound.value() === false);
    return broken && { promise: 'own promise', why: `“${broken.text}” is not true.` };
  };
}
