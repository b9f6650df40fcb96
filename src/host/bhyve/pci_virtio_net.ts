// virtio-net over legacy virtio-pci, with the ptnetmap registers of 2015 behind the device configuration. Mirrors
// pci_virtio_net.c, virtio.c and pci_virtio_ptnetmap.h (facts bhyve 3.1 to 3.3, 3.9; netmap 5A.3, 5A.5).

import * as L from '../../../wasm/layout.ts';
import { ERRNO } from '../kernel/tree.ts';
import type { BhyveCtx } from './ctx.ts';
import { doorbellOf, startIoctl } from './lab_options.ts';
import { bhyveMac, parseUnicastMac } from './mac.ts';
import { beFeatures, netbeInit } from './net_backends.ts';
import type { PciFunction } from './pci_emul.ts';

const RINGSZ = 1024,
  CONFIG = 24,
  BASE_CAPS = 0x01018020;
const NO_VECTOR = 0xffff,
  SIGSEGV = 11;
const CSB_BYTES = L.CSB_RX_RING + L.PTR_SYNC_FLAGS + 4;
const key = (f: PciFunction) => `${f.bus}:${f.slot}:${f.func}`;
const vq = (f: PciFunction, q: number) => f.page + L.VN_VQ + q * L.VQ_SIZE;

/** Device initialisation: back-end first, then MSI-X (BAR 1), then I/O (BAR 0). BAR failures are ignored, as in 2015. */
export function virtioNetInit(c: BhyveCtx, f: PciFunction): number {
  const { m, st } = c,
    [backend = '', ...opts] = f.conf.split(',');
  c.pci.identify(f, 0x1af4, 0x1000, 0x0200, 0, 1);
  let mac = opts.length ? '00:00:00:00:00:00' : bhyveMac(f.slot, f.func, st.vmname); // any option suppresses the rule
  for (const o of opts)
    if (o.startsWith('mac=')) {
      if (!parseUnicastMac(o.slice(4))) {
        c.err(`Invalid MAC ${o.slice(4)}`);
        return 1;
      }
      mac = o.slice(4);
    }
  mac.split(':').forEach((b, i) => {
    m.st8(f.page + L.VN_MAC + i, Number.parseInt(b, 16));
  });
  const be = backend ? netbeInit(c, backend) : { name: '', kind: 'none' as const, fd: 0 };
  st.backends[key(f)] = be;
  m.st16(f.page + L.VN_MAC + 6, be.kind === 'none' ? 0 : 1); // link status
  m.st16(f.page + L.VN_MAC + 8, 1);
  m.st32(f.page + L.VN_HOSTCAP, BASE_CAPS | beFeatures(be));
  if (st.flags.msix) {
    c.pci.allocBar(f, 1, 'mem32', 8192); // its result is ignored: the capability stands there all the same
    c.pci.capability(f, 0x40, 0x4c, [0x11, 0, 2, 0, 1, 0, 0, 0, 1, 0x10, 0, 0]);
  }
  c.pci.msi(f, st.flags.msix ? 0x4c : 0x40, 1);
  c.pci.allocBar(f, 0, 'io', CONFIG + 10 + (be.kind === 'ptnetmap' ? L.PTN_IO_SIZE : 0));
  reset(c, f);
  return 0;
}

function reset(c: BhyveCtx, f: PciFunction) {
  const { m } = c;
  m.st32(f.page + L.VN_GUESTCAP, 0);
  m.st32(f.page + L.VN_CURQ, 0);
  m.st32(f.page + L.VN_STATUS, 0);
  m.st32(f.page + L.VN_CFGVEC, NO_VECTOR);
  for (const q of [L.VQ_RX, L.VQ_TX]) {
    m.u8.fill(0, vq(f, q), vq(f, q) + L.VQ_SIZE);
    m.st32(vq(f, q) + L.VQ_QSIZE, RINGSZ);
    m.st32(vq(f, q) + L.VQ_MSIX, NO_VECTOR);
  }
}

