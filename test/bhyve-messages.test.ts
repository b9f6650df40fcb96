// Oracle: what bhyve of 2015 says to each mistake, and its exit status (facts bhyve 1.2, 1.4), and the command line of
// the project's first mail, hyphens and all (facts bhyve 1.5). Typed at the host's terminal.

import { beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../src/lab/world.ts';
import { parseMemsize } from '../src/host/bhyve/bhyverun.ts';
import { answer, begin, boot, finish, freshLab, run, since, until } from './typed.ts';

const LOAD = 'bhyveload -m 2G -d mfsroot.img netmapvm';
const USAGE_HEAD = [
  'Usage: bhyve [-abehwxACHPWY] [-c vcpus] [-g <gdb port>] [-l <lpc>]',
  '             [-m mem] [-p vcpu:hostcpu] [-s <pci>] [-U uuid] <vm>',
];

let w: World;
beforeAll(() => {
  w = freshLab(8);
});

/** Runs it and checks that the lab's own words, if any, come last. */
function typed(line: string) {
  const a = run(w, 'ttyv0', line),
    lines = a.text.split('\n').slice(0, -1),
    first = lines.findIndex((l) => l.startsWith('lab:'));
  if (first >= 0) for (const l of lines.slice(first)) expect(l, 'a help line of the lab, marked, after the real text').toMatch(/^lab: \S/);
  return a;
}
/** The real text ends with the usage; what stands before it. */
function beforeUsage(real: string[]) {
  const at = real.indexOf(USAGE_HEAD[0] ?? '');
  expect(at, real.join('\n')).toBeGreaterThanOrEqual(0);
  expect(real[at + 1]).toBe(USAGE_HEAD[1]);
  expect(real).toContain('       -A: create ACPI tables');
  for (const l of real.slice(at + 2)) expect(l).toMatch(/^ {7}-[A-Za-z]: \S/);
  return real.slice(0, at);
}

describe('the options, before there is any VM', () => {
  it.each<[string, string[], number]>([
    ['-s 3 vm', ['Invalid PCI slot info field "3"'], 1],
    ['-s 40,virtio-net vm', ['Invalid PCI slot info field "40,virtio-net"'], 1],
    ['-s 2:9,hostbridge vm', ['Invalid PCI slot info field "2:9,hostbridge"'], 1],
    ['-s 2:8,hostbridge vm', ['Invalid PCI slot info field "2:8,hostbridge"'], 1],
    ['-s 32,hostbridge vm', ['Invalid PCI slot info field "32,hostbridge"'], 1],
    ['-s 300:1:0,lpc vm', ['Invalid PCI slot info field "300:1:0,lpc"'], 1],
    ['-s 256:0:0,hostbridge vm', ['Invalid PCI slot info field "256:0:0,hostbridge"'], 1],
    ['-s x,virtio-net,vale0:1 vm', ['Invalid PCI slot info field "x,virtio-net,vale0:1"'], 1],
    ['-s 2:2,ptnetmap-memdev -s 2:2,ptnetmap-memdev vm', ['pci slot 2:2 already occupied!'], 1],
    ['-s 1:2:3,hostbridge -s 1:2:3,hostbridge vm', ['pci slot 2:3 already occupied!'], 1],
    ['-s 2:4,virtio-nic vm', ['pci slot 2:4: unknown device "virtio-nic"'], 1],
    ['-s 3, vm', ['pci slot 3:0: unknown device ""'], 1],
    ['-l com9,stdio vm', ["bhyve: invalid lpc device configuration 'com9,stdio'"], 64],
    ['-l com11,stdio vm', ["bhyve: invalid lpc device configuration 'com11,stdio'"], 64],
    ['-m 2Q vm', ["bhyve: invalid memsize '2Q'"], 64],
    ['-m G vm', ["bhyve: invalid memsize 'G'"], 64],
    ['-p 0 vm', ['invalid format: 0', "bhyve: invalid vcpu pinning configuration '0'"], 64],
    ['-p 20:0 vm', ["vcpu '20' outside valid range from 0 to 15", "bhyve: invalid vcpu pinning configuration '20:0'"], 64],
    ['-p 16:0 vm', ["vcpu '16' outside valid range from 0 to 15", "bhyve: invalid vcpu pinning configuration '16:0'"], 64],
    ['-p 0:9999 vm', ["hostcpu '9999' outside valid range from 0 to 255", "bhyve: invalid vcpu pinning configuration '0:9999'"], 64],
    ['-p 0:256 vm', ["hostcpu '256' outside valid range from 0 to 255", "bhyve: invalid vcpu pinning configuration '0:256'"], 64],
    ['vm', ['vm_open: No such file or directory'], 1],
    ['-abwxACHIPWY -p 15:255 -p 0:0 -g 0 -U u -l COM1,stdio -l com2 -m 2g -c 16 vm', ['vm_open: No such file or directory'], 1],
    ['-c 17 vm', ['vm_open: No such file or directory'], 1], // counted only once the VM is open
  ])('bhyve %s', (args, lines, status) => {
    const a = typed(`bhyve ${args}`);
    expect(a.real).toEqual(lines);
    expect(a.status).toBe(status);
  });

  it.each<[string, string[]]>([
    ['-z vm', ['bhyve: illegal option -- z']],
    ['-A -q -H vm', ['bhyve: illegal option -- q']],
    ['-A -m', ['bhyve: option requires an argument -- m']],
    ['-A -H -P', []],
    ['', []],
    ['one two', []],
    ['-A vm -H', []],
  ])('bhyve %s: usage', (args, before) => {
    const a = typed(`bhyve ${args}`);
    expect(beforeUsage(a.real)).toEqual(before);
    expect(a.status).toBe(1);
  });

  it('-h is the usage and no error', () => {
    const a = typed('bhyve -h vm');
    expect(beforeUsage(a.real)).toEqual([]);
    expect(a.status).toBe(0);
  });

  it.each<[string, string]>([
    ['2:x', '2'],
    ['2-1', '2'],
    ['2abc', '2'],
    ['2:3x', '2:3'],
    ['1:2:x', '1:2'],
    ['2:3:', '2:3'],
    ['0:2:1', '2:1'],
  ])('-s %s is -s %s: sscanf ignores what follows', (odd, plain) => {
    const a = typed(`bhyve -s ${odd},hostbridge -s ${plain},hostbridge vm`);
    expect(a.real).toEqual([`pci slot ${plain.includes(':') ? plain : `${plain}:0`} already occupied!`]);
    expect(a.status).toBe(1);
  });

  it('another bus is another slot', () => {
    expect(typed('bhyve -s 0:2:1,hostbridge -s 1:2:1,hostbridge vm').real).toEqual(['vm_open: No such file or directory']);
  });

  it('checks syntax, then occupied, then the name; each option where it stands', () => {
    expect(typed('bhyve -s 3,hostbridge -s 3,nonsense vm').real).toEqual(['pci slot 3:0 already occupied!']);
    expect(typed('bhyve -s 3,hostbridge -s 3:9,nonsense vm').real).toEqual(['Invalid PCI slot info field "3:9,nonsense"']);
    expect(typed('bhyve -s 3,hostbridge -s 3,hostbridge -m 2Q -z').real).toEqual(['pci slot 3:0 already occupied!']);
    expect(typed('bhyve -m 2Q -s 3,hostbridge -s 3,hostbridge').real).toEqual(["bhyve: invalid memsize '2Q'"]);
    expect(typed('bhyve -s 3,hostbridge -s 3,hostbridge one two').real).toEqual(['pci slot 3:0 already occupied!']);
  });

  it('-m: bare numbers below 1 Mi are MiB, suffixes in either case', () => {
    const M = 1024 * 1024;
    expect(['256', '1048575', '1048576', '2G', '2g', '512m', '4096K', '1t'].map(parseMemsize)).toEqual([
      256 * M,
      1048575 * M,
      M,
      2048 * M,
      2048 * M,
      512 * M,
      4 * M,
      M * M,
    ]);
    expect(['', 'G', '2Q', '2GG', 'x'].map(parseMemsize)).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });
});

describe('the devices, with a VM', () => {
  beforeAll(() => {
    w = freshLab(8);
    expect(run(w, 'ttyv0', LOAD).status).toBe(0);
  });

  it.each<[string, string[]]>([
    ['-c 17 netmapvm', ['17 vCPUs requested but only 16 available']],
    ['-s 1,lpc -s 2,lpc -l com1,stdio netmapvm', ['Only one LPC bridge is allowed.']],
    ['-s 1:1:0,lpc -l com1,stdio netmapvm', ['LPC bridge can be present only on bus 0.']],
    ['-s 1,lpc -l com1,stdio -l com2,stdio netmapvm', ["Unable to initialize backend 'stdio' for LPC device COM2"]],
    ['-s 1,lpc -l com2,stdio -l com1,stdio netmapvm', ["Unable to initialize backend 'stdio' for LPC device COM2"]], // COM1 comes first
    ['-s 1,lpc -l com1,/dev/nmdm9A netmapvm', ["Unable to initialize backend '/dev/nmdm9A' for LPC device COM1"]],
    ['-s 3,virtio-net,ptvale1:1,mac=zz:00:00:00:00:00 netmapvm', ['Invalid MAC zz:00:00:00:00:00']],
    ['-s 3,virtio-net,ptvale1:1,mac=00:11:22:33:44 netmapvm', ['Invalid MAC 00:11:22:33:44']],
    ['-s 3,virtio-net,ptvale1:1,mac=01:00:5e:00:00:01 netmapvm', ['Invalid MAC 01:00:5e:00:00:01']],
    ['-s 3,virtio-net,ptvale1:1,mac=00:00:00:00:00:00 netmapvm', ['Invalid MAC 00:00:00:00:00:00']],
  ])('bhyve %s', (args, lines) => {
    const a = typed(`bhyve ${args}`);
    expect(a.real).toEqual(lines);
    expect(a.status).toBe(1);
  });

  it('a failed start leaves nothing behind', () => {
    const t = w.tree.host;
    expect([t.adapters, t.fds, t.mems, t.bridges]).toEqual([[], [], [], []]);
  });

  it('-l com1 without a backend: a VM without a console', () => {
    const m = begin(w, 'ttyv0', 'bhyve -s 0,hostbridge -s 1,lpc -l com1 -A -H -P -m 2G netmapvm');
    until(w, () => w.guestAtPrompt('netmapvm'));
    expect(since(w, 'ttyv0', m).split('\n').slice(1).join('')).toBe('');
    w.type('ttyv0', '\x03');
    expect(answer(w, 'ttyv0', finish(w, 'ttyv0', m)).status, 'as by any SIGINT').toBe(130);
  });

  it('-l com1,stdio without an lpc function: the console is silently absent', () => {
    run(w, 'ttyv0', LOAD);
    const m = begin(w, 'ttyv0', 'bhyve -s 0,hostbridge -l com1,stdio -A -H -P -m 2G netmapvm');
    until(w, () => w.guestAtPrompt('netmapvm'));
    expect(since(w, 'ttyv0', m).split('\n').slice(1).join('')).toBe('');
    w.type('ttyv0', '\x03');
    finish(w, 'ttyv0', m);
  });

  it('-e: a port that nobody emulates ends the VM, once; without -e it reads as ones', () => {
    run(w, 'ttyv0', LOAD);
    const a = typed('bhyve -e -s 0,hostbridge -A -H -P -m 2G netmapvm'); // no lpc, so no COM1
    expect(a.real.filter((l) => l !== '')).toEqual(['Unhandled inb 0x03fd']);
    expect(a.status).not.toBe(0);
  });

  it('a second -l for the same port replaces the first', () => {
    boot(w, 'ttyv0', 'bhyve -s 0,hostbridge -s 1,lpc -l com1,stdio -l com1,stdio -A -H -P -m 2G netmapvm');
    finish(w, 'ttyv0', begin(w, 'ttyv0', 'poweroff'));
  });

  it.each<[string, string]>([
    ['of an unknown kind', '-s 3,virtio-net,vmnet0'],
    ['on a port that another back-end has', '-s 3,virtio-net,ptvale5:1 -s 4,virtio-net,ptvale5:1'],
    ['on an interface that is not there', '-s 3,virtio-net,ptnetmap:nic9'],
  ])('a back-end %s: one message, and bhyve goes on with the link down', (_what, args) => {
    run(w, 'ttyv0', LOAD);
    const m = begin(w, 'ttyv0', `bhyve -s 0,hostbridge -s 1,lpc ${args} -l com1,stdio -A -H -P -m 2G netmapvm`);
    until(w, () => w.guestAtPrompt('netmapvm'));
    const printed = since(w, 'ttyv0', m).split('\n').slice(1),
      boots = printed.findIndex((l) => l.startsWith('Copyright'));
    expect(printed.slice(0, boots).filter((l) => l === 'net backend initialization failed')).toHaveLength(1);
    const last = args.includes('-s 4') ? 'vtnet1' : 'vtnet0';
    expect(run(w, 'ttyv0', `ifconfig ${last}`).text).toContain('status: no carrier');
    expect(run(w, 'ttyv0', `ifconfig ${last} 10.9.9.1/24`).status).toBe(0); // it is an interface all the same
    expect(run(w, 'ttyv0', 'ping -c 1 -t 1 10.9.9.2').status).toBe(2);
    finish(w, 'ttyv0', begin(w, 'ttyv0', 'poweroff'));
  });

  it('ends with 0 for a reset and 1 for a power-off', () => {
    const vm = '-s 0,hostbridge -s 1,lpc -l com1,stdio -A -H -P -m 2G netmapvm';
    for (const [how, status] of [
      ['reboot', 0],
      ['poweroff', 1],
      ['shutdown -r now', 0],
      ['shutdown -p now', 1],
    ] as const) {
      boot(w, 'ttyv0', `bhyve ${vm}`);
      finish(w, 'ttyv0', begin(w, 'ttyv0', how));
      expect(finish(w, 'ttyv0', begin(w, 'ttyv0', 'echo $?')), how).toBe(`${status}\n`);
    }
  });
});

describe("the mail's command line", () => {
  // The nine -s in their order, -l, -A, -H, -P, -m: 14 option dashes and 7 in names; two more in the comments.
  const SLOTS = [
    '0,hostbridge',
    '1,lpc',
    '2:1,virtio-net,vale0:1',
    '2:2,ptnetmap-memdev',
    '2:3,virtio-net,ptvale1:1',
    '2:2,ptnetmap-memdev',
    '2:3,virtio-net,ptvale2{1',
    '3,ptnetmap-memdev',
    '4,virtio-net,ptnetmap:ix0',
  ];
  const COMMENTS: Record<number, string> = { 2: 'plain netmap back-end', 4: 'VALE port, pass-through' };
  const hyphen = (s: string) => s.replaceAll('-', '\u2010');
  const repaired = (slots: string[]) => `bhyve ${slots.map((s) => `-s ${s}`).join(' ')} -l com1,stdio -A -H -P -m 2G netmapvm`;
  const mail = [
    ...SLOTS.map((s, i) => hyphen(`${i ? ' ' : 'bhyve'} -s ${s}${COMMENTS[i] ? ` \\   /* ${COMMENTS[i]} */` : ' \\'}`)),
    hyphen('  -l com1,stdio -A -H -P -m 2G netmapvm'),
  ];
  beforeAll(() => {
    w = freshLab(8);
  });

  it('has 23 typographic hyphens', () => {
    expect(mail.join('\n').match(/\u2010/g)).toHaveLength(23);
  });

  it('on one line: usage, because to getopt a U+2010 word is no option', () => {
    const a = typed(hyphen(repaired(SLOTS)));
    expect(beforeUsage(a.real)).toEqual([]);
    expect(a.status).toBe(1);
    expect(a.lab.join('\n')).toContain('U+2010');
  });

  it('as it stands: the comments end the command, what follows are commands that do not exist', () => {
    /** Types these lines in one go; answers what is printed after the last. */
    const lines = (from: number, to: number) => {
      for (const l of mail.slice(from, to)) w.type('ttyv0', `${l}\r`);
      const a = run(w, 'ttyv0', mail[to] ?? '');
      return { ...a, real: a.real.slice(to - from) }; // without the echo of the lines after the first
    };
    const a = lines(0, 2);
    expect(beforeUsage(a.real)).toEqual([]);
    expect(a.status).toBe(1);
    const b = lines(3, 4);
    expect([b.real, b.status]).toEqual([['sh: \u2010s: not found'], 127]);
    const c = lines(5, 9);
    expect([c.real, c.status]).toEqual([['sh: \u2010s: not found'], 127]);
  });

  it('with the option dashes repaired only: the first device with a name of two words is unknown', () => {
    const a = typed(repaired(SLOTS.map(hyphen)));
    expect(a.real).toEqual(['pci slot 2:1: unknown device "virtio\u2010net"']);
    expect(a.status).toBe(1);
  });

  it('with every dash repaired: two duplicates, one after the other, though there is no VM', () => {
    expect(typed(repaired(SLOTS)).real).toEqual(['pci slot 2:2 already occupied!']);
    const once = SLOTS.filter((_, i) => i !== 5);
    expect(typed(repaired(once)).real).toEqual(['pci slot 2:3 already occupied!']);
    expect(typed(repaired(once.map((s, i) => (i === 5 ? s.replace('2:3', '2:5') : s)))).real).toEqual([
      'vm_open: No such file or directory',
    ]);
  });
});
