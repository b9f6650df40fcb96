// Names of PCI vendors, devices and classes, as far as a guest of the lab can meet them. Mirrors the database that pciconf(8) reads
// (facts bhyve 4.1, 6.2) and the class table of pci.c. 0x3333 was nobody's number, so it has no name.

const VENDORS: Record<number, [string, Record<number, string>]> = {
  4130: ['Advanced Micro Devices, Inc. [AMD]', {}],
  4317: ['Evans & Sutherland', {}],
  4725: ['Network Appliance Corporation', {}],
  6900: ['Red Hat, Inc.', { 4096: 'Virtio network device', 4097: 'Virtio block device', 4099: 'Virtio console', 4101: 'Virtio RNG' }],
  32902: [
    'Intel Corporation',
    { 10273: '82801HR/HO/HH (ICH8R/DO/DH) 6 port SATA Controller [AHCI mode]', 28672: '82371SB PIIX3 ISA [Natoma/Triton II]' },
  ],
};
export const vendorName = (vendor: number): string | undefined => VENDORS[vendor]?.[0];
export const deviceName = (vendor: number, device: number): string | undefined => VENDORS[vendor]?.[1][device];

const CLASSES: Record<number, [string, Record<number, string>]> = {
  0: ['old', { 0: 'non-VGA display device', 1: 'VGA-compatible display device' }],
  1: ['mass storage', { 0: 'SCSI', 1: 'ATA', 6: 'SATA', 8: 'NVM' }],
  2: ['network', { 0: 'ethernet' }],
  6: ['bridge', { 0: 'HOST-PCI', 1: 'PCI-ISA', 4: 'PCI-PCI' }],
  7: ['simple comms', { 0: 'UART', 1: 'parallel port' }],
  16: ['encrypt/decrypt', { 0: 'network/computer crypto', 16: 'entertainment crypto' }],
};
export const className = (cls: number): string | undefined => CLASSES[cls >>> 16]?.[0];
export const subclassName = (cls: number): string | undefined => CLASSES[cls >>> 16]?.[1][(cls >>> 8) & 255];
