// Built-in commands for variables and parameters: set, unset, export, readonly, read, local, shift. Mirrors bin/sh/var.c,
// options.c and miscbltin.c.

import type { Builtin } from './builtins.ts';
import { isName, quote } from './lex.ts';
import { type Sh, complain, fatal, setVar } from './state.ts';

const OPTIONS: Record<string, string> = {
  allexport: 'a',
  errexit: 'e',
  noclobber: 'C',
  noglob: 'f',
  nounset: 'u',
  xtrace: 'x',
};

function turn(sh: Sh, letter: string, on: boolean): boolean {
  const { st } = sh;
  if (!Object.values(OPTIONS).includes(letter)) {
    if (/[bEhIimnPpsTvV]/.test(letter)) complain(sh, `lab: set ${on ? '-' : '+'}${letter} is not built.`);
    else fatal(sh, `set: Illegal option -${letter}`);
    return false;
  }
  st.opts = st.opts.replace(letter, '') + (on ? letter : '');
  return true;
}

/** `name` or `name=value`, for export, readonly and local; false when it is neither. */
function declare(sh: Sh, command: string, word: string): string | undefined {
  const [name = '', value] = word.split(/=(.*)/s);
  if (!isName(name)) {
    fatal(sh, `${command}: ${name}: bad variable name`);
    return undefined;
  }
  return value !== undefined && !setVar(sh, name, value) ? undefined : name;
}

/** Cuts a line into `n` fields at IFS; the last one has the rest. */
function fields(line: string, quoted: boolean[], ifs: string, n: number): string[] {
  const white = (i: number) => !quoted[i] && ' \t\n'.includes(line[i] ?? 'x') && ifs.includes(line[i] ?? 'x'),
    sep = (i: number) => !quoted[i] && ifs.includes(line[i] ?? '\0'),
    out: string[] = [];
  let i = 0,
    end = line.length;
  while (white(i)) i++;
  while (end > i && white(end - 1)) end--;
  while (out.length < n - 1 && i < end) {
    let j = i;
    while (j < end && !sep(j)) j++;
    out.push(line.slice(i, j));
    while (j < end && white(j)) j++;
    if (j < end && sep(j) && !white(j)) {
      j++;
      while (j < end && white(j)) j++;
    }
    i = j;
  }
  if (i < end) {
    // One separator after the last field is not part of it.
    const rest = line.slice(i, end),
      alone = sep(end - 1) && !white(end - 1) && ![...rest.slice(0, -1)].some((_, k) => sep(i + k));
    out.push(alone ? rest.slice(0, -1) : rest);
  }
  return out;
}

