// Oracle: the life of a VM (facts bhyve 1.1, 1.4, 5.1): modules, creating and destroying, what may be done to one that runs, how
// it ends and with which status, several at once, their consoles.

import { describe, expect, it } from 'vitest';
import type { World } from '../src/lab/world.ts';
import { answer, begin, boot, finish, freshLab, mark, pass, run, since, until } from './typed.ts';

const DEVICES = '-s 0,hostbridge -s 1,lpc';
const line = (name: string, more = '', com = '-l com1,stdio') => `bhyve ${DEVICES} ${more} ${com} -A -H -P -m 2G ${name}`;
const load = (w: World, tty: string, name: string) => run(w, tty, `bhyveload -m 2G -d mfsroot.img ${name}`);
const pidOf = (w: World, name: string) => {
  const vm = w.host.vmm.find(name);
  return (vm && w.host.bhyveOf(vm)?.pid) ?? 0;
};

describe('creating and destroying', () => {
  const w = freshLab(8, 2);
  it.each<[string, string[], number]>([
    [
      'bhyveload',
      [
        'usage: bhyveload [-c <console-device>] [-d <disk-path>] [-e <name=value>]',
        '                 [-h <host-path>] [-m mem-size] <vmname>',
      ],
      1,
    ],
    ['bhyveload -m 2Q -d mfsroot.img vm', ["bhyveload: Invalid memsize '2Q'"], 64],
    ['bhyveload -d nosuch.img vm', ["bhyveload: Could not open 'nosuch.img'"], 64],
    ['bhyveload -c nosuch -d mfsroot.img vm', ["bhyveload: Could not open 'nosuch'"], 64],
    ['bhyveload -m 1T -d mfsroot.img vm', ['vm_setup_memory: Cannot allocate memory'], 1],
    [`bhyveload -d mfsroot.img ${'x'.repeat(32)}`, ['vm_create: Invalid argument'], 1],
    ['bhyvectl --vm=no --get-stats', ['VM:no is not created.'], 1],
    ['bhyvectl --vm=no --destroy', ['VM:no is not created.'], 1],
    ['bhyvectl --vm=new --create', [], 0],
    ['bhyvectl --vm=new --create', ['errno = 17'], 255],
    ['ls /dev/vmm', ['new', 'vm'], 0], // vm_create came before vm_setup_memory
    ['bhyvectl --vm=new --get-lowmem --get-active-cpus', ['lowmem\t\t0x0000000000000000/0', 'active cpus:\t (none)'], 0],
    ['sysctl hw.vmm.create', ['hw.vmm.create: beavis'], 0],
    ['sysctl hw.vmm.create=two', ['hw.vmm.create: beavis -> beavis'], 0],
    ['sysctl hw.vmm.create=two', ['sysctl: hw.vmm.create=two: File exists'], 1],
    ['sysctl hw.vmm.destroy=two', ['hw.vmm.destroy: beavis -> beavis'], 0],
    ['sysctl hw.vmm.destroy=two', ['sysctl: hw.vmm.destroy=two: Invalid argument'], 1],
    ['bhyvectl --vm=new --dest', [], 0],
    ['bhyvectl --vm=vm --destroy', [], 0],
    ['ls /dev/vmm', ['ls: /dev/vmm: No such file or directory'], 1],
  ])('%s', (command, lines, status) => {
    const a = run(w, 'ttyv0', command);
    expect([a.real, a.status]).toEqual([lines, status]);
  });
  it.each<[string, string]>([
    ['bhyvectl', 'Usage: bhyvectl --vm=<vmname>'],
    ['bhyvectl --vm=x --frobnicate', "bhyvectl: unrecognized option `--frobnicate'"],
    ['bhyvectl --vm=x --get-r', "bhyvectl: option `--get-r' is ambiguous"],
    ['bhyvectl --vm=x --destroy=1', "bhyvectl: option `--destroy' doesn't allow an argument"],
    ['bhyvectl --vm', "bhyvectl: option `--vm' requires an argument"],
  ])('%s: the usage, on standard error', (command, first) => {
    const a = run(w, 'ttyv0', command);
    expect([a.real[0], a.status, a.real.includes('       [--force-poweroff]')]).toEqual([first, 1, true]);
    expect(run(w, 'ttyv0', `${command} 2>/dev/null`).text).toBe('');
  });
  it('a disk without a kernel, and none', () => {
    for (const how of ['', '-d /root/.profile', '-h /nosuch'])
      if (how !== '-d /root/.profile') {
        const a = run(w, 'ttyv0', `bhyveload -m 512M ${how} vm`);
        expect([a.real.includes("can't load 'kernel'"), a.status], how).toEqual([true, 1]);
      }
    expect(run(w, 'ttyv0', 'bhyveload -m 512M -h / vm').status).toBe(0);
    expect(run(w, 'ttyv0', 'bhyvectl --vm=vm --get-lowmem --destroy').text).toContain(`/${512 * 1024 * 1024}\n`);
  });
  it('without vmm.ko there is nothing of it', () => {
    expect(run(w, 'ttyv0', 'kldunload vmm').status).toBe(0);
    expect(run(w, 'ttyv0', 'bhyveload -d mfsroot.img vm').real).toEqual(['vm_create: No such file or directory']);
    expect(run(w, 'ttyv0', line('vm')).real).toEqual(['vm_open: No such file or directory']);
    expect(run(w, 'ttyv0', 'sysctl hw.vmm.create').status).toBe(1);
    expect(run(w, 'ttyv0', 'kldload vmm').status).toBe(0);
    load(w, 'ttyv0', 'vm');
    expect(run(w, 'ttyv0', 'kldunload vmm').real, 'a VM holds it').toEqual(["kldunload: can't unload file: Device busy"]);
    run(w, 'ttyv0', 'bhyvectl --vm=vm --destroy');
  });
});

