// Model of the allocators and of registration: who holds which rings of which port, what each open answers, which objects of
// which allocator are taken. Written from facts netmap 1.5, 1.7, 1.8, 1.12, 1.13 and 4.1 alone; 2015's exactly two ends a pipe.

import { privateSizes, region, type PoolSize } from './mem.ts';

export type Refusal = 'EBUSY' | 'EINVAL' | 'ENXIO' | 'ENOMEM';
export const MODE = { DEFAULT: 0, ALL_NIC: 1, SW: 2, NIC_SW: 3, ONE_NIC: 4, MASTER: 5, SLAVE: 6 };

/** Objects of a pool: the lowest free one goes first. */
export class Objects {
  readonly #free: boolean[];
  #low = 0;
  left: number;
  constructor(total: number, reserved: number) {
    this.#free = Array.from({ length: total }, (_, i) => i >= reserved);
    this.left = total - reserved;
  }
  take(): number {
    const i = this.#free.indexOf(true, this.#low);
    if (i < 0) throw new Error('none left');
    this.#free[i] = false;
    this.#low = i + 1;
    this.left--;
    return i;
  }
  many(n: number): number[] {
    return Array.from({ length: n }, () => this.take());
  }
  give(objects: readonly number[]) {
    for (const i of objects) {
      this.#free[i] = true;
      this.#low = Math.min(this.#low, i);
    }
    this.left += objects.length;
  }
}

export interface Mem {
  id: number;
  bytes: number;
  ifs: Objects;
  rings: Objects;
  bufs: Objects;
  ifSize: number;
  /** Adapters that live in it. */
  users: number;
}
/** An adapter: a port or an end of a pipe. */
export interface Adapter {
  name: string;
  mem: Mem;
  ntx: number;
  nrx: number;
  slots: number;
  /** It has the host's stack behind it. */
  stack: boolean;
  /** Users of each ring and whether one of them has it for itself; the host's ring last. */
  tx: { users: number; exclusive: boolean }[];
  rx: { users: number; exclusive: boolean }[];
  fds: number;
  /** Pairs of pipes, of a port. */
  pipes: number;
  pair?: Pair;
}
interface Pair {
  parent: Adapter;
  ends: [Adapter, Adapter];
}
export interface Fd {
  na: Adapter;
  tx: [number, number];
  rx: [number, number];
  exclusive: boolean;
  nifp: number;
  extra: number[];
}
export interface Ask {
  name: string;
  mode: number;
  ringid: number;
  exclusive: boolean;
  memId: number;
  extra: number;
  pipes: number;
  rings: [number, number];
  slots: number;
}
/** What the machine's tunables say. */
export interface Tunables {
  global: readonly PoolSize[];
  nics: Record<string, { queues: number; slots: number }>;
  slots: number;
  /** Slots for which a switch port's own allocator is laid out at least. */
  laidOutFor: number;
}

const some = (n: number) => Array.from({ length: n }, () => ({ users: 0, exclusive: false }));

export class Registry {
  readonly mems: Mem[] = [];
  readonly adapters: Adapter[] = [];
  readonly fds: Fd[] = [];
  readonly #taken = new Map<object, { mem: Mem; rings: number[]; bufs: number[] }>();
  #lastId = 1;
  constructor(readonly t: Tunables) {}

