// fnmatch(3) and glob(3) as sh uses them: * ? [set] and backslash, a path component at a time, dot files only when asked.
// Patterns come from expand(): what was quoted arrives escaped.

/** The backslashes of a pattern removed: what sh leaves when nothing matches. */
export const unescapePattern = (pattern: string) => pattern.replace(/\\(.)/gsu, '$1');
export const escapePattern = (text: string) => text.replace(/[\\*?[\]]/g, '\\$&');

type Atom = { any: true } | { any: false; test: (c: string) => boolean };

const CLASSES: Readonly<Record<string, RegExp>> = {
  alnum: /[\p{L}\p{N}]/u,
  alpha: /\p{L}/u,
  blank: /[ \t]/,
  digit: /[0-9]/,
  lower: /\p{Ll}/u,
  upper: /\p{Lu}/u,
  punct: /[!-/:-@[-`{-~]/,
  space: /\s/,
  xdigit: /[0-9A-Fa-f]/,
};

/** Reads [set] at `i`; undefined when it is not closed and so is a plain bracket. */
function readSet(chars: readonly string[], i: number): { test: (c: string) => boolean; end: number } | undefined {
  let j = i + 1;
  const negated = chars[j] === '!' || chars[j] === '^';
  if (negated) j++;
  const tests: ((c: string) => boolean)[] = [];
  for (let first = true; ; first = false) {
    const c = chars[j];
    if (c === undefined || c === '/') return undefined;
    if (c === ']' && !first) break;
    if (c === '[' && chars[j + 1] === ':') {
      const close = chars.indexOf(']', j);
      const name = chars.slice(j + 2, close - 1).join('');
      if (close > 0 && chars[close - 1] === ':' && Object.hasOwn(CLASSES, name)) {
        tests.push((x) => CLASSES[name]?.test(x) ?? false);
        j = close + 1;
        continue;
      }
    }
    const low = c === '\\' ? (chars[++j] ?? '\\') : c;
    j++;
    let high = low;
    if (chars[j] === '-' && chars[j + 1] !== undefined && chars[j + 1] !== ']') {
      j++;
      if (chars[j] === '\\') j++;
      high = chars[j++] ?? low;
    }
    tests.push((x) => x >= low && x <= high);
  }
  return { test: (c) => tests.some((t) => t(c)) !== negated, end: j + 1 };
}

function compile(pattern: string): Atom[] {
  const chars = Array.from(pattern);
  const atoms: Atom[] = [];
  for (let i = 0; i < chars.length; ) {
    const c = chars[i] ?? '';
    const set = c === '[' ? readSet(chars, i) : undefined;
    if (c === '*') {
      atoms.push({ any: true });
      i++;
    } else if (c === '?') {
      atoms.push({ any: false, test: () => true });
      i++;
    } else if (set) {
      atoms.push({ any: false, test: set.test });
      i = set.end;
    } else {
      const literal = c === '\\' && i + 1 < chars.length ? chars[++i] : c;
      atoms.push({ any: false, test: (x) => x === literal });
      i++;
    }
  }
  return atoms;
}

/** True when `name` (one path component) matches. A leading dot must be written out. */
export const fnmatch = (pattern: string, name: string): boolean =>
  name.startsWith('.') && !/^\\?\./.test(pattern) ? false : matches(pattern, name);

/** True when all of a text matches: for case and ${name#pattern}. */
export function matches(pattern: string, name: string): boolean {
  const atoms = compile(pattern);
  const chars = Array.from(name);
  // One star to fall back to is enough: the last one.
  let p = 0,
    n = 0,
    star = -1,
    from = 0;
  while (n < chars.length) {
    const atom = atoms[p];
    if (atom?.any === false && atom.test(chars[n] ?? '')) {
      p++;
      n++;
    } else if (atom?.any) {
      star = p++;
      from = n;
    } else if (star >= 0) {
      p = star + 1;
      n = ++from;
    } else return false;
  }
  while (atoms[p]?.any) p++;
  return p === atoms.length;
}

/** True when a path component is more than text. */
const isMagic = (component: string) => /[*?[]/.test(component.replace(/\\./gsu, ''));

/** Paths that match, sorted. `list` answers the names in a directory ('' is the current one) or undefined. */
export function glob(pattern: string, list: (dir: string) => readonly string[] | undefined): string[] {
  const absolute = pattern.startsWith('/');
  const components = pattern.split('/').filter((c) => c !== '');
  let found: string[] = [absolute ? '/' : ''];
  components.forEach((component, depth) => {
    const last = depth === components.length - 1;
    const join = (dir: string, name: string) => (dir === '' || dir.endsWith('/') ? dir + name : `${dir}/${name}`);
    found = found.flatMap((dir) => {
      const name = unescapePattern(component);
      const names = list(dir) ?? [];
      const hits = isMagic(component)
        ? names.filter((n) => fnmatch(component, n))
        : name === '.' || name === '..' || names.includes(name)
          ? [name]
          : [];
      const paths = hits.map((n) => join(dir, n));
      return last && !pattern.endsWith('/') ? paths : paths.filter((path) => list(path) !== undefined);
    });
  });
  if (pattern.endsWith('/') && components.length > 0) found = found.map((path) => `${path}/`);
  return found.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