/** BAR 0 (I/O). */
export function virtioNetIo(c: BhyveCtx, f: PciFunction, offset: number, bytes: number, value: number | undefined): number {
  const { m } = c,
    p = f.page,
    q = m.ld32(p + L.VN_CURQ),
    has = q < 2;
  if (offset >= CONFIG) return config(c, f, offset - CONFIG, bytes, value);
  if (value === undefined)
    switch (offset) {
      case 0:
        return m.ld32(p + L.VN_HOSTCAP);
      case 4:
        return m.ld32(p + L.VN_GUESTCAP);
      case 8:
        return has ? m.ld32(vq(f, q) + L.VQ_PFN) : 0;
      case 12:
        return has ? RINGSZ : 0;
      case 14:
        return q;
      case 18:
        return m.ld32(p + L.VN_STATUS);
      case 19: {
        const isr = m.ld32(p + L.VN_ISR);
        m.st32(p + L.VN_ISR, 0);
        return isr;
      }
      case 20:
        return m.ld32(p + L.VN_CFGVEC);
      case 22:
        return has ? m.ld32(vq(f, q) + L.VQ_MSIX) : NO_VECTOR;
      default:
        c.out(`vtnet: read from bad offset/size ${offset}/${bytes}\r`);
        return 0xffffffff;
    }
  switch (offset) {
    case 4:
      m.st32(p + L.VN_GUESTCAP, value & m.ld32(p + L.VN_HOSTCAP));
      return 0;
    case 8:
      if (has) m.st32(vq(f, q) + L.VQ_PFN, value);
      else c.out(`vtnet: write config reg PFN: curq ${q} >= max 2\r`);
      return 0;
    case 14:
      m.st32(p + L.VN_CURQ, value & 0xffff);
      return 0;
    case 16:
      c.vmm.stat(c.vm, L.STAT_QNOTIFY_USER);
      if (value > 1) c.out(`vtnet: queue ${value} notify out of range\r`);
      return 0;
    case 18:
      m.st32(p + L.VN_STATUS, value & 0xff);
      if (!(value & 0xff)) reset(c, f);
      return 0;
    case 20:
      m.st32(p + L.VN_CFGVEC, value < 3 ? value : NO_VECTOR);
      return 0;
    case 22:
      if (has) m.st32(vq(f, q) + L.VQ_MSIX, value < 3 ? value : NO_VECTOR);
      else c.out(`vtnet: write config reg QVEC: curq ${q} >= max 2\r`);
      return 0;
    case 0:
    case 12:
    case 19:
      c.out(`vtnet: write to read-only reg ${{ 0: 'HOSTCAP', 12: 'QNUM', 19: 'ISR' }[offset]}\r`);
      return 0;
    default:
      c.out(`vtnet: write to bad offset/size ${offset}/${bytes}\r`);
      return 0;
  }
}

/** Device configuration: 10 bytes of virtio_net_config, then the ptnetmap registers. Byte accesses; +0 acts. */
function config(c: BhyveCtx, f: PciFunction, offset: number, bytes: number, value: number | undefined): number {
  const { m } = c,
    be = c.st.backends[key(f)],
    end = 10 + (be?.kind === 'ptnetmap' ? L.PTN_IO_SIZE : 0);
  if (offset + bytes > end) {
    c.out(`vtnet: ${value === undefined ? 'read from' : 'write to'} bad offset/size ${offset + CONFIG}/${bytes}\r`);
    return 0xffffffff;
  }
  const at = f.page + L.VN_MAC + offset;
  if (value === undefined) {
    let v = 0;
    for (let i = bytes - 1; i >= 0; i--) v = v * 256 + m.ld8(at + i);
    return v;
  }
  if (offset < 10) {
    if (offset < 6) for (let i = 0; i < bytes; i++) m.st8(at + i, (value >>> (8 * i)) & 255);
    return 0;
  }
  for (let i = 0; i < bytes; i++) m.st8(at + i, (value >>> (8 * i)) & 255);
  ptnetmapWrite(c, f, offset - 10);
  return 0;
}

/** Little-endian word of the shadow registers, which are not aligned in the page. */
const reg = (c: BhyveCtx, f: PciFunction, r: number) =>
  (c.m.ld8(f.page + L.VN_PTN + r) |
    (c.m.ld8(f.page + L.VN_PTN + r + 1) << 8) |
    (c.m.ld8(f.page + L.VN_PTN + r + 2) << 16) |
    (c.m.ld8(f.page + L.VN_PTN + r + 3) << 24)) >>>
  0;