describe('a CPU without the exits', () => {
  it('-H and -P are refused after the VM is open, before its memory', () => {
    const w = freshLab(8),
      bhyve = (o: string) => {
        const a = run(w, 'ttyv0', `bhyve -s 0,hostbridge -s 1,lpc -l com1,stdio ${o} vm`);
        return [a.real, a.status];
      };
    load(w, 'ttyv0', 'vm');
    run(w, 'ttyv0', 'sysctl dev.lab.vmx.halt_exit=0 dev.lab.vmx.pause_exit=0');
    expect(run(w, 'ttyv0', 'sysctl -n hw.vmm.vmx.cap.halt_exit hw.vmm.vmx.cap.pause_exit').text.split('\n').slice(0, 2)).toEqual([
      '0',
      '0',
    ]);
    expect(bhyve('-H -P -m 64G')).toEqual([['VM exit on HLT not supported'], 1]);
    expect(bhyve('-P')).toEqual([['SMP mux requested, no pause support'], 1]);
    expect(bhyve('-H -c 17')).toEqual([['17 vCPUs requested but only 16 available'], 1]);
    run(w, 'ttyv0', 'sysctl dev.lab.vmx.halt_exit=1');
    expect(bhyve('-H -m 64G')).toEqual([['Unable to setup memory (-1)'], 1]);
    expect(run(w, 'ttyv0', 'sysctl hw.vmm.vmx.cap.halt_exit=0').status).toBe(1);
    expect(run(w, 'ttyv0', 'sysctl dev.lab.vmx.halt_exit=2').status).toBe(1);
  });
});

describe('a VM that only was created', () => {
  it('has nothing to execute: an exit that cannot be handled', () => {
    const w = freshLab(8);
    run(w, 'ttyv0', 'bhyvectl --vm=vm --create');
    const a = run(w, 'ttyv0', line('vm'));
    expect([a.real[0], a.real[1], a.real.at(-1), a.status]).toEqual(['vm exit[0]', '\treason\t\tVMX', 'Abort trap', 134]);
  });
});

