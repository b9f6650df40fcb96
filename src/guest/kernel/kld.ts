// Linked files of the guest's kernel: itself, with everything built in that the lab has. Mirrors kern_linker.c in small; of the
// modules in a kernel of 10.x those are listed that the lab knows something of.

import type { KldFile, Strerror } from '../../bin/sys.ts';

const MODULES = [
  'kernel',
  'mem',
  'md',
  'netmap',
  'pci/ptnetmap-memdev',
  'cpu/est',
  'acpi/pcib',
  'pcib/pci',
  'pci/hostb',
  'pci/isab',
  'isa/uart',
  'acpi/uart',
  'acpi/hpet',
  'pci/virtio_pci',
  'virtio_pci/vtnet',
  'if_lo',
  'devfs',
  'ufs',
];

export const guestModules = (): KldFile[] => [{ id: 1, refs: 1, name: 'kernel', modules: MODULES }];

export function kldLoad(name: string): Strerror {
  return name === 'netmap' || name === 'kernel' ? { errno: 17, text: 'File exists' } : { errno: 2, text: 'No such file or directory' };
}
