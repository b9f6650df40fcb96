// The guest kernel's control-plane state that is not bytes. Plain JSON, changed by actions on its vCPU only.

import { STACK_SYSCTL, loopback } from '../../net/if_table.ts';
import { netmapSysctls } from '../../bin/sysctl_netmap.ts';
import { type NetTree, newNetTree } from '../../net/tree.ts';
import type { OsTree } from '../../sh/proc.ts';

export interface PciDev {
  bus: number;
  slot: number;
  func: number;
  vendor: number;
  device: number;
  /** Class, subclass and programming interface, as one number of six digits. */
  cls: number;
  rev: number;
  /** subdevice, subvendor: pciconf's card. */
  card: number;
  /** Without the bit of several functions. */
  hdr: number;
  bars: { reg: number; type: 'io' | 'mem'; base: number; size: number }[];
  /** Interrupt pin (1: INTA, 0: none) and the line to which the tables of the firmware route it. */
  pin: number;
  irq: number;
  /** Driver with its unit, '' while there is none. */
  driver: string;
  /** device_get_desc. */
  desc: string;
}
export interface MemdevSoftc {
  unit: number;
  iobase: number;
  bar: number;
  size: number;
  barSize: number;
  id: number;
  mapped: boolean;
}
export interface VtnetSoftc {
  unit: number;
  name: string;
  iobase: number;
  msix: number;
  mac: string;
  up: boolean;
  link: boolean;
  features: number;
  ptnetmap: boolean;
  hostMemId: number;
  txd: number;
  rxd: number;
  /** Guest-physical addresses: CSB page, the page of netmap structures, the two virtqueues. */
  csb: number;
  page: number;
  queues: [number, number];
  /** Its softc in the data plane, 0 until the driver has run. */
  softc: number;
  users: number;
  /** Page of the fake mbuf. */
  fake: number;
  /** The first of its interrupt vectors, and how many: 3 with MSI-X, 1 with MSI. */
  vector: number;
  nvec: number;
}
export interface GuestFd {
  id: number;
  pid: number;
  unit: number;
  closing: boolean;
}
export interface GuestTree extends NetTree {
  vm: string;
  stage: number;
  os: OsTree;
  pci: PciDev[];
  memdevs: MemdevSoftc[];
  vtnets: VtnetSoftc[];
  /** Descriptors of passthrough ports; those of other ports are in fds. */
  ptFds: GuestFd[];
  /** The next physical page of RAM that was never used, what came back, and what lies in one run of the machine's frames. */
  ramNext: number;
  ramFree: { gpa: number; bytes: number }[];
  wired: { gpa: number; ptr: number; bytes: number }[];
  /** The page of the kernel's words. */
  words: number;
  /** Pages of tds of the kernel's own threads. */
  ktds: { td: number; name: string }[];
  ktdPages: number[];
  /** Program threads: td and page of arguments (guest-physical), owner. */
  threads: { td: number; targ: number; pid: number; fd: number }[];
  tdPage: number;
  /** Pages of arguments of threads that have ended. */
  targFree: number[];
  bootNs: number;
  /** Disks that were found. */
  disks?: string[];
  /** The kernel has halted: it waits for a key, its CPU is off, or it is in DELAY(9) until then, and restarts. */
  halted?: 'key' | 'hlt' | { delay: number };
}

/** Lines that the message buffer holds. */
const MSGBUF = 500;

/** A line into the message buffer. */
export function logLine(t: GuestTree, line: string) {
  t.dmesg.push(line);
  const over = t.dmesg.length - MSGBUF;
  if (over <= 0) return;
  t.dmesg.splice(0, over);
  t.dmesgTaken = Math.max(0, t.dmesgTaken - over);
}

/** The lab's guests are small: netmap's own 163840 buffers would be 320 MB of each. */
const SYSCTL_CONF = 'dev.netmap.buf_num=8192\n';

export function newGuestTree(vm: string): GuestTree {
  return {
    ...newNetTree({ ...netmapSysctls(), ...STACK_SYSCTL }, [loopback(1)], 1),
    vm,
    stage: 0,
    pci: [],
    memdevs: [],
    vtnets: [],
    ptFds: [],
    ramNext: 0x1000000,
    ramFree: [],
    wired: [],
    words: 0,
    ktds: [],
    ktdPages: [],
    threads: [],
    tdPage: 0,
    targFree: [],
    bootNs: 0,
    os: {
      hostname: vm,
      nextPid: 400,
      procs: [],
      ttys: [],
      files: { '/etc/rc.conf': `hostname="${vm}"\nifconfig_DEFAULT="up"\n`, '/etc/sysctl.conf': SYSCTL_CONF },
    },
  };
}
