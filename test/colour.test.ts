// The colours: every ratio that the tables of the page's design promise, computed again from tokens.css (WCAG 2 relative luminance;
// OKLab distance under Machado 2009 at severity 1), and no colour anywhere but there.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const TOKENS = 'src/ui/tokens.css';
const css = readFileSync(join(root, TOKENS), 'utf8');

type Rgb = readonly [number, number, number];
type Theme = 'light' | 'dark';
const THEMES: readonly Theme[] = ['light', 'dark'];

/** The hex colours of the block that begins with a selector. */
function block(selector: string): Record<string, string> {
  const from = css.indexOf(`${selector} {`);
  const body = css.slice(from, css.indexOf('\n}', from));
  return Object.fromEntries([...body.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((m) => [m[1], m[2]]));
}
const TABLE: Record<Theme, Record<string, string>> = { light: block(':root'), dark: block(':root[data-theme="dark"]') };
const hex = (theme: Theme, token: string): string => {
  const found = TABLE[theme][token];
  if (!found) throw new Error(`${TOKENS} has no --${token} in ${theme}`);
  return found;
};

const linear = (c: number) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
const rgb = (h: string): Rgb => [1, 3, 5].map((i) => linear(Number.parseInt(h.slice(i, i + 2), 16) / 255)) as unknown as Rgb;
const luminance = ([r, g, b]: Rgb) => 0.2126 * r + 0.7152 * g + 0.0722 * b;
function contrast(a: string, b: string): number {
  const [lo, hi] = [luminance(rgb(a)), luminance(rgb(b))].sort((x, y) => x - y) as [number, number];
  return (hi + 0.05) / (lo + 0.05);
}
const times = (m: readonly Rgb[], v: Rgb): Rgb => m.map((row) => row[0] * v[0] + row[1] * v[1] + row[2] * v[2]) as unknown as Rgb;

/** Machado, Oliveira and Fernandes 2009, table of severity 1.0, on linear RGB. */
const MACHADO: Record<'protan' | 'deutan' | 'tritan', readonly Rgb[]> = {
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};
type Sight = keyof typeof MACHADO | 'normal';

/** Ottosson's OKLab. */
function oklab(v: Rgb): Rgb {
  const lms = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    v,
  ).map(Math.cbrt) as unknown as Rgb;
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    lms,
  );
}
function seen(h: string, sight: Sight): Rgb {
  const v = rgb(h);
  return sight === 'normal' ? v : (times(MACHADO[sight], v).map((c) => Math.min(1, Math.max(0, c))) as unknown as Rgb);
}
function distance(a: string, b: string, sight: Sight): number {
  const [x, y] = [oklab(seen(a, sight)), oklab(seen(b, sight))];
  return 100 * Math.hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2]);
}
const ALL: readonly Sight[] = ['normal', 'protan', 'deutan', 'tritan'];

const PAPER = ['bg', 'surface', 'sunken'];
const WASHES = ['guest-wash', 'host-wash', 'shared-wash', 'hw-wash', 'bad-wash'];
const least = (theme: Theme, token: string, under: readonly string[]) =>
  Math.min(...under.map((u) => contrast(hex(theme, token), hex(theme, u))));

/** The tables have one figure after the point: what they promise holds when rounded to it. */
const figure = (x: number) => Math.round(x * 10) / 10;