  #mem(sizes: readonly PoolSize[], id: number): Mem {
    const shape = region(sizes),
      [ifs, rings, bufs] = shape?.pools ?? [];
    if (!shape || !ifs || !rings || !bufs) throw new Error('no such region');
    const mem: Mem = {
      id,
      bytes: shape.total,
      ifs: new Objects(ifs.objtotal, 1), // the first describes the allocator
      rings: new Objects(rings.objtotal, 0),
      bufs: new Objects(bufs.objtotal, 2),
      ifSize: ifs.objsize,
      users: 0,
    };
    this.mems.push(mem);
    return mem;
  }
  #byId(id: number): Mem | undefined {
    return this.mems.find((m) => m.id === id) ?? (id === 1 ? this.#mem(this.t.global, 1) : undefined);
  }
  #adapter(a: Pick<Adapter, 'name' | 'mem' | 'ntx' | 'nrx' | 'slots' | 'stack'>): Adapter {
    const na: Adapter = { ...a, tx: some(a.ntx + 1), rx: some(a.nrx + 1), fds: 0, pipes: 0 };
    a.mem.users++;
    this.adapters.push(na);
    return na;
  }

  /** The port of a name, made if it is not there. */
  #port(q: Ask): Adapter | Refusal {
    const there = this.adapters.find((a) => a.name === q.name && !a.pair);
    if (there) return there;
    const nic = this.t.nics[q.name],
      vale = q.name.startsWith('vale');
    if (!nic && !vale) return 'ENXIO';
    if (q.memId && q.memId !== 1 && !this.mems.some((m) => m.id === q.memId)) return 'EINVAL';
    const asked = q.memId ? this.#byId(q.memId) : undefined;
    if (nic) {
      const mem = asked ?? (this.#byId(1) as Mem);
      return this.#adapter({ name: q.name, mem, ntx: nic.queues, nrx: nic.queues, slots: nic.slots, stack: true });
    }
    const [ntx, nrx] = q.rings.map((n) => Math.max(1, n)) as [number, number],
      slots = q.slots || this.t.slots,
      size = Math.max(slots, this.t.laidOutFor);
    let mem = asked;
    if (!mem) {
      do this.#lastId++;
      while (this.mems.some((m) => m.id === this.#lastId));
      mem = this.#mem(privateSizes({ txr: ntx, rxr: nrx, txd: size, rxd: size, extra: q.extra, npipes: q.pipes || 2 }), this.#lastId);
    }
    return this.#adapter({ name: q.name, mem, ntx, nrx, slots, stack: false });
  }
  /** An end of a pipe; both are made with the first. */
  #end(q: Ask): Adapter | Refusal {
    const name = (master: boolean) => `${q.name}${master ? '{' : '}'}${q.ringid}`,
      there = this.adapters.find((a) => a.name === name(q.mode === MODE.MASTER));
    if (there) return there;
    const parent = this.#port(q);
    if (typeof parent === 'string') return parent;
    const [a, b] = [true, false].map((m) =>
      this.#adapter({ name: name(m), mem: parent.mem, ntx: 1, nrx: 1, slots: parent.slots, stack: false }),
    ) as [Adapter, Adapter];
    a.pair = b.pair = { parent, ends: [a, b] };
    parent.pipes++;
    return q.mode === MODE.MASTER ? a : b;
  }

  /** Rings, first and without the last. */
  #range(na: Adapter, q: Ask): { tx: [number, number]; rx: [number, number] } | 'EINVAL' {
    let { mode } = q;
    const { ntx, nrx } = na,
      i = q.ringid & 0xfff;
    if (mode === MODE.DEFAULT) mode = q.ringid & 0x2000 ? MODE.SW : q.ringid & 0x4000 ? MODE.ONE_NIC : MODE.ALL_NIC;
    if (mode === MODE.ALL_NIC || mode === MODE.MASTER || mode === MODE.SLAVE) return { tx: [0, ntx], rx: [0, nrx] };
    if (mode === MODE.ONE_NIC) {
      if (i >= ntx && i >= nrx) return 'EINVAL';
      const [t, r] = [i < ntx ? i : 0, i < nrx ? i : 0];
      return { tx: [t, t + 1], rx: [r, r + 1] };
    }
    if ((mode !== MODE.SW && mode !== MODE.NIC_SW) || !na.stack) return 'EINVAL';
    return mode === MODE.SW ? { tx: [ntx, ntx + 1], rx: [nrx, nrx + 1] } : { tx: [0, ntx + 1], rx: [0, nrx + 1] };
  }

  open(q: Ask): Fd | Refusal {
    const known = q.memId <= 1 || this.mems.some((m) => m.id === q.memId);
    if (!known) return 'EINVAL';
    const na = q.mode === MODE.MASTER || q.mode === MODE.SLAVE ? this.#end(q) : this.#port(q);
    if (typeof na === 'string') return na;
    const answer = this.#bind(na, q);
    if (typeof answer === 'string') this.#idle(na);
    return answer;
  }
  #bind(na: Adapter, q: Ask): Fd | Refusal {
    const range = this.#range(na, q);
    if (range === 'EINVAL') return range;
    const mine = [...na.tx.slice(...range.tx), ...na.rx.slice(...range.rx)],
      { mem } = na;
    if (mine.some((r) => r.exclusive || (q.exclusive && r.users > 0))) return 'EBUSY';
    const owner = na.pair ?? na,
      group = na.pair?.ends ?? [na];
    if (!this.#taken.has(owner)) {
      // every ring object, and buffers for those that are not fake
      const rings = group.reduce((n, a) => n + a.ntx + a.nrx + 2, 0),
        bufs = group.reduce((n, a) => n + (a.ntx + a.nrx + (a.stack ? 2 : 0)) * a.slots, 0);
      if (rings > mem.rings.left || bufs > mem.bufs.left || mem.ifs.left === 0) return 'ENOMEM';
      this.#taken.set(owner, { mem, rings: mem.rings.many(rings), bufs: mem.bufs.many(bufs) });
    } else if (mem.ifs.left === 0) return 'ENOMEM';
    for (const r of mine) {
      r.users++;
      if (q.exclusive) r.exclusive = true;
    }
    na.fds++;
    const fd: Fd = { na, ...range, exclusive: q.exclusive, nifp: mem.ifs.take(), extra: mem.bufs.many(Math.min(q.extra, mem.bufs.left)) };
    fd.extra.reverse(); // the last one that was taken is the head
    this.fds.push(fd);
    return fd;
  }

  close(fd: Fd) {
    const { na } = fd,
      { mem } = na;
    this.fds.splice(this.fds.indexOf(fd), 1);
    for (const r of [...na.tx.slice(...fd.tx), ...na.rx.slice(...fd.rx)]) {
      r.users--;
      if (fd.exclusive) r.exclusive = false;
    }
    na.fds--;
    mem.ifs.give([fd.nifp]);
    mem.bufs.give(fd.extra);
    if ((na.pair?.ends ?? [na]).every((a) => a.fds === 0)) {
      const owner = na.pair ?? na,
        had = this.#taken.get(owner);
      if (had) {
        mem.rings.give(had.rings);
        mem.bufs.give(had.bufs);
      }
      this.#taken.delete(owner);
    }
    this.#idle(na);
  }
  /** What nobody uses any more goes: a pipe with both ends, its port, the allocator. */
  #idle(na: Adapter) {
    const { pair } = na;
    if (pair) {
      if (pair.ends.some((e) => e.fds > 0)) return;
      for (const e of pair.ends) this.#gone(e);
      pair.parent.pipes--;
      this.#idle(pair.parent);
    } else if (na.fds === 0 && na.pipes === 0) this.#gone(na);
  }
  #gone(na: Adapter) {
    this.adapters.splice(this.adapters.indexOf(na), 1);
    if (--na.mem.users === 0) this.mems.splice(this.mems.indexOf(na.mem), 1);
  }
}
