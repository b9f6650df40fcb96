// Programs that only the guest has: those that end the machine, and those that look at its bus and its loader's environment.

import { pciconf } from '../bin/pciconf.ts';
import { getopt } from '../sh/getopt.ts';
import type { Program } from '../sh/proc.ts';
import type { GuestKernel } from './kernel/kernel.ts';
import { shutdownPrograms } from './shutdown.ts';

const kenv: Program<GuestKernel> = {
  run(p, sys) {
    const r = getopt(p.argv, 'hNqu:v'),
      has = (o: string) => r.opts.some((x) => x.opt === o),
      [word] = r.rest,
      { kenv: env } = sys.cpu;
    const quit = (status: number, out: string, err = '') => {
      sys.os.writeErr(p, err);
      sys.os.write(p, out);
      sys.os.exit(p, status);
    };
    if (r.errors.length || r.rest.length > 1 || has('u'))
      return quit(1, '', 'usage: kenv [-hNq]\n       kenv [-qv] variable[=value]\n       kenv [-q] -u variable\n');
    if (word?.includes('='))
      return quit(1, '', `kenv: unable to set ${word.split('=')[0]}\nlab: the loader sets it: bhyveload -e ${word} …\n`);
    if (word === undefined)
      return quit(
        0,
        Object.entries(env)
          .map(([k, v]) => (has('N') ? `${k}\n` : `${k}="${v}"\n`))
          .join(''),
      );
    if (!Object.hasOwn(env, word)) return quit(1, '', has('q') ? '' : `kenv: unable to get ${word}\n`);
    quit(0, has('v') ? `${word}="${env[word]}"\n` : `${env[word]}\n`);
  },
};

export const guestPrograms: Record<string, Program<GuestKernel>> = { ...shutdownPrograms, pciconf, kenv };
