// Programs that only the host has: bhyve and its companions, vale-ctl.

import type { Program } from '../sh/proc.ts';
import { valeCtl } from '../bin/vale_ctl.ts';
import { bhyve } from './bhyve/bhyverun.ts';
import { bhyvectl } from './bhyve/bhyvectl.ts';
import { bhyveload } from './bhyve/bhyveload.ts';
import { cu } from './cu.ts';
import type { HostSys } from './kernel/sys.ts';
import { labtap } from './labtap.ts';

export const hostPrograms: Record<string, Program<HostSys>> = { bhyve, bhyveload, bhyvectl, cu, 'vale-ctl': valeCtl, labtap };
