// ptnetmap-memdev: the host's netmap region as a PCI BAR. Mirrors pci_ptnetmap_memdev.c (facts bhyve 4.6): a list of
// records pairs "device without memory" with "memory without device", first come first served. Misspelt messages kept.

import * as L from '../../../wasm/layout.ts';
import type { BhyveCtx } from './ctx.ts';
import type { PciFunction } from './pci_emul.ts';

export interface MemdevRecord {
  slot: string | null;
  mem: { ptr: number; size: number; id: number } | null;
  mapped: boolean;
}

const key = (f: PciFunction) => `${f.bus}:${f.slot}:${f.func}`;

/** Both BARs and the mapping, once both halves exist. Non-zero when they do not fit. */
function configureBars(c: BhyveCtx, r: MemdevRecord): number {
  const f = c.st.pci.functions.find((x) => key(x) === r.slot),
    { mem } = r,
    { m } = c;
  if (!f || !mem) return 0;
  if (!c.pci.allocBar(f, 0, 'io', 10)) {
    c.out('ptnetmap_memdev: iobar allocation error -1');
    return -1;
  }
  const bar = c.pci.allocBar(f, 1, 'mem32', mem.size);
  if (!bar) {
    c.out('ptnetmap_memdev: membar allocation error -1');
    return -1;
  }
  const error = c.vmm.mapUserBuf(c.vm, bar.addr, mem.size, mem.ptr);
  if (error) {
    c.out('ptnetmap_memdev: membar map error -1');
    return -1;
  }
  m.st32(f.page + L.MEMDEV_SIZE, mem.size);
  m.st16(f.page + L.MEMDEV_ID, mem.id);
  r.mapped = true;
  return 0;
}

function newRecord(c: BhyveCtx): MemdevRecord {
  const r: MemdevRecord = { slot: null, mem: null, mapped: false };
  c.st.memdevs.push(r);
  return r;
}

/** Both error paths take the record out of the list; what pointed to it reads zeros from then on. */
function forget(c: BhyveCtx, r: MemdevRecord) {
  c.out('ptnetmap_memdev: configure error');
  c.st.memdevs = c.st.memdevs.filter((x) => x !== r);
}

/** Device initialisation. Here a failure counts: bhyve ends. */
export function memdevInit(c: BhyveCtx, f: PciFunction): number {
  c.pci.identify(f, 0x3333, 0x0001, 0x0200, 0x3333, 1);
  const r = c.st.memdevs.find((x) => x.slot === null) ?? newRecord(c);
  r.slot = key(f);
  const err = configureBars(c, r);
  if (err) forget(c, r);
  return err;
}

/**
 * ptn_memdev_attach: a back-end brings its allocator. Its result is ignored by the caller, as in 2015. On an error the
 * original frees the record and then clears the device's pointer through it: a use after free, here only the pointer's end.
 */
export function memdevAttach(c: BhyveCtx, ptr: number, size: number, id: number): number {
  if (c.st.memdevs.some((r) => r.mem?.id === id)) {
    c.out('ptnetmap_memdev: already attched');
    return 0;
  }
  const r = c.st.memdevs.find((x) => x.mem === null) ?? newRecord(c);
  r.mem = { ptr, size, id };
  const err = configureBars(c, r);
  if (err) forget(c, r);
  return err;
}

/** I/O BAR: FEATURES 0 (not implemented), MEMSIZE 4, HOSTID 8. */
export function memdevIo(c: BhyveCtx, f: PciFunction, offset: number, value: number | undefined): number {
  const { m } = c;
  if (value !== undefined) {
    c.out('ptnentmap_memdev: write io reg unexpected');
    return 0;
  }
  if (offset === 4) return m.ld32(f.page + L.MEMDEV_SIZE);
  if (offset === 8) return m.ld16(f.page + L.MEMDEV_ID);
  c.out('ptnentmap_memdev: read io reg unexpected');
  return 0;
}

/** The MEM BAR, where no memory is mapped behind it: past the allocator's end, or where a guest has moved it. */
export function memdevMem(c: BhyveCtx, offset: number, value: number | undefined): number {
  c.out(`ptnetmap_memdev: unexpected MEM ${value === undefined ? 'read' : 'write'} - offset ${offset.toString(16)}`);
  return 0;
}
