// reboot(2): what the guest's kernel says and does last. Mirrors kern_shutdown.c of FreeBSD 10 and acpi_shutdown_final: a restart
// is a write to the reset port, power-off one to PM1_CNT; a halted kernel waits for a key in cngetc() and restarts on it. Where
// the console is mute there is no key to wait for: cpu_halt(), here HLT with interrupts off, and vmm suspends the VM (facts bhyve
// 1.4, 5.1 row HLT).

import type { GuestCpu } from '../../hw/vcpu.ts';
import { leave } from './power.ts';
import type { GuestTree } from './tree.ts';

export type Howto = 'reset' | 'poweroff' | 'halt';

interface Env {
  cpu: GuestCpu;
  t: GuestTree;
  now(): number;
  log(line: string): void;
}

/** print_uptime: 1d2h3m4s, from the first part that is not 0. */
function uptime(s: number): string {
  const parts: [number, string][] = [
    [Math.floor(s / 86400), 'd'],
    [Math.floor(s / 3600) % 24, 'h'],
    [Math.floor(s / 60) % 60, 'm'],
  ];
  const from = parts.findIndex(([n]) => n > 0);
  return `${(from < 0 ? [] : parts.slice(from)).map(([n, u]) => `${n}${u}`).join('')}${Math.floor(s) % 60}s`;
}

/** shutdown_reset: "wait 1 sec for printf's to complete and be read". DELAY(9) is a loop of PAUSE, here some ms of it a turn. */
const reset = (e: Env) => {
  e.log('Rebooting...');
  e.t.halted = { delay: e.now() + DELAY_NS };
};
const DELAY_NS = 1e9,
  TURN_NS = 10e6;

/** One turn of the halted kernel. Answers when it wants the next. */
export function haltedTurn(e: Env, data: string): number | undefined {
  if (e.t.halted === 'key' && data) reset(e);
  if (typeof e.t.halted !== 'object') return undefined;
  const left = e.t.halted.delay - e.now();
  if (left > 0) e.cpu.spin(Math.min(left, TURN_NS));
  else if (!e.cpu.busy()) leave(e.cpu, 'reset');
  return e.now();
}

export function kernReboot(e: Env, how: Howto) {
  for (const [who, done] of [
    ['vnlru', 'done'],
    ['bufdaemon', 'done'],
    ['syncer', ''],
  ])
    e.log(`Waiting (max 60 seconds) for system process \`${who}' to stop...${done}`);
  e.log('Syncing disks, vnodes remaining...0 0 done');
  e.log('All buffers synced.');
  e.log(`Uptime: ${uptime((e.now() - e.t.bootNs) / 1e9)}`);
  if (how === 'reset') reset(e);
  else if (how === 'poweroff') {
    e.log('acpi0: Powering system off');
    leave(e.cpu, 'poweroff');
  } else {
    e.log('');
    e.log('The operating system has halted.');
    e.log('Please press any key to reboot.');
    e.log('');
    if (e.cpu.kenv.boot_mute !== undefined) {
      e.t.halted = 'hlt';
      e.cpu.halt();
    } else e.t.halted = 'key';
  }
}
