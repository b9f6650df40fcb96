// Completion at a shell's prompt: commands first, then the options and names that the command before the cursor takes.

import { pageNames } from '../bin/man.ts';
import type { Sys } from '../bin/sys.ts';

const WORDS: Record<string, string[]> = {
  'pkt-gen': ['-i', '-f', 'tx', 'rx', 'ping', 'pong', 'txseq', 'rxseq', ...'nlbRwWTpcaFICHXeEorsdSDv'.split('').map((x) => `-${x}`)],
  bridge: ['-i', '-b', '-c', '-v', '-w', '-L'],
  ifconfig: ['create', 'destroy', 'inet', 'up', 'down', 'addm', 'deletem', 'addr', 'promisc', 'mtu', 'bridge', 'tap'],
  netstat: ['-i', '-I', '-b', '-w'],
  ping: ['-c', '-i', '-s'],
  arp: ['-a'],
  labtap: ['-f', 'rx', 'tx', 'answer', '-n', '-q', '-s'],
  nmsh: ['-i', '-c', '-j', '-e', '-x'],
  bhyveload: ['-m', '-d', 'mfsroot.img', 'netmapvm'],
  bhyvectl: ['--vm=netmapvm', '--get-stats', '--destroy'],
  sysctl: ['dev.netmap', 'dev.lab', 'hw.lab'],
  grep: ['-c', '-i', '-n', '-v', '-E', '-F', '-o', '-w'],
  sort: ['-n', '-r', '-u', '-k', '-t'],
  shutdown: ['-p', '-r', 'now'],
  man: ['-k', '-f', '-a', ...pageNames()],
};

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
          ...(['pkt-gen', 'bridge', 'nmsh', 'ifconfig'].includes(head) ? sys.ifconfig().map((i) => i.name) : []),
          ...(['pkt-gen', 'nmsh', 'ifconfig', 'netstat', 'labtap'].includes(head) ? sys.ifconfig().map((i) => i.name) : []),
          ...(head === 'sysctl' ? Object.keys(sys.sysctl()) : []),
        ];
  return { from, candidates: [...new Set(all)].filter((c) => c.startsWith(word)).sort() };
}