// token: on paper light, dark; on washes light, dark
const TEXT: Record<string, readonly [number, number, number, number]> = {
  edge: [3.3, 4.4, 3.1, 3.3],
  ink: [13.8, 14.9, 13.0, 11.0],
  ink2: [7.0, 8.7, 6.6, 6.4],
  ink3: [5.0, 6.3, 4.7, 4.6],
  guest: [5.6, 8.6, 5.3, 6.4],
  host: [4.9, 9.8, 4.6, 7.2],
  shared: [5.9, 11.5, 5.5, 8.5],
  hw: [6.4, 7.6, 6.0, 5.6],
  bad: [6.9, 6.1, 6.5, 4.5],
};
const INK_ON: Record<string, readonly [number, number]> = {
  'guest-wash': [13.5, 11.0],
  'host-wash': [14.2, 11.5],
  'shared-wash': [14.8, 13.0],
  'hw-wash': [13.0, 12.3],
  'bad-wash': [13.6, 12.0],
  'guest-cell': [6.7, 5.0],
  'host-cell': [13.3, 9.2],
  'host-mid': [9.0, 5.2],
};
const ON_SOLID: Record<string, readonly [number, number]> = { guest: [6.6, 8.6], host: [5.8, 9.8], shared: [6.9, 11.5], bad: [8.1, 6.1] };
const APART: readonly (readonly [string, string, readonly Sight[], number, number])[] = [
  ['guest', 'host', ALL, 21, 20],
  ['host', 'shared', ALL, 9, 12],
  ['guest', 'shared', ['normal', 'protan', 'deutan'], 15, 13],
  ['guest', 'shared', ['tritan'], 5, 8],
  ['host', 'bad', ALL, 7, 13],
];

describe('colours of tokens.css', () => {
  it('knows the tables of WCAG and of OKLab', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
    expect(contrast('#767676', '#ffffff')).toBeCloseTo(4.54, 2);
    expect(oklab(rgb('#ffffff')).map((x) => Math.abs(Math.round(x * 1000)))).toEqual([1000, 0, 0]);
    expect(oklab(rgb('#1c59ae'))[0]).toBeCloseTo(0.475, 2);
    expect(distance('#ff0000', '#008000', 'deutan')).toBeLessThan(distance('#ff0000', '#008000', 'normal') / 2);
  });

  it.each(Object.entries(TEXT))('%s on paper and on the washes', (token, minima) => {
    const found = [PAPER, WASHES].flatMap((under) => THEMES.map((theme) => figure(least(theme, token, under))));
    minima.forEach((m, i) => {
      expect(found[i], `${token}, column ${i}`).toBeGreaterThanOrEqual(m);
    });
  });

  it.each(Object.entries(INK_ON))('ink on %s', (fill, minima) => {
    THEMES.forEach((theme, i) => {
      expect(figure(contrast(hex(theme, 'ink'), hex(theme, fill))), theme).toBeGreaterThanOrEqual(minima[i] as number);
    });
  });

  it.each(Object.entries(ON_SOLID))('paper as text on solid %s', (solid, minima) => {
    THEMES.forEach((theme, i) => {
      expect(figure(contrast(hex(theme, 'surface'), hex(theme, solid))), theme).toBeGreaterThanOrEqual(minima[i] as number);
    });
  });

  it.each(APART)('%s and %s can be told apart (%s)', (a, b, sights, ...minima) => {
    THEMES.forEach((theme, i) => {
      const found = Math.min(...sights.map((s) => distance(hex(theme, a), hex(theme, b), s)));
      expect(Math.round(found), theme).toBeGreaterThanOrEqual(minima[i] as number);
    });
  });

  it('guest cells and host cells differ on a grey projector', () => {
    expect(figure(contrast(hex('light', 'guest-cell'), hex('light', 'host-cell')))).toBeGreaterThanOrEqual(2);
    expect(figure(contrast(hex('dark', 'guest-cell'), hex('dark', 'host-cell')))).toBeGreaterThanOrEqual(1.8);
  });

  it('dark and light have the same tokens; more contrast makes washes paper and lines 2 px, forced colours leave none of ours', () => {
    expect(Object.keys(TABLE.dark).sort()).toEqual(Object.keys(TABLE.light).sort());
    const query = (q: string) => {
      const from = css.indexOf(`@media (${q})`);
      return css.slice(from, css.indexOf('\n}', from));
    };
    for (const wash of WASHES) expect(query('prefers-contrast: more'), wash).toContain(`--${wash}: var(--surface);`);
    expect(query('prefers-contrast: more')).toContain('--line: 2px;');
    for (const token of Object.keys(TABLE.light))
      expect(query('forced-colors: active'), token).toMatch(new RegExp(`--${token}: Canvas(Text)?;`));
  });
});

