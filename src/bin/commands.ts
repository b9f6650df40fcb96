// Small programs of both sides. Each writes what FreeBSD's writes, in the shapes of facts bhyve.md 6; a lab's own line
// begins with "lab:".

import type { Proc, Program } from '../sh/proc.ts';
import { kldPrograms } from './kld.ts';
import { ps } from './ps.ts';
import type { IfInfo, Sys } from './sys.ts';
import { dmesg, sysctl } from './sysctl.ts';
import { top } from './top.ts';

const once = (f: (p: Proc, sys: Sys) => number): Program<Sys> => ({
  run(p, sys) {
    sys.os.exit(p, f(p, sys));
  },
});

const FLAG_BITS: Record<string, number> = { UP: 1, BROADCAST: 2, LOOPBACK: 8, RUNNING: 0x40, SIMPLEX: 0x800, MULTICAST: 0x8000 };
function ifLines(i: IfInfo): string {
  const bits = i.flags.reduce((n, f) => n | (FLAG_BITS[f] ?? 0), 0);
  const lines = [`${i.name}: flags=${bits.toString(16)}<${i.flags.join(',')}> metric 0 mtu ${i.mtu}`];
  if (i.options) lines.push(`\t${i.options}`);
  if (i.ether) lines.push(`\tether ${i.ether}`);
  if (i.name === 'lo0') lines.push('\tinet 127.0.0.1 netmask 0xff000000');
  if (i.media) lines.push(`\tmedia: ${i.media}`);
  if (i.status) lines.push(`\tstatus: ${i.status}`);
  return `${lines.join('\n')}\n`;
}

const HELP: Record<string, string> = {
  'pkt-gen': 'packet generator and receiver of netmap',
  bhyveload: 'create a VM and load a guest into it',
  bhyve: 'run a virtual machine',
  bhyvectl: 'look at and destroy VMs',
  ifconfig: 'network interfaces',
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
  uname: 'what system this is',
  ls: 'files',
  cat: 'show files',
  shutdown: 'stop the machine (-p, -r)',
  poweroff: 'stop the machine',
  reboot: 'restart the machine',
  lab: 'stop time, step, go back: lab help',
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
      `${all.map((c) => `${c.padEnd(12)} ${HELP[c] ?? ''}`).join('\n')}\nbuilt in:    cd clear echo exit fg history jobs kill pwd wait; ; && || & > >> work\n`,
    );
    return 0;
  }),

  sleep: {
    run(p, sys) {
      const st = p.st as { until?: number };
      if (st.until === undefined) {
        const s = Number(p.argv[1]);
        if (p.argv.length !== 2 || !Number.isFinite(s)) {
          sys.os.write(p, 'usage: sleep seconds\n');
          sys.os.exit(p, 1);
          return;
        }
        st.until = sys.now() + Math.max(0, s) * 1e9;
      }
      if (p.signals.length) {
        sys.os.exit(p, 128 + (p.signals[0] ?? 2));
        return;
      }
      if (sys.now() >= st.until) {
        sys.os.exit(p, 0);
        return;
      }
      sys.os.sleep(p, st.until);
    },
  },

  ifconfig: once((p, sys) => {
    const [, name, word, ...more] = p.argv,
      all = sys.ifconfig();
    if (!name || name === '-a') {
      sys.os.write(p, all.map(ifLines).join(''));
      return 0;
    }
    const i = all.find((x) => x.name === name);
    if (!i) {
      sys.os.write(
        p,
        `ifconfig: interface ${name} does not exist\nlab: interfaces here: ${all.map((x) => x.name).join(' ')}. VALE ports are not interfaces.\n`,
      );
      return 1;
    }
    if (!word) {
      sys.os.write(p, ifLines(i));
      return 0;
    }
    const state = [word, ...more].find((w) => w === 'up' || w === 'down');
    if (!state) {
      sys.os.write(p, `ifconfig: ${word}: bad value\nlab: here only up and down are built; the host stack comes later.\n`);
      return 1;
    }
    const e = sys.setInterface(name, state === 'up');
    if (e) {
      sys.os.write(p, `ifconfig: ${e.text}\n`);
      return 1;
    }
    return 0;
  }),

  uname: once((p, sys) => {
    const host = sys.os.tree().hostname;
    sys.os.write(p, p.argv[1] === '-a' ? `FreeBSD ${host} 10.2-STABLE FreeBSD 10.2-STABLE #0 r287649M amd64\n` : 'FreeBSD\n');
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
  cat: once((p, sys) => {
    const files = sys.os.tree().files;
    let status = 0;
    for (const f of p.argv.slice(1)) {
      const text = files[f] ?? files[`/root/${f}`];
      if (text === undefined) {
        sys.os.write(p, `cat: ${f}: No such file or directory\n`);
        status = 1;
      } else sys.os.write(p, text);
    }
    return status;
  }),
};
