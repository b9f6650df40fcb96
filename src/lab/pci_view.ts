// The PCI bus of each VM as bhyve emulates it and the guest reads it: functions, BARs and what they map, capabilities, the MSI-X table,
// features that were negotiated (facts bhyve 3.3, 4.2 to 4.6). Capability links are the guest's to damage: they are followed a few times only.

import * as L from '../../wasm/layout.ts';
import type { BhyveState } from '../host/bhyve/ctx.ts';
import { slotKey } from '../host/bhyve/ctx.ts';
import { Pci, type PciFunction } from '../host/bhyve/pci_emul.ts';
import type { VmEntry } from '../host/kernel/vmm.ts';
import { FEATURES } from '../guest/kernel/virtio_pci.ts';
import { words } from './kring_view.ts';
import { functionsOf, vtnetAt, whereOf } from './objects.ts';
import type { NamedWord, PciBar, PciFunctionView, PciView } from './panel_types.ts';
import { PCI_CONFIG } from './structs.ts';
import type { World } from './world.ts';

const CAPS: Record<number, string> = { 5: 'MSI', 16: 'PCI Express', 17: 'MSI-X' };
const CAPS_MOST = 16;
const CLASSES: Record<number, string> = {
  256: 'SCSI storage',
  262: 'SATA storage',
  512: 'Ethernet',
  1536: 'host bridge',
  1537: 'ISA bridge',
  1792: 'serial port',
  4096: 'cryptography, entropy',
};
const COMMAND: readonly [number, string][] = [
  [1, 'PORTEN'],
  [2, 'MEMEN'],
  [4, 'BUSMASTEREN'],
  [0x400, 'INTxDIS'],
];
/** The bit of the GSoC tree that has no name in virtio's own lists. */
const F_PTNETMAP = 25;

const hex = (n: number) => `0x${(n >>> 0).toString(16)}`;

function barMaps(w: World, vm: VmEntry, f: PciFunction, i: number): string {
  const b = f.bars[i];
  if (!b) return '';
  if (f.emul === 'virtio-net') {
    const st = w.host.bhyveOf(vm)?.st as BhyveState | undefined,
      pt = st?.backends[slotKey(f)]?.kind === 'ptnetmap';
    return i === 0 ? `virtio registers, MAC${pt ? ', ptnetmap registers' : ''}` : 'MSI-X table and pending bits';
  }
  if (f.emul === 'ptnetmap-memdev') {
    if (i === 0) return 'FEATURES, MEMSIZE, HOSTID';
    const host = w.host.vmm.hostAddress(vm, b.addr),
      e = w.tree.host.mems.find((x) => host !== undefined && w.m.ld32(x.addr + L.MEM_BASE) === host);
    return e
      ? `netmap memory ${e.id} of ${e.owner || 'the global allocator'}, at host ${hex(host ?? 0)}`
      : 'nothing: the memory stayed where it was mapped';
  }
  if (/^virtio-/.test(f.emul)) return i === 0 ? 'virtio registers' : 'MSI-X table';
  return f.emul === 'uart' ? 'registers of the UART' : 'registers (not modelled)';
}

function capsOf(w: World, f: PciFunction): PciFunctionView['caps'] {
  const { m } = w,
    c = f.page,
    out: PciFunctionView['caps'] = [];
  const seen = new Set<number>();
  for (let at = m.ld8(c + 0x34); at >= 0x40 && !seen.has(at) && out.length < CAPS_MOST; at = m.ld8(c + at + 1)) {
    seen.add(at);
    const id = m.ld8(c + at),
      // the words lie wherever a link says, aligned or not
      w16 = (o: number) => m.ld8(c + ((at + o) & 255)) | (m.ld8(c + ((at + o + 1) & 255)) << 8),
      w32 = (o: number) => (w16(o) | (w16(o + 2) << 16)) >>> 0,
      ctrl = w16(2);
    let says = '';
    if (id === 5)
      says = `${1 << ((ctrl >>> 1) & 7)} message${(ctrl >>> 1) & 7 ? 's' : ''}, ${ctrl & 1 ? `enabled: ${hex(w32(4))} = ${hex(w16(ctrl & 0x80 ? 12 : 8))}` : 'disabled'}`;
    if (id === 17)
      says = `${(ctrl & 0x7ff) + 1} vectors, ${ctrl & 0x8000 ? 'enabled' : 'disabled'}${ctrl & 0x4000 ? ', all masked' : ''}, table in BAR${w32(4) & 7} at ${hex(w32(4) & ~7)}, pending bits in BAR${w32(8) & 7} at ${hex(w32(8) & ~7)}`;
    out.push({ at, id, name: CAPS[id] ?? `id ${hex(id)}`, says });
  }
  return out;
}

