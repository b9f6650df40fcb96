// A manual page for a terminal of a width: what mandoc(1) makes of a page. No line is wider than asked for. Bold and
// underline are SGR, or nothing where the output is no terminal.

import { charWidth, textWidth } from '../../sh/width.ts';
import { type Block, MANUALS, type Page, titleOf } from './page.ts';

type Style = '' | '1' | '4';
interface Cell {
  c: string;
  style: Style;
}
type Line = Cell[];

const MARKS: Readonly<Record<string, Style>> = { '`': '1', '~': '4' };
const HANG = 8,
  LAST_COLUMN = 18;

/** The characters of a text with marks. */
function parse(text: string): Line {
  let style: Style = '';
  const out: Line = [];
  for (const c of text) {
    const mark = MARKS[c];
    if (mark === undefined) out.push({ c, style });
    else style = style === mark ? '' : mark;
  }
  return out;
}
const bold = (text: string): Line => Array.from(text, (c) => ({ c, style: '1' as const }));
const plain = (text: string): Line => Array.from(text, (c) => ({ c, style: '' as const }));
const widthOf = (line: Line) => line.reduce((n, x) => n + charWidth(x.c), 0);
const spaces = (n: number): Line => plain(' '.repeat(Math.max(0, n)));

function words(line: Line): Line[] {
  const out: Line[] = [];
  let word: Line = [];
  for (const x of line)
    if (x.c === ' ' || x.c === '\n') {
      if (word.length) out.push(word);
      word = [];
    } else word.push(x);
  if (word.length) out.push(word);
  return out;
}

/** Fills lines of at most `width` cells; a word that is wider is cut. */
function fill(line: Line, width: number): Line[] {
  const out: Line[] = [];
  let now: Line = [],
    at = 0;
  for (const word of words(line)) {
    let rest = word,
      w = widthOf(rest);
    if (now.length && at + 1 + w <= width) {
      const style = now.at(-1)?.style === word[0]?.style ? (word[0]?.style ?? '') : '';
      now.push({ c: ' ', style }, ...rest);
      at += 1 + w;
      continue;
    }
    if (now.length) out.push(now);
    for (; w > width; w = widthOf(rest)) {
      out.push(rest.slice(0, width));
      rest = rest.slice(width);
    }
    now = [...rest];
    at = w;
  }
  if (now.length) out.push(now);
  return out;
}

/** A literal line: cut at a space where there is one, what follows further in. A command gets a backslash there. */
function literal(text: string, width: number, command: boolean): Line[] {
  const out: Line[] = [];
  let rest = text.replace(/\t/g, '        '),
    indent = 0;
  const room = () => width - indent;
  while (textWidth(rest) > room()) {
    const most = room() - (command ? 2 : 0),
      option = command ? rest.lastIndexOf(' -', most) : -1, // an option stays with its argument
      space = option > most >> 1 ? option : rest.lastIndexOf(' ', most),
      head = rest.slice(0, space).trim() ? rest.slice(0, space) : rest.slice(0, most);
    out.push([...spaces(indent), ...plain(command && space > 0 ? `${head} \\` : head)]);
    rest = rest.slice(head.length).trimStart();
    indent = Math.min(4, width >> 2);
  }
  out.push([...spaces(indent), ...plain(rest)]);
  return out;
}

const indented = (lines: Line[], n: number): Line[] => lines.map((l) => (l.length ? [...spaces(n), ...l] : l));

function tableLines(rows: readonly (readonly string[])[], width: number): Line[] {
  const [head = [], ...body] = rows,
    cells = [head.map(bold), ...body.map((r) => r.map(parse))];
  const widths = head.map((_, k) => Math.max(...cells.map((r) => widthOf(r[k] ?? []))));
  const before = widths.slice(0, -1).reduce((n, w) => n + w + 2, 0),
    last = Math.min(widths.at(-1) ?? 0, width - before);
  if (last < Math.min(widths.at(-1) ?? 0, LAST_COLUMN)) {
    const named = (r: readonly string[]) =>
      r
        .slice(1)
        .map((c, k) => (c ? `${head.length > 2 ? `${head[k + 1]}: ` : ''}${c}` : ''))
        .filter((c) => c)
        .join('; ');
    return listLines(
      body.map((r) => [r[0] ?? '', named(r)] as const),
      width,
    );
  }
  return cells.flatMap((row) => {
    const tail = fill(row.at(-1) ?? [], Math.max(last, 1)),
      lead = row.slice(0, -1).flatMap((c, k) => [...c, ...spaces((widths[k] ?? 0) + 2 - widthOf(c))]);
    return (tail.length ? tail : [[]]).map((t, i) => (i ? [...spaces(before), ...t] : [...lead, ...t]));
  });
}

