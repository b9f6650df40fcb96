// Expressions on a machine: their fields found once, their values read at each look.

import { type Expr, type Problem, type Value, evaluate } from './expr.ts';
import { type Bytes, type Place, find } from './expr_fields.ts';
import type { World } from './world.ts';

/** What is in a field now. */
export function read(w: World, f: Pick<Place, 'addr' | 'bytes'>): number | bigint {
  if (f.bytes === 2) return w.m.ld16(f.addr);
  if (f.bytes === 4) return w.m.ld32(f.addr);
  const n = w.m.ld64(f.addr);
  return Number.isSafeInteger(n) ? n : w.m.big64(f.addr);
}

/** A value as the bits of a field (-1 is all ones); undefined when it does not fit. */
export function asWord(v: Value, bytes: Bytes): bigint | undefined {
  if (typeof v === 'boolean') return undefined;
  const x = BigInt(v),
    n = bytes * 8;
  return x < -(1n << BigInt(n - 1)) || x >> BigInt(n) > 0n ? undefined : BigInt.asUintN(n, x);
}

/** An expression on a machine. Addresses are looked up once: bind again, with the old one, after an action of the control plane. */
export interface Bound {
  places: Map<string, Place>;
  /** Names that mean nothing now. */
  missing: Problem[];
  /** What changed() compares with. */
  before: Map<string, Value>;
  /** Its value now; undefined while a field is missing. */
  value(): Value | undefined;
  /** Keeps the values of now for changed(). */
  remember(): void;
}
export function bind(w: World, expr: Expr, old?: Bound): Bound {
  const places = new Map<string, Place>(),
    before = new Map<string, Value>(),
    missing: Problem[] = [];
  for (const { key, column, ...name } of expr.refs) {
    const f = find(w, { key, ...name }),
      was = old?.before.get(key);
    if ('ok' in f) missing.push({ column, message: `${f.message ?? `no field “${key}”.`}` });
    else places.set(key, f);
    if (was !== undefined && !('ok' in f) && f.addr === old?.places.get(key)?.addr) before.set(key, was); // of what moved, nothing
  }
  const now = (key: string) => {
    const f = places.get(key);
    return f && read(w, f);
  };
  return {
    places,
    before,
    missing,
    value: () => evaluate(expr, ({ key }, when) => (when === 'now' ? now(key) : before.get(key))),
    remember() {
      for (const [key, f] of places) before.set(key, read(w, f));
    },
  };
}
