// The rows of the host's interfaces at boot, and the sysctls of what is at the other end of em0's cable.

import * as L from '../../../wasm/layout.ts';
import { type IfEntry, STACK_SYSCTL, loopback } from '../../net/if_table.ts';
import { NICS } from './sysctls.ts';

/** Who may be at the other end of em0's cable: nobody, a plug that returns what is sent, nobody who answers, a station that does. */
export const EM_PARTNERS: Record<string, number> = { none: L.EMP_NONE, loop: L.EMP_LOOP, sink: L.EMP_SINK, echo: L.EMP_ECHO };

export const IF_SYSCTL: Record<string, number | string> = {
  'dev.lab.em.0.partner': 'echo',
  ...STACK_SYSCTL,
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
    loopback(first + 1),
  ];
}
