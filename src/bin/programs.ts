// The programs that host and guest have alike, by name; those of one side are src/host/bin.ts and src/guest/bin.ts.

import type { Program } from '../sh/proc.ts';
import { bridge } from './bridge.ts';
import { commands } from './commands.ts';
import { filters } from './filters.ts';
import { manPrograms } from './man.ts';
import { nmsh } from './nmsh.ts';
import { pktGen } from './pkt_gen.ts';
import type { Sys } from './sys.ts';

export const programs: Record<string, Program<Sys>> = { ...commands, ...manPrograms, ...filters, 'pkt-gen': pktGen, bridge, nmsh };
