// The registers of ptnetmap behind virtio-net's configuration, and the way into passthrough and out of it. Mirrors
// pci_virtio_ptnetmap.h and pci_vtnet_ptnetmap_up and _down of the GSoC tree (facts bhyve 3.2, 3.9, 4.5, 10; netmap 5A.3, 5A.5).

import * as L from '../../../wasm/layout.ts';
import { ERRNO } from '../kernel/tree.ts';
import { type BhyveCtx, SEGV, slotKey } from './ctx.ts';
import { doorbellOf, startIoctl } from './lab_options.ts';
import type { PciFunction } from './pci_emul.ts';
import { VRING_AVAIL, VRING_USED, availWord, setUsedFlags, usedWord, vqAddr, vringByte } from './virtio.ts';

const CSB_BYTES = L.CSB_RX_RING + L.PTR_SYNC_FLAGS + 4;

/** Little-endian word of the shadow registers, which are not aligned in the page. */
const reg = (c: BhyveCtx, f: PciFunction, r: number) =>
  (c.m.ld8(f.page + L.VN_PTN + r) |
    (c.m.ld8(f.page + L.VN_PTN + r + 1) << 8) |
    (c.m.ld8(f.page + L.VN_PTN + r + 2) << 16) |
    (c.m.ld8(f.page + L.VN_PTN + r + 3) << 24)) >>>
  0;

/** A register was written. */
export function ptnetmapWrite(c: BhyveCtx, f: PciFunction, offset: number) {
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
    be = c.st.backends[slotKey(f)],
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
    be = c.st.backends[slotKey(f)],
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
    // -W: there is no MSI-X table to take entry 0xFFFF of
    c.st.suspend ??= SEGV;
    return -1;
  }
  const bell = doorbellOf(c),
    fds = bell === L.VM_IO_REGH_FD;
  const rings = [L.VQ_RX, L.VQ_TX].map((q) => {
    const v = m.ld32(vqAddr(f, q) + L.VQ_MSIX),
      e = f.page + L.VN_MSIX_TABLE + v * 16;
    consumeOne(c, f, q);
    // No vector: 2015 reads a megabyte behind the table. The lab takes zeros for what is there: an MSI to nobody.
    const [msg, addr] = v < L.VN_MSIX_VECTORS ? [m.ld32(e + 8), m.ld64(e)] : [0, 0];
    return { ioeventfd: vqAddr(f, q), msg, addr, ...(fds ? { efd: efdOf(f, q) } : {}) };
  });
  for (const q of [L.VQ_RX, L.VQ_TX]) {
    const arg = fds ? efdOf(f, q) : vqAddr(f, q),
      err = c.vmm.ioRegHandler(c.vm, bar0.addr + L.VTCFG_R_QNOTIFY, 0, 0xffffffff, q, bell, arg);
    m.st32(efdOf(f, q) + L.EFD_COUNT, 0);
    m.st32(efdOf(f, q) + L.EFD_WCHAN, vqAddr(f, q));
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
  if (!(reg(c, f, L.PTN_PTFEAT) & L.NET_PTN_FEATURES_BASE)) {
    c.out('ptnetmap features not acked');
    handlersOff(c, f);
    return ERRNO.EFAULT[0];
  }
  const err = c.ptn.create(fd, { features: 7, csb, vm: c.vm, tx, rx });
  if (err) {
    handlersOff(c, f);
    c.out(`Unable to execute NETMAP_PT_HOST_CREATE on ${fd.name}: ${ERRNO[err][1]}`);
    return ERRNO[err][0];
  }
  f.kicksAt = [L.VNS_TX_KICKS, L.VNS_RX_KICKS].reduce((n, i) => n + m.ld64(f.page + L.VN_STAT + i * 8), 0);
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
    be = c.st.backends[slotKey(f)];
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
    v = vqAddr(f, q),
    avail = availWord(c, f, q),
    used = usedWord(c, f, q);
  if (avail === undefined || used === undefined) return;
  const last = m.ld32(v + L.VQ_LAST_AVAIL),
    ui = m.ld32(v + L.VQ_USED_IDX),
    entry = vringByte(c, f, q, VRING_AVAIL + L.VR_RING + (last % L.VTNET_RINGSZ) * 2),
    [id, len] = [0, 4].map((o) => vringByte(c, f, q, VRING_USED + L.VR_RING + (ui % L.VTNET_RINGSZ) * L.VRU_ELEM + o));
  if (m.ld16(avail + 2) !== last && entry !== undefined && id !== undefined && len !== undefined) {
    m.st32(id, m.ld16(entry));
    m.st32(len, 0);
    m.st32(v + L.VQ_LAST_AVAIL, (last + 1) & 0xffff);
    m.st32(v + L.VQ_USED_IDX, (ui + 1) & 0xffff);
  }
  setUsedFlags(c, f, q, 0);
}
