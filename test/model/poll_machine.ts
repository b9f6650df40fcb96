// Ports of a machine with several rings beside the model of poll and of the sync ioctls: every word that either may change is
// written into both, one system call is made, and differences() says where the two disagree.

import * as R from '../../src/bin/nmreq.ts';
import type { NetmapFd } from '../../src/host/kernel/tree.ts';
import type { World } from '../../src/lab/world.ts';
import * as L from '../../wasm/layout.ts';
import { Client, type Plane, planeOf } from '../hostile.ts';
import { freshLab } from '../typed.ts';
import { type End, newHalf, pipeRxsync, pipeTxsync } from './pipe.ts';
import { ringWords } from './plane.ts';
import { type Fd, type Kring, poll2015, type Polled, syncIoctl2015 } from './poll.ts';
import { newRing, prev, type Ring } from './ring.ts';

export const SLOTS = 8;
export const ERRNO = { ENXIO: 6, EBUSY: 16 };
type Dir = 'tx' | 'rx';
const DIRS = ['tx', 'rx'] as const;
const STAMP = 0xabcdef;

/** A kring in both worlds. */
export interface Both {
  kr: number;
  k: Kring;
  busy: boolean;
  stopped: boolean;
}
/** A port: its rings each way, the host's fake ring behind the last of each. */
export interface PortAt {
  na: number;
  tx: Both[];
  rx: Both[];
  /** The other end of a pipe, of which only the indices count. */
  peer?: { tx: Both; rx: Both };
}
/** A descriptor of it. */
export interface FdAt {
  port: PortAt;
  client: Client;
  fd: NetmapFd;
  first: { tx: number; rx: number };
}

const WORDS = ['hwcur', 'hwtail', 'rhead', 'rcur', 'rtail', 'head', 'cur', 'tail'] as const;

export class PollBench {
  readonly w: World;
  readonly plane: Plane;
  constructor() {
    this.w = freshLab(SLOTS, 1);
    this.plane = planeOf(this.w) as Plane;
  }

  open(name: string, more: Partial<R.Nmreq>): NetmapFd {
    const { netmap } = this.w.host,
      id = netmap.dev(1),
      e = netmap.ioctl(id, R.NIOCREGIF, R.newNmreq(name, { nr_flags: R.NR_REG_ALL_NIC, ...more }));
    if (e) throw new Error(e);
    return netmap.fd(id) as NetmapFd;
  }

