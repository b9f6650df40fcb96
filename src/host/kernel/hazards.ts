// dev.lab.hazard.H*: the hazards of ptnetmap as switches, and the revision of each VM. The lab's own, no sysctl of FreeBSD's.
// -1 leaves a hazard to the VM's revision, 1 has it whatever the revision, 0 has it not. What each is: facts netmap 5C.

import * as L from '../../../wasm/layout.ts';
import type { Machine } from '../../sim/machine.ts';
import type { VmEntry } from './vmm.ts';

/** Name, bit, and what is wrong while it is on. */
export const HAZARDS: readonly (readonly [string, number, string])[] = [
  ['H1', L.HZ_H1, 'the host does not look again after "please kick me"'],
  ['H2', L.HZ_H2, 'no store-load barrier before a look again (with dev.lab.tso)'],
  ['H3', L.HZ_H3, 'the guest does not look again after "please interrupt me"'],
  ['H4', L.HZ_H4, "a guest's kick is a bare wakeup"],
  ['H5', L.HZ_H5, 'hwtail and hwcur go the other way round, and clamps mend what is read'],
  ['H6', L.HZ_H6, "the host trusts the guest's indices"],
  ['H7', L.HZ_H7, 'at most half a ring is sent at a time'],
  ['H8', L.HZ_H8, 'no kick when a ring looks empty'],
  ['H9', L.HZ_H9, 'the host does not ask a slow back-end for its completions'],
  ['H10', L.HZ_H10, 'the TX worker releases a kring that it found taken'],
  ['H12', L.HZ_H12, 'the host asks cur whether a ring is full or empty'],
  ['H13', L.HZ_H13, "a port's notify does not ask whether it has been stopped"],
  ['H17', L.HZ_H17, 'a vector that the guest moves is not noticed before the next REGIF'],
  ['H19', L.HZ_H19, 'poll gives nothing back when it finds something at once'],
  ['H20', L.HZ_H20, 'a port leaves a switch while a sender is inside'],
];
export const hazardName = (h: string) => `dev.lab.hazard.${h}`;

export const HAZARD_SYSCTL: Readonly<Record<string, number>> = Object.fromEntries(HAZARDS.map(([h]) => [hazardName(h), -1]));
/** Sets one: true, or undefined when the name is none of these. False: not -1, 0 or 1. */
export function setHazard(m: Machine, name: string, value: number): boolean | undefined {
  const bit = HAZARDS.find(([h]) => hazardName(h) === name)?.[1];
  if (bit === undefined) return undefined;
  if (value < -1 || value > 1) return false;
  for (const [word, on] of [
    [L.M_HAZARD_ON, value === 1],
    [L.M_HAZARD_OFF, value === 0],
  ] as const) {
    const old = m.ld32(L.MACHINE + word);
    m.st32(L.MACHINE + word, on ? old | bit : old & ~bit);
  }
  return true;
}

/** Whether a port of this revision has a hazard; the data plane asks the same (wasm/net/hazards.ts). */
export function hasHazard(m: Machine, rev: number, bit: number): boolean {
  const own = rev === L.PROTOCOL_2019 ? L.HAZARDS_2019 : L.HAZARDS_2015;
  return ((own | m.ld32(L.MACHINE + L.M_HAZARD_ON)) & ~m.ld32(L.MACHINE + L.M_HAZARD_OFF) & bit) !== 0;
}

/** dev.lab.seen.*: how often a hazard touched what had been freed. */
export const seenSysctl = (m: Machine): Record<string, number> => ({
  'dev.lab.seen.H13': m.ld32(L.MACHINE + L.M_SEEN_H13),
  'dev.lab.seen.H20': m.ld32(L.MACHINE + L.M_SEEN_H20),
});

/** The revision of a VM's two kernels. */
export const protocolOf = (m: Machine, vm: VmEntry): 2015 | 2019 => (m.ld32(vm.vm + L.VM_PROTOCOL) === L.PROTOCOL_2019 ? 2019 : 2015);

/** dev.lab.vm.NAME.protocol of every VM that runs. */
export const protocolSysctl = (m: Machine, vms: readonly VmEntry[]): Record<string, number> =>
  Object.fromEntries(vms.filter((v) => v.block).map((v) => [`dev.lab.vm.${v.name}.protocol`, protocolOf(m, v)]));
