// shutdown, poweroff, reboot, halt: the programs, which tell everybody and end the others' processes, and then call reboot(2).
// Mirrors shutdown.c and reboot.c of FreeBSD 10. What the kernel says is in kernel/shutdown.ts.

import { ctime, unixTime } from '../bin/clock.ts';
import { getopt } from '../sh/getopt.ts';
import type { Proc, Program } from '../sh/proc.ts';
import { SIGTERM } from '../sh/signals.ts';
import type { GuestKernel } from './kernel/kernel.ts';
import type { Howto } from './kernel/shutdown.ts';

/** Lab time that processes have between SIGTERM and the end, ns. */
const GRACE_NS = 100e6;

interface State {
  phase?: 'wait' | 'grace';
  how: Howto;
  at: number;
}

/** init(8) ends all processes; then the kernel goes down. */
function grace(p: Proc, st: State, sys: GuestKernel, quick: boolean) {
  if (!quick)
    for (const x of sys.os.tree().procs)
      if (x.pid !== p.pid && x.pid !== p.pgid && x.argv[0] !== '-sh' && x.state !== 'zombie') sys.os.kill(x.pid, SIGTERM);
  st.phase = 'grace';
  st.at = sys.now() + (quick ? 0 : GRACE_NS);
  sys.os.sleep(p, st.at);
}
/** True when the machine is down, or the process has still to wait. */
function over(p: Proc, st: State, sys: GuestKernel): boolean {
  if (st.phase !== 'grace') return false;
  if (sys.now() < st.at) sys.os.sleep(p, st.at);
  else {
    sys.os.exit(p, 0);
    sys.reboot(st.how);
  }
  return true;
}

const direct = (name: 'reboot' | 'halt'): Program<GuestKernel> => ({
  run(p, sys) {
    const st = p.st as State;
    if (over(p, st, sys)) return;
    const r = getopt(p.argv, 'dk:lNnpqr'),
      has = (o: string) => r.opts.some((x) => x.opt === o);
    if (r.errors.length || r.rest.length || (has('d') && name === 'halt')) {
      const text = name === 'halt' ? 'usage: halt [-lNnpq] [-k kernel]\n' : 'usage: reboot [-dlNnpqr] [-k kernel]\n';
      sys.os.writeErr(p, `${r.errors[0] ? `${r.errors[0]}\n` : ''}${text}`);
      sys.os.exit(p, 1);
      return;
    }
    st.how = has('p') ? 'poweroff' : name === 'halt' ? 'halt' : 'reset';
    grace(p, st, sys, has('q'));
  },
});

const USAGE = `usage: shutdown [-] [-h | -p | -r | -k] [-o [-n]] time [warning-message ...]
       poweroff
`;

/** The time that was given: seconds from now, or undefined. */
function offset(word: string, now: number): number | undefined {
  if (word === 'now') return 0;
  const plus = /^\+(\d+)(s|sec|m|min|h|hours)?$/.exec(word);
  if (plus) return Number(plus[1]) * (plus[2]?.startsWith('s') ? 1 : plus[2]?.startsWith('h') ? 3600 : 60);
  const clock = /^(\d{1,2}):?(\d\d)$/.exec(word);
  if (!clock || Number(clock[1]) > 23 || Number(clock[2]) > 59) return undefined;
  const s = unixTime(now),
    at = s - (s % 86400) + Number(clock[1]) * 3600 + Number(clock[2]) * 60;
  return at >= s ? at - s : undefined;
}

/** What wall(1) writes to those who are logged in. */
function warn(sys: GuestKernel, p: Proc, message: string) {
  sys.os.write(
    p,
    `shutdown: [pid ${p.pid}]\n\x07\n*** FINAL System shutdown message from root@${sys.os.tree().hostname} ***\n\nSystem going down IMMEDIATELY\n\n${message ? `${message}\n\n` : ''}\nSystem shutdown time has arrived\x07\n`,
  );
}

const shutdown: Program<GuestKernel> = {
  run(p, sys) {
    const st = p.st as State & { kick?: boolean; message: string };
    if (over(p, st, sys)) return;
    if (st.phase === undefined) {
      const poweroff = p.prog === 'poweroff',
        r = getopt(p.argv, poweroff ? '' : '-hknopr'),
        flags = ['h', 'k', 'p', 'r'].filter((o) => r.opts.some((x) => x.opt === o)),
        [when, ...message] = poweroff ? ['now', ...r.rest] : r.rest;
      const bad = (text: string) => {
        sys.os.writeErr(p, `${text}${text && '\n'}${USAGE}`);
        sys.os.exit(p, 1);
      };
      if (r.errors.length) return bad(r.errors[0] ?? '');
      if (flags.length > 1) return bad('shutdown: incompatible switches -h, -k, -p and -r');
      if (when === undefined) return bad('');
      const s = offset(when, sys.now());
      if (s === undefined) return bad(/^\d+:?\d*$/.test(when) ? 'shutdown: that time is already past.' : 'shutdown: illegal time format');
      if (!poweroff && !flags.length) {
        sys.os.writeErr(p, 'lab: single-user mode is not modelled: -p powers off, -r restarts, -h halts.\n');
        sys.os.exit(p, 1);
        return;
      }
      Object.assign(st, {
        phase: 'wait',
        at: sys.now() + s * 1e9,
        how: flags[0] === 'r' ? 'reset' : flags[0] === 'h' ? 'halt' : 'poweroff',
        kick: flags[0] === 'k',
        message: message.join(' '),
      });
      sys.os.write(p, s ? `Shutdown at ${ctime(unixTime(sys.now()) + s)}.\n` : 'Shutdown NOW!\n');
    }
    if (p.signals.length) {
      sys.os.exit(p, 128 + (p.signals[0] ?? 15));
      return;
    }
    if (sys.now() < st.at) {
      sys.os.sleep(p, st.at);
      return;
    }
    warn(sys, p, st.message);
    if (st.kick) {
      sys.os.write(p, "\nbut you'll have to do it yourself\n");
      sys.os.exit(p, 0);
      return;
    }
    grace(p, st, sys, false);
  },
};

export const shutdownPrograms: Record<string, Program<GuestKernel>> = {
  reboot: direct('reboot'),
  halt: direct('halt'),
  shutdown,
  poweroff: shutdown,
};
