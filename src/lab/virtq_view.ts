// A virtqueue as both sides have it: the device's words (bhyve), the driver's (the guest), the words in guest memory between them, the
// chains that are on their way, and a stretch of the descriptor table (facts bhyve 3.4). Every index in it may be whatever the guest wrote.

import * as L from '../../wasm/layout.ts';
import type { PciFunction } from '../host/bhyve/pci_emul.ts';
import type { VmEntry } from '../host/kernel/vmm.ts';
import { words } from './kring_view.ts';
import { valueAt } from './memory_view.ts';
import { functionsOf, VRING, vringSpot, vtnetAt, whereOf } from './objects.ts';
import type { NamedWord, VirtqChain, VirtqDesc, VirtqsView, VirtqView } from './panel_types.ts';
import { VIRTQUEUE, VQUEUE_INFO } from './structs.ts';
import type { World } from './world.ts';

const CHAINS = 16,
  DESCS = 16,
  TABLE = 16;
const FLAGS: readonly [number, string][] = [
  [L.VRING_DESC_F_NEXT, 'NEXT'],
  [L.VRING_DESC_F_WRITE, 'WRITE'],
  [L.VRING_DESC_F_INDIRECT, 'INDIRECT'],
];

interface Queue {
  id: string;
  title: string;
  vm: VmEntry;
  f: PciFunction;
  q: number;
}
function queues(w: World): Queue[] {
  const many = w.tree.host.vms.length > 1;
  return w.tree.host.vms.flatMap((vm) =>
    functionsOf(w, vm)
      .filter((f) => f.emul === 'virtio-net')
      .flatMap((f) =>
        [L.VQ_RX, L.VQ_TX].map((q) => {
          const name = vtnetAt(w, vm, f)?.name ?? `virtio-net ${whereOf(f)}`;
          return {
            id: `${vm.name} ${whereOf(f)} ${q}`,
            title: `${name} ${q === L.VQ_RX ? 'RX' : 'TX'}, queue ${q} of ${whereOf(f)}${many ? ` of ${vm.name}` : ''}`,
            vm,
            f,
            q,
          };
        }),
      ),
  );
}

/** The queue's memory, as the device reaches it. */
class Ring {
  constructor(
    private readonly w: World,
    private readonly vm: VmEntry,
    readonly gpa: number,
  ) {}
  at(o: number): number | undefined {
    return this.w.host.vmm.hostAddress(this.vm, this.gpa + o);
  }
  value(o: number, bytes: number): number {
    const p = this.at(o);
    return p === undefined ? 0 : valueAt(this.w, p, bytes);
  }
  readable(): boolean {
    for (let o = 0; o < VRING.end; o += L.PAGE) if (this.at(o) === undefined) return false;
    return this.gpa >= L.PAGE;
  }
  desc(i: number): VirtqDesc {
    const o = i * L.VRD_SIZE,
      flags = this.value(o + L.VRD_FLAGS, 2);
    return {
      index: i,
      addr: this.value(o + L.VRD_ADDR, 8),
      len: this.value(o + L.VRD_LEN, 4),
      flags: FLAGS.filter(([b]) => flags & b)
        .map(([, n]) => n)
        .join(' '),
      next: this.value(o + L.VRD_NEXT, 2),
    };
  }
  /** A chain from its head; what is wrong with it in words. */
  chain(head: number, state: VirtqChain['state'], len = 0): VirtqChain {
    const descs: VirtqDesc[] = [];
    let wrong = '';
    for (let i = head; ; ) {
      if (i >= VRING.n) {
        wrong = `descriptor ${i} is outside the queue’s ${VRING.n}`;
        break;
      }
      if (descs.some((d) => d.index === i)) {
        wrong = `a circle: descriptor ${i} comes again`;
        break;
      }
      if (descs.length === DESCS) {
        wrong = `more than ${DESCS} descriptors`;
        break;
      }
      const d = this.desc(i);
      descs.push(d);
      if (!d.flags.includes('NEXT')) break;
      i = d.next;
    }
    return { head, state, len, descs, wrong };
  }
}

