// procstat: processes, their threads (-t) and the kernel stacks of these (-k, -kk). Mirrors procstat(1) of FreeBSD 10 (facts bhyve
// 6.7). Where a thread sleeps is what the kernel knows; the functions above that follow from the place, and their offsets are
// modelled.

import { getopt } from '../sh/getopt.ts';
import type { Proc, Program } from '../sh/proc.ts';
import { type Row, threadRows } from './proc_table.ts';
import type { Sys } from './sys.ts';

const USAGE = `usage: procstat [-h] [-C] [-M core] [-N system] [-w interval]
                [-b | -c | -e | -f | -i | -j | -k | -l | -r | -s | -t | -v | -x | -S]
                [-a | pid ...]
`;
const SYSCALL = ['amd64_syscall', 'Xfast_syscall'],
  SIGNALS = ['mi_switch', 'sleepq_catch_signals'],
  KTHREAD = ['fork_exit', 'fork_trampoline'];
/** The frames of a sleep, innermost first, by its wait message. */
const STACKS: Record<string, readonly string[]> = {
  nmk_event: ['mi_switch', 'sleepq_timedwait', 'msleep_spin_sbt', 'nm_kthread_worker', ...KTHREAD],
  vmidle: [
    'mi_switch',
    'sleepq_timedwait',
    'msleep_spin_sbt',
    'vm_run',
    'vmmdev_ioctl',
    'devfs_ioctl_f',
    'kern_ioctl',
    'sys_ioctl',
    ...SYSCALL,
  ],
  select: [...SIGNALS, 'sleepq_wait_sig', '_cv_wait_sig', 'seltdwait', 'sys_poll', ...SYSCALL],
  kqread: [...SIGNALS, 'sleepq_wait_sig', '_sleep', 'kqueue_kevent', 'kern_kevent', 'sys_kevent', ...SYSCALL],
  uwait: [...SIGNALS, 'sleepq_wait_sig', '_sleep', 'umtxq_sleep', 'do_wait', '__umtx_op_wait_uint_private', 'sys__umtx_op', ...SYSCALL],
  nanslp: [...SIGNALS, 'sleepq_timedwait_sig', '_sleep', 'kern_nanosleep', 'sys_nanosleep', ...SYSCALL],
  wait: [...SIGNALS, 'sleepq_wait_sig', '_sleep', 'kern_wait6', 'sys_wait4', ...SYSCALL],
  ttyin: [
    ...SIGNALS,
    'sleepq_wait_sig',
    '_cv_wait_sig',
    'tty_wait',
    'ttydisc_read',
    'ttydev_read',
    'devfs_read_f',
    'dofileread',
    'kern_readv',
    'sys_read',
    ...SYSCALL,
  ],
  '-': ['mi_switch', 'ithread_loop', ...KTHREAD],
};

/** An offset into a function, always the same: the lab has no machine code. */
function offset(fn: string): string {
  let h = 0;
  for (const c of fn) h = (h * 31 + c.charCodeAt(0)) & 0xffff;
  return (0x10 + (h % 0x2e0)).toString(16);
}

/** KSTACK of a thread. */
export function kstack(r: Row, offsets: boolean): string {
  if (r.state === 'run') return '<running>';
  const frames =
    r.state === 'lock'
      ? ['mi_switch', 'turnstile_wait', '__mtx_lock_sleep']
      : (STACKS[r.wchan] ?? STACKS[r.ucomm === 'intr' ? '-' : 'select'] ?? []);
  return frames.map((f) => (offsets ? `${f}+0x${offset(f)}` : f)).join(' ');
}

const STATE: Record<Row['state'], string> = { run: 'run', sleep: 'sleep', idle: 'sleep', lock: 'lock', zombie: 'zomb', stop: 'stop' };
/** Bytes of a wait message that the kernel copies out (WMESGLEN). */
const WMESG = 8;
const who = (r: Row) =>
  `${String(r.pid).padStart(5)} ${String(r.tid).padStart(6)} ${r.ucomm.padEnd(16)} ${(r.tdname && r.tdname !== r.ucomm ? r.tdname : '-').padEnd(16)}`;

function threads(rows: readonly Row[]): string[] {
  return [
    '  PID    TID COMM             TDNAME           CPU  PRI STATE   WCHAN',
    ...rows.map((r) => `${who(r)} ${'-'.padStart(3)} ${'-'.padStart(4)} ${STATE[r.state].padEnd(7)} ${r.wchan.slice(0, WMESG) || '-'}`),
  ];
}
function stacks(rows: readonly Row[], offsets: boolean): string[] {
  return ['  PID    TID COMM             TDNAME           KSTACK', ...rows.map((r) => `${who(r)} ${kstack(r, offsets)}`)];
}
function basic(sys: Sys, rows: readonly Row[]): string[] {
  const seen = new Set<number>(),
    out = ['  PID  PPID  PGID   SID  TSID THR LOGIN    WCHAN     EMUL          COMM'];
  for (const r of rows) {
    if (seen.has(r.pid)) continue;
    seen.add(r.pid);
    const p = sys.os.proc(r.pid),
      n = (x: number) => String(x).padStart(5);
    out.push(
      `${n(r.pid)} ${n(r.ppid)} ${n(p?.pgid ?? 0)} ${n(p?.pgid ?? 0)} ${n(p?.pgid ?? 0)} ${String(r.threads).padStart(3)} ${(r.tty ? 'root' : '-').padEnd(8)} ${(r.wchan.slice(0, WMESG) || '-').padEnd(9)} ${(r.tty ? 'FreeBSD ELF64' : '-').padEnd(13)} ${r.ucomm}`,
    );
  }
  return out;
}

function main(p: Proc, sys: Sys): { status: number; text: string } {
  const r = getopt(p.argv, 'aCbcefhijklM:N:rsStvw:x'),
    has = (o: string) => r.opts.some((x) => x.opt === o),
    quit = (status: number, text: string) => ({ status, text });
  if (r.errors.length || (has('a') ? r.rest.length > 0 : r.rest.length === 0))
    return quit(64, `${r.errors[0] ? `${r.errors[0]}\n` : ''}${USAGE}`);
  if (has('M') || has('N') || has('w') || [...'bcefijlrsvxS'].some(has))
    return quit(64, 'lab: of procstat, -t, -k and -kk are built, and the list without them.\n');
  const all = threadRows(sys, p),
    rows: Row[] = has('a') ? all : [];
  for (const w of r.rest) {
    if (!/^\d+$/.test(w)) return quit(64, USAGE);
    const of = all.filter((x) => x.pid === Number(w));
    if (!of.length) return quit(1, 'procstat: sysctl(kern.proc): No such process\nprocstat: procstat_getprocs()\n');
    rows.push(...of);
  }
  const ks = r.opts.filter((o) => o.opt === 'k').length,
    lines = ks ? stacks(rows, ks > 1) : has('t') ? threads(rows) : basic(sys, rows);
  return quit(
    0,
    lines
      .slice(has('h') ? 1 : 0)
      .map((l) => `${l}\n`)
      .join(''),
  );
}

export const procstat: Program<Sys> = {
  run(p, sys) {
    const { status, text } = main(p, sys);
    sys.os[status ? 'writeErr' : 'write'](p, text);
    sys.os.exit(p, status);
  },
};