export const VARIABLES: Record<string, Builtin> = {
  set(sh, argv) {
    const { p, st, sys } = sh;
    if (argv.length === 1) {
      const all = Object.keys(st.vars).sort();
      sys.os.write(p, all.map((n) => `${n}=${quote(st.vars[n] ?? '')}\n`).join(''));
      return 0;
    }
    let i = 1;
    for (; i < argv.length; i++) {
      const word = argv[i] ?? '';
      if (word === '--' || word === '-') {
        st.params = argv.slice(i + 1);
        return 0;
      }
      if (!/^[-+]./.test(word)) break;
      const on = word.startsWith('-');
      if (word.slice(1) === 'o') {
        const name = argv[++i];
        if (name === undefined) {
          const shown = Object.keys(OPTIONS).map((n) => `${n.padEnd(16)}${st.opts.includes(OPTIONS[n] ?? '') ? 'on' : 'off'}\n`);
          sys.os.write(p, `Current option settings\n${shown.join('')}`);
          return 0;
        }
        if (!Object.hasOwn(OPTIONS, name)) {
          fatal(sh, `set: Illegal option -o ${name}`);
          return 2;
        }
        if (!turn(sh, OPTIONS[name] ?? '', on)) return 2;
      } else for (const letter of word.slice(1)) if (!turn(sh, letter, on)) return 2;
    }
    if (i < argv.length) st.params = argv.slice(i);
    return 0;
  },
  unset({ st, ...sh }, argv) {
    const functions = argv[1] === '-f';
    for (const n of argv.slice(functions || argv[1] === '-v' ? 2 : 1)) {
      if (functions) delete st.funcs[n];
      else if (st.readonly.includes(n)) {
        fatal({ st, ...sh }, `unset: ${n}: is read only`);
        return 2;
      } else {
        delete st.vars[n];
        st.exported = st.exported.filter((x) => x !== n);
      }
    }
    return 0;
  },
  export(sh, argv) {
    const { p, st, sys } = sh;
    if (argv.length === 1 || argv[1] === '-p') {
      const p1 = argv[1] === '-p' ? 'export ' : '';
      sys.os.write(
        p,
        [...st.exported]
          .sort()
          .map((n) => `${p1}${n}${p1 ? `=${quote(st.vars[n] ?? '')}` : ''}\n`)
          .join(''),
      );
      return 0;
    }
    for (const word of argv.slice(1)) {
      const n = declare(sh, 'export', word);
      if (n === undefined) return 2;
      if (!st.exported.includes(n)) st.exported.push(n);
    }
    return 0;
  },
  readonly(sh, argv) {
    const { p, st, sys } = sh;
    if (argv.length === 1 || argv[1] === '-p') {
      sys.os.write(p, st.readonly.map((n) => `readonly ${n}=${quote(st.vars[n] ?? '')}\n`).join(''));
      return 0;
    }
    for (const word of argv.slice(1)) {
      const n = declare(sh, 'readonly', word);
      if (n === undefined) return 2;
      if (!st.readonly.includes(n)) st.readonly.push(n);
    }
    return 0;
  },
  local(sh, argv) {
    const { st } = sh,
      f = [...st.todo].reverse().find((x) => x.t === 'function');
    if (f?.t !== 'function') {
      fatal(sh, 'local: Not in a function');
      return 2;
    }
    for (const word of argv.slice(1)) {
      const n = word.split('=')[0] ?? '';
      if (isName(n) && !Object.hasOwn(f.locals, n)) f.locals[n] = Object.hasOwn(st.vars, n) ? (st.vars[n] ?? '') : null;
      if (declare(sh, 'local', word) === undefined) return 2;
    }
    return 0;
  },
  shift(sh, argv) {
    const n = argv[1] === undefined ? 1 : Number(argv[1]);
    if (!Number.isInteger(n) || n < 0) {
      fatal(sh, `shift: Illegal number: ${argv[1]}`);
      return 2;
    }
    if (n > sh.st.params.length) {
      fatal(sh, "shift: can't shift that many");
      return 2;
    }
    sh.st.params = sh.st.params.slice(n);
    return 0;
  },
  read(sh, argv, data) {
    const { p, st, sys } = sh;
    let i = 1,
      raw = false;
    for (; i < argv.length && /^-./.test(argv[i] ?? ''); i++) {
      if (argv[i] === '--') {
        i++;
        break;
      }
      if (argv[i] === '-r') raw = true;
      else if (argv[i] === '-p') {
        i++;
        if (data.said === undefined) sys.os.writeErr(p, argv[i] ?? '');
        data.said = 'yes';
      } else {
        complain(sh, /^-[et]/.test(argv[i] ?? '') ? `lab: read ${argv[i]} is not built.` : `read: Illegal option ${argv[i]}`);
        return 2;
      }
    }
    const names = argv.slice(i);
    for (const n of names)
      if (!isName(n)) {
        fatal(sh, `read: ${n}: bad variable name`);
        return 2;
      }
    if (!names.length) {
      fatal(sh, 'read: arg count');
      return 2;
    }
    // The line so far is kept in `data` while more of it is waited for.
    let line = data.line ?? '',
      ended = false;
    for (;;) {
      const got = sys.os.readFd(p, 0, 65536, true);
      if (got === null) {
        data.line = line;
        return null;
      }
      if (!got) {
        ended = true;
        break;
      }
      line += got;
      if (!line.endsWith('\n')) continue;
      if (raw || !/(?:^|[^\\])(?:\\\\)*\\\n$/.test(line)) break;
    }
    let text = '';
    const quoted: boolean[] = [],
      body = line.replace(/\n$/, '').replaceAll('\0', '');
    for (let k = 0; k < body.length; k++) {
      const escaped = !raw && body[k] === '\\';
      if (escaped && (++k >= body.length || body[k] === '\n')) continue;
      quoted[text.length] = escaped;
      text += body[k] ?? '';
    }
    const parts = fields(text, quoted, Object.hasOwn(st.vars, 'IFS') ? (st.vars.IFS ?? '') : ' \t\n', names.length);
    for (const [k, n] of names.entries()) if (!setVar(sh, n, parts[k] ?? '')) return 2;
    return ended ? 1 : 0;
  },
};
