// vmstat -i: interrupts since boot. Mirrors dointr of vmstat.c, FreeBSD 10 (facts bhyve 6.4); sources that never interrupted are
// left out, but for -a. The rate is of the whole uptime.

import { getopt } from '../sh/getopt.ts';
import type { Program } from '../sh/proc.ts';
import type { IntrCount, Sys } from './sys.ts';

const USAGE = 'usage: vmstat [-afHhimPsz] [-c count] [-M core [-N system]] [-w wait]\n              [-n devs] [disks]\n';

export function interruptTable(rows: readonly IntrCount[], seconds: number, all: boolean): string {
  const line = (name: string, total: string | number, rate: string | number) =>
    `${name.padEnd(19)} ${String(total).padStart(20)} ${String(rate).padStart(10)}\n`;
  const s = Math.max(1, Math.floor(seconds)),
    total = rows.reduce((n, r) => n + r.count, 0);
  return (
    line('interrupt', 'total', 'rate') +
    rows
      .filter((r) => all || r.count)
      .map((r) => line(r.name, r.count, Math.floor(r.count / s)))
      .join('') +
    line('Total', total, Math.floor(total / s))
  );
}

export const vmstat: Program<Sys> = {
  run(p, sys) {
    const r = getopt(p.argv, 'ac:fhHiM:mN:n:Pp:stw:z'),
      has = (o: string) => r.opts.some((x) => x.opt === o);
    const quit = (status: number, text: string) => {
      sys.os[status ? 'writeErr' : 'write'](p, text);
      sys.os.exit(p, status);
    };
    if (r.errors.length) return quit(1, `${r.errors[0]}\n${USAGE}`);
    if (!has('i')) return quit(1, 'lab: of vmstat, -i and -ia are built: memory and paging are not modelled.\n');
    quit(0, interruptTable(sys.interrupts(), (sys.now() - sys.bootTime()) / 1e9, has('a')));
  },
};
