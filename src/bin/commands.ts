// Small programs of both sides. Each writes what FreeBSD's writes, in the shapes of facts bhyve.md 6; a lab's own line
// begins with "lab:".

import { absolute, isDir, list } from '../sh/file.ts';
import type { Proc, Program } from '../sh/proc.ts';
import { ifconfig } from './ifconfig.ts';
import { kldPrograms } from './kld.ts';
import { netstat } from './netstat.ts';
import { ps } from './ps.ts';
import { procstat } from './procstat.ts';
import type { Sys } from './sys.ts';
import { dmesg, sysctl } from './sysctl.ts';
import { systemInfo } from './system_info.ts';
import { top } from './top.ts';
import { vmstat } from './vmstat.ts';

const once = (f: (p: Proc, sys: Sys) => number): Program<Sys> => ({
  run(p, sys) {
    sys.os.exit(p, f(p, sys));
  },
});

/** ls(1) without its letters: directories and files, files first, one a line. */
function ls(p: Proc, sys: Sys): number {
  const t = sys.os.tree(),
    names = p.argv.slice(1).filter((w) => !w.startsWith('-')),
    files: string[] = [],
    dirs: string[] = [];
  let status = 0;
  for (const n of names.length ? names : ['.']) {
    const path = absolute(p.cwd, n);
    if (isDir(t, path)) dirs.push(n);
    else if (Object.hasOwn(t.files, path)) files.push(n);
    else {
      sys.os.writeErr(p, `ls: ${n}: No such file or directory\n`);
      status = 1;
    }
  }
  const parts = files.length ? [files.sort()] : [];
  for (const d of dirs) {
    const all = (list(t, absolute(p.cwd, d)) ?? []).filter((f) => !f.startsWith('.'));
    parts.push(names.length > 1 ? [`${d}:`, ...all] : all);
  }
  sys.os.write(
    p,
    parts
      .filter((x) => x.length)
      .map((x) => `${x.join('\n')}\n`)
      .join('\n'),
  );
  return status;
}

const HELP: Record<string, string> = {
  'pkt-gen': 'packet generator and receiver of netmap',
  bridge: 'forward packets between two netmap ports',
  nmsh: 'netmap by hand: rings, slots, syncs, poll; nmsh -c help',
  bhyveload: 'create a VM and load a guest into it',
  bhyve: 'run a virtual machine',
  bhyvectl: 'look at, reset and destroy VMs',
  cu: 'a terminal at a serial line: cu -l /dev/nmdm0B',
  ifconfig: 'network interfaces',
  netstat: 'counters of interfaces: -i, -I, -w',
  ping: 'ask a host for an echo',
  arp: 'addresses of neighbours: -a',
  labtap: 'the lab at the other end of a tap',
  sysctl: 'kernel state',
  dmesg: 'kernel messages',
  kldstat: 'kernel modules (-v)',
  kldload: 'link a module into the kernel',
  kldunload: 'take a module out of the kernel',
  tcpdump: 'show or save what comes to a netmap port',
  nmreplay: 'send the packets of a capture file into a port',
  top: 'threads, busiest first (-SH)',
  'vale-ctl': 'ports of VALE switches',
  ps: 'processes, and with -H their threads',
  sleep: 'wait, in lab time',
  uname: 'what system this is (-a -r -m)',
  hostname: "the machine's name",
  date: 'the date, by the lab clock (+format)',
  uptime: 'how long the machine has been up',
  mount: 'file systems',
  df: 'room in the file systems (-h)',
  pgrep: 'processes by name',
  procstat: 'processes, threads (-t), kernel stacks (-kk)',
  vmstat: 'interrupts (-i)',
  pciconf: 'PCI devices (-lvbc), their registers (-r, -w)',
  kenv: "the loader's environment",
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
  shutdown: 'stop the machine (-p, -r, -h)',
  halt: 'stop the machine (-p: and power it off)',
  poweroff: 'stop the machine',
  reboot: 'restart the machine',
  man: 'manual pages: man intro, man -k word',
  apropos: 'search the manual pages',
  whatis: 'what a manual page is about',
  more: 'show a file a screen at a time',
  less: 'the same as more',
  lab: 'stop time, step, go back: lab help',
  explore: 'try every schedule from this moment: does one break a promise?',
  help: 'this list',
};

export const commands: Record<string, Program<Sys>> = {
  ...kldPrograms,
  dmesg,
  ps,
  sysctl,
  top,

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
  procstat,
  vmstat,
  ...systemInfo,

  ls: once(ls),
};
