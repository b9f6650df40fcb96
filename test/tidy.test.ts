// The house's rules that no linter knows, as tests: what is banned, where, and what to write instead.
// A rule that must be broken is broken in the list of exceptions below, with its reason, or not at all.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const SELF = 'test/tidy.test.ts';
const LINES_MAX = 400;

/** Files that may be longer than LINES_MAX, and why. */
const LONG: Record<string, string> = {
  'wasm/layout.ts': 'every offset has one home, and a memory map is read from top to bottom',
  'wasm/points.ts': 'a table of numbers, one a line: each is used in one place, and the tables of free numbers are its gaps',
};

interface File {
  path: string;
  text: string;
  /** The lines without comments and string contents, so that prose may name what code may not use. */
  code: string[];
}

const blank = (s: string) => s.replace(/[^\n]/g, ' ');
const strip = (text: string) =>
  text
    .replace(/\/\*[\s\S]*?\*\//g, blank)
    .replace(/(^|[^:\\'"`/])\/\/.*$/gm, (whole, before: string) => before + blank(whole.slice(before.length)))
    .replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, (s) => `${s[0]}${blank(s.slice(1, -1))}${s[0]}`);

function walk(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? walk(join(dir, e.name)) : [join(dir, e.name)]));
}

const ROOMS = ['src', 'wasm', 'test', 'tools', 'bench', 'bin', 'public'];
const files: File[] = [
  ...ROOMS.flatMap((room) => walk(join(root, room))),
  ...readdirSync(root)
    .filter((f) => f.endsWith('.config.ts'))
    .map((f) => join(root, f)),
]
  .filter((path) => /\.(ts|tsx|mjs|js|c|css)$/.test(path))
  .map((path) => {
    const text = readFileSync(path, 'utf8');
    return { path: relative(root, path).split(sep).join('/'), text, code: strip(text).split('\n') };
  })
  .filter((f) => f.path !== SELF);

const isTest = (path: string) => /\.test\.(?:tsx?|mjs)$/.test(path) || path.startsWith('test/');
const within = (path: string, ...rooms: string[]) => rooms.some((r) => path.startsWith(`${r}/`));

interface Ban {
  what: string;
  pattern: RegExp;
  where: (path: string) => boolean;
  instead: string;
  /** A line that must be caught, so that a pattern that rots is noticed. */
  example: string;
}

const BANS: Ban[] = [
  {
    what: 'atomic.* outside wasm/sim/shared.ts',
    pattern: /\batomic\.\w/,
    where: (p) => within(p, 'wasm') && p !== 'wasm/sim/shared.ts',
    instead: 'use ld, st, rmw_* or fence of wasm/sim/shared.ts: only an accessor can pause',
    example: 'atomic.load<u32>(p)',
  },
  {
    what: 'Atomics.wait outside src/sim',
    pattern: /\bAtomics\.wait\b/,
    where: (p) => within(p, 'src') && !within(p, 'src/sim') && !isTest(p),
    instead: 'return to the driver (src/sim): the lab worker and the page never block',
    example: 'Atomics.wait(i32, 0, 0)',
  },
  {
    what: 'Math.random',
    pattern: /\bMath\.random\b/,
    where: (p) => within(p, 'src', 'wasm'),
    instead: "draw from the seeded generator in the machine's memory, or the past cannot be replayed",
    example: 'Math.random()',
  },
  {
    what: 'Date.now and performance.now in the machine',
    pattern: /\b(?:Date|performance)\.now\b/,
    where: (p) =>
      within(p, 'src', 'wasm') &&
      !within(p, 'src/ui') &&
      !/^src\/(?:sim\/(?:free|clock)[^/]*|lab\/worker|lab\/explore\/explore\.worker)\.ts$/.test(p) &&
      !isTest(p),
    instead: 'read the lab clock (src/sim): every deadline is in lab time',
    example: 'performance.now()',
  },
  {
    what: 'setInterval outside src/ui',
    pattern: /\bsetInterval\b/,
    where: (p) => within(p, 'src') && !within(p, 'src/ui'),
    instead: 'sleep on a deadline in lab time: no timer outlives an action',
    example: 'setInterval(f, 1)',
  },
  {
    what: 'the type any',
    pattern: /(?:[:<|&,]|\bas)\s*any\b(?!\s*[:(=?])/,
    where: (p) => /\.tsx?$/.test(p),
    instead: 'write unknown and narrow it, or the real type',
    example: 'let x: any;',
  },
  {
    what: 'default exports',
    pattern: /^\s*export\s+default\b|\bas\s+default\b/,
    where: (p) => within(p, 'src', 'wasm'),
    instead: 'export by name, so that a part has one name everywhere',
    example: 'export default f;',
  },
  {
    what: 'barrels',
    pattern: /^\s*export\s+\*\s+from\b/,
    where: (p) => within(p, 'src', 'wasm'),
    instead: 'import from the file that has it',
    example: 'export * from "./a";',
  },
];

/** `path:line: text` of every line that a test says is wrong. */
const hits = (where: (path: string) => boolean, wrong: (line: string) => boolean, lines: (f: File) => string[]) =>
  files
    .filter((f) => where(f.path))
    .flatMap((f) => lines(f).flatMap((line, i) => (wrong(line) ? [`${f.path}:${i + 1}: ${line.trim()}`] : [])));

const textLines = (f: File) => f.text.split('\n');

describe('tidy', () => {
  it('finds the sources', () => {
    expect(files.map((f) => f.path)).toEqual(expect.arrayContaining(['wasm/sim/shared.ts', 'tools/wasm.mjs', 'src/lab/protocol.ts']));
  });

  it.each(BANS)('no $what', ({ pattern, where, instead, example }) => {
    expect(pattern.test(example)).toBe(true);
    expect(
      hits(
        where,
        (line) => pattern.test(line),
        (f) => f.code,
      ),
      instead,
    ).toEqual([]);
  });

  it('no TODO without an issue', () => {
    const bare = /\b(?:TODO|FIXME|XXX)\b(?!\s*\(#\d+\))/;
    expect(
      hits(
        () => true,
        (line) => bare.test(line),
        textLines,
      ),
      'open an issue and write TODO(#12), or do it',
    ).toEqual([]);
  });

  it('no trailing whitespace, no tabs but in C', () => {
    const wrong = (line: string) => /[ \t]+$/.test(line);
    expect(
      hits(() => true, wrong, textLines),
      'your editor reads .editorconfig',
    ).toEqual([]);
    expect(
      hits(
        (p) => !p.endsWith('.c'),
        (line) => /^\s*\t/.test(line),
        textLines,
      ),
      'indent by two spaces',
    ).toEqual([]);
  });

  it('no file is named after what it is not', () => {
    const vague = files
      .map((f) => f.path)
      .filter((p) => /^(?:utils?|helpers?|managers?|services?|misc|common)\b|(?:Utils?|Helpers?|Manager|Service)\./.test(basename(p)));
    expect(vague, "a file is a part and has the field's name for it (design: names are FreeBSD's)").toEqual([]);
  });

  it(`no file has more than ${LINES_MAX} lines`, () => {
    const long = files.filter((f) => textLines(f).length - 1 > LINES_MAX).map((f) => `${f.path} ${textLines(f).length - 1}`);
    const names = long.map((s) => s.split(' ')[0] ?? '');
    expect(
      long.filter((_, i) => !((names[i] ?? '') in LONG)),
      'cut it by part, or name it in LONG with the reason',
    ).toEqual([]);
    expect(
      Object.keys(LONG).filter((p) => !names.includes(p)),
      'no longer long: take it out of LONG',
    ).toEqual([]);
  });

  it('every file starts by saying what it is', () => {
    const mute = files.filter((f) => !/^(?:#!.*\n)?\s*(?:\/\/ |\/\*)/.test(f.text)).map((f) => f.path);
    expect(mute, 'begin with a comment: what it is, what it mirrors, who may touch what').toEqual([]);
  });
});