const NAMED =
  'black silver gray grey white maroon red purple fuchsia green lime olive yellow navy blue teal aqua orange pink brown cyan magenta gold indigo violet coral salmon crimson tomato beige ivory khaki lavender turquoise rebeccapurple'.split(
    ' ',
  );
const LITERAL = /#(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\b|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color|color-mix)\(/i;
const NAME = new RegExp(`(?:^|[\\s:,(])(?:${NAMED.join('|')}|(?:dark|light|medium|deep|pale)[a-z]+)(?=$|[\\s;,)!])`, 'i');
const noComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/[^\n]*/g, (s) => s.replace(/[^\n]/g, ' '));

/** Lines of a file that hold a colour of their own. In CSS: after a property; in code: a string that is a colour, or a painter's. */
function colours(path: string, text: string): string[] {
  const code = noComments(text).split('\n');
  return code.flatMap((line, i) => {
    const wrong = path.endsWith('.css')
      ? (/^\s*[\w-]+:\s*(.*)$/.exec(line)?.slice(1) ?? []).some((v) => LITERAL.test(v.replace(/url\([^)]*\)/g, '')) || NAME.test(v))
      : [...line.matchAll(/(['"`])((?:(?!\1).)*)\1/g)].some(([, , s = '']) => {
          const painted = /(?:fill|stroke|color|colour|background|shadow)\w*\s*[=:]/i.test(line);
          return (LITERAL.test(s) && (s.trim().search(LITERAL) === 0 || painted)) || (painted && NAMED.includes(s.trim().toLowerCase()));
        });
    return wrong ? [`${path}:${i + 1}: ${line.trim()}`] : [];
  });
}

function walk(dir: string): string[] {
  return readdirSync(join(root, dir), { withFileTypes: true }).flatMap((e) =>
    e.isDirectory() ? walk(`${dir}/${e.name}`) : [relative(root, join(root, dir, e.name))],
  );
}

/** What a canvas context begins with, by its standard: the pen that draws as SVG has to begin with the same. */
const A_CONTEXTS_OWN = /^src\/ui\/picture\/svg_pen\.ts:\d+: (fill|stroke)Style: '#000000',$/;

describe('no colour outside tokens.css', () => {
  it.each([
    ['a.css', '  color: #fff;'],
    ['a.css', '  border: 1px solid red;'],
    ['a.css', '  background: color-mix(in oklab, var(--ink), transparent);'],
    ['a.css', '  fill: lightgoldenrodyellow;'],
    ['a.ts', "  pen.fillStyle = '#1c59ae80';"],
    ['a.ts', "const paper = 'rgb(0 0 0 / 0.2)';"],
    ['a.tsx', '<path fill="white" />'],
  ])('catches a plant in %s: %s', (path, line) => {
    expect(colours(path, line)).toHaveLength(1);
  });
  it.each([
    ['a.css', '  white-space: nowrap;'],
    ['a.css', '  grid-template-areas: "guest host";'],
    ['a.css', '  color: var(--ink); /* not red */'],
    ['a.ts', "const at = '#hash';"],
    ['a.ts', "link.replace('#', '')"],
  ])('lets pass in %s: %s', (path, line) => {
    expect(colours(path, line)).toEqual([]);
  });
  it('finds none in the page', () => {
    const files = walk('src/ui').filter((p) => /\.(css|tsx?)$/.test(p) && p !== TOKENS && !/\.test\.tsx?$/.test(p));
    expect(files.length).toBeGreaterThan(100);
    expect(files.flatMap((p) => colours(p, readFileSync(join(root, p), 'utf8'))).filter((line) => !A_CONTEXTS_OWN.test(line))).toEqual([]);
  });
});
