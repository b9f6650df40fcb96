// bhyveload(8): creates the VM and loads a kernel into it. The kernel of the lab is not an image of instructions: what
// the vCPU runs is the guest's compiled data plane and control plane; the loader's lines say so.

import { getopt } from '../../sh/getopt.ts';
import type { Program } from '../../sh/proc.ts';
import type { HostSys } from '../kernel/sys.ts';
import { parseMemsize } from './bhyverun.ts';

const USAGE =
  'usage: bhyveload [-c <console-device>] [-d <disk-path>] [-e <name=value>]\n                 [-h <host-path>] [-m mem-size] <vmname>\n';

export const bhyveload: Program<HostSys> = {
  run(p, sys) {
    const quit = (text: string, status: number) => {
      sys.os.write(p, text);
      sys.os.exit(p, status);
    };
    const r = getopt(p.argv, 'c:d:e:h:m:');
    let mem = 256 * 1024 * 1024,
      disk = '';
    const env: Record<string, string> = {};
    for (const { opt, arg = '' } of r.opts) {
      if (opt === '?') return quit(`${r.errors[0] ?? ''}\n${USAGE}`, 1);
      if (opt === 'm') {
        const b = parseMemsize(arg);
        if (b === undefined) return quit(`bhyveload: invalid memsize '${arg}'\n`, 64);
        mem = b;
      }
      if (opt === 'd') disk = arg;
      if (opt === 'e') {
        const m = /^([\w.-]+)=(.*)$/s.exec(arg);
        if (m?.[1] && !(m[1] in {})) env[m[1]] = (m[2] ?? '').replace(/^"(.*)"$/, '$1');
      }
    }
    if (r.rest.length !== 1) return quit(USAGE, 1);
    if (!sys.modules().some((f) => f.name === 'vmm.ko'))
      return quit('bhyveload: vm_create: No such file or directory\nlab: vmm.ko is not loaded: kldload vmm\n', 1);
    if (!disk) return quit(`${USAGE}lab: name the guest's image: -d mfsroot.img\n`, 1);
    if (!/^(.*\/)?mfsroot\.img$/.test(disk))
      return quit(
        `bhyveload: could not open backing file: ${disk}: No such file or directory\nlab: the image of this host is mfsroot.img\n`,
        1,
      );
    const name = r.rest[0] ?? '',
      vm = sys.vmm.find(name);
    if (!/^[A-Za-z0-9_.-]{1,32}$/.test(name) || name in {})
      return quit('bhyveload: vm_create: Invalid argument\nlab: a name is 1 to 32 letters, digits, _ . and -.\n', 1);
    if (mem < 128 * 1024 * 1024 || mem > 3 * 1024 ** 3)
      return quit(`bhyveload: vm_setup_memory: Cannot allocate memory\nlab: guests of this lab have 128M to 3G.\n`, 1);
    if (vm?.block) return quit('bhyveload: vm_open: Device busy\n', 1);
    if (vm) {
      sys.vmm.reinit(vm);
      vm.loaded = true;
      vm.memBytes = mem;
    }
    (vm ?? sys.vmm.create(name, mem)).env = env;
    sys.os.write(
      p,
      `Consoles: userboot\n\nFreeBSD/amd64 User boot, Revision 1.1\n(ringside)\nLoading /boot/defaults/loader.conf\n/boot/kernel/kernel text=0xd6a7c0 data=0x13f3d8\nBooting...\n`,
    );
    sys.os.exit(p, 0);
  },
};