function ptnetmapWrite(c: BhyveCtx, f: PciFunction, offset: number) {
  const { m } = c;
  switch (
    offset // only the register's own offset acts: byte 0, the last one written
  ) {
    case L.PTN_PTFEAT:
      m.st8(f.page + L.VN_PTN, reg(c, f, L.PTN_PTFEAT) & L.NET_PTN_FEATURES_BASE);
      for (let i = 1; i < 4; i++) m.st8(f.page + L.VN_PTN + i, 0);
      return;
    case L.PTN_PTCTL:
      setStatus(c, f, ptctl(c, f, reg(c, f, L.PTN_PTCTL)));
      return;
    case L.PTN_CSBBAL: {
      const gpa = reg(c, f, L.PTN_CSBBAH) * 4294967296 + reg(c, f, L.PTN_CSBBAL),
        host = gpa && gpa % 4 === 0 ? c.vmm.guestRam(c.vm, gpa, CSB_BYTES) : undefined;
      if (host !== undefined) m.st32(f.page + L.VN_CSB, host); // address 0 is ignored: the old pointer stays
      return;
    }
    default:
  }
}

/** PTSTS keeps one byte, as in 2015. */
export function setStatus(c: BhyveCtx, f: PciFunction, v: number) {
  const at = f.page + L.VN_PTN + L.PTN_PTSTS;
  c.m.st8(at, v & 0xff);
  for (let i = 1; i < 4; i++) c.m.st8(at + i, 0);
}

function ptctl(c: BhyveCtx, f: PciFunction, cmd: number): number {
  const { m } = c,
    be = c.st.backends[key(f)],
    fd = c.netmap.fd(be?.fd ?? 0),
    csb = m.ld32(f.page + L.VN_CSB);
  if (!fd) return ERRNO.EINVAL[0];
  switch (cmd) {
    case L.PTCTL_CONFIG:
      if (!csb) return ERRNO.EINVAL[0];
      m.st32(csb + L.CSB_NIFP_OFFSET, c.netmap.offset(fd));
      m.st16(csb + L.CSB_NUM_TX_RINGS, m.ld32(fd.na + L.NA_NUM_TX_RINGS));
      m.st16(csb + L.CSB_NUM_RX_RINGS, m.ld32(fd.na + L.NA_NUM_RX_RINGS));
      m.st16(csb + L.CSB_NUM_TX_SLOTS, m.ld32(fd.na + L.NA_NUM_TX_DESC));
      m.st16(csb + L.CSB_NUM_RX_SLOTS, m.ld32(fd.na + L.NA_NUM_RX_DESC));
      return 0;
    case L.PTCTL_REGIF:
      return up(c, f, csb);
    case L.PTCTL_UNREGIF:
      down(c, f);
      return 0;
    case L.PTCTL_HOSTMEMID:
      return c.netmap.memOf(fd).id;
    case L.PTCTL_FINALIZE:
    case L.PTCTL_IFNEW:
    case L.PTCTL_IFDELETE:
    case L.PTCTL_DEREF:
      return 0;
    default:
      return ERRNO.EINVAL[0];
  }
}

/** pci_vtnet_ptnetmap_up: MSI-X copied as programmed now, two register handlers, CSB flags, the kernel threads. */
function up(c: BhyveCtx, f: PciFunction, csb: number): number {
  const { m } = c,
    be = c.st.backends[key(f)],
    fd = c.netmap.fd(be?.fd ?? 0),
    bar0 = f.bars[0];
  if (m.ld32(f.page + L.VN_PTN_UP)) {
    c.out('ERROR ptnetmap: already UP');
    return -1;
  }
  if (!csb) {
    c.out('ERROR ptnetmap: CSB undefined');
    return -1;
  }
  if (!fd || !bar0) return ERRNO.EINVAL[0];
  if (!c.st.flags.msix) {
    // -W: there is no MSI-X table, and its entry is read without a check
    c.st.suspend ??= 128 + SIGSEGV;
    return -1;
  }
  const bell = doorbellOf(c);
  const rings = [L.VQ_RX, L.VQ_TX].map((q) => {
    const v = m.ld32(vq(f, q) + L.VQ_MSIX),
      e = f.page + L.VN_MSIX_TABLE + (v < 3 ? v : 0) * 16;
    consumeOne(c, f, q);
    return { ioeventfd: vq(f, q), msg: m.ld32(e + 8), addr: m.ld64(e), ...(bell === L.VM_IO_REGH_FD ? { efd: efdOf(f, q) } : {}) };
  });
  for (const q of [L.VQ_RX, L.VQ_TX]) {
    const err = c.vmm.ioRegHandler(
      c.vm,
      bar0.addr + L.VTCFG_R_QNOTIFY,
      0,
      0xffffffff,
      q,
      bell,
      bell === L.VM_IO_REGH_FD ? efdOf(f, q) : vq(f, q),
    );
    m.st32(efdOf(f, q) + L.EFD_COUNT, 0);
    m.st32(efdOf(f, q) + L.EFD_WCHAN, vq(f, q));
    if (err) {
      c.out(`ERROR ptnetmap: vm_io_reg_handler ${ERRNO[err][0]}`);
      handlersOff(c, f);
      return ERRNO[err][0];
    }
  }
  m.st32(csb + L.CSB_HOST_NEED_TXKICK, 1);
  m.st32(csb + L.CSB_GUEST_NEED_TXKICK, 0);
  m.st32(csb + L.CSB_GUEST_NEED_RXKICK, 1);
  m.st32(csb + L.CSB_HOST_NEED_RXKICK, 1);
  const [rx, tx] = rings;
  if (!rx || !tx) return ERRNO.EINVAL[0];
  const err = c.ptn.create(fd, { features: 7, csb, vm: c.vm, tx, rx });
  if (err) {
    handlersOff(c, f);
    c.out(`Unable to execute NETMAP_PT_HOST_CREATE on ${fd.name}: ${ERRNO[err][1]}`);
    return ERRNO[err][0];
  }
  m.st32(f.page + L.VN_PTN_UP, 1);
  startIoctl(c, f, fd);
  return 0;
}

