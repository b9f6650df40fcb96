// kldstat, kldload, kldunload: linked files of the kernel. Mirrors FreeBSD 10's; where files lie in memory is the lab's own
// arrangement, from the kernel's place on.

import { getopt } from '../sh/getopt.ts';
import type { Proc, Program } from '../sh/proc.ts';
import { complain } from './binary_file.ts';
import type { KldFile, Sys } from './sys.ts';

const KERNEL = { base: 0xffffffff80200000n, size: 0x17bc6a8n };
/** The first module lies here, each on pages of its own. */
const FIRST = 0xffffffff81a11000n;
const SIZES: Record<string, bigint> = {
  vmm: 0x1d4b80n,
  netmap: 0x2a9c0n,
  if_tap: 0x4870n,
  if_bridge: 0x9a60n,
  bridgestp: 0x5b18n,
  nmdm: 0x3528n,
};
const bare = (name: string) => name.replace(/^.*\//, '').replace(/\.ko$/, '');

/** Address and size of each file, in hexadecimal. */
function places(files: readonly KldFile[]): Map<KldFile, [string, string]> {
  let at = FIRST;
  return new Map(
    files.map((f) => {
      if (f.name === 'kernel') return [f, [KERNEL.base.toString(16), KERNEL.size.toString(16)]];
      const size = SIZES[bare(f.name)] ?? 0x1000n,
        place: [string, string] = [at.toString(16), size.toString(16)];
      at += ((size + 0xfffn) / 0x1000n) * 0x1000n;
      return [f, place];
    }),
  );
}

/** Modules of a file with their ids, which go on from file to file. */
function modulesOf(all: readonly KldFile[], file: KldFile): [number, string][] {
  const names = (f: KldFile) => f.modules ?? [bare(f.name)];
  let id = 1;
  for (const f of all) {
    if (f === file) return names(f).map((m, i) => [id + i, m]);
    id += names(f).length;
  }
  return [];
}

function kldstat(p: Proc, sys: Sys): number {
  const r = getopt(p.argv, 'i:m:n:qv'),
    all = sys.modules(),
    opt = (o: string) => r.opts.find((x) => x.opt === o)?.arg,
    verbose = r.opts.some((x) => x.opt === 'v'),
    quiet = r.opts.some((x) => x.opt === 'q');
  if (r.errors.length || r.rest.length) {
    complain(
      sys,
      p,
      `${r.errors[0] ? `${r.errors[0]}\n` : ''}usage: kldstat [-q] [-v] [-i id] [-n filename]\n       kldstat [-q] [-m modname]\n`,
    );
    return 1;
  }
  const name = opt('n'),
    id = opt('i'),
    module = opt('m');
  if (module !== undefined) {
    const f = all.find((x) => bare(x.name) === module);
    if (quiet) return f ? 0 : 1;
    if (!f) {
      complain(sys, p, `kldstat: can't find module ${module}: No such file or directory\n`);
      return 1;
    }
    sys.os.write(p, `Id  Refs Name\n${String(f.id).padStart(3)} ${String(f.refs).padStart(4)} ${bare(f.name)}\n`);
    return 0;
  }
  const files = all.filter((f) => (name === undefined || bare(f.name) === bare(name)) && (id === undefined || f.id === Number(id)));
  if (quiet) return files.length ? 0 : 1;
  if (!files.length) {
    complain(sys, p, `kldstat: can't ${name === undefined ? `stat file` : `find file ${name}`}: No such file or directory\n`);
    return 1;
  }
  const where = places(all);
  const lines = files.flatMap((f) => {
    const [base = '', size = ''] = where.get(f) ?? [];
    const row = `${String(f.id).padStart(2)} ${String(f.refs).padStart(4)} 0x${base} ${size.padEnd(8)} ${f.name}`;
    if (!verbose) return [row];
    const mods = modulesOf(all, f).map(([n, m]) => `\t\t${String(n).padStart(2)} ${m}`);
    return [`${row} (/boot/kernel/${f.name})`, '\tContains modules:', '\t\tId Name', ...mods];
  });
  sys.os.write(p, `Id Refs Address            Size     Name\n${lines.join('\n')}\n`);
  if (verbose) sys.os.write(p, 'lab: addresses and sizes are modelled; of the modules in a kernel some are listed.\n');
  return 0;
}

function kldload(p: Proc, sys: Sys): number {
  const r = getopt(p.argv, 'nqv'),
    has = (o: string) => r.opts.some((x) => x.opt === o);
  if (r.errors.length || !r.rest.length) {
    complain(sys, p, `${r.errors[0] ? `${r.errors[0]}\n` : ''}usage: kldload [-nqv] file ...\n`);
    return 1;
  }
  let status = 0;
  for (const name of r.rest) {
    const e = sys.kldload(name);
    if (typeof e === 'number') {
      if (has('v')) sys.os.write(p, `Loaded ${name}, id=${e}\n`);
      continue;
    }
    if (e.errno === 17 && has('n')) {
      if (has('v')) sys.os.write(p, `${name} is already loaded\n`);
      continue;
    }
    status = 1;
    if (!has('q')) complain(sys, p, `kldload: can't load ${name}: ${e.errno === 17 ? 'module already loaded or in kernel' : e.text}\n`);
    if (e.errno === 2 && !has('q')) complain(sys, p, 'lab: modules here: vmm netmap if_tap if_bridge bridgestp nmdm, on the host.\n');
  }
  return status;
}

function kldunload(p: Proc, sys: Sys): number {
  const r = getopt(p.argv, 'finv'),
    has = (o: string) => r.opts.some((x) => x.opt === o);
  if (r.errors.length || !r.rest.length) {
    complain(sys, p, `${r.errors[0] ? `${r.errors[0]}\n` : ''}usage: kldunload [-fv] -i id ...\n       kldunload [-fv] [-n] name ...\n`);
    return 1;
  }
  let status = 0;
  for (const word of r.rest) {
    const f = sys.modules().find((x) => (has('i') ? String(x.id) === word : bare(x.name) === bare(word)));
    if (!f) {
      complain(
        sys,
        p,
        has('i')
          ? `kldunload: can't unload file: No such file or directory\n`
          : `kldunload: can't find file ${word}: No such file or directory\n`,
      );
      status = 1;
      continue;
    }
    if (has('v')) sys.os.write(p, `Unloading ${f.name}, id=${f.id}\n`);
    const e = sys.kldunload(f.id);
    if (!e) continue;
    complain(sys, p, `kldunload: can't unload file: ${e.text}\n`);
    status = 1;
  }
  return status;
}

const program = (f: (p: Proc, sys: Sys) => number): Program<Sys> => ({
  run(p, sys) {
    sys.os.exit(p, f(p, sys));
  },
});
export const kldPrograms: Record<string, Program<Sys>> = {
  kldstat: program(kldstat),
  kldload: program(kldload),
  kldunload: program(kldunload),
};