function listLines(items: readonly (readonly [string, ...Block[]])[], width: number): Line[] {
  const hang = width < 50 ? 4 : HANG;
  return items.flatMap(([tag, ...text]) => {
    const tags = fill(parse(tag), width),
      body = indented(blocks(text, width - hang), hang),
      only = tags.length === 1 ? tags[0] : undefined,
      first = body[0];
    if (only && first && widthOf(only) < hang - 1)
      return [[...only, ...spaces(hang - widthOf(only)), ...first.slice(hang)], ...body.slice(1)];
    return [...tags, ...body];
  });
}

function block(b: Block, width: number): Line[] {
  if (typeof b === 'string') return fill(parse(b), width);
  if ('list' in b) return listLines(b.list, width);
  if ('table' in b) return tableLines(b.table, width);
  if ('sub' in b) return fill(bold(b.sub), width);
  const command = 'sh' in b;
  return indented(
    (command ? b.sh : b.out).flatMap((l) => literal(l, width - 2, command)),
    2,
  );
}

function blocks(all: readonly Block[], width: number): Line[] {
  return all.flatMap((b, i) => {
    const before = all[i - 1],
      close = before === undefined || (typeof before === 'object' && 'sub' in before);
    return [...(close ? [] : [[]]), ...block(b, width)];
  });
}

function show(line: Line, sgr: boolean): string {
  let out = '',
    style: Style = '';
  while (line.at(-1)?.c === ' ') line = line.slice(0, -1);
  for (const x of line) {
    if (sgr && x.style !== style) {
      out += style ? '\x1b[m' : '';
      out += x.style ? `\x1b[${x.style}m` : '';
      style = x.style;
    }
    out += x.c;
  }
  return style ? `${out}\x1b[m` : out;
}

/** Left, middle, right; the middle only where there is room. */
function edges(left: string, middle: string, right: string, width: number): Line {
  const room = width - left.length - right.length,
    gap = Math.floor((width - middle.length) / 2) - left.length;
  if (gap < 2 || room - gap - middle.length < 2) return plain(`${left}${' '.repeat(Math.max(1, room))}${right}`.slice(0, width));
  return plain(`${left}${' '.repeat(gap)}${middle}${' '.repeat(room - gap - middle.length)}${right}`);
}

/** Lines of a page; `note` is said after its name. */
export function render(p: Page, width: number, sgr: boolean, note = ''): string[] {
  const indent = width < 60 ? 2 : 5,
    title = titleOf(p).toUpperCase(),
    inner = width - indent;
  const out: Line[] = [edges(title, `Ringside ${MANUALS[p.section] ?? ''} Manual`, title, width), []];
  const section = (name: string, body: Line[]) => out.push(...fill(bold(name), width), ...indented(body, indent), []);
  section('NAME', blocks([`\`${p.name}\` - ${p.about}`, ...(note ? [note] : [])], inner));
  if (p.synopsis)
    section(
      'SYNOPSIS',
      p.synopsis.flatMap((s) => fill(parse(s), inner - 4).map((l, i) => (i ? [...spaces(4), ...l] : l))),
    );
  for (const [name, ...body] of p.body) section(name, blocks(body, inner));
  if (p.see.length) section('SEE ALSO', fill(parse(`${p.see.join(', ')}.`), inner));
  out.push(edges('Ringside', 'FreeBSD 10.2-STABLE of 2015', title, width));
  return out.map((l) => show(l, sgr));
}
