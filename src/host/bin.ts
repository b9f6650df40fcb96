// Programs that only the host has: bhyve and its companions, vale-ctl.

import * as L from '../../wasm/layout.ts';
import type { Program } from '../sh/proc.ts';
import { valeCtl } from '../bin/vale_ctl.ts';
import { bhyve } from './bhyve/bhyverun.ts';
import { bhyveload } from './bhyve/bhyveload.ts';
import type { HostSys } from './kernel/sys.ts';
import { labtap } from './labtap.ts';

/** bhyvectl's names of the exit statistics, as far as the lab counts them (facts bhyve 6.6). */
const STATS: [string, number][] = [
  ['total number of vm exits', L.STAT_EXITS],
  ['vm exits due to external interrupt', L.STAT_EXTINT],
  ['number of times hlt was intercepted', L.STAT_HLT],
  ['number of times in/out was intercepted', L.STAT_INOUT],
  ['vm exits due to nested page fault', L.STAT_EPT_FAULT],
  ['vm exits for instruction emulation', L.STAT_INST_EMUL],
  ['number of vm exits handled in userspace', L.STAT_USERSPACE],
];

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
      return quit(`vcpu0\n${STATS.map(([n, i]) => `${n.padEnd(40)}\t${sys.m.ld64(vm.vm + L.VM_STAT + i * 8)}\n`).join('')}`, 0);
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

export const hostPrograms: Record<string, Program<HostSys>> = { bhyve, bhyveload, bhyvectl, 'vale-ctl': valeCtl, labtap };
