// bhyveload(8): creates the VM and loads a kernel into it. Mirrors main() of bhyveload.c, its messages and statuses (facts bhyve 1.1).
// The kernel of the lab is not an image of instructions: what the vCPU runs is the guest's compiled data plane and control plane.

import { getopt } from '../../sh/getopt.ts';
import type { Program } from '../../sh/proc.ts';
import { absolute, isDir } from '../../sh/file.ts';
import { IMAGES, diskBytes } from '../kernel/images.ts';
import type { HostSys } from '../kernel/sys.ts';
import { VM_ERRNO, vmCreate } from '../kernel/vmm_create.ts';
import { parseMemsize } from './scan.ts';

const EX_USAGE = 64;
const MIN = 128 * 1024 * 1024,
  MAX = 3 * 1024 ** 3;
const USAGE =
  'usage: bhyveload [-c <console-device>] [-d <disk-path>] [-e <name=value>]\n                 [-h <host-path>] [-m mem-size] <vmname>\n';
const BANNER = 'Consoles: userboot\n\nFreeBSD/amd64 User boot, Revision 1.1\n(ringside)\n';

export const bhyveload: Program<HostSys> = {
  run(p, sys) {
    const quit = (text: string, status: number, hint = '') => {
      sys.os.writeErr(p, text + (hint && `lab: ${hint}\n`));
      sys.os.exit(p, status);
    };
    const r = getopt(p.argv, 'c:d:e:h:m:'),
      files = sys.os.tree();
    let mem = 256 * 1024 * 1024,
      disk = '',
      host = '';
    const env: Record<string, string> = {};
    for (const { opt, arg = '' } of r.opts) {
      if (opt === '?') return quit(`${r.errors[0] ?? ''}\n${USAGE}`, 1);
      if (opt === 'm') {
        const b = parseMemsize(arg);
        if (b === undefined) return quit(`bhyveload: Invalid memsize '${arg}'\n`, EX_USAGE);
        mem = b;
      }
      if (opt === 'c' && arg !== 'stdio' && !/^\/dev\/(tty|nmdm\d+[AB])/.test(arg))
        return quit(`bhyveload: Could not open '${arg}'\n`, EX_USAGE);
      if (opt === 'd') {
        if (diskBytes(files, p.cwd, arg) === undefined)
          return quit(`bhyveload: Could not open '${arg}'\n`, EX_USAGE, `the images of this host are ${Object.keys(IMAGES).join(' and ')}`);
        disk = absolute(p.cwd, arg);
      }
      if (opt === 'e') {
        const m = /^([\w.-]+)=(.*)$/s.exec(arg);
        if (m?.[1] && !(m[1] in {})) env[m[1]] = (m[2] ?? '').replace(/^"(.*)"$/, '$1');
      }
      if (opt === 'h') host = absolute(p.cwd, arg);
    }
    if (r.rest.length !== 1) return quit(USAGE, 1);
    const name = r.rest[0] ?? '',
      made = vmCreate(sys, name),
      vm = sys.vmm.find(name);
    if (typeof made === 'string' && made !== 'EEXIST')
      return quit(
        `vm_create: ${VM_ERRNO[made][1]}\n`,
        1,
        made === 'ENOENT' ? 'vmm.ko is not loaded: kldload vmm' : 'a name has 1 to 31 letters, digits, _ . : + @ and -.',
      );
    if (!vm) return quit('vm_open: No such file or directory\n', 1);
    if (vm.block) return quit('vm_reinit: Device busy\n', 1, `a bhyve runs ${name}: end it first.`);
    sys.vmm.reinit(vm);
    sys.vmm.clearStats(vm);
    if (mem < MIN || mem > MAX) return quit('vm_setup_memory: Cannot allocate memory\n', 1, 'guests of this lab have 128M to 3G.');
    vm.memBytes = mem;
    vm.env = env;
    sys.os.write(p, BANNER);
    const kernel = disk ? Object.hasOwn(IMAGES, disk) : host !== '' && isDir(files, `${host === '/' ? '' : host}/boot`);
    if (!kernel) {
      sys.os.write(p, "can't load 'kernel'\n\nType '?' for a list of commands, 'help' for more detailed help.\nOK quit\n");
      return quit(
        '',
        1,
        `there is no kernel ${disk || host ? 'there' : 'without a disk'}: -d mfsroot.img (the loader's prompt is not modelled)`,
      );
    }
    vm.loaded = true;
    sys.os.write(p, 'Loading /boot/defaults/loader.conf\n/boot/kernel/kernel text=0xd6a7c0 data=0x13f3d8\nBooting...\n');
    sys.os.exit(p, 0);
  },
};
