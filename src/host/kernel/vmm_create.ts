// hw.vmm.create, hw.vmm.destroy and the nodes of /dev/vmm. Mirrors the sysctls of vmm_dev.c: both read as "beavis"; a name has at
// most 31 characters; a VM in use is destroyed when the last call into it has returned.

import type { BhyveState } from '../bhyve/ctx.ts';
import type { HostSys } from './sys.ts';
import type { VmEntry } from './vmm.ts';

const VM_MAX_NAMELEN = 32;
export type VmErrno = 'ENOENT' | 'EEXIST' | 'EINVAL';
export const VM_ERRNO: Record<VmErrno, [number, string]> = {
  ENOENT: [2, 'No such file or directory'],
  EEXIST: [17, 'File exists'],
  EINVAL: [22, 'Invalid argument'],
};
/** What both variables say when they are read. */
export const BEAVIS = 'beavis';

const node = (name: string) => `/dev/vmm/${name}`;
const loaded = (sys: HostSys) => sys.modules().some((f) => f.name === 'vmm.ko');

/** A VM without memory, and its device node. */
export function vmCreate(sys: HostSys, name: string): VmEntry | VmErrno {
  if (!loaded(sys)) return 'ENOENT';
  if (name.length === 0 || name.length >= VM_MAX_NAMELEN || !/^[\w.:+@-]+$/.test(name) || name in {}) return 'EINVAL';
  if (sys.vmm.find(name)) return 'EEXIST';
  const vm = sys.vmm.create(name, 0);
  vm.loaded = false;
  sys.os.tree().files[node(name)] = '';
  return vm;
}

/** The VM is no more. One whose bhyve runs ends with it: its next call fails, as "vm_run error" says. 'again': not yet. */
export function vmDestroy(sys: HostSys, name: string): VmErrno | 'again' | undefined {
  const vm = sys.vmm.find(name);
  if (!loaded(sys)) return 'ENOENT';
  if (!vm) return 'EINVAL';
  const p = sys.bhyveOf(vm);
  delete sys.os.tree().files[node(name)];
  if (p) {
    const st = p.st as BhyveState;
    if (st.suspend === null) {
      st.suspend = 1;
      sys.os.writeErr(p, 'vm_run error -1, errno 6\n');
      sys.os.wake(p.pid);
    }
    vm.doomed = true;
    return 'again';
  }
  if (vm.block) return 'again';
  sys.vmm.destroy(vm);
  return undefined;
}
