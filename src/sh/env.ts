// What the expansion of a word sees of a shell: its variables, the special parameters, the files, and what substituted
// commands have printed. Mirrors what expand.c takes from var.c and options.c.

import { BadExpansion, type Env } from './expand.ts';
import { absolute, list } from './file.ts';
import { glob } from './glob.ts';
import { type Sh, fatal, setVar } from './state.ts';

/** A command substitution that has yet to be run. */
class Wanted extends Error {
  constructor(readonly src: string) {
    super(src);
  }
}

export const optionLetters = (st: Sh['st']) => `${st.interactive ? 'im' : ''}${st.opts}`;

function environment({ p, st, sys }: Sh, subs: readonly string[]): { env: Env; changed: Record<string, string> } {
  const vars: Record<string, string> = {
    ...st.vars,
    '?': String(st.last),
    $: String(st.root),
    '#': String(st.params.length),
    '-': optionLetters(st),
    0: st.arg0,
  };
  if (st.background) vars['!'] = String(st.background);
  const changed: Record<string, string> = {};
  let n = 0;
  const env: Env = {
    vars,
    params: st.params,
    home: (user) => (user === 'root' || user === '' ? '/root' : undefined),
    output(src) {
      const text = subs[n++];
      if (text === undefined) throw new Wanted(src);
      return text;
    },
    set(name, value) {
      vars[name] = value;
      changed[name] = value;
    },
    nounset: st.opts.includes('u'),
  };
  if (!st.opts.includes('f')) env.glob = (pattern) => glob(pattern, (dir) => list(sys.os.tree(), absolute(p.cwd, dir === '' ? '.' : dir)));
  return { env, changed };
}

/**
 * Expands with what the substitutions have given so far. Answers the result; or the source of the commands that must be run
 * first, with the variables that were set on the way; or undefined, when it failed and has said so.
 */
export function attempt<T>(
  sh: Sh,
  subs: readonly string[],
  f: (env: Env) => T,
): { value: T } | { wanted: string; changed: Record<string, string> } | undefined {
  const { env, changed } = environment(sh, subs);
  try {
    const value = f(env);
    for (const [name, v] of Object.entries(changed)) if (!setVar(sh, name, v)) return undefined;
    return { value };
  } catch (e) {
    if (e instanceof Wanted) return { wanted: e.src, changed };
    if (!(e instanceof BadExpansion)) throw e;
    fatal(sh, e.message);
    return undefined;
  }
}
