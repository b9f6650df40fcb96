// man(1), apropos(1) and whatis(1). Mirrors man.sh of FreeBSD 10 in its options and messages; the pages are in man/.

import { BUILTINS } from '../sh/builtins.ts';
import { getopt } from '../sh/getopt.ts';
import type { Proc, Program } from '../sh/proc.ts';
import { type Page, titleOf } from './man/page.ts';
import { PAGES } from './man/pages.ts';
import { render } from './man/render.ts';
import { type PagerState, more, show, windowOf } from './pager.ts';
import type { Sys } from './sys.ts';

export const MAN_OPTIONS = 'M:P:S:adfhkm:op:tw';
const WIDTH_MAX = 78;
const USAGE = `Usage:
 man [-adho] [-t | -w] [-M manpath] [-P pager] [-S mansect]
     [-m arch[:machine]] [-p [eprtv]] [mansect] page [...]
 man -f page [...] -- Emulates whatis(1)
 man -k page [...] -- Emulates apropos(1)
`;

interface ManState {
  pager?: PagerState;
}

/** Pages of that name, those of its own name first; in all sections or one. */
export function findPages(name: string, section?: number): Page[] {
  const own = PAGES.filter((p) => p.name === name),
    other = PAGES.filter((p) => p.name !== name && p.also?.includes(name));
  return [...own, ...other].filter((p) => section === undefined || p.section === section);
}

/** Of a page's other names, those that were meant are shown. */
const line = (p: Page, meant: (name: string) => boolean) =>
  `${[titleOf(p), ...(p.also ?? []).filter(meant).map((n) => `${n}(${p.section})`)].join(', ').padEnd(23)} - ${p.about}`;

/** apropos: the word anywhere in names and about, whatever its case; `.` is in all. */
export function apropos(word: string): string[] {
  const has = (t: string) => word === '.' || t.toLowerCase().includes(word.toLowerCase());
  return PAGES.filter((p) => [p.name, ...(p.also ?? []), p.about].some(has)).map((p) => line(p, (n) => word !== '.' && has(n)));
}
/** whatis: a whole name. */
export const whatis = (word: string): string[] => findPages(word).map((p) => line(p, (n) => n === word));

function lookUp(p: Proc, sys: Sys, names: readonly string[], find: (word: string) => string[]) {
  const st = p.st as ManState,
    found = names.flatMap((n) => {
      const lines = find(n);
      return lines.length ? lines : [`${n}: nothing appropriate`];
    });
  show(p, sys, st, found, names.every((n) => find(n).length > 0) ? 0 : 1);
}

/** What is to be said of a page's command on this machine. */
function note(p: Page, sys: Sys): string {
  if (p.inside || (p.section !== 1 && p.section !== 8)) return '';
  const names = [p.name, ...(p.also ?? [])];
  if (names.some((n) => sys.commands().includes(n) || Object.hasOwn(BUILTINS, n))) return '';
  return `lab: this machine (the ${sys.side}) has no command \`${p.name}\`.`;
}

export const man: Program<Sys> = {
  run(p, sys) {
    const st = p.st as ManState,
      r = getopt(p.argv, MAN_OPTIONS),
      has = (o: string) => r.opts.some((x) => x.opt === o),
      arg = (o: string) => r.opts.find((x) => x.opt === o)?.arg;
    const quit = (text: string, status: number) => {
      sys.os.write(p, text);
      sys.os.exit(p, status);
    };
    if (has('?')) return quit(`${r.errors[0] ?? ''}\n${USAGE}`, 1);
    if (has('h')) return quit(USAGE, 0);
    if (has('t') || has('p') || has('m') || has('M'))
      return quit(`${USAGE}lab: there is one set of pages, for a terminal: -t, -p, -m and -M are not built.\n`, 1);
    if (!r.rest.length) return quit('What manual page do you want?\nlab: man intro is a beginning; man -k . lists all pages.\n', 1);
    if (has('k')) return lookUp(p, sys, r.rest, apropos);
    if (has('f')) return lookUp(p, sys, r.rest, whatis);
    const [first = ''] = r.rest,
      sections = arg('S')?.split(':').map(Number),
      section = r.rest.length > 1 && /^\d$/.test(first) ? Number(first) : undefined,
      names = section === undefined ? r.rest : r.rest.slice(1);
    const missing: string[] = [];
    const pages = names.flatMap((given) => {
      const m = /^(.*)\((\d)\)$/.exec(given), // "netmap(4)", as pages name each other
        name = m?.[1] ?? given;
      const found = findPages(name, section ?? (m ? Number(m[2]) : undefined)).filter((x) => !sections || sections.includes(x.section));
      if (!found.length) missing.push(`No manual entry for ${name}`);
      return has('a') ? found : found.slice(0, 1);
    });
    const tty = windowOf(p, sys),
      cols = tty ? tty.window.cols : (sys.os.tty(p.tty)?.cols ?? 80),
      width = Math.max(20, Math.min(WIDTH_MAX, cols - 2));
    const lines = has('w')
      ? pages.map((x) => `/usr/share/man/man${x.section}/${x.name}.${x.section}`)
      : pages.flatMap((x, i) => [...(i ? [''] : []), ...render(x, width, tty !== undefined, note(x, sys))]);
    if (!pages.length) return quit(`${missing.join('\n')}\nlab: man -k word searches, man -k . lists all pages.\n`, 1);
    if (!st.pager && missing.length) sys.os.writeErr(p, `${missing.join('\n')}\n`);
    if (arg('P') === 'cat') {
      sys.os.write(p, lines.map((l) => `${l}\n`).join(''));
      return sys.os.exit(p, missing.length ? 1 : 0);
    }
    show(p, sys, st, lines, missing.length ? 1 : 0);
  },
};

const finder = (name: string, find: (word: string) => string[]): Program<Sys> => ({
  run(p, sys) {
    const words = p.argv.slice(1);
    if (words.length) return lookUp(p, sys, words, find);
    sys.os.writeErr(p, `${name} what?\n`);
    sys.os.exit(p, 1);
  },
});

export const manPrograms: Record<string, Program<Sys>> = {
  man,
  apropos: finder('apropos', apropos),
  whatis: finder('whatis', whatis),
  more,
  less: more,
};

/** Names of pages, for completion. */
export const pageNames = (): string[] => [...new Set(PAGES.flatMap((p) => [p.name, ...(p.also ?? [])]))];
