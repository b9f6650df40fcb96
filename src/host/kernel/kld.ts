// Linked files of the host kernel: what kldload(2), kldunload(2) and kldstat(2) know. Mirrors kern_linker.c in small: a file has an
// id, a module that it needs comes with it, and a module in use refuses to go.

import type { KldFile, Strerror } from '../../bin/sys.ts';
import { ERRNO, type Errno, type HostTree, logLine } from './tree.ts';

/** Files of /boot/kernel that the lab has a use for, and what each needs. */
const FILES: Record<string, string[]> = { vmm: [], netmap: [], if_tap: [], if_bridge: ['bridgestp'], bridgestp: [], nmdm: [] };
/** References to the kernel itself, modules not counted. */
const KERNEL_REFS = 10;

const no = (e: Errno): Strerror => ({ errno: ERRNO[e][0], text: ERRNO[e][1] });
const bare = (name: string) => name.replace(/^.*\//, '').replace(/\.ko$/, '');

const has = (t: HostTree, module: string) => t.kld.some((f) => f.name === `${module}.ko`);

function link(t: HostTree, module: string, user: boolean): number {
  const id = t.kldNext++;
  t.kld.push({ id, name: `${module}.ko`, user });
  if (module === 'netmap') logLine(t, 'netmap: loaded module');
  return id;
}

/** kldload(2), also as ifconfig does it for a cloned interface: the new file's id. */
export function kldLoad(t: HostTree, name: string): Errno | number {
  const module = bare(name);
  if (!Object.hasOwn(FILES, module)) return module === 'kernel' ? 'EEXIST' : 'ENOENT';
  const there = t.kld.find((f) => f.name === `${module}.ko`);
  if (there?.user) return 'EEXIST';
  for (const need of FILES[module] ?? []) if (!has(t, need)) link(t, need, false);
  if (!there) return link(t, module, true);
  there.user = true;
  return there.id;
}

export class Kld {
  constructor(
    private readonly tree: () => HostTree,
    /** Whether something of a module is in use. */
    private readonly busy: (module: string) => boolean,
  ) {}

  loaded(module: string): boolean {
    return has(this.tree(), module);
  }

  list(): KldFile[] {
    const { kld } = this.tree();
    return kld.map(({ id, name, user }) => ({
      id,
      name,
      refs: name === 'kernel' ? KERNEL_REFS + kld.length - 1 : (user ? 1 : 0) + this.#needing(bare(name)).length,
    }));
  }
  /** Loaded files that need a module. */
  #needing(module: string) {
    return this.tree().kld.filter((f) => FILES[bare(f.name)]?.includes(module));
  }

  load(name: string): Strerror | number {
    const r = kldLoad(this.tree(), name);
    return typeof r === 'number' ? r : no(r);
  }

  unload(id: number): Strerror | undefined {
    const t = this.tree(),
      f = t.kld.find((x) => x.id === id),
      module = bare(f?.name ?? '');
    if (!f) return no('ENOENT');
    if (f.name === 'kernel' || !f.user) {
      logLine(t, 'kldunload: attempt to unload file that was loaded by the kernel');
      return no('EBUSY');
    }
    if (this.#needing(module).length || this.busy(module)) return no('EBUSY');
    t.kld = t.kld.filter((x) => x !== f);
    if (module === 'netmap') logLine(t, 'netmap: unloaded module.');
    for (const need of FILES[module] ?? []) if (!this.#needing(need).length) t.kld = t.kld.filter((x) => x.name !== `${need}.ko` || x.user);
    return undefined;
  }
}