function msixOf(w: World, f: PciFunction): PciFunctionView['msix'] {
  const { m } = w;
  if (f.emul !== 'virtio-net' || !m.ld32(f.page + L.VN_HAS_MSIX)) return [];
  const user = (v: number) =>
    [
      m.ld32(f.page + L.VN_CFGVEC) === v ? 'configuration' : '',
      m.ld32(f.page + L.VN_VQ + L.VQ_RX * L.VQ_SIZE + L.VQ_MSIX) === v ? 'queue 0, RX' : '',
      m.ld32(f.page + L.VN_VQ + L.VQ_TX * L.VQ_SIZE + L.VQ_MSIX) === v ? 'queue 1, TX' : '',
    ]
      .filter((x) => x)
      .join('; ');
  return Array.from({ length: L.VN_MSIX_VECTORS }, (_, vector) => {
    const e = f.page + L.VN_MSIX_TABLE + vector * 16;
    return { vector, addr: m.ld64(e), data: m.ld32(e + 8), masked: (m.ld32(e + 12) & 1) !== 0, use: user(vector) };
  });
}

function featuresOf(w: World, f: PciFunction): PciFunctionView['features'] {
  if (!/^virtio-/.test(f.emul)) return [];
  const offered = w.m.ld32(f.page + L.VN_HOSTCAP),
    taken = w.m.ld32(f.page + L.VN_GUESTCAP),
    net = f.emul === 'virtio-net';
  return Array.from({ length: 32 }, (_, bit) => ({
    bit,
    name: bit === F_PTNETMAP && net ? 'PTNETMAP (2015)' : ((net || bit >= 24 ? FEATURES[bit] : '') ?? ''),
    offered: ((offered >>> bit) & 1) === 1,
    negotiated: ((taken >>> bit) & 1) === 1,
  })).filter((x) => x.offered || x.negotiated);
}

function own(w: World, vm: VmEntry, f: PciFunction): NamedWord[] {
  const { m } = w;
  const one = (name: string, at: number, bytes: 1 | 2 | 4, owner: NamedWord['owner'], note: string, says = ''): NamedWord => {
    let value = 0; // the ptnetmap registers are not aligned
    for (let i = bytes - 1; i >= 0; i--) value = value * 256 + m.ld8(f.page + at + i);
    return { name, addr: f.page + at, bytes, value, owner, note, hex: true, ...(says ? { says } : {}) };
  };
  if (f.emul === 'ptnetmap-memdev')
    return [
      one('MEMSIZE', L.MEMDEV_SIZE, 4, 'host', 'bytes of the region'),
      { ...one('HOSTID', L.MEMDEV_ID, 2, 'host', 'the allocator’s number on the host') },
    ];
  if (f.emul !== 'virtio-net') return [];
  const st = w.host.bhyveOf(vm)?.st as BhyveState | undefined,
    be = st?.backends[slotKey(f)],
    status = m.ld32(f.page + L.VN_STATUS);
  return [
    one(
      'STATUS',
      L.VN_STATUS,
      4,
      'guest',
      'how far the driver is',
      ['ACKNOWLEDGE', 'DRIVER', 'DRIVER_OK'].filter((_, i) => status & (1 << i)).join(', '),
    ),
    one('HOSTCAP', L.VN_HOSTCAP, 4, 'host', 'features offered'),
    one('GUESTCAP', L.VN_GUESTCAP, 4, 'guest', 'features negotiated'),
    one('QSEL', L.VN_CURQ, 4, 'guest', 'queue that the next registers are of'),
    one('ISR', L.VN_ISR, 4, 'host', 'interrupt status, cleared when read'),
    ...(be?.kind === 'ptnetmap'
      ? [
          one('PTFEAT', L.VN_PTN + L.PTN_PTFEAT, 4, 'shared', 'passthrough features: 1, BASE'),
          one('PTCTL', L.VN_PTN + L.PTN_PTCTL, 4, 'guest', 'the last command', PTCTL[m.ld8(f.page + L.VN_PTN + L.PTN_PTCTL)] ?? ''),
          one('PTSTS', L.VN_PTN + L.PTN_PTSTS, 4, 'host', 'what it came to'),
          one('CSBBAH', L.VN_PTN + L.PTN_CSBBAH, 4, 'guest', 'address of the CSB, high half'),
          one('CSBBAL', L.VN_PTN + L.PTN_CSBBAL, 4, 'guest', 'address of the CSB, low half'),
        ]
      : []),
  ];
}
const PTCTL: Record<number, string> = {
  [L.PTCTL_CONFIG]: 'CONFIG',
  [L.PTCTL_FINALIZE]: 'FINALIZE',
  [L.PTCTL_IFNEW]: 'IFNEW',
  [L.PTCTL_IFDELETE]: 'IFDELETE',
  [L.PTCTL_DEREF]: 'DEREF',
  [L.PTCTL_REGIF]: 'REGIF',
  [L.PTCTL_UNREGIF]: 'UNREGIF',
  [L.PTCTL_HOSTMEMID]: 'HOSTMEMID',
};

