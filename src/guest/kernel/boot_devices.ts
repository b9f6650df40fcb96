// Devices of the guest besides network and memdev: what their drivers of FreeBSD 10 say when they attach. The disks are found and
// sized, and nothing is read from them: the root is the memory disk (modelled).

import type { VtnetEnv } from './if_vtnet.ts';
import type { PciDev } from './tree.ts';
import { attachAs, isVirtio, virtioPciAttach, virtioType } from './virtio_pci.ts';

const CAPACITY = 24,
  STATUS = 18;
const BLOCK = 2,
  ENTROPY = 4;

/** The driver of a virtio device but network. */
function virtio(e: VtnetEnv, d: PciDev) {
  if (!virtioPciAttach(e, d)) return;
  const { cpu } = e,
    base = d.bars.find((b) => b.type === 'io')?.base ?? 0,
    unit = e.t.pci.filter((x) => isVirtio(x) && x.driver !== '' && virtioType(x) === virtioType(d)).length - 1;
  if (virtioType(d) === BLOCK) {
    e.log(`vtblk${unit}: <VirtIO Block Adapter> on ${d.driver}`);
    for (const status of [0, 1, 3]) cpu.out(base + STATUS, 1, status);
    cpu.out(base + 4, 4, cpu.in(base, 4));
    const sectors = cpu.in(base + CAPACITY, 4) + cpu.in(base + CAPACITY + 4, 4) * 2 ** 32;
    cpu.out(base + STATUS, 1, 7);
    e.log(`vtblk${unit}: ${Math.floor(sectors / 2048)}MB (${sectors} 512 byte sectors)`);
    e.t.disks = [...(e.t.disks ?? []), `vtbd${unit}`];
  } else if (virtioType(d) === ENTROPY) {
    e.log(`vtrnd${unit}: <VirtIO Entropy Adapter> on ${d.driver}`);
    for (const status of [0, 1, 3, 7]) cpu.out(base + STATUS, 1, status);
  }
}

/** True when a driver wanted it. */
export function otherAttach(e: VtnetEnv, d: PciDev): boolean {
  if (isVirtio(d)) {
    virtio(e, d);
    return true;
  }
  if (d.vendor === 0x8086 && d.device === 0x2821) {
    const name = attachAs(e, d, 'ahci', 'Intel ICH8 AHCI SATA controller');
    e.log(`ahcich${Number(name.slice('ahci'.length)) * 6}: <AHCI channel> at channel 0 on ${name}`);
    return true;
  }
  return false;
}
