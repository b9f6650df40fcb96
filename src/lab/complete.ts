// Completion at a shell's prompt: commands first, then the options and names that the command before the cursor takes.

import { pageNames } from '../bin/man.ts';
import type { PciSys } from '../bin/pciconf.ts';
import type { Sys } from '../bin/sys.ts';
import { EXPLORE_WORDS } from './explore/explore_words.ts';
import { LITMUS_NAMES } from './explore/litmus_command.ts';

const words = (text: string) => text.split(' ');
const WORDS: Record<string, string[]> = {
  'pkt-gen': ['-i', '-f', 'tx', 'rx', 'ping', 'pong', 'txseq', 'rxseq', ...'nlbRwWTpcaFICHXeEorsdSDv'.split('').map((x) => `-${x}`)],
  bridge: ['-i', '-b', '-c', '-v', '-w', '-L'],
  ifconfig: ['create', 'destroy', 'inet', 'up', 'down', 'addm', 'deletem', 'addr', 'promisc', 'mtu', 'bridge', 'tap'],
  netstat: ['-i', '-I', '-b', '-w'],
  ping: ['-c', '-i', '-s'],
  arp: ['-a'],
  labtap: ['-f', 'rx', 'tx', 'answer', '-n', '-q', '-s'],
  nmsh: ['-i', '-c', '-j', '-e', '-x'],
  bhyve: [
    '-A',
    '-H',
    '-P',
    '-c',
    '-e',
    '-l',
    '-m',
    '-o',
    '-s',
    '-W',
    'com1,stdio',
    'lab.protocol=2019',
    'lab.doorbell=condsignal',
    'lab.doorbell=fd',
    'netmapvm',
  ],
  bhyveload: ['-c', '-d', '-e', 'boot_verbose=1', '-h', '-m', 'mfsroot.img', 'netmapvm'],
  bhyvectl: words('--vm=netmapvm --create --destroy --get-stats --get-lowmem --get-active-cpus --getcap --force-reset --force-poweroff'),
  cu: ['-l', '/dev/nmdm0B'],
  sysctl: ['dev.netmap', 'dev.lab', 'hw.lab'],
  tcpdump: [
    '-i',
    '-r',
    '-w',
    '-c',
    '-n',
    '-e',
    '-v',
    '-vv',
    '-x',
    '-X',
    '-A',
    '-q',
    '-t',
    '-tt',
    '-ttt',
    '-s',
    '-D',
    'arp',
    'ip',
    'udp',
    'tcp',
    'icmp',
    'host',
    'port',
  ],
  nmreplay: ['-f', '-i', '-b', '-n', '-T', 'asap'],
  'vale-ctl': ['-a', '-h', '-d', '-n', '-r', '-l', '-g', '-p', '-P', '-C', '-m', 'vale0:1'],
  top: ['-S', '-H', '-SH', '-b', '-d', '-s', '-I', '-o'],
  ps: ['-a', '-u', '-x', '-H', '-axH', '-o', '-p', '-l'],
  kldstat: ['-v', '-n', '-m'],
  kldload: ['-v', '-n', 'if_tap', 'if_bridge', 'nmdm', 'vmm', 'netmap'],
  kldunload: ['-v', '-f'],
  dmesg: ['-a', '-c'],
  grep: ['-c', '-i', '-n', '-v', '-E', '-F', '-o', '-w'],
  sort: ['-n', '-r', '-u', '-k', '-t'],
  shutdown: ['-p', '-r', '-h', '-k', 'now'],
  reboot: ['-p', '-q'],
  halt: ['-p', '-q'],
  pciconf: ['-l', '-lv', '-lb', '-lc', '-lvbc', '-r', '-w', '-a', '-b', '-h'],
  vmstat: ['-i', '-ia'],
  procstat: ['-a', '-t', '-k', '-kk', '-h'],
  pgrep: ['-f', '-l', '-n', '-x', 'bhyve', 'pkt-gen'],
  uname: ['-a', '-r', '-s', '-m', '-i', '-n', '-v'],
  df: ['-h'],
  kenv: ['boot_verbose', 'boot_mute', 'hw.virtio.pci.disable_msix'],
  explore: EXPLORE_WORDS,
  litmus: LITMUS_NAMES,
  lab: ['explore', 'counterexample', 'litmus'],
  man: ['-k', '-f', '-a', ...pageNames()],
};

const NAMES_PORTS = ['pkt-gen', 'bridge', 'nmsh', 'ifconfig', 'netstat', 'labtap', 'tcpdump', 'nmreplay', 'vale-ctl'];
const NAMES_FILES = ['tcpdump', 'nmreplay', 'cat'];

/** Candidates for the word under the cursor. */
export function completer(sys: Sys, line: string, cursor: number): { from: number; candidates: string[] } {
  const before = line.slice(0, cursor),
    from = Math.max(...[' ', ';', '&', '|', '(', '>', '<'].map((c) => before.lastIndexOf(c))) + 1,
    word = before.slice(from);
  const head =
    before
      .slice(0, from)
      .split(/[;&|(]/)
      .pop()
      ?.trim()
      .split(/\s+/)[0] ?? '';
  const all =
    head === ''
      ? sys.commands().filter((c) => c !== 'sh')
      : [
          ...(WORDS[head] ?? []),
          ...(NAMES_PORTS.includes(head) ? sys.ifconfig().map((i) => i.name) : []),
          ...(NAMES_FILES.includes(head) ? Object.keys(sys.os.tree().files).map((f) => f.replace(/^\/root\//, '')) : []),
          ...(head === 'kldunload' ? sys.modules().map((k) => k.name) : []),
          ...(head === 'sysctl' ? Object.keys(sys.sysctl()) : []),
          ...(head === 'pciconf' && 'pci' in sys ? (sys as PciSys).pci.list().flatMap((c) => (c.name ? [`${c.name}${c.unit}`] : [])) : []),
        ];
  return { from, candidates: [...new Set(all)].filter((c) => c.startsWith(word)).sort() };
}
