// Linked files of the host kernel: what kldload(2), kldunload(2) and kldstat(2) know. Mirrors kern_linker.c in small: a file has an
// id, a module that it needs comes with it, and a module in use refuses to go.

import type { KldFile, Strerror } from '../../bin/sys.ts';
import type { HostKernelTree } from './kernel.ts';
import { ERRNO, type Errno, logLine } from './tree.ts';

/** Files of /boot/kernel that the lab has a use for, and what each needs. */
const FILES: Record<string, string[]> = { vmm: [], netmap: [], if_tap: [], if_bridge: ['bridgestp'], bridgestp: [], nmdm: [] };
/** References to the kernel itself, modules not counted. */
const KERNEL_REFS = 10;

const no = (e: Errno): Strerror => ({ errno: ERRNO[e][0], text: ERRNO[e][1] });
const bare = (name: string) => name.replace(/^.*\//, '').replace(/\.ko$/, '');

export class Kld {
  constructor(
    private readonly tree: () => HostKernelTree,
    /** Whether something of a module is in use. */
    private readonly busy: (module: string) => boolean,
  ) {}

  loaded(module: string): boolean {
    return this.tree().kld.some((f) => f.name === `${module}.ko`);
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

  /** The new file's id. */
  load(name: string): Strerror | number {
    const t = this.tree(),
      module = bare(name);
    if (!Object.hasOwn(FILES, module)) return module === 'kernel' ? no('EEXIST') : no('ENOENT');
    const there = t.kld.find((f) => f.name === `${module}.ko`);
    if (there?.user) return no('EEXIST');
    for (const need of FILES[module] ?? []) if (!this.loaded(need)) this.#link(need, false);
    if (there) {
      there.user = true;
      return there.id;
    }
    return this.#link(module, true);
  }
  #link(module: string, user: boolean): number {
    const t = this.tree(),
      id = t.kldNext++;
    t.kld.push({ id, name: `${module}.ko`, user });
    if (module === 'netmap') logLine(t, 'netmap: loaded module');
    return id;
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
