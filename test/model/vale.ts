// Model of a VALE switch: learning, lookup, transmission to the rings of all ports, release. Written from facts netmap 1.3,
// 3.3, 3.4 and 3.5 alone. A transmission is a list of steps (reserve, copy, commit for each destination), so that several
// senders can be interleaved; txsync() runs them in a row.

import { bucketOf, macNumber } from './hash.ts';
import { commit, fitting, type Lease, newQueue, type Queue, reserve } from './lease.ts';
import { distance, prev, type Pool, type Slot } from './ring.ts';

export const NS_BUF_CHANGED = 0x0001,
  NS_INDIRECT = 0x0010,
  NS_MOREFRAG = 0x0020,
  MAX_FRAGS = 64;
const BROADCAST = 254,
  BATCH_MAX = 1024;

/** A TX ring, as far as a sync sees it. */
export interface TxRing {
  n: number;
  hwcur: number;
  hwtail: number;
  slots: Slot[];
}
export interface RxRing {
  q: Queue;
  slots: Slot[];
}
export interface Port {
  tx: TxRing[];
  rx: RxRing[];
  pool: Pool;
  /** Content of buffers, by index. */
  buffers: Map<number, Uint8Array>;
  lastSmac: number;
  /** Length of the virtio-net header before each frame: 0, 10 or 12. */
  header?: number;
  /** The user's own memory, for NS_INDIRECT: bytes at an address. */
  memory?(ptr: number, len: number): Uint8Array;
}
export interface Switch {
  ports: (Port | undefined)[];
  table: { mac: number; port: number }[];
  /** sysctl bridge_batch. */
  batch: number;
}
/** An entry of the temporary table: one fragment. */
interface Fragment {
  data: Uint8Array | undefined;
  len: number;
  indirect?: boolean;
}
interface Packet {
  frags: Fragment[];
}
export interface Destination {
  port: number;
  ring: number;
  packets: Packet[];
  lease?: Lease;
  /** Packets and slots that did fit. */
  done: number;
  used: number;
}
export interface Dropped {
  port: number;
  ring: number;
  packets: number;
  slots: number;
}
export interface Step {
  what: 'reserve' | 'copy' | 'commit';
  run(): void;
}

export const newSwitch = (batch = BATCH_MAX): Switch => ({
  ports: [],
  table: Array.from({ length: 1024 }, () => ({ mac: 0, port: 0 })),
  batch,
});
export const newRx = (n: number, slots: Slot[]): RxRing => ({ q: newQueue(n), slots });

const macAt = (data: Uint8Array, at: number) => [...data.slice(at, at + 6)];
const multicast = (mac: number[]) => ((mac[0] ?? 0) & 1) === 1;

/** Facts 3.3: learns the source, answers the port for the destination, or 254. Undefined: dropped. */
export function lookup(sw: Switch, from: number, p: Packet): number | undefined {
  const port = sw.ports[from];
  let [first, second] = p.frags,
    at = port?.header ?? 0;
  if (at && first && first.len <= at) {
    if (first.len < at) return undefined; // the header is in pieces
    first = second; // or a fragment of its own, which is skipped
    at = 0;
  }
  if (!port || !first?.data || first.len - at < 14) return undefined; // 1
  const dst = macAt(first.data, at),
    src = macAt(first.data, at + 6);
  if (!multicast(src) && macNumber(src) !== port.lastSmac) {
    port.lastSmac = macNumber(src); // 2
    sw.table[bucketOf(src)] = { mac: macNumber(src), port: from };
  }
  if (multicast(dst)) return BROADCAST; // 3
  const entry = sw.table[bucketOf(dst)];
  return entry?.mac === macNumber(dst) ? entry.port : BROADCAST;
}

/** Facts 3.5, pass 1: packets in order, for each list (port and sending ring) that is touched; broadcast goes with ring 0. */
function sort(sw: Switch, from: number, ring: number, packets: Packet[]): Destination[] {
  const touched: (Destination & { list: number })[] = [],
    to = packets.map((p) => lookup(sw, from, p));
  const touch = (port: number, list: number) => {
    const rx = sw.ports[port]?.rx;
    if (!rx || port === from || touched.some((d) => d.port === port && d.list === list)) return; // self, or an empty place
    touched.push({ port, list, ring: list % rx.length, packets: [], done: 0, used: 0 });
  };
  for (const t of to) if (t !== undefined && t !== BROADCAST) touch(t, ring);
  if (to.includes(BROADCAST)) for (const port of sw.ports.keys()) touch(port, 0);
  for (const d of touched) d.packets = packets.filter((_, i) => (to[i] === BROADCAST ? d.list === 0 : to[i] === d.port && d.list === ring));
  return touched;
}

