// The programs of the two kinds of machine: those of both sides, and each side's own.

import { bridge } from '../bin/bridge.ts';
import { commands } from '../bin/commands.ts';
import { filters } from '../bin/filters.ts';
import { manPrograms } from '../bin/man.ts';
import { nmsh } from '../bin/nmsh.ts';
import { pktGen } from '../bin/pkt_gen.ts';
import type { Sys } from '../bin/sys.ts';
import { guestPrograms } from '../guest/bin.ts';
import type { GuestKernel } from '../guest/kernel/kernel.ts';
import { hostPrograms } from '../host/bin.ts';
import type { HostSys } from '../host/kernel/sys.ts';
import type { Program } from '../sh/proc.ts';

const both: Record<string, Program<Sys>> = { ...commands, ...manPrograms, ...filters, 'pkt-gen': pktGen, bridge, nmsh };
export const hostSide: Record<string, Program<HostSys>> = { ...both, ...hostPrograms };
export const guestSide: Record<string, Program<GuestKernel>> = { ...both, ...guestPrograms };