/** Of `from` to `to`, 16 bits each, the last so many. */
function* lastOf(from: number, to: number, most: number): Generator<number> {
  const n = (to - from) & 0xffff;
  for (let k = Math.max(0, Math.min(n, VRING.n) - most); k < Math.min(n, VRING.n); k++) yield (to - Math.min(n, VRING.n) + k) & 0xffff;
}

function view(w: World, { vm, f, q, id, title }: Queue, asked: number): VirtqView {
  const { m } = w,
    vq = f.page + L.VN_VQ + q * L.VQ_SIZE,
    sc = vtnetAt(w, vm, f),
    driver = sc?.softc ? words(w, VIRTQUEUE, sc.softc + (q === L.VQ_RX ? L.VTN_RXQ : L.VTN_TXQ), 'guest') : [],
    gpa = m.ld32(vq + L.VQ_PFN) * L.PAGE,
    ring = new Ring(w, vm, gpa),
    there = gpa !== 0 && ring.readable(),
    first = Math.max(0, Math.min(VRING.n - TABLE, Number.isInteger(asked) ? asked : 0));
  const between: NamedWord[] = !there
    ? []
    : [VRING.avail, VRING.avail + 2, VRING.avail + 4 + 2 * VRING.n, VRING.used, VRING.used + 2, VRING.used + 4 + 8 * VRING.n].flatMap(
        (o) => {
          const s = vringSpot(o);
          return s
            ? [{ name: s.name, addr: ring.at(o) ?? 0, bytes: 2 as const, value: ring.value(o, 2), owner: s.owner, note: s.note }]
            : [];
        },
      );
  const value = (name: string) => between.find((x) => x.name === name)?.value ?? 0,
    last = m.ld32(vq + L.VQ_LAST_AVAIL) & 0xffff,
    avail = value('avail.idx'),
    used = value('used.idx'),
    of = (name: string) => driver.find((x) => x.name === name)?.value ?? 0,
    cons = (of('vq_nentries') ? of('vq_used_cons_idx') : used) & 0xffff;
  const head = (i: number) => ring.value(VRING.avail + 4 + (i & (VRING.n - 1)) * 2, 2),
    entry = (i: number) => VRING.used + 4 + (i & (VRING.n - 1)) * 8;
  const chains = !there
    ? []
    : [
        ...[...lastOf(last, avail, CHAINS)].map((i) => ring.chain(head(i), 'available')),
        ...[...lastOf(used, last, CHAINS)].map((i) => ring.chain(head(i), 'taken')),
        ...[...lastOf(cons, used, CHAINS)].map((i) => ring.chain(ring.value(entry(i), 4), 'used', ring.value(entry(i) + 4, 4))),
      ];
  return {
    id,
    title,
    device: words(w, VQUEUE_INFO, vq, 'host'),
    driver,
    ring: between,
    size: VRING.n,
    guestAddress: gpa,
    wrong: there
      ? ''
      : gpa
        ? `page 0x${(gpa / L.PAGE).toString(16)} is no memory of the guest: the queue stays unused`
        : 'the driver has not said where the queue is',
    passthrough: sc?.ptnetmap === true,
    counts: {
      available: (avail - last) & 0xffff,
      taken: (last - used) & 0xffff,
      used: (used - cons) & 0xffff,
      free: of('vq_free_cnt'),
    },
    chains,
    table: there ? Array.from({ length: TABLE }, (_, i) => ring.desc(first + i)) : [],
    first,
  };
}

export function virtqView(w: World, query: { queue: string; first: number }): VirtqsView {
  const all = queues(w),
    // a copying port's queues say more than those beside a passed-through one
    now = all.find((x) => x.id === query.queue) ?? all.find((x) => !vtnetAt(w, x.vm, x.f)?.ptnetmap) ?? all[0];
  return { queues: all.map(({ id, title }) => ({ id, title })), queue: now ? view(w, now, query.first) : null };
}