/** A register with the words that its value has. */
function decoded(w: World, f: PciFunction, r: NamedWord): NamedWord {
  const cls = (w.m.ld8(f.page + 0x0b) << 8) | w.m.ld8(f.page + 0x0a);
  const says: Record<string, () => string> = {
    command: () =>
      COMMAND.filter(([b]) => r.value & b)
        .map(([, n]) => n)
        .join(', '),
    status: () => (r.value & 0x10 ? 'CAPPRESENT' : ''),
    hdrtype: () => (r.value & 0x80 ? 'several functions' : ''),
    class: () => CLASSES[cls] ?? '',
    intpin: () => (r.value >= 1 && r.value <= 4 ? `INT${'ABCD'[r.value - 1]}` : ''),
  };
  if (/^bar\d$/.test(r.name) && r.value)
    return { ...r, says: r.value & 1 ? `I/O at ${hex(r.value & ~3)}` : `memory at ${hex(r.value & ~15)}` };
  const t = says[r.name]?.();
  return t ? { ...r, says: t } : r;
}

function view(w: World, vm: VmEntry, pci: Pci, f: PciFunction): PciFunctionView {
  const { m } = w,
    c = f.page,
    dev = w.tree.guests[vm.name]?.pci.find((d) => d.bus === f.bus && d.slot === f.slot && d.func === f.func),
    sc = vtnetAt(w, vm, f);
  const bars: PciBar[] = f.bars.flatMap((b, n) => (b ? [{ n, type: b.type, addr: b.addr, size: b.size, maps: barMaps(w, vm, f, n) }] : []));
  return {
    id: `${vm.name} ${whereOf(f)}`,
    where: whereOf(f),
    emul: f.emul,
    conf: f.conf,
    vendor: m.ld16(c),
    device: m.ld16(c + 2),
    cls: (m.ld8(c + 0x0b) << 8) | m.ld8(c + 0x0a),
    driver: [dev?.driver ?? '', sc?.name ?? ''].filter((x) => x).join(', '),
    bars,
    caps: capsOf(w, f),
    msix: msixOf(w, f),
    features: featuresOf(w, f),
    registers: words(w, PCI_CONFIG, c, 'host').map((r) =>
      decoded(w, f, r.name === 'hdrtype' ? { ...r, value: pci.cfg(f.bus, f.slot, f.func, 0x0e, 1, undefined) } : r),
    ),
    own: own(w, vm, f),
    config: Array.from({ length: 256 }, (_, reg) => pci.cfg(f.bus, f.slot, f.func, reg, 1, undefined) & 255),
    addr: c,
  };
}

export function pciView(w: World): PciView {
  return {
    vms: w.tree.host.vms.flatMap((vm) => {
      const st = w.host.bhyveOf(vm)?.st as BhyveState | undefined;
      if (!st) return [];
      const pci = new Pci(w.m, st.pci);
      const order = [...functionsOf(w, vm)].sort((a, b) => a.bus - b.bus || a.slot - b.slot || a.func - b.func);
      return [{ name: vm.name, functions: order.map((f) => view(w, vm, pci, f)) }];
    }),
  };
}
