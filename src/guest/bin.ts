// Programs that only the guest has: those that end the machine. Mirrors halt(8), reboot(8), shutdown(8) and what the kernel says
// on the way (shutdown_halt() of kern_shutdown.c).

import type { Proc, Program } from '../sh/proc.ts';
import { getopt } from '../sh/getopt.ts';
import { SIGTERM } from '../sh/signals.ts';
import type { GuestKernel } from './kernel/kernel.ts';

const HALTED = '\nThe operating system has halted.\n';

/** Everybody else is told first; then the machine ends, or waits for a key. */
function end(p: Proc, sys: GuestKernel, how: 'poweroff' | 'reset' | 'halt') {
  for (const q of sys.os.tree().procs) if (q !== p && q.prog !== 'sh') sys.os.kill(q.pid, SIGTERM);
  if (how === 'halt') {
    const tty = sys.os.tty(p.tty);
    sys.os.write(p, `${HALTED}Please press any key to reboot.\n\n`);
    if (tty) {
      tty.fg = p.pgid;
      sys.os.mode(tty, 'raw');
      sys.os.read(tty);
    }
    (p.st as { halted?: boolean }).halted = true;
    sys.os.pause(p);
    return;
  }
  sys.os.write(p, how === 'poweroff' ? `${HALTED}acpi0: Powering system off\n` : 'Rebooting...\ncpu_reset: Stopping other CPUs\n');
  sys.shutdown(how);
  sys.os.exit(p, 0);
}

/** A halted machine: any key on its console reboots it. One without a console stays. */
function halted(p: Proc, sys: GuestKernel): boolean {
  if (!(p.st as { halted?: boolean }).halted) return false;
  const tty = sys.os.tty(p.tty);
  p.signals = [];
  if (tty && sys.os.read(tty)) end(p, sys, 'reset');
  else sys.os.pause(p);
  return true;
}

const once = (
  name: string,
  options: string,
  how: (has: (o: string) => boolean) => 'poweroff' | 'reset' | 'halt',
): Program<GuestKernel> => ({
  run(p, sys) {
    if (halted(p, sys)) return;
    const r = getopt(p.argv, options);
    if (r.errors.length || r.rest.length) {
      sys.os.writeErr(p, `${r.errors[0] ? `${r.errors[0]}\n` : ''}usage: ${name} [-lnpq] [-k kernel]\n`);
      sys.os.exit(p, 1);
      return;
    }
    end(
      p,
      sys,
      how((o) => r.opts.some((x) => x.opt === o)),
    );
  },
});

export const guestPrograms: Record<string, Program<GuestKernel>> = {
  halt: once('halt', 'lnpqk:', (has) => (has('p') ? 'poweroff' : 'halt')),
  poweroff: once('poweroff', 'lnpqk:', () => 'poweroff'),
  reboot: once('reboot', 'dlnpqk:', (has) => (has('p') ? 'poweroff' : 'reset')),
  shutdown: {
    run(p, sys) {
      if (halted(p, sys)) return;
      const r = getopt(p.argv, 'chknopr'),
        how = r.opts.some((o) => o.opt === 'p')
          ? 'poweroff'
          : r.opts.some((o) => o.opt === 'r')
            ? 'reset'
            : r.opts.some((o) => o.opt === 'h')
              ? 'halt'
              : undefined;
      if (r.errors.length || !how || r.rest[0] !== 'now') {
        sys.os.writeErr(
          p,
          `${r.errors[0] ? `${r.errors[0]}\n` : ''}usage: shutdown [-] [-c | -h | -p | -r | -k] [-o [-n]] time [warning-message ...]\nlab: time is now; of the letters h, p and r do something.\n`,
        );
        sys.os.exit(p, 1);
        return;
      }
      sys.os.write(p, 'Shutdown NOW!\n');
      end(p, sys, how);
    },
  },
};
