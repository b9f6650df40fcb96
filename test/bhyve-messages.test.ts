// Oracle: what bhyve of 2015 says to each mistake, on which descriptor, and its exit status (facts bhyve 1.2, 1.4); its sscanf.
// Typed at the host's terminal. The mail's command line is bhyve-exhibit.test.ts, the life cycle bhyve-life.test.ts.

import { beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../src/lab/world.ts';
import { parseMemsize } from '../src/host/bhyve/scan.ts';
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
    ['-s -1,hostbridge vm', ['Invalid PCI slot info field "-1,hostbridge"'], 1],
    ['-s 1:-1,hostbridge vm', ['Invalid PCI slot info field "1:-1,hostbridge"'], 1],
    ['-s 1:2:-3,hostbridge vm', ['Invalid PCI slot info field "1:2:-3,hostbridge"'], 1],
    ['-s :1,hostbridge vm', ['Invalid PCI slot info field ":1,hostbridge"'], 1],
    ['-s ,hostbridge vm', ['Invalid PCI slot info field ",hostbridge"'], 1],
    ['-s 4294967295,hostbridge vm', ['Invalid PCI slot info field "4294967295,hostbridge"'], 1], // -1 as an int
    ['-s 99999999999999999999,hostbridge vm', ['Invalid PCI slot info field "99999999999999999999,hostbridge"'], 1],
    ['-s 2:2,ptnetmap-memdev -s 2:2,ptnetmap-memdev vm', ['pci slot 2:2 already occupied!'], 1],
    ['-s 1:2:3,hostbridge -s 1:2:3,hostbridge vm', ['pci slot 2:3 already occupied!'], 1],
    ['-s 2:4,virtio-nic vm', ['pci slot 2:4: unknown device "virtio-nic"'], 1],
    ['-s 3, vm', ['pci slot 3:0: unknown device ""'], 1],
    ['-l com9,stdio vm', ["bhyve: invalid lpc device configuration 'com9,stdio'"], 64],
    ['-l com11,stdio vm', ["bhyve: invalid lpc device configuration 'com11,stdio'"], 64],
    ['-m 2Q vm', ["bhyve: invalid memsize '2Q'"], 64],
    ['-m G vm', ["bhyve: invalid memsize 'G'"], 64],
    ['-m 2G -m x vm', ["bhyve: invalid memsize 'x'"], 64],
    ['-l com3 vm', ["bhyve: invalid lpc device configuration 'com3'"], 64],
    ["-l '' vm", ["bhyve: invalid lpc device configuration ''"], 64],
    ['-l com1stdio vm', ["bhyve: invalid lpc device configuration 'com1stdio'"], 64],
    ['-p x:1 vm', ['invalid format: x:1', "bhyve: invalid vcpu pinning configuration 'x:1'"], 64],
    ['-p -1:0 vm', ["vcpu '-1' outside valid range from 0 to 15", "bhyve: invalid vcpu pinning configuration '-1:0'"], 64],
    ['-p 0:-1 vm', ["hostcpu '-1' outside valid range from 0 to 255", "bhyve: invalid vcpu pinning configuration '0:-1'"], 64],
    ['-p 0:1x -p 0:2 -p 15:0 vm', ['vm_open: No such file or directory'], 1],
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
    ['2:1:', '2:1'],
    ['2:1x', '2:1'],
    ['+2', '2'],
    ['" 2"', '2'],
    ['"2: 1"', '2:1'],
    ['"2 :1"', '2'],
    ['02', '2'],
    ['0x2', '0'],
    ['2:1:0x7', '1:0'], // bus 2
    ['4294967298', '2'], // an int has 32 bits
    ['0:2:1', '2:1'],
  ])('-s %s is -s %s: sscanf ignores what follows', (odd, plain) => {
    const bus = odd === '2:1:0x7' ? '2:' : '',
      word = odd.startsWith('"') ? `${odd.slice(0, -1)},hostbridge"` : `${odd},hostbridge`,
      a = typed(`bhyve -s ${word} -s ${bus}${plain},hostbridge vm`);
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
    expect(['', 'G', '2Q', 'x', '-', '17179869184G'].map(parseMemsize)).toEqual(Array(6).fill(undefined));
    // strtoul's bases; expand_number(3) looks at one letter after the digits
    expect(['0x100', '0400', '1b', '2GG', ' 64'].map(parseMemsize)).toEqual([256 * M, 256 * M, 1, 2048 * M, 64 * M]);
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
    ['-s 1,lpc -l com1, netmapvm', ["Unable to initialize backend '' for LPC device COM1"]],
    ['-s 1,lpc -l com1,/dev/null netmapvm', ["Unable to initialize backend '/dev/null' for LPC device COM1"]],
    ['-s 1,lpc -l com1,stdio -s 2,uart,stdio netmapvm', ["Unable to initialize backend 'stdio' for pci uart at 2:0"]],
    ['-s 2,virtio-blk,nosuch.img netmapvm', Array(2).fill('Could not open backing file: No such file or directory')],
    [
      '-s 2,virtio-blk,/vm/netmapvm.img,nocache,sparse netmapvm',
      ['Invalid device option "sparse"', 'Could not open backing file: No such file or directory'],
    ],
    ['-s 2,ahci-hd netmapvm', ['pci_ahci: backing device required']],
    ['-s 2,ahci-cd,nosuch.iso netmapvm', ['Could not open backing file: No such file or directory']],
    ['-s 2,passthru,2/0/0 netmapvm', []],
    ['-s 2,passthru netmapvm', []],
    ['-m 4G netmapvm', ['Unable to setup memory (-1)']],
    ['-m 100T netmapvm', ['Unable to setup memory (-1)']],
    ['-s 3,virtio-net,ptvale1:1,mac=zz:00:00:00:00:00 netmapvm', ['Invalid MAC zz:00:00:00:00:00']],
    ['-s 3,virtio-net,ptvale1:1,mac=00:11:22:33:44 netmapvm', ['Invalid MAC 00:11:22:33:44']],
    ['-s 3,virtio-net,ptvale1:1,mac=01:00:5e:00:00:01 netmapvm', ['Invalid MAC 01:00:5e:00:00:01']],
    ['-s 3,virtio-net,ptvale1:1,mac=00:00:00:00:00:00 netmapvm', ['Invalid MAC 00:00:00:00:00:00']],
  ])('bhyve %s', (args, lines) => {
    const a = typed(`bhyve ${args}`);
    expect(a.real).toEqual(lines);
    expect(a.status).toBe(1);
  });

  it.each([
    ['-h vm', 0],
    ['-z vm', 1],
    ['', 1],
    ['-s 3 vm', 1],
    ['-s 2,hostbridge -s 2,hostbridge vm', 1],
    ['-s 2,nosuch vm', 1],
    ['-l com9 vm', 64],
    ['-m x vm', 64],
    ['-p 0 vm', 64],
    ['vm', 1],
    ['-c 17 netmapvm', 1],
    ['-m 4G netmapvm', 1],
    ['-s 1,lpc -s 2,lpc netmapvm', 1],
    ['-s 1,lpc -l com1,/dev/nmdm9A netmapvm', 1],
    ['-s 3,virtio-net,ptvale1:1,mac=01:00:5e:00:00:01 netmapvm', 1],
  ])('bhyve %s: all of it on standard error', (args, status) => {
    const out = run(w, 'ttyv0', `bhyve ${args} 2>/dev/null`),
      err = run(w, 'ttyv0', `bhyve ${args} >/dev/null`);
    expect([out.text, out.status, err.status]).toEqual(['', status, status]);
    expect(err.real.length).toBeGreaterThan(0);
  });

  it('back-ends and memdevs speak on standard output', () => {
    const line = 'bhyve -s 0,hostbridge -s 2,virtio-blk',
      wanted = ['virtio-block: backing device required'];
    expect(run(w, 'ttyv0', `${line} netmapvm 2>/dev/null`).real).toEqual(wanted);
    expect(run(w, 'ttyv0', `${line} netmapvm >/dev/null`).real).toEqual([]);
    const ports = '-s 2,virtio-net,vmnet0 -s 3,virtio-net,ptvale5:1 -s 4,virtio-net,ptvale5:1 -s 5,passthru,0/0/0';
    const a = run(w, 'ttyv0', `bhyve ${ports} netmapvm 2>/dev/null`);
    expect([a.real, a.status]).toEqual([
      [
        'net backend initialization failed',
        "Unable to nm_open(): device '/dev/netmap', interface 'vale5:1', errno (Device busy)",
        'net backend initialization failed',
      ],
      1,
    ]);
    expect(run(w, 'ttyv0', `bhyve ${ports} netmapvm >out.txt; cat out.txt`).real).toEqual(a.real);
  });

  it('a failed start leaves nothing behind', () => {
    const t = w.tree.host;
    expect([t.adapters, t.fds, t.mems, t.bridges]).toEqual([[], [], [], []]);
    expect(
      t.vms.map((v) => [v.loaded, v.userbufs.length]),
      'and what was loaded is loaded still',
    ).toEqual([[true, 0]]);
  });

  it('-U that is no UUID, and the assertion that it breaks', () => {
    const a = run(w, 'ttyv0', 'bhyve -s 0,hostbridge -U bogus netmapvm');
    expect([a.real, a.status]).toEqual([
      ['Assertion failed: (error == 0), function main, file /usr/src/usr.sbin/bhyve/bhyverun.c.', 'Abort trap'],
      134,
    ]);
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
    expect(a.real.filter((l) => l !== '')).toEqual(['Unhandled inb 0x03fd', 'Abort trap']);
    expect(a.status, 'abort(3)').toBe(134);
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
