// A guest that does its worst, by the seed: what it cannot reach keeps its bytes, what others send arrives, nothing throws, no
// loop is endless, and when it is gone nothing of it is left. Other seeds and more actions: npm run fuzz -- --seed N.

import { describe, expect, it } from 'vitest';
import { counters } from '../src/lab/counters.ts';
import { csbs, rings, stuck, threads, vms } from '../src/lab/view.ts';
import type { VmEntry } from '../src/host/kernel/vmm.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { Outside, allocators, canaries, dirtyFree } from './hostile-guest-judge.ts';
import { HostileGuest, PT_SLOTS } from './hostile-guest.ts';
import { Client, Honest, planeOf } from './hostile.ts';
import { begin, boot, finish, freshLab, pass, run, until } from './typed.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 5),
  ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 1_000_000);
const share = (part: number) => Math.ceil(ROUNDS * part);
/** Actions between two turns of the machine, and the steps of a turn. */
const BURST = 40,
  STEPS = 300;

const prompt = (w: World, tty: string) => /root@[\w.-]+:~ # $/.test(w.host.os.tty(tty)?.out ?? '');

/** Everything that is shown of a machine: whatever the guest did, it can be shown. */
function shown(w: World) {
  return [rings(w), csbs(w), vms(w), threads(w, false), counters(w), stuck(w)];
}

/** Bursts of actions with turns of the machine between; a VM that ended is begun again. */
function attack(g: HostileGuest, actions: number, each: (bursts: number) => (() => void) | undefined) {
  const { w } = g,
    end = g.actions + actions;
  for (let bursts = 1; g.actions < end; ) {
    if (g.over) {
      until(w, () => prompt(w, g.tty));
      g.live();
    } else if (!g.free) g.wait();
    else {
      const check = each(bursts++);
      for (let i = 0; i < BURST && g.free; i++) g.act();
      w.advance(STEPS, w.m.clock + 2e5);
      if (!g.over) check?.();
    }
  }
}

/** The VM is powered off and destroyed, whatever state it is in. */
function gone(g: HostileGuest) {
  const { w } = g;
  for (let i = 0; i < 100 && !g.over; i++) {
    g.wait();
    if (g.free) g.out(0x404, 2, 0x3400);
    w.advance(20_000, w.m.clock + 1e7);
  }
  until(w, () => g.over && prompt(w, g.tty));
  expect(run(w, 'ttyv1', `bhyvectl --destroy --vm=${g.name}`).status).toBe(0);
}

/** What it gives bhyve occasion to say (facts bhyve 2.1, 3.1, 3.9, 4.6), # for numbers. */
const REPORTED = [
  ...['read from', 'write to'].map((x) => `vtnet: ${x} # offset/size #/#`),
  ...['HOSTCAP', 'QNUM', 'ISR'].map((x) => `vtnet: write to read-only reg ${x}`),
  ...['PFN', 'QVEC'].map((x) => `vtnet: write config reg ${x}: curq # >= max #`),
  'vtnet: queue # notify out of range',
  ...['read', 'write'].map((x) => `ptnentmap_memdev: ${x} io reg unexpected`),
  ...['read', 'write'].map((x) => `ptnetmap_memdev: unexpected MEM ${x} - offset #`),
  'ERROR ptnetmap: already UP',
];

interface Variant {
  name: string;
  options: string;
  sysctl: string;
  /** Its devices; one with virtio-net's copying path is another row. */
  slots: string;
  /** Its part of all actions. */
  part: number;
  /** One action in so many ends the VM. */
  ends: number;
  /** An index that is no slot: a fault of the worker, as 2015's panic, or a ring that is repaired. */
  trusts: boolean;
}
const VARIANTS: Variant[] = [
  { name: '2015', options: '', sysctl: '', slots: PT_SLOTS, part: 0.3, ends: 8000, trusts: true },
  {
    name: '2015, H6 off, a descriptor as doorbell',
    options: '-o lab.doorbell=fd',
    sysctl: 'dev.lab.hazard.H6=0',
    slots: PT_SLOTS,
    part: 0.3,
    ends: 25_000,
    trusts: false,
  },
  { name: '2019', options: '-o lab.protocol=2019', sysctl: '', slots: PT_SLOTS, part: 0.4, ends: 25_000, trusts: false },
];