/** Facts 3.5, step 4: a fragment into the destination's buffer, rounded up to 64 bytes. */
function copyFragment(to: Port, slot: Slot, f: Fragment, flags: number) {
  const target = to.buffers.get(slot.idx),
    bytes = Math.ceil(f.len / 64) * 64;
  if (f.data && target) target.set(f.data.slice(0, bytes));
  slot.len = f.len;
  slot.flags = flags;
}

/** Facts 3.5, pass 2, steps 2 to 6 for one destination; what does not fit is added to `dropped`. */
function steps(sw: Switch, d: Destination, dropped: Dropped[]): Step[] {
  const port = sw.ports[d.port],
    rx = port?.rx[d.ring];
  if (!port || !rx) return [];
  const frags = d.packets.map((p) => p.frags.length),
    sum = (a: number[]) => a.reduce((x, y) => x + y, 0);
  return [
    {
      what: 'reserve',
      run() {
        const lease = reserve(rx.q, sum(frags));
        if (lease) d.lease = lease;
        d.done = lease ? fitting(frags, lease.howmany) : 0;
        d.used = sum(frags.slice(0, d.done));
        const lost = frags.slice(d.done);
        if (lost.length) dropped.push({ port: d.port, ring: d.ring, packets: lost.length, slots: sum(lost) });
      },
    },
    {
      what: 'copy',
      run() {
        if (!d.lease) return;
        let at = d.lease.start;
        for (const p of d.packets.slice(0, d.done))
          p.frags.forEach((f, i) => {
            const slot = rx.slots[at],
              more = i < p.frags.length - 1 ? NS_MOREFRAG : 0;
            if (slot) copyFragment(port, slot, f, ((p.frags.length << 8) | more) & 0xffff);
            at = (at + 1) % rx.q.n;
          });
      },
    },
    {
      what: 'commit',
      run() {
        if (!d.lease) return;
        for (const z of commit(rx.q, d.lease, d.used).zero) {
          const slot = rx.slots[z];
          if (slot) {
            slot.len = 0;
            slot.flags = 0;
          }
        }
      },
    },
  ];
}

/** Facts 3.4: what the sender's slots up to `head` (already validated) are, in flushes; the ring's own state changes at once. */
function preflush(sw: Switch, port: Port, tx: TxRing, head: number): Packet[][] {
  const flushes: Packet[][] = [];
  let table: Packet[] = [],
    entries = 0,
    packet: Fragment[] = [];
  const batch = Math.min(sw.batch, BATCH_MAX); // 1
  for (let i = 0, count = distance(tx.n, tx.hwcur, head); batch > 0 && i < count; i++) {
    const slot = tx.slots[(tx.hwcur + i) % tx.n];
    if (!slot) continue;
    const data = slot.idx > 0 && slot.idx < port.pool.total ? port.buffers.get(slot.idx) : undefined,
      bad = !data || slot.len > port.pool.size;
    if (slot.flags & NS_INDIRECT && port.memory) packet.push({ data: port.memory(slot.ptr, slot.len), len: slot.len, indirect: true });
    else packet.push({ data: bad ? undefined : data, len: bad ? 0 : slot.len }); // 3
    slot.flags &= ~NS_BUF_CHANGED;
    entries++;
    if (slot.flags & NS_MOREFRAG && packet.length < MAX_FRAGS) continue; // 2015 writes past its table: here it ends
    table.push({ frags: packet });
    packet = [];
    if (entries >= batch) {
      flushes.push(table); // 4: at a packet boundary
      table = [];
      entries = 0;
    }
  }
  if (packet.length) table.push({ frags: packet }); // 4: a trailing incomplete packet ends where it ends
  if (table.length) flushes.push(table);
  tx.hwcur = head; // 5
  tx.hwtail = prev(tx.n, head);
  return flushes;
}

/** The steps of one transmission; each flush is sorted when the one before it is done. */
export function* transmission(sw: Switch, from: number, ring: number, head: number, dropped: Dropped[]): Generator<Step> {
  const port = sw.ports[from],
    tx = port?.tx[ring];
  if (!port || !tx) return;
  for (const packets of preflush(sw, port, tx, head))
    for (const d of sort(sw, from, ring, packets)) for (const s of steps(sw, d, dropped)) yield s;
}

/** A txsync from its beginning to its end. Answers what was dropped for want of room. */
export function txsync(sw: Switch, from: number, ring: number, head: number): Dropped[] {
  const dropped: Dropped[] = [];
  for (const s of transmission(sw, from, ring, head, dropped)) s.run();
  return dropped;
}

/** Facts 3.5, rxsync: only releases. */
export function rxsync(rx: RxRing, head: number) {
  const { q } = rx;
  for (let i = q.hwcur; i !== head; i = (i + 1) % q.n) {
    const slot = rx.slots[i];
    if (slot) slot.flags &= ~NS_BUF_CHANGED;
  }
  q.hwcur = head;
}
