// Small programs of both sides. Each writes what FreeBSD's writes, in the shapes of facts bhyve.md 6; a lab's own line
// begins with "lab:".

import { getopt } from '../sh/getopt.ts';
import type { Proc, Program } from '../sh/proc.ts';
import { ifconfig } from './ifconfig.ts';
import { netstat } from './netstat.ts';
import type { Sys } from './sys.ts';

const once = (f: (p: Proc, sys: Sys) => number): Program<Sys> => ({
  run(p, sys) {
    sys.os.exit(p, f(p, sys));
  },
});

/** STAT of ps(1): what it does, and whether it is in the foreground of its terminal. */
const statOf = (x: Proc, self: Proc, sys: Sys) =>
  `${x === self ? 'R' : x.stopped !== undefined ? 'T' : 'I'}${sys.os.tty(x.tty)?.fg === x.pgid ? '+' : ' '}`;

const HELP: Record<string, string> = {
  'pkt-gen': 'packet generator and receiver of netmap',
  bridge: 'forward packets between two netmap ports',
  nmsh: 'netmap by hand: rings, slots, syncs, poll; nmsh -c help',
  bhyveload: 'create a VM and load a guest into it',
  bhyve: 'run a virtual machine',
  bhyvectl: 'look at and destroy VMs',
  ifconfig: 'network interfaces',
  netstat: 'counters of interfaces: -i, -I, -w',
  ping: 'ask a host for an echo',
  arp: 'addresses of neighbours: -a',
  labtap: 'the lab at the other end of a tap',
  sysctl: 'kernel state',
  dmesg: 'kernel messages',
  kldstat: 'kernel modules',
  'vale-ctl': 'ports of VALE switches',
  ps: 'processes',
  sleep: 'wait, in lab time',
  uname: 'what system this is',
  ls: 'files',
  cat: 'show files, or what comes in (-n)',
  grep: 'lines that match (-c -i -n -v -E -F -o -w); egrep, fgrep',
  egrep: 'grep -E',
  fgrep: 'grep -F',
  head: 'the first lines (-n, -c)',
  tail: 'the last lines (-n, -c, -r; +N)',
  wc: 'count lines, words, bytes (-l -w -c -m)',
  sort: 'sort lines (-n -r -u -k -t)',
  uniq: 'lines that are not repeated (-c -d -u)',
  cut: 'columns (-d -f, -c)',
  tr: 'change characters (-d -s -c)',
  sed: 'edit a stream (s///, p, d)',
  tee: 'copy what comes in to files (-a)',
  seq: 'numbers',
  yes: 'the same line for ever',
  true: 'status 0',
  false: 'status 1',
  shutdown: 'stop the machine (-p, -r)',
  poweroff: 'stop the machine',
  reboot: 'restart the machine',
  man: 'manual pages: man intro, man -k word',
  apropos: 'search the manual pages',
  whatis: 'what a manual page is about',
  more: 'show a file a screen at a time',
  less: 'the same as more',
  lab: 'stop time, step, go back: lab help',
  help: 'this list',
};