describe.each(VARIANTS)(`seed ${SEED}, protocol $name`, ({ options, sysctl, slots, part, ends, trusts }) => {
  const panics = (w: World) => w.tree.host.dmesg.filter((l) => l.startsWith('panic: ')).length;
  it(`${share(0.4 * part)} actions: what the guest cannot reach keeps its bytes`, { timeout: 600_000 }, () => {
    const w = freshLab(16, 3),
      { m } = w;
    run(w, 'ttyv1', `sysctl dev.netmap.priv_buf_num=64 ${sysctl}`);
    // another VM, with a port that its guest has opened, and idle: its workers sleep until they are told
    run(w, 'ttyv1', 'sysctl dev.lab.sleep_bound=2');
    boot(
      w,
      'ttyv2',
      'bhyve -s 0,hostbridge -s 1,lpc -s 2:0,ptnetmap-memdev -s 2:1,virtio-net,ptvale5:1 -l com1,stdio -A -H -P -m 2G good',
      'good',
    );
    begin(w, 'ttyv2', 'pkt-gen -i vtnet0 -f rx -w 0 &');
    until(w, () => w.tree.host.ptn.length === 1);
    w.type('ttyv2', 'kill -STOP %1\r');
    pass(w, 0.1);
    const good = w.host.vmm.find('good') as VmEntry,
      theirs = [good.vm, good.vcpu, ...good.pages];
    for (let gpa = 0; gpa < good.memBytes; gpa += L.PAGE) {
      const page = w.host.vmm.hostAddress(good, gpa);
      if (page !== undefined && m.used(page)) theirs.push(page);
    }
    run(w, 'ttyv1', 'bhyveload -m 2G -d mfsroot.img evil && bhyvectl --destroy --vm=evil'); // what is made once is there
    canaries(w, 400);
    const frames = () => [
        m.ld32(L.MACHINE + L.M_FRAMES),
        m.u8.slice(L.FRAMES_RESERVED, L.FRAMES_RESERVED + L.FRAMES_BYTES).reduce((n, b) => n + b, 0),
      ],
      before = frames(),
      idle = w.host.netmap.open(1, 'vale9:idle'),
      other = w.host.netmap.open(1, 'vale1:2');
    if (typeof idle === 'string' || typeof other === 'string') throw new Error('no ports');
    const g = new HostileGuest(w, 'ttyv0', 'evil', { seed: SEED, slots, options, ends });
    let looked = 0;
    const said = new Set<string>(); // what bhyve prints, numbers aside
    w.onTty = (tty, text) => {
      if (tty === g.tty) for (const line of text.split('\n')) said.add(line.trim().replace(/\b(0x)?[\da-f]+\b/g, '#'));
    };
    attack(g, share(0.4 * part), (n) => {
      if (n % 8) return undefined;
      const outside = new Outside(w, g.name, ['vale1:', 'vale2']);
      looked += outside.size;
      expect(theirs.every((p) => outside.has(p))).toBe(true);
      return () => {
        const changed = outside.changed();
        if (changed) expect.fail(`by action ${g.actions}: ${changed}`);
        if (n % 64) return;
        expect(allocators(w), `by action ${g.actions}`).toBe('');
        shown(w);
      };
    });
    expect(looked).toBeGreaterThan(400);
    expect(theirs.length).toBeGreaterThan(30);
    // every register, every live word of a CSB, the vectors: written, and read where that is another thing
    const all = (n: number, step = 1) => [...Array(n / step).keys()].map((i) => i * step);
    const sorted = (x: Set<number>) => [...x].sort((a, b) => a - b);
    expect(sorted(g.wrote.vtnet)).toEqual(all(64));
    expect(sorted(g.read.vtnet)).toEqual(all(64));
    expect(sorted(g.wrote.memdev)).toEqual(all(16));
    expect(sorted(g.read.memdev)).toEqual(all(16));
    expect(sorted(g.wrote.CSB)).toEqual(all(156, 4));
    expect(sorted(g.wrote.MSIX)).toEqual(all(48, 4));
    expect(g.lives).toBeGreaterThan(1);
    // what the indices did: a fault, or a ring that was repaired; both are told
    const repaired = counters(w).reduce(
      (n, c) => n + c.rows.reduce((k, x) => k + (/prologues failed/.test(x.name) ? Number(x.value) : 0), 0),
      0,
    );
    expect([panics(w) > 0, repaired > 0]).toEqual([trusts, !trusts]);
    for (const message of REPORTED) expect(said, message).toContain(message);
    // it was no idle guest: its workers ran, and kicked it was
    const runs = Object.entries(w.tree.host.workerTotals).map(([k, v]) => [k, v[0] ?? 0] as const);
    // where an index can kill a worker, at least the runs of every life that is over
    const least = trusts ? 2 * (g.lives - 1) : share(0.4 * part) / 1000;
    for (const [name, n] of runs) expect(n, name).toBeGreaterThan(least);
    expect(runs.length).toBe(4);
    gone(g);
    w.host.netmap.close(idle);
    w.host.netmap.close(other);
    const t = w.tree.host;
    expect([t.vms, t.adapters, t.bridges].map((x) => x.map((e) => e.name))).toEqual([['good'], ['vale5:1'], ['vale5']]);
    expect([t.ptn, t.mems, t.fds].map((x) => x.length)).toEqual([1, 1, 1]);
    expect(dirtyFree(w), 'a free frame that is not zero').toBe(undefined);
    // these pages stay for good: the memory of the ports' ptnetmap states and of threads' tds is type-stable
    expect(frames()[0]).toBe((before[0] ?? 0) + t.ptnFree.length + t.tdPages.length);
  });

  it(`${share(0.6 * part)} actions beside a VM and programs that have work to do`, { timeout: 600_000 }, () => {
    const w = freshLab(16, 5),
      { m } = w;
    run(w, 'ttyv1', `sysctl dev.netmap.priv_buf_num=64 ${sysctl}`);
    const open = (name: string) => {
      const fd = w.host.netmap.open(1, name);
      if (typeof fd === 'string') throw new Error(`${name}: ${fd}`);
      return fd;
    };
    const plane = planeOf(w),
      honest = new Honest(new Client(w, plane, open('vale1:a')), new Client(w, plane, open('vale1:b')));
    boot(
      w,
      'ttyv2',
      "bhyve -s 0,hostbridge -s 1,lpc -s 2:0,ptnetmap-memdev -s '2:1,virtio-net,ptvale3{1' -l com1,stdio -A -H -P -m 2G good",
      'good',
    );
    const rx = begin(w, 'ttyv3', "pkt-gen -i 'vale3}1' -f rxseq -w 0"),
      tx = begin(w, 'ttyv2', 'pkt-gen -i vtnet0 -f txseq -w 0 -b 4 -R 100000');
    const g = new HostileGuest(w, 'ttyv0', 'evil', { seed: SEED + 1, slots, options, ends });
    const received = () => m.ld64((w.tree.host.threads[0]?.targ ?? 0) + L.TARG_COUNT);
    let last = 0;
    until(w, () => received() > 0); // with a rate, pkt-gen begins on a full second
    attack(g, share(0.6 * part), (n) =>
      n % 64
        ? undefined
        : () => {
            w.toBoundaries();
            const wrong = honest.exchange(1 + g.r(8)) || allocators(w);
            if (wrong) expect.fail(`by action ${g.actions}: ${wrong}`);
            if (n % 512) return;
            shown(w);
            const now = received();
            expect(now, `by action ${g.actions}: packets of the other VM`).toBeGreaterThan(last);
            last = now;
          },
    );
    expect(honest.delivered).toBeGreaterThan(share(0.6 * part) / BURST / 64);
    w.type('ttyv2', '\x03');
    const sent = Number(/Sent (\d+) packets/.exec(finish(w, 'ttyv2', tx))?.[1]);
    pass(w, 0.05);
    w.type('ttyv3', '\x03');
    const [, got, rest] = /Sequence: (\d+) received, (.*), digest/.exec(finish(w, 'ttyv3', rx)) ?? [];
    expect(rest).toBe('0 lost, 0 out of order, 0 with wrong content');
    expect(sent).toBeGreaterThan(1000);
    expect(sent - Number(got), 'sent before the interrupt, and no more than a burst unsynced').toBeLessThanOrEqual(4);
    gone(g);
    expect(w.tree.host.vms.map((v) => v.name)).toEqual(['good']);
    expect(run(w, 'ttyv2', 'echo alive').text).toBe('alive\n');
  });
});
