// Which terminal shows a VM's console: bhyve's own, where a UART is on stdio; that of the program at the other end of a null modem.

import { fileOf } from '../../sh/file.ts';
import { nmdmPeer } from '../kernel/nmdm.ts';
import type { HostSys } from '../kernel/sys.ts';
import type { VmEntry } from '../kernel/vmm.ts';
import type { BhyveState } from './ctx.ts';

export function consoleTty(sys: HostSys, vm: VmEntry): string | undefined {
  const p = sys.bhyveOf(vm),
    uarts = (p?.st as BhyveState | undefined)?.uarts ?? {};
  if (p && Object.values(uarts).some((u) => u.dev === 'stdio') && fileOf(sys.os.tree(), p, 0)?.k === 'tty') return p.tty;
  const dev = uarts.com1?.dev;
  return dev ? sys.os.proc(nmdmPeer(sys.hostTree(), dev))?.tty : undefined;
}
