// Programs that only the host has: bhyve and its companions, vale-ctl.

import type { Program } from '../sh/proc.ts';
import { valeCtl } from '../bin/vale_ctl.ts';
import { bhyve } from './bhyve/bhyverun.ts';
import { bhyveload } from './bhyve/bhyveload.ts';
import type { HostSys } from './kernel/sys.ts';
import { vmStats } from './kernel/vmm_stat.ts';
import { labtap } from './labtap.ts';
import { arp, ping } from './ping.ts';

const bhyvectl: Program<HostSys> = {
  run(p, sys) {
    const quit = (text: string, status: number) => {
      sys.os.write(p, text);
      sys.os.exit(p, status);
    };
    const name = p.argv.find((a) => a.startsWith('--vm='))?.slice(5);
    if (!name) return quit('Usage: bhyvectl --vm=<vmname>\n\t[--cpu=<vcpu_number>]\n\t[--destroy]\n\t[--get-stats]\n', 1);
    const vm = sys.vmm.find(name);
    if (!vm) return quit(`VM:${name} is not created.\n`, 1);
    if (p.argv.includes('--get-stats'))
      return quit(vmStats(sys.m, vm, Number(p.argv.find((a) => a.startsWith('--cpu='))?.slice(6) ?? 0) || 0), 0);
    if (p.argv.includes('--destroy')) {
      const b = sys.bhyveOf(vm);
      if (b) {
        sys.os.kill(b.pid, 15);
        sys.os.sleep(p, sys.now() + 1e6);
        return;
      }
      if (vm.block) {
        sys.os.sleep(p, sys.now() + 1e6);
        return;
      }
      sys.vmm.destroy(vm);
    }
    sys.os.exit(p, 0);
  },
};

export const hostPrograms: Record<string, Program<HostSys>> = { bhyve, bhyveload, bhyvectl, 'vale-ctl': valeCtl, ping, arp, labtap };