  /** A VALE port of its own switch, and descriptors of all its rings and of each by itself. */
  vale(name: string, ntx: number, nrx: number): FdAt[] {
    const fd = this.open(name, { nr_tx_rings: ntx, nr_rx_rings: nrx, nr_tx_slots: SLOTS, nr_rx_slots: SLOTS });
    const port: PortAt = { na: fd.na, tx: this.#krings(fd.tx, ntx, 'tx'), rx: this.#krings(fd.rx, nrx, 'rx') };
    const out = [this.#of(port, fd)];
    for (let i = 0; i < Math.max(ntx, nrx); i++) out.push(this.#of(port, this.open(name, { nr_flags: R.NR_REG_ONE_NIC, nr_ringid: i })));
    return out;
  }
  #krings(first: number, n: number, dir: Dir): Both[] {
    return Array.from({ length: n + 1 }, (_, i) => ({
      kr: first + i * L.KR_SIZE,
      busy: false,
      stopped: false,
      k: {
        r: newRing(SLOTS, dir),
        taken: false,
        sync(r: Ring) {
          if (i === n) return true; // the host's ring of a port without a stack
          r.hwcur = r.rhead;
          if (dir === 'tx') r.hwtail = prev(r.n, r.hwcur);
          return true;
        },
      },
    }));
  }
  #of(port: PortAt, fd: NetmapFd): FdAt {
    const { m } = this.w;
    return {
      port,
      fd,
      client: new Client(this.w, this.plane, fd),
      first: { tx: m.ld32(fd.tx + L.KR_RING_ID), rx: m.ld32(fd.rx + L.KR_RING_ID) },
    };
  }

  /** One end of a pipe: a backend that can be full. */
  pipe(name: string): FdAt {
    const [a, b] = [R.NR_REG_PIPE_MASTER, R.NR_REG_PIPE_SLAVE].map((nr_flags) => this.open(name, { nr_flags, nr_ringid: 1 }));
    if (!a || !b) throw new Error('no pipe');
    const slots = () => Array.from({ length: SLOTS }, () => ({ idx: 2, len: 0, flags: 0, ptr: 0 })),
      end = (): End => ({ tx: newHalf(SLOTS, 'tx', slots()), rx: newHalf(SLOTS, 'rx', slots()) }),
      [mine, other] = [end(), end()];
    const both = (kr: number, r: Ring, sync: () => void): Both => ({
      kr,
      busy: false,
      stopped: false,
      k: {
        r,
        taken: false,
        sync() {
          sync();
          return true;
        },
      },
    });
    const host = (kr: number, dir: Dir) => both(kr + L.KR_SIZE, newRing(SLOTS, dir), () => {});
    const port: PortAt = {
      na: a.na,
      tx: [both(a.tx, mine.tx.r, () => pipeTxsync(mine.tx, other.rx)), host(a.tx, 'tx')],
      rx: [both(a.rx, mine.rx.r, () => pipeRxsync(mine.rx, other.tx)), host(a.rx, 'rx')],
      peer: { tx: both(b.tx, other.tx.r, () => {}), rx: both(b.rx, other.rx.r, () => {}) },
    };
    return this.#of(port, a);
  }

  /** The model's state into the machine: indices, flags, and no waiters. */
  store(port: PortAt) {
    const { m } = this.w;
    for (const x of [...port.tx, ...port.rx, ...(port.peer ? [port.peer.tx, port.peer.rx] : [])]) {
      const ring = m.ld32(x.kr + L.KR_RING),
        at = ringWords(x.kr, ring);
      for (const f of WORDS) m.st32(at[f] * 4, x.k.r[f]);
      x.k.taken = x.busy || x.stopped;
      m.st32(x.kr + L.KR_NR_BUSY, x.busy ? 1 : 0);
      m.st32(x.kr + L.KR_STOPPED, x.stopped ? 1 : 0);
      for (const f of [L.KR_STAT_SYNC, L.KR_STAT_REINIT, L.KR_STAT_NOTIFY]) m.st64(x.kr + f, 0);
      m.st64(ring + L.RING_TS, STAMP);
      for (let i = 0; i < L.KR_SI_MAX; i++) m.st32(x.kr + L.KR_SI + 4 * i, 0);
    }
    for (let i = 0; i < 2 * L.KR_SI_MAX; i++) m.st32(port.na + L.NA_SI + 4 * i, 0);
  }

  model(f: FdAt, over: Partial<Fd>): Fd {
    const side = (d: Dir) => ({
      rings: f.port[d].map((x) => x.k),
      first: f.first[d],
      last: f.first[d] + (d === 'tx' ? f.fd.ntx : f.fd.nrx),
    });
    return { registered: true, on: true, txPoll: true, tx: side('tx'), rx: side('rx'), ...over };
  }

  /** The same call in both; what the model says of it, and what differs. */
  poll(f: FdAt, want: number, over: Partial<Fd> = {}) {
    this.store(f.port);
    const { m } = this.w,
      { td } = f.client,
      undo = this.#over(f, over);
    m.st64(td + L.TD_POLL_DEADLINE, 0);
    const raw = this.plane.netmap_poll(td, want, 0n) >>> 0;
    undo();
    const said = poll2015(want, this.model(f, over));
    return { said, diff: this.differences(f, { revents: raw }, said) };
  }
  ioctl(f: FdAt, dir: Dir, over: Partial<Fd> = {}) {
    this.store(f.port);
    const undo = this.#over(f, over),
      raw = this.plane.netmap_ioctl_sync(f.client.td, dir === 'tx' ? 1 : 0);
    undo();
    const said = syncIoctl2015(dir, this.model(f, over)),
      polled: Polled = {
        revents: said.result === 0 ? 0 : ERRNO[said.result],
        txSynced: dir === 'tx' ? said.synced : [],
        rxSynced: dir === 'rx' ? said.synced : [],
        selrecord: [],
        notified: [],
        reinit: said.reinit.map((ring) => ({ dir, ring })),
        beyond: [],
      };
    return { said, diff: this.differences(f, { revents: raw }, polled) };
  }
  #over(f: FdAt, over: Partial<Fd>) {
    const { m } = this.w,
      { td } = f.client,
      flags = m.ld32(f.port.na + L.NA_FLAGS);
    if (over.on === false) m.st32(f.port.na + L.NA_FLAGS, flags & ~L.NAF_NETMAP_ON);
    m.st32(td + L.TD_NO_TX_POLL, over.txPoll === false ? 1 : 0);
    const bound = [L.TD_TX, L.TD_RX, L.TD_NTX, L.TD_NRX].map((o) => [td + o, m.ld32(td + o)] as const);
    if (over.registered === false) for (const [a] of bound) m.st32(a, 0);
    return () => {
      m.st32(f.port.na + L.NA_FLAGS, flags);
      for (const [a, v] of bound) m.st32(a, v);
    };
  }

