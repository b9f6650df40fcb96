// What the guest's kernel counts of interrupts: intrcnt and intrnames. Mirrors intr_machdep.c and the names of 10.x, where an MSI
// is called after the device that owns it (facts bhyve 6.1, 6.4). The counters are the vCPU's own (wasm/guest/sched.ts).

import * as L from '../../../wasm/layout.ts';
import type { IntrCount } from '../../bin/sys.ts';
import type { GuestCpu } from '../../hw/vcpu.ts';
import type { GuestTree } from './tree.ts';
import { FIRST_MSI_IRQ } from './virtio_pci.ts';

/** The UART has interrupted: characters have come. */
export function uartInterrupt(cpu: GuestCpu) {
  cpu.m.add64(cpu.vcpu + L.VCPU_INTR_UART, 1);
}

export function interrupts(cpu: GuestCpu, t: GuestTree): IntrCount[] {
  const { m, vcpu } = cpu,
    first = FIRST_MSI_IRQ - L.IDT_FIRST;
  return [
    { name: 'irq4: uart0', count: m.ld64(vcpu + L.VCPU_INTR_UART) },
    { name: 'cpu0:timer', count: m.ld64(vcpu + L.VCPU_INTR_TIMER) },
    ...t.vtnets.flatMap((v) =>
      Array.from({ length: v.nvec }, (_, i) => ({
        name: `irq${first + v.vector + i}: virtio_pci${v.unit}`,
        count: m.ld64(vcpu + L.VCPU_INTRCNT + (v.vector + i - L.IDT_FIRST) * 8),
      })),
    ),
  ];
}
