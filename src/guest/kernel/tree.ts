// The guest kernel's control-plane state that is not bytes. Plain JSON, changed by actions on its vCPU only.

import { STACK_SYSCTL, loopback } from '../../net/if_table.ts';
import { netmapSysctls } from '../../net/netmap_sysctl.ts';
import { type NetTree, newNetTree } from '../../net/tree.ts';
import type { OsTree } from '../../sh/proc.ts';

export interface PciDev {
  bus: number;
  slot: number;
  func: number;
  vendor: number;
  device: number;
  cls: number;
  hdr: number;
  bars: { type: 'io' | 'mem'; base: number; size: number }[];
  driver: string;
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
  vector: number;
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
