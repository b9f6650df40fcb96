// Index values as a Value Change Dump (IEEE 1364, 18.2), for GTKWave and its like: a wire of 32 bits for each index.

export interface IndexValue {
  ns: number;
  name: string;
  value: number;
}

const FIRST = 33,
  CODES = 94;
/** The short name of a variable: printable ASCII, as many characters as it takes. */
function code(i: number): string {
  let s = '';
  let n = i;
  do {
    s += String.fromCharCode(FIRST + (n % CODES));
    n = Math.floor(n / CODES) - 1;
  } while (n >= 0);
  return s;
}

/** A name that every reader takes: no space, nothing that looks like a range of bits. */
const plain = (s: string) => s.replace(/[^A-Za-z0-9_$]+/g, '_').replace(/^(?=\d)/, '_') || '_';
const bits = (value: number) => `b${(value >>> 0).toString(2)}`;

/**
 * The dump. "vale1:1.tx head" becomes head in the scope vale1_1_tx. Sorted by time; of several values of one index at
 * one time the last counts, and a value that does not change is left out.
 */
export function vcd(values: readonly IndexValue[]): string {
  const sorted = values
    .filter((v) => Number.isFinite(v.ns) && v.ns >= 0)
    .map((v, i) => ({ ...v, ns: Math.round(v.ns), i }))
    .sort((a, b) => a.ns - b.ns || a.i - b.i);
  const codes = new Map<string, string>(),
    scopes = new Map<string, { name: string; code: string }[]>(),
    taken = new Set<string>();
  for (const { name } of sorted) {
    if (codes.has(name)) continue;
    const c = code(codes.size),
      space = name.lastIndexOf(' '),
      scope = space < 0 ? '' : plain(name.slice(0, space));
    let own = plain(name.slice(space + 1));
    for (let n = 2; taken.has(`${scope} ${own}`); n++) own = `${plain(name.slice(space + 1))}_${n}`;
    taken.add(`${scope} ${own}`);
    codes.set(name, c);
    const vars = scopes.get(scope) ?? [];
    vars.push({ name: own, code: c });
    scopes.set(scope, vars);
  }
  const out = ['$version Ringside $end', '$timescale 1ns $end', '$scope module ringside $end'];
  for (const [scope, vars] of scopes) {
    if (scope) out.push(`$scope module ${scope} $end`);
    for (const v of vars) out.push(`$var wire 32 ${v.code} ${v.name} $end`);
    if (scope) out.push('$upscope $end');
  }
  out.push('$upscope $end', '$enddefinitions $end');
  const last = new Map<string, number>();
  let first = true;
  for (let i = 0; i < sorted.length; ) {
    const ns = sorted[i]?.ns ?? 0,
      now = new Map<string, number>();
    for (; sorted[i]?.ns === ns; i++) {
      const v = sorted[i];
      if (v) now.set(v.name, v.value >>> 0);
    }
    const changed = [...now].filter(([name, value]) => last.get(name) !== value);
    if (!changed.length) continue;
    out.push(`#${ns}`);
    if (first) {
      out.push('$dumpvars');
      for (const [name, c] of codes) if (!now.has(name)) out.push(`bx ${c}`);
    }
    for (const [name, value] of changed) {
      out.push(`${bits(value)} ${codes.get(name)}`);
      last.set(name, value);
    }
    if (first) out.push('$end');
    first = false;
  }
  return `${out.join('\n')}\n`;
}
