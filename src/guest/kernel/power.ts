// The ports by which a machine ends: ACPI's fixed registers and the reset register. Mirrors acpi(4) and cpu_reset() as far as
// bhyve's pm.c answers.

import * as L from '../../../wasm/layout.ts';
import type { GuestCpu } from '../../hw/vcpu.ts';

const SMI_CMD = 0xb2,
  ACPI_ENABLE = 0xa0,
  PM1_STS = 0x400,
  PM1_EN = 0x402,
  PM1_CNT = 0x404,
  RESET = 0xcf9;
const PWRBTN = 0x100,
  SLP_EN = 0x2000,
  S5 = 5 << 10;

/** At boot: ACPI on, and its power button. */
export function acpiEnable(cpu: GuestCpu) {
  cpu.out(SMI_CMD, 1, ACPI_ENABLE);
  cpu.out(PM1_EN, 2, PWRBTN);
}

/** The SCI's handler: true when the power button was pressed, which is answered to the hardware here. */
export function powerButton(cpu: GuestCpu): boolean {
  if (!cpu.m.ld32(cpu.vcpu + L.VCPU_SCI)) return false;
  const sts = cpu.in(PM1_STS, 2);
  cpu.out(PM1_STS, 2, sts);
  return (sts & PWRBTN) !== 0;
}

export function leave(cpu: GuestCpu, how: 'poweroff' | 'reset') {
  if (how === 'poweroff') cpu.out(PM1_CNT, 2, SLP_EN | S5);
  else cpu.out(RESET, 1, 6);
}
