// getopt(3) as FreeBSD's libc has it: one pass over argv, its order of answers and its own two messages.
// Bytes matter: an option letter is one byte, so a pasted U+2010 inside a cluster is three illegal options.

export interface Opt {
  /** The option letter; '?' for an error (':' for a missing argument when the optstring starts with ':'). */
  opt: string;
  arg?: string;
  /** For '?' and ':': the letter that was complained of (C's optopt). */
  optopt?: string;
}

export interface Options {
  opts: Opt[];
  /** What remains from optind on. */
  rest: string[];
  /** Messages without newline: the n-th belongs to the n-th '?'. Empty if the optstring starts with ':'. */
  errors: string[];
}

const basename = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** Bytes of the UTF-8 form of a code point. */
const utf8Length = (cp: number) => (cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4);

export function getopt(argv: readonly string[], optstring: string): Options {
  const prog = basename(argv[0] ?? '');
  const quiet = optstring.startsWith(':');
  const opts: Opt[] = [];
  const errors: string[] = [];
  let optind = 1;

  const illegal = (letter: string) => {
    // A terminal shows each lone byte of a character that is not ASCII as U+FFFD.
    const cp = letter.codePointAt(0) ?? 0;
    const shown = cp < 0x80 ? [letter] : Array.from({ length: utf8Length(cp) }, () => '\ufffd');
    for (const optopt of shown) {
      opts.push({ opt: '?', optopt });
      if (!quiet) errors.push(`${prog}: illegal option -- ${optopt}`);
    }
  };

  for (;;) {
    const arg = argv[optind];
    if (arg === undefined || !arg.startsWith('-')) break;
    if (arg === '--') {
      optind++;
      break;
    }
    // A solitary '-' is an option only for a program that asks for it (su).
    if (arg === '-' && !optstring.includes('-')) break;

    let cluster = arg === '-' ? '-' : arg.slice(1);
    optind++;
    while (cluster !== '') {
      const letter = String.fromCodePoint(cluster.codePointAt(0) ?? 0);
      cluster = cluster.slice(letter.length);
      const at = letter === ':' || letter > '\u007f' ? -1 : optstring.indexOf(letter);
      if (at < 0) {
        illegal(letter);
        continue;
      }
      if (optstring[at + 1] !== ':') {
        opts.push({ opt: letter });
        continue;
      }

      if (cluster !== '') opts.push({ opt: letter, arg: cluster });
      else if (optstring[at + 2] === ':') opts.push({ opt: letter });
      else {
        const next = argv[optind++];
        if (next !== undefined) opts.push({ opt: letter, arg: next });
        else {
          opts.push({ opt: quiet ? ':' : '?', optopt: letter });
          if (!quiet) errors.push(`${prog}: option requires an argument -- ${letter}`);
        }
      }
      cluster = '';
    }
  }
  return { opts, rest: argv.slice(optind), errors };
}
