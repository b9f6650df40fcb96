// A VALE switch whose ports have several rings each way, virtio-net headers and payload in their users' own memory, beside its
// model. differences() says where slots, buffers, indices, leases and buckets disagree.

import * as R from '../../src/bin/nmreq.ts';
import type { NetmapFd } from '../../src/host/kernel/tree.ts';
import type { World } from '../../src/lab/world.ts';
import * as L from '../../wasm/layout.ts';
import { freshLab, wasmFile } from '../typed.ts';
import { type Plane, RingAt, syncRing, writeSlot } from './plane.ts';
import type { Slot } from './ring.ts';
import { newRx, newSwitch, type Port, rxsync, type Switch, txsync } from './vale.ts';
import { must } from './vale_machine.ts';

export interface Shape {
  ntx: number;
  nrx: number;
  header?: number;
}
interface At {
  tx: RingAt[];
  rx: RingAt[];
  na: number;
  bufs: number;
  size: number;
  /** The user's own memory. */
  own: number;
}
/** Bytes of a user's own memory. */
export const OWN = 16384;

export class RingsBench {
  readonly w: World;
  readonly wasm: Plane;
  readonly sw: Switch = newSwitch();
  readonly at: At[] = [];

  constructor(
    readonly n: number,
    shapes: readonly Shape[],
  ) {
    this.w = freshLab(n, 1);
    const { m } = this.w,
      { netmap } = this.w.host;
    this.wasm = m.freeInstance(wasmFile('free'), m.block(L.THREAD_MAX - 1)) as unknown as Plane;
    shapes.forEach(({ ntx, nrx, header = 0 }, i) => {
      const name = `vale0:p${i}`,
        id = netmap.dev(1),
        more = { nr_flags: R.NR_REG_ALL_NIC, nr_tx_rings: ntx, nr_rx_rings: nrx, nr_tx_slots: n, nr_rx_slots: n };
      const e = netmap.ioctl(id, R.NIOCREGIF, R.newNmreq(name, more));
      if (e) throw new Error(e);
      if (header && netmap.ioctl(netmap.dev(1), R.NIOCREGIF, R.newNmreq(name, { nr_cmd: R.NETMAP_BDG_VNET_HDR, nr_arg1: header })))
        throw new Error('no header');
      this.#port(netmap.fd(id) as NetmapFd, header);
    });
  }
  #port(fd: NetmapFd, header: number) {
    const { m } = this.w,
      { n } = this,
      krings = (first: number, count: number) => Array.from({ length: count }, (_, k) => new RingAt(m, first + k * L.KR_SIZE)),
      mem = m.ld32(fd.na + L.NA_MEM),
      pool = mem + L.MEM_POOL + L.POOL_BUF * L.MEM_POOL_SIZE,
      size = m.ld32(pool + L.POOL_OBJSIZE),
      bufs = m.ld32(mem + L.MEM_BASE) + m.ld32(pool + L.POOL_OFFSET),
      own = m.alloc(OWN),
      mine = new Uint8Array(OWN),
      at: At = { tx: krings(fd.tx, fd.ntx), rx: krings(fd.rx, fd.nrx), na: fd.na, bufs, size, own };
    for (let k = 0; k < OWN; k++) mine[k] = (k * 7 + this.at.length * 31) & 255;
    m.u8.set(mine, own);
    const port: Port = {
      tx: at.tx.map((r) => ({ n, hwcur: 0, hwtail: n - 1, slots: r.slots() })),
      rx: at.rx.map((r) => newRx(n, r.slots())),
      pool: { total: m.ld32(pool + L.POOL_OBJTOTAL), size },
      buffers: new Map(),
      lastSmac: 0,
      header,
      // with what lies behind it, for copies that are rounded up
      memory: (ptr, len) => mine.slice(ptr - own, ptr - own + len + 64),
    };
    for (const s of [...at.tx, ...at.rx].flatMap((r) => r.slots())) {
      m.touch(bufs + s.idx * size, size);
      port.buffers.set(s.idx, new Uint8Array(size));
    }
    this.#own.push(mine);
    this.at.push(at);
    this.sw.ports.push(port);
  }
  readonly #own: Uint8Array[] = [];

  port(i: number): Port {
    return must(this.sw.ports[i]);
  }
  set batch(n: number) {
    this.w.m.st32(L.MACHINE + L.M_BRIDGE_BATCH, n);
    this.sw.batch = n;
  }
  /** The user writes a slot, and bytes at the beginning of its payload, wherever that is. */
  write(i: number, ring: number, k: number, s: Slot, bytes: number[]) {
    const at = must(this.at[i]),
      p = this.port(i);
    writeSlot(this.w.m, must(at.tx[ring]).ring, k, s);
    must(p.tx[ring]).slots[k] = { ...s };
    if (s.ptr) {
      must(this.#own[i]).set(bytes, s.ptr - at.own);
      this.w.m.u8.set(bytes, s.ptr);
    } else {
      must(p.buffers.get(s.idx)).set(bytes);
      this.w.m.u8.set(bytes, at.bufs + s.idx * at.size);
    }
  }
  send(i: number, ring: number, head: number) {
    const tx = must(must(this.at[i]).tx[ring]);
    tx.user(head, head);
    if (!syncRing(this.wasm, tx, 'tx')) throw new Error('the lab refused what the model sends');
    return txsync(this.sw, i, ring, head);
  }
  release(i: number, ring: number, head: number) {
    const rx = must(must(this.at[i]).rx[ring]);
    rx.finalize();
    rx.user(head, head);
    if (!syncRing(this.wasm, rx, 'rx')) throw new Error('the lab refused what the model releases');
    rxsync(must(this.port(i).rx[ring]), head);
  }

  differences(): string[] {
    const { m } = this.w,
      out: string[] = [],
      say = (what: string, g: unknown, e: unknown) => {
        if (JSON.stringify(g) !== JSON.stringify(e)) out.push(`${what}: got ${JSON.stringify(g)}, expected ${JSON.stringify(e)}`);
      };
    this.at.forEach((at, i) => {
      const p = this.port(i);
      at.tx.forEach((r, k) => {
        const { hwcur, hwtail } = r.words(),
          want = must(p.tx[k]);
        say(`p${i} tx${k}`, [hwcur, hwtail], [want.hwcur, want.hwtail]);
        r.slots().forEach((s, j) => {
          say(`p${i} tx${k} slot ${j}`, s, want.slots[j]);
        });
      });
      at.rx.forEach((r, k) => {
        const { hwcur, hwtail } = r.words(),
          { q, slots } = must(p.rx[k]);
        say(
          `p${i} rx${k}`,
          [hwcur, hwtail, m.ld32(r.kr + L.KR_HWLEASE), m.ld32(r.kr + L.KR_LEASE_IDX)],
          [q.hwcur, q.hwtail, q.hwlease, q.leaseIdx],
        );
        r.slots().forEach((s, j) => {
          say(`p${i} rx${k} slot ${j}`, s, slots[j]);
        });
      });
      for (const [idx, want] of p.buffers) {
        const a = at.bufs + idx * at.size;
        if (Buffer.compare(m.u8.subarray(a, a + at.size), want) === 0) continue;
        const byte = want.findIndex((x, k) => x !== m.u8[a + k]);
        say(`p${i} buffer ${idx} byte ${byte}`, m.u8[a + byte], want[byte]);
      }
      say(`p${i} last_smac`, m.ld64(at.na + L.NA_LAST_SMAC), p.lastSmac);
    });
    const ht = must(this.w.tree.host.bridges[0]).addr + L.BDG_HT;
    this.sw.table.forEach((want, k) => {
      say(`bucket ${k}`, { mac: m.ld64(ht + 16 * k), port: m.ld64(ht + 16 * k + 8) }, want);
    });
    return out;
  }
}
