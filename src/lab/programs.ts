// The programs of the two kinds of machine: those of both sides, and each side's own.

import { bridge } from '../bin/bridge.ts';
import { commands } from '../bin/commands.ts';
import { filters } from '../bin/filters.ts';
import { manPrograms } from '../bin/man.ts';
import { nmreplay } from '../bin/nmreplay.ts';
import { nmsh } from '../bin/nmsh.ts';
import { arp, ping } from '../bin/ping.ts';
import { pktGen } from '../bin/pkt_gen.ts';
import type { Sys } from '../bin/sys.ts';
import { tcpdump } from '../bin/tcpdump.ts';
import { guestPrograms } from '../guest/bin.ts';
import type { GuestKernel } from '../guest/kernel/kernel.ts';
import { hostPrograms } from '../host/bin.ts';
import type { HostSys } from '../host/kernel/sys.ts';
import type { Program } from '../sh/proc.ts';
import { type ShellOs, shell } from '../sh/shell.ts';
import { completer } from './complete.ts';

const both: Record<string, Program<Sys>> = {
  ...commands,
  ...manPrograms,
  ...filters,
  'pkt-gen': pktGen,
  bridge,
  nmsh,
  tcpdump,
  nmreplay,
  ping,
  arp,
};
export const hostSide: Record<string, Program<HostSys>> = { ...both, ...hostPrograms };
export const guestSide: Record<string, Program<GuestKernel>> = { ...both, ...guestPrograms };

const prompt: ShellOs<Sys> = {
  prompt: (sys, dir) => `root@${sys.os.tree().hostname}:${dir} # `,
  complete: (sys, line, cursor) => completer(sys, line, cursor),
};

/** With the lab's own program and the shell. */
export const programsOfHost = (lab: Program<Sys>): Record<string, Program<HostSys>> => ({
  ...hostSide,
  lab,
  explore: lab,
  litmus: lab,
  sh: shell<HostSys>(prompt),
});
export const programsOfGuest = (lab: Program<Sys>): Record<string, Program<GuestKernel>> =>
  ({ ...guestSide, lab, explore: lab, litmus: lab, sh: shell<Sys>(prompt) }) as Record<string, Program<GuestKernel>>;
