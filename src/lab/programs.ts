// The programs of each machine, by name: what both have, and each side's own.

import { commands } from '../bin/commands.ts';
import { nmreplay } from '../bin/nmreplay.ts';
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

const prompt: ShellOs<Sys> = {
  prompt: (sys) => `root@${sys.os.tree().hostname}:~ # `,
  complete: (sys, line, cursor) => completer(sys, line, cursor),
};
const both: Record<string, Program<Sys>> = { ...commands, 'pkt-gen': pktGen, tcpdump, nmreplay };

export const programsOfHost = (lab: Program<Sys>): Record<string, Program<HostSys>> => ({
  ...both,
  ...hostPrograms,
  lab,
  sh: shell<HostSys>(prompt),
});
export const programsOfGuest = (lab: Program<Sys>): Record<string, Program<GuestKernel>> =>
  ({ ...both, ...guestPrograms, lab, sh: shell<Sys>(prompt) }) as Record<string, Program<GuestKernel>>;