describe('how it ends', () => {
  const w = freshLab(8, 2);
  const ended = (m: number) => answer(w, 'ttyv0', finish(w, 'ttyv0', m));
  /** Boots, does something at ttyv1, and answers what bhyve left at its terminal. */
  const ending = (doing: string, more = '') => {
    boot(w, 'ttyv0', line('vm', more), 'vm');
    const m = mark(w, 'ttyv0');
    const other = run(w, 'ttyv1', doing);
    until(w, () => w.host.vmm.find('vm')?.block === 0 || w.host.vmm.find('vm') === undefined);
    const shown = since(w, 'ttyv0', m);
    return { ...ended(m), shown, other };
  };
  it.each<[string, number]>([
    ['reboot', 0],
    ['poweroff', 1],
    ['halt -p', 1],
    ['reboot -p', 1],
    ['shutdown -r now', 0],
    ['shutdown -p now', 1],
  ])('%s in the guest', (how, status) => {
    boot(w, 'ttyv0', line('vm'), 'vm');
    expect(ended(begin(w, 'ttyv0', how)).status).toBe(status);
  });
  it.each(['halt', 'shutdown -h now'])('%s waits for a key, which resets', (how) => {
    boot(w, 'ttyv0', line('vm'), 'vm');
    const m = begin(w, 'ttyv0', how);
    until(w, () => since(w, 'ttyv0', m).includes('Please press any key to reboot.'));
    pass(w, 5);
    expect(pidOf(w, 'vm')).not.toBe(0);
    w.type('ttyv0', 'x');
    const a = answer(w, 'ttyv0', finish(w, 'ttyv0', m));
    expect([a.status, a.text.includes('Rebooting...')]).toEqual([0, true]);
  });
  it('bhyvectl --force-reset and --force-poweroff', () => {
    expect(ending('bhyvectl --vm=vm --force-reset').status).toBe(0);
    expect(ending('bhyvectl --vm=vm --force-poweroff').status).toBe(1);
  });
  it('kill: the power button of a guest with ACPI, and its ordered end', () => {
    boot(w, 'ttyv0', line('vm'), 'vm');
    const m = mark(w, 'ttyv0');
    run(w, 'ttyv1', `kill ${pidOf(w, 'vm')}`);
    const a = ended(m);
    expect([a.status, a.text.includes('acpi0: Powering system off')]).toEqual([1, true]);
  });
  it('kill without -A, and kill -9: at once', () => {
    boot(w, 'ttyv0', line('vm').replace(' -A', ''), 'vm');
    let m = mark(w, 'ttyv0');
    run(w, 'ttyv1', `kill ${pidOf(w, 'vm')}`);
    expect(ended(m).status).toBe(143);
    boot(w, 'ttyv0', line('vm'), 'vm');
    m = mark(w, 'ttyv0');
    run(w, 'ttyv1', `kill -9 ${pidOf(w, 'vm')}`);
    expect(ended(m).status).toBe(137);
  });
  it('--destroy of one that runs: its next call fails', () => {
    const a = ending('bhyvectl --vm=vm --destroy', '-s 3:0,ptnetmap-memdev -s 3:1,virtio-net,ptvale1:1');
    expect([a.other.status, a.status, a.shown.includes('vm_run error -1, errno 6')]).toEqual([0, 1, true]);
    const t = w.tree.host;
    expect([t.vms, t.adapters, t.fds, t.ptn]).toEqual([[], [], [], []]);
    expect(run(w, 'ttyv1', 'ls /dev/vmm').status).toBe(1);
  });
  it('sysctl hw.vmm.destroy of one that runs', () => {
    expect(ending('sysctl hw.vmm.destroy=vm').status).toBe(1);
    expect(w.tree.host.vms).toEqual([]);
  });
  it('again without loading: the CPU is as it was left', () => {
    boot(w, 'ttyv0', line('vm'), 'vm');
    ended(begin(w, 'ttyv0', 'reboot'));
    const a = run(w, 'ttyv0', line('vm'));
    expect([a.real[0], a.status]).toEqual([
      'Assertion failed: (error == 0), function fbsdrun_addcpu, file /usr/src/usr.sbin/bhyve/bhyverun.c.',
      134,
    ]);
  });
  it('a second bhyve, and a second load, of one that runs; it goes on', () => {
    boot(w, 'ttyv0', line('vm'), 'vm');
    const a = run(w, 'ttyv1', line('vm'));
    expect([a.real[0], a.status]).toEqual([
      'Assertion failed: (error == 0), function fbsdrun_addcpu, file /usr/src/usr.sbin/bhyve/bhyverun.c.',
      134,
    ]);
    const b = load(w, 'ttyv1', 'vm');
    expect([b.real, b.status]).toEqual([['vm_reinit: Device busy'], 1]);
    expect(run(w, 'ttyv0', 'echo alive').text).toBe('alive\n');
    expect(ended(begin(w, 'ttyv0', 'poweroff')).status).toBe(1);
  });
  it('less memory than the loader gave', () => {
    load(w, 'ttyv0', 'vm');
    const m = begin(w, 'ttyv0', line('vm').replace('2G', '1G'));
    until(w, () => w.guestAtPrompt('vm'));
    expect(since(w, 'ttyv0', m)).toContain('real memory  = 2147483648 (2048 MB)');
    ended(begin(w, 'ttyv0', 'poweroff'));
  });
  it('a console is a raw terminal: Ctrl-C is a byte for the guest', () => {
    boot(w, 'ttyv0', line('vm'), 'vm');
    const m = begin(w, 'ttyv0', 'sleep 1000');
    pass(w, 1);
    w.type('ttyv0', '\x03');
    finish(w, 'ttyv0', m);
    expect([pidOf(w, 'vm') !== 0, run(w, 'ttyv0', 'uname').text]).toEqual([true, 'FreeBSD\n']);
    ended(begin(w, 'ttyv0', 'poweroff'));
  });
});

