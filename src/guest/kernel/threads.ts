// The guest's threads as its kernel knows them, for ps, top and procstat. It keeps no account of their CPU time: -1.

import * as L from '../../../wasm/layout.ts';
import type { ThreadInfo } from '../../bin/sys.ts';
import type { GuestCpu } from '../../hw/vcpu.ts';
import type { GuestTree } from './tree.ts';

const WMESG = ['', 'select', '', '', 'nanslp'];
const FIRST_TID = 100_000;

export function guestThreads(cpu: GuestCpu, t: GuestTree): ThreadInfo[] {
  return t.threads.map((th, i) => {
    const at = cpu.ram(th.td);
    return {
      pid: th.pid,
      tid: FIRST_TID + i,
      name: t.os.procs.find((p) => p.pid === th.pid)?.prog ?? '',
      state: cpu.m.ld32(at + L.TD_STATE) === L.TDS_SLEEP ? 'sleep' : 'run',
      wmesg: WMESG[cpu.m.ld32(at + L.TD_WMESG)] ?? '',
      ns: -1,
    };
  });
}