/** Where the lab's descriptor of a queue's doorbell counts. */
const efdOf = (f: PciFunction, q: number) => f.page + L.VN_EFD + q * 8;

function handlersOff(c: BhyveCtx, f: PciFunction) {
  const port = (f.bars[0]?.addr ?? 0) + L.VTCFG_R_QNOTIFY;
  for (const q of [L.VQ_RX, L.VQ_TX]) c.vmm.ioRegHandler(c.vm, port, 0, 0xffffffff, q, L.VM_IO_REGH_DELETE, 0);
}

/** pci_vtnet_ptnetmap_down: the ioctl that stops the threads takes its time; the vCPU stays in userspace until then. */
export function down(c: BhyveCtx, f: PciFunction) {
  const { m } = c,
    be = c.st.backends[key(f)];
  if (!m.ld32(f.page + L.VN_PTN_UP) || !be) return;
  handlersOff(c, f);
  m.st32(f.page + L.VN_PTN_UP, 0);
  const entry = c.ptn.find(be.fd);
  if (entry) {
    c.ptn.stop(entry);
    c.st.pending = { fd: be.fd, page: f.page };
  }
}

/** The one descriptor chain that REGIF takes and returns with length 0; then the device asks for kicks again. */
function consumeOne(c: BhyveCtx, f: PciFunction, q: number) {
  const { m } = c,
    v = vq(f, q),
    base = m.ld32(v + L.VQ_PFN) * L.PAGE;
  if (!base) return;
  const at = (o: number) => c.vmm.guestRam(c.vm, base + o, 4);
  const avail = at(16 * RINGSZ),
    used = at(20480);
  if (avail === undefined || used === undefined) return;
  const last = m.ld32(v + L.VQ_LAST_AVAIL);
  if ((m.ld16(avail + 2) & 0xffff) !== last) {
    const idx = m.ld16(at(16 * RINGSZ + 4 + (last % RINGSZ) * 2) ?? avail),
      ui = m.ld32(v + L.VQ_USED_IDX);
    const slot = at(20480 + 4 + (ui % RINGSZ) * 8);
    if (slot !== undefined) {
      m.st32(slot, idx);
      const len = at(20480 + 8 + (ui % RINGSZ) * 8); // perhaps in the next page, which is elsewhere
      if (len !== undefined) m.st32(len, 0);
    }
    m.st32(v + L.VQ_LAST_AVAIL, (last + 1) & 0xffff);
    m.st32(v + L.VQ_USED_IDX, (ui + 1) & 0xffff);
    m.st16(used + 2, (ui + 1) & 0xffff);
  }
  m.st16(used, 0); // NO_NOTIFY off
}

/** BAR 1: the MSI-X table and its pending bits. */
export function virtioNetMsix(c: BhyveCtx, f: PciFunction, offset: number, value: number | undefined): number {
  const { m } = c;
  if (offset >= 48) return 0;
  if (value === undefined) return m.ld32(f.page + L.VN_MSIX_TABLE + (offset & ~3));
  m.st32(f.page + L.VN_MSIX_TABLE + (offset & ~3), value);
  return 0;
}