describe('several at once', () => {
  it('each has its console and its end, and two share a switch', () => {
    const w = freshLab(8, 3);
    boot(w, 'ttyv0', line('vm1', '-s 3:0,ptnetmap-memdev -s 3:1,virtio-net,ptvale1:1'), 'vm1');
    boot(w, 'ttyv1', line('vm2', '-s 3:0,ptnetmap-memdev -s 3:1,virtio-net,ptvale1:2'), 'vm2');
    expect([run(w, 'ttyv0', 'sysctl -n kern.hostname').text, run(w, 'ttyv1', 'sysctl -n kern.hostname').text]).toEqual(['vm1\n', 'vm2\n']);
    expect(run(w, 'ttyv2', 'ls /dev/vmm').text).toBe('vm1\nvm2\n');
    const m = begin(w, 'ttyv1', 'pkt-gen -i vtnet0 -f rx -W -n 5 -w 0');
    until(w, () => since(w, 'ttyv1', m).includes('reading from'));
    expect(run(w, 'ttyv0', 'pkt-gen -i vtnet0 -f tx -n 5 -w 0').status).toBe(0);
    expect(finish(w, 'ttyv1', m)).toContain('Received 5 packets');
    finish(w, 'ttyv0', begin(w, 'ttyv0', 'poweroff'));
    expect(run(w, 'ttyv1', 'echo alive').text).toBe('alive\n');
    expect(run(w, 'ttyv2', 'bhyvectl --vm=vm1 --get-active-cpus --destroy; ls /dev/vmm').text).toBe('active cpus:\t (none)\nvm2\n');
  });
});

describe('null modems', () => {
  it('without the module, with it, and one end that is taken', () => {
    const w = freshLab(8, 2);
    const a = run(w, 'ttyv0', 'cu -l /dev/nmdm0B');
    expect([a.real, a.status]).toEqual([['/dev/nmdm0B: No such file or directory', 'link down'], 3]);
    load(w, 'ttyv0', 'vm');
    expect(run(w, 'ttyv0', line('vm', '', '-l com1,/dev/nmdm0A')).real).toEqual([
      "Unable to initialize backend '/dev/nmdm0A' for LPC device COM1",
    ]);
    run(w, 'ttyv0', 'kldload nmdm');
    run(w, 'ttyv0', `${line('vm', '', '-l com1,/dev/nmdm0A')} &`);
    until(w, () => w.guestAtPrompt('vm'));
    expect(run(w, 'ttyv0', 'cu -l /dev/nmdm0A').real, 'bhyve has it').toEqual(['/dev/nmdm0A: Device busy', 'link down']);
    expect(run(w, 'ttyv0', 'kldunload nmdm').status).toBe(1);
    const m = begin(w, 'ttyv1', 'cu -l /dev/nmdm0B');
    until(w, () => since(w, 'ttyv1', m).includes('login: root'));
    expect(since(w, 'ttyv1', m), 'what was said before it came').toMatch(/Connected\nCopyright/);
    w.type('ttyv1', 'echo ü$((6*7))\r');
    until(w, () => since(w, 'ttyv1', m).includes('\nü42\n'));
    w.type('ttyv1', '\r~.');
    until(w, () => since(w, 'ttyv1', m).includes('[EOT]'));
    expect(answer(w, 'ttyv1', finish(w, 'ttyv1', m)).status).toBe(0);
    const p = begin(w, 'ttyv1', 'cu -l nmdm0B');
    w.type('ttyv1', 'poweroff\r');
    until(w, () => pidOf(w, 'vm') === 0);
    w.type('ttyv1', '~.');
    finish(w, 'ttyv1', p);
    expect(run(w, 'ttyv0', 'kldunload nmdm').status).toBe(0);
  });
});
