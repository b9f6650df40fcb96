// The guest's driver of ptnetmap-memdev: reads MEMSIZE and HOSTID, reserves the BAR; the memory is mapped when a port is opened.
// Mirrors ptn_memdev_probe and ptn_memdev_attach of netmap_freebsd.c, 2015 (facts bhyve 4.6, 6.1).

import { kernelLine } from '../../bin/debug_line.ts';
import type { VtnetEnv } from './if_vtnet.ts';
import type { PciDev } from './tree.ts';
import { attachAs, attachFailed } from './virtio_pci.ts';

const ENXIO = 6;

export function attachMemdev(e: VtnetEnv, d: PciDev) {
  const { cpu, t } = e,
    io = d.bars.find((b) => b.type === 'io'),
    mem = d.bars.find((b) => b.type === 'mem');
  e.log(kernelLine(e.now(), 'ptn_memdev_probe', 595, 'ptn_memdev_driver probe'));
  const name = attachAs(e, d, 'ptnetmap-memdev', 'ptnetmap-memdev PCI adapter');
  e.log(kernelLine(e.now(), 'ptn_memdev_attach', 619, 'ptn_memdev_driver attach'));
  if (!io) {
    attachFailed(e, d, 'cannot map I/O space', ENXIO);
    return;
  }
  const size = cpu.in(io.base + 4, 4) >>> 0,
    id = cpu.in(io.base + 8, 2) & 0xffff;
  e.log(kernelLine(e.now(), 'ptn_memdev_attach', 644, `ptn_memdev_driver probe OK - host_id: ${id}`));
  const unit = Number(name.slice('ptnetmap-memdev'.length));
  t.memdevs.push({ unit, iobase: io.base, bar: mem?.base ?? 0, size: mem ? size : 0, barSize: mem?.size ?? 0, id, mapped: false });
}
