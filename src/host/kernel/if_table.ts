// What the host's tree holds of its network: a row an interface, the stack's page and threads. Plain JSON.

import * as L from '../../../wasm/layout.ts';
import type { Strerror } from '../../bin/sys.ts';
import { ERRNO, type Errno } from './errno.ts';
import { NICS } from './sysctls.ts';

/** Nothing, an error, or: somebody is inside, ask again. */
export type IfAnswer = Strerror | 'again' | undefined;
export const errno = (e: Errno): Strerror => ({ errno: ERRNO[e][0], text: ERRNO[e][1] });

export interface IfEntry {
  name: string;
  kind: 'ix' | 'em' | 'tap' | 'bridge' | 'lo';
  unit: number;
  /** The number of its <Link#N>. */
  index: number;
  /** Its IF block and softc, 0 until it is used; the thread of its hardware. */
  addr: number;
  softc: number;
  block: number;
  /** IFF_*. */
  flags: number;
  mtu: number;
  mac: string;
  /** IPv4, first byte lowest. */
  inet?: { addr: number; mask: number };
  /** The bridge of which it is a member. */
  bridge?: string;
  /** A bridge: its members; how long it remembers an address, and how many. */
  members?: string[];
  timeout?: number;
  maxaddr?: number;
  /** A tap: who has /dev/tapN open. */
  pid?: number;
}

export interface NetEntry {
  /** The stack's page and the blocks of its threads, 0 until there is one. */
  stack: number;
  isr: number;
  clock: number;
  nextIndex: number;
}

/** Who may be at the other end of em0's cable: nobody, a plug that returns what is sent, nobody who answers, a station that does. */
export const EM_PARTNERS: Record<string, number> = { none: L.EMP_NONE, loop: L.EMP_LOOP, sink: L.EMP_SINK, echo: L.EMP_ECHO };

export const IF_SYSCTL: Record<string, number | string> = {
  'dev.lab.em.0.partner': 'echo',
  'kern.ipc.nmbclusters': 4096,
  'net.isr.defaultqlimit': 256,
  'net.link.ifqmaxlen': 50,
  'net.link.tap.up_on_open': 0,
};

/** The interfaces of a host that has just booted; `first` is the index of the first of them. */
export function newInterfaces(first: number): IfEntry[] {
  const none = { unit: 0, addr: 0, softc: 0, block: 0 };
  return [
    ...NICS.map((name, unit) => ({
      name,
      kind: 'ix' as const,
      ...none,
      unit,
      index: unit + 1,
      flags: 0x8802 | L.IFF_UP | L.IFF_DRV_RUNNING,
      mtu: 1500,
      mac: `90:e2:ba:00:00:0${unit + 1}`,
    })),
    { name: 'em0', kind: 'em', ...none, index: first, flags: 0x8802, mtu: 1500, mac: '00:1b:21:5e:00:01' },
    {
      name: 'lo0',
      kind: 'lo',
      ...none,
      index: first + 1,
      flags: L.IFF_UP | 8 | L.IFF_DRV_RUNNING | 0x8000,
      mtu: 16384,
      mac: '',
      inet: { addr: 0x0100007f, mask: 0xff },
    },
  ];
}
