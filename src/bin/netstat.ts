// netstat -i, -I and -w: the interfaces' counters, in the columns of netstat(1) of FreeBSD 10 (facts bhyve 6.5).

import { getopt } from '../sh/getopt.ts';
import type { Program } from '../sh/proc.ts';
import { ip4, prefixLength } from './inet.ts';
import type { IfInfo, Sys } from './sys.ts';

const USAGE = 'usage: netstat -i [-bdn] [-I interface]\n       netstat -w wait [-I interface] [-bd] [-q howmany]\n';
const LINES = 21;
/** Places in IfInfo.stats. */
const IPKTS = 0,
  IERRS = 1,
  IDROP = 2,
  IBYTES = 3,
  OPKTS = 4,
  OERRS = 5,
  OBYTES = 6,
  ODROP = 7;

interface Row {
  counts: (number | '-')[];
  name: string;
  mtu: string;
  network: string;
  address: string;
}

/** A longer name is cut, as %-5.5s does. */
const short = (name: string) => (name.length > 6 ? name.slice(0, 5) : name);

function table(all: IfInfo[], bytes: boolean, drops: boolean): string {
  const line = (r: Row | undefined) => {
    const c = (i: number, head: string, width: number) => ` ${String(r ? r.counts[i] : head).padStart(width)}`;
    return (
      (r ? short(r.name) + r.mtu.padStart(11 - short(r.name).length) : 'Name    Mtu') +
      ` ${(r?.network ?? 'Network').padEnd(13)} ${(r?.address ?? 'Address').padEnd(17)}` +
      c(IPKTS, 'Ipkts', 8) +
      c(IERRS, 'Ierrs', 5) +
      c(IDROP, 'Idrop', 5) +
      (bytes ? c(IBYTES, 'Ibytes', 10) : '') +
      c(OPKTS, 'Opkts', 8) +
      c(OERRS, 'Oerrs', 5) +
      (bytes ? c(OBYTES, 'Obytes', 10) : '') +
      ` ${(r ? (r.counts[OERRS] === '-' ? '-' : '0') : 'Coll').padStart(5)}` +
      (drops ? c(ODROP, 'Drop', 5) : '') +
      '\n'
    );
  };
  const rows = all.flatMap((i): Row[] => {
    const s = i.stats ?? Array.from({ length: ODROP + 1 }, () => 0),
      link: Row = { name: i.name, mtu: String(i.mtu), network: `<Link#${i.index ?? 1}>`, address: i.ether || i.name, counts: s };
    if (!i.inet) return [link];
    const { addr, mask } = i.inet;
    return [
      link,
      {
        name: i.name,
        mtu: '-',
        network: `${ip4(addr & mask)}/${prefixLength(mask)}`,
        address: ip4(addr),
        counts: s.map((n, k) => (k === IERRS || k === IDROP || k === OERRS || k === ODROP ? '-' : n)),
      },
    ];
  });
  return line(undefined) + rows.map(line).join('');
}

interface State {
  next?: number;
  last: number[];
  printed: number;
}

/** Sums of the counters of one interface, or of all. */
const sums = (sys: Sys, name: string | undefined) =>
  Array.from({ length: ODROP + 1 }, (_, k) =>
    sys
      .ifconfig()
      .filter((i) => !name || i.name === name)
      .reduce((n, i) => n + (i.stats?.[k] ?? 0), 0),
  );

export const netstat: Program<Sys> = {
  run(p, sys) {
    const st = p.st as State,
      r = getopt(p.argv, 'iI:bdnw:q:'),
      arg = (o: string) => r.opts.find((x) => x.opt === o)?.arg,
      has = (o: string) => r.opts.some((x) => x.opt === o);
    const quit = (status: number, text = '') => {
      sys.os[status === 1 ? 'writeErr' : 'write'](p, text);
      sys.os.exit(p, status);
    };
    const name = arg('I'),
      wait = has('w') ? Number(arg('w')) : 0,
      many = Number(arg('q') ?? 0);
    if (r.errors.length || r.rest.length || (!has('i') && !name && !wait))
      return quit(1, `${r.errors[0] ? `${r.errors[0]}\n` : ''}${USAGE}`);
    if (has('w') && !(wait > 0)) return quit(1, 'netstat: illegal wait interval\n');
    const all = sys.ifconfig().filter((i) => !name || i.name === name);
    if (name && !all.length) return wait ? quit(1, `netstat: interface ${name} not found\n`) : quit(0, table([], has('b'), has('d')));
    if (!wait) return quit(0, table(all, has('b'), has('d')));
    if (p.signals.length) return quit(128 + (p.signals[0] ?? 2), '\n');
    if (st.next === undefined) Object.assign(st, { next: sys.now() + wait * 1e9, last: sums(sys, name), printed: 0 });
    const next = st.next ?? 0;
    if (sys.now() >= next) {
      const now = sums(sys, name),
        d = now.map((n, i) => n - (st.last[i] ?? 0)),
        col = (i: number, w: number) => ` ${String(d[i]).padStart(w)}`;
      if (st.printed % LINES === 0) {
        const who = `(${name ?? 'Total'})`;
        sys.os.write(p, `${'input'.padStart(17)} ${who.padStart(14)} ${'output'.padStart(16)}\n`);
        sys.os.write(p, `   packets  errs idrops      bytes    packets  errs      bytes colls${has('d') ? ' drops' : ''}\n`);
      }
      sys.os.write(
        p,
        `${String(d[IPKTS]).padStart(10)}${col(IERRS, 5)}${col(IDROP, 6)}${col(IBYTES, 10)}${col(OPKTS, 10)}${col(OERRS, 5)}${col(OBYTES, 10)} ${'0'.padStart(5)}${has('d') ? col(ODROP, 5) : ''}\n`,
      );
      Object.assign(st, { last: now, printed: st.printed + 1, next: next + wait * 1e9 });
      if (many && st.printed >= many) return quit(0);
    }
    sys.os.sleep(p, st.next ?? 0);
  },
};
