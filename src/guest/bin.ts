// Programs that only the guest has: those that end the machine.

import type { Proc, Program } from '../sh/proc.ts';
import type { GuestKernel } from './kernel/kernel.ts';

const end = (how: 'poweroff' | 'reset', say: string): Program<GuestKernel> => ({
  run(p: Proc, sys) {
    sys.os.write(p, say);
    sys.shutdown(how);
    sys.os.exit(p, 0);
  },
});

export const guestPrograms: Record<string, Program<GuestKernel>> = {
  poweroff: end('poweroff', 'Shutdown NOW!\nThe operating system has halted.\nacpi0: Powering system off\n'),
  reboot: end('reset', 'Rebooting...\ncpu_reset: Stopping other CPUs\n'),
  shutdown: {
    run(p, sys) {
      const how = p.argv.includes('-p') ? 'poweroff' : p.argv.includes('-r') ? 'reset' : undefined;
      if (!how || !p.argv.includes('now')) {
        sys.os.write(p, 'usage: shutdown -p|-r now\n');
        sys.os.exit(p, 1);
        return;
      }
      sys.os.write(p, 'Shutdown NOW!\n');
      sys.shutdown(how);
      sys.os.exit(p, 0);
    },
  },
};