  /** Who waits on the queue at this address. */
  #waiters(at: number) {
    return Array.from({ length: L.KR_SI_MAX }, (_, i) => this.w.m.ld32(at + 4 * i)).filter((x) => x !== 0);
  }

  differences(f: FdAt, got: { revents: number }, want: Polled): string[] {
    const { m } = this.w,
      { td } = f.client,
      out: string[] = [];
    const say = (what: string, g: unknown, e: unknown) => {
      if (JSON.stringify(g) !== JSON.stringify(e)) out.push(`${what}: got ${JSON.stringify(g)}, expected ${JSON.stringify(e)}`);
    };
    say('answer', got.revents, want.revents);
    for (const dir of DIRS) {
      const synced = dir === 'tx' ? want.txSynced : want.rxSynced,
        // a found ring notifies its waiters, the caller too if it is recorded by then
        heard = want.notified.some((x) => x.dir === dir),
        recorded = want.selrecord.find((s) => s.dir === dir),
        alone = (dir === 'tx' ? f.fd.ntx : f.fd.nrx) <= 1;
      if (recorded) say(`${dir} queue in the model`, recorded.queue, alone ? 'ring' : 'global');
      const inGlobal = recorded?.queue === 'global' && !heard;
      say(`${dir} waiters of the port`, this.#waiters(f.port.na + L.NA_SI + (dir === 'tx' ? 4 * L.KR_SI_MAX : 0)), inGlobal ? [td] : []);
      f.port[dir].forEach((x, i) => {
        const ring = m.ld32(x.kr + L.KR_RING),
          at = ringWords(x.kr, ring),
          count = (a: readonly number[]) => a.filter((n) => n === i).length,
          name = `${dir}${i}`;
        say(
          `${name} words`,
          Object.fromEntries(WORDS.map((k) => [k, m.ld32(at[k] * 4)])),
          Object.fromEntries(WORDS.map((k) => [k, x.k.r[k]])),
        );
        say(`${name} synced`, m.ld64(x.kr + L.KR_STAT_SYNC), count(synced));
        say(`${name} reinit`, m.ld64(x.kr + L.KR_STAT_REINIT), count(want.reinit.filter((y) => y.dir === dir).map((y) => y.ring)));
        const told = count(want.notified.filter((y) => y.dir === dir).map((y) => y.ring));
        say(`${name} notified`, m.ld64(x.kr + L.KR_STAT_NOTIFY), told);
        say(`${name} busy, stopped`, [m.ld32(x.kr + L.KR_NR_BUSY), m.ld32(x.kr + L.KR_STOPPED)], [x.busy ? 1 : 0, x.stopped ? 1 : 0]);
        const mine = recorded?.queue === 'ring' && i === f.first[dir] && !told;
        say(`${name} waiters`, this.#waiters(x.kr + L.KR_SI), mine ? [td] : []);
        if (dir === 'rx')
          say(
            `${name} stamped`,
            m.ld64(ring + L.RING_TS) !== STAMP,
            count(synced) + told > 0 || count(want.reinit.filter((y) => y.dir === 'rx').map((y) => y.ring)) > 0,
          );
      });
    }
    return out;
  }
}