export const commands: Record<string, Program<Sys>> = {
  help: once((p, sys) => {
    const all = sys
      .commands()
      .filter((c) => c !== 'sh')
      .sort();
    sys.os.write(
      p,
      `${all.map((c) => `${c.padEnd(12)} ${HELP[c] ?? ''}`).join('\n')}\nbuilt in:    . [ bg break cd clear command continue echo eval exec exit export fg history jobs kill local\n             printf pwd read readonly return set shift test type unset wait\nin sh:       | & ; && || < > >> << 2>&1 $( ) if for while until case functions; Ctrl-C, Ctrl-Z\n`,
    );
    return 0;
  }),

  sleep: {
    defaultSignals: true,
    run(p, sys) {
      const st = p.st as { until?: number };
      if (st.until === undefined) {
        const s = Number(p.argv[1]);
        if (p.argv.length !== 2 || !Number.isFinite(s)) {
          sys.os.writeErr(p, 'usage: sleep seconds\n');
          sys.os.exit(p, 1);
          return;
        }
        st.until = sys.now() + Math.max(0, s) * 1e9;
      }
      if (sys.now() >= st.until) {
        sys.os.exit(p, 0);
        return;
      }
      sys.os.sleep(p, st.until);
    },
  },

  ifconfig,
  netstat,

  sysctl: once((p, sys) => {
    const r = getopt(p.argv, 'aneid'),
      vars = sys.sysctl(),
      bare = r.opts.some((o) => o.opt === 'n');
    if (r.errors.length) {
      sys.os.writeErr(p, `${r.errors[0]}\nusage: sysctl [-an] name[=value] ...\n`);
      return 1;
    }
    const show = (n: string) => sys.os.write(p, bare ? `${vars[n]}\n` : `${n}: ${vars[n]}\n`);
    if (r.opts.some((o) => o.opt === 'a') || !r.rest.length) {
      for (const n of Object.keys(vars).sort()) show(n);
      return 0;
    }
    let status = 0;
    for (const w of r.rest) {
      const [name = '', value] = w.split(/=(.*)/s);
      const below = Object.keys(vars)
        .filter((n) => n === name || n.startsWith(`${name}.`))
        .sort();
      if (!below.length) {
        sys.os.writeErr(p, `sysctl: unknown oid '${name}'\n`);
        status = 1;
        continue;
      }
      if (value === undefined) {
        for (const n of below) show(n);
        continue;
      }
      const old = vars[name],
        v = typeof old === 'string' ? value : Number(value);
      if (typeof v === 'number' && !Number.isInteger(v)) {
        sys.os.writeErr(p, `sysctl: invalid integer '${value}'\n`);
        status = 1;
        continue;
      }
      const e = sys.setSysctl(name, v);
      if (e) {
        sys.os.writeErr(p, `sysctl: ${e.text}\n${e.why ? `lab: ${e.why}\n` : ''}`);
        status = 1;
      } else sys.os.write(p, `${name}: ${old} -> ${v}\n`);
    }
    return status;
  }),

  dmesg: once((p, sys) => {
    sys.os.write(
      p,
      sys
        .dmesg()
        .map((l) => `${l}\n`)
        .join(''),
    );
    return 0;
  }),
  kldstat: once((p, sys) => {
    sys.os.write(
      p,
      `Id Refs Address            Size     Name\n${sys
        .modules()
        .map(
          (n, i) =>
            `${String(i + 1).padStart(2)} ${String(i ? 1 : 12).padStart(4)} 0xffffffff8${(0x0200000 + i * 0x1811000).toString(16).padStart(7, '0')} ${(i ? 0x11000 * i : 0x17bc6a8).toString(16).padEnd(8)} ${n}`,
        )
        .join('\n')}\n`,
    );
    return 0;
  }),
  uname: once((p, sys) => {
    const host = sys.os.tree().hostname;
    sys.os.write(p, p.argv[1] === '-a' ? `FreeBSD ${host} 10.2-STABLE FreeBSD 10.2-STABLE #0 r287649M amd64\n` : 'FreeBSD\n');
    return 0;
  }),
  ps: once((p, sys) => {
    const rows = sys.os
      .tree()
      .procs.filter((x) => x.state !== 'zombie')
      .map((x) => `${String(x.pid).padStart(5)} ${x.tty.slice(-2).padStart(2)}  ${statOf(x, p, sys)}   0:00.00 ${x.argv.join(' ')}`);
    sys.os.write(p, `  PID TT  STAT    TIME COMMAND\n${rows.join('\n')}\n`);
    return 0;
  }),
  ls: once((p, sys) => {
    const names = Object.keys(sys.os.tree().files)
      .filter((f) => !f.startsWith('/') || f.startsWith('/root/'))
      .map((f) => f.replace(/^\/root\//, ''))
      .sort();
    if (names.length) sys.os.write(p, `${names.join('\n')}\n`);
    return 0;
  }),
};
