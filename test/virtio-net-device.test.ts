// virtio-net's copying path as a driver sees the device: exits, copies, system calls and interrupts a packet (facts bhyve 3.4 to
// 3.8, 3.13), header, back-ends, reset. The driver is vtnet_driver.ts; the guest's own kernel stays at its prompt.

import { beforeEach, describe, expect, test } from 'vitest';
import { VTNET_STATS, vtnetCounts } from '../src/host/bhyve/vtnet_stats.ts';
import * as L from '../wasm/layout.ts';
import { stat } from './trail.ts';
import { begin, finish, pass, run, until, vmWith } from './typed.ts';
import { VtnetDriver, frame } from './vtnet_driver.ts';

type Vm = ReturnType<typeof vmWith>;
type Stat = (typeof VTNET_STATS)[number];

const BASE = 0x01018020, // what bhyve offers before the back-end: MAC, MRG_RXBUF, STATUS, NOTIFY_ON_EMPTY
  MRG_RXBUF = 0x8000,
  CSUM = 1;
const CFG = { bus: 0, slot: 5, func: 0 };
const US = 1e-6;

let v: Vm, d: VtnetDriver;
const machine = (slots: string, before?: (w: Vm['w']) => void, features = BASE) => {
  v = vmWith(`-s 5,${slots}`, before);
  const [io = 0, mem = 0] = (v.fn('5:0')?.bars ?? []).map((b) => b?.addr ?? 0);
  d = new VtnetDriver(v.w, v.cpu, io);
  d.init(features, { msix: mem, cfg: CFG });
};
const counts = () => vtnetCounts(v.w.m, v.fn('5:0')?.page ?? 0);
/** What moved while something happened, of the device's counters and the VM's exits. */
function moved(f: () => void): Partial<Record<Stat | 'exits' | 'to userspace' | 'QNOTIFY' | 'injected', number>> {
  const all = () => ({
    ...Object.fromEntries(VTNET_STATS.map((n, i) => [n, counts()[i] ?? 0])),
    exits: stat(v.w, v.vm, L.STAT_INOUT),
    'to userspace': stat(v.w, v.vm, L.STAT_USERSPACE),
    QNOTIFY: stat(v.w, v.vm, L.STAT_QNOTIFY_USER),
    injected: stat(v.w, v.vm, L.STAT_INTR),
  });
  const before: Record<string, number> = all();
  f();
  return Object.fromEntries(
    Object.entries(all())
      .map(([k, n]) => [k, n - (before[k] ?? 0)])
      .filter(([, n]) => n),
  );
}
const settle = (us = 200) => pass(v.w, us * US);

describe('transmit to VALE', () => {
  beforeEach(() => machine('virtio-net,vale0:1'));

  test('idle: a frame is one exit to userspace, one copy, one NIOCTXSYNC, one MSI', () => {
    const head = { id: 0 };
    expect(
      moved(() => {
        head.id = d.send(frame(1));
        expect(d.kick(1)).toBe(true);
        settle();
      }),
    ).toEqual({
      exits: 1,
      'to userspace': 1,
      QNOTIFY: 1,
      injected: 1,
      'TX packets': 1,
      'TX copies': 1,
      'TX bytes copied': 60,
      'TX syncs': 1,
      'TX kicks that reached bhyve': 1,
      'MSI sent': 1,
    });
    expect(d.used(1)).toEqual([{ id: head.id, len: 72 }]); // header and frame
  });

  test('under load: NO_NOTIFY while the thread is at it; n frames are n copies and n system calls, one exit, one MSI', () => {
    expect(
      moved(() => {
        for (let i = 0; i < 100; i++) d.send(frame(i));
        expect(d.kick(1)).toBe(true);
        expect(d.noNotify(1)).toBe(true);
        for (let i = 0; i < 100; i++) d.send(frame(i));
        expect(d.kick(1)).toBe(false); // no exit: the device has asked for none
        settle();
        expect(d.noNotify(1), 'drained: it asks again').toBe(false);
      }),
    ).toEqual({
      exits: 1,
      'to userspace': 1,
      QNOTIFY: 1,
      injected: 1,
      'TX packets': 200,
      'TX copies': 200,
      'TX bytes copied': 12000,
      'TX syncs': 200,
      'TX kicks that reached bhyve': 1,
      'MSI sent': 1,
    });
    expect(d.usedIdx(1)).toBe(200);
  });

  test('a copy a fragment: a frame of three segments and its header are three copies, one packet', () => {
    const segs = [12, 20, 20, 20].map((len) => ({ gpa: d.alloc(len), len }));
    expect(
      moved(() => {
        d.add(1, segs);
        d.kick(1);
        settle();
      }),
    ).toMatchObject({ 'TX packets': 1, 'TX copies': 3, 'TX bytes copied': 60, 'TX syncs': 1, 'MSI sent': 1 });
  });

  test('with no kick nothing happens; a kick of an empty queue wakes nobody', () => {
    expect(
      moved(() => {
        d.send(frame(1));
        settle();
      }),
    ).toEqual({});
    d.kick(1);
    settle();
    expect(
      moved(() => {
        d.kick(1);
        settle();
      }),
    ).toEqual({ exits: 1, 'to userspace': 1, QNOTIFY: 1, 'TX kicks that reached bhyve': 1 });
  });
});

describe('transmit to a pipe', () => {
  test('without room a packet is not queued, and there is only the txsync: it is lost, and the guest gets its chain back', () => {
    machine('virtio-net,vale2{1');
    const m = moved(() => {
      for (let i = 0; i < 20; i++) d.send(frame(i));
      d.kick(1);
      settle();
    });
    expect(m).toMatchObject({ 'TX packets': 14, 'TX copies': 14, 'TX lost': 6, 'TX syncs': 20, 'MSI sent': 1 }); // two rings of 8
    expect(d.used(1).map((u) => u.len)).toEqual(Array(20).fill(72));
    expect(run(v.w, 'ttyv1', "pkt-gen -i 'vale2}1' -f rx -W -w 0").text).toContain('Received 7 packets');
    // the other seven wait in bhyve's own ring for its next txsync: the next packet finds no room, and moves them
    const next = () =>
      moved(() => {
        d.send(frame(1));
        d.kick(1);
        settle();
      });
    expect(next()).toMatchObject({ 'TX lost': 1, 'TX syncs': 1 });
    expect(next()).toMatchObject({ 'TX packets': 1, 'TX syncs': 1 });
  });
});

describe('the interrupt decision', () => {
  const one = (features: number, flag: boolean) => {
    machine('virtio-net,vale0:1', undefined, features);
    d.noInterrupt(1, flag);
    return moved(() => {
      d.send(frame(1));
      d.kick(1);
      settle();
    });
  };
  test.each([
    ['NOTIFY_ON_EMPTY, interrupts wanted', BASE, false, 1],
    ['NOTIFY_ON_EMPTY, NO_INTERRUPT: all is used, so there is one', BASE, true, 1],
    ['neither: interrupts wanted', MRG_RXBUF, false, 1],
    ['NO_INTERRUPT alone: none', MRG_RXBUF, true, 0],
  ])('%s', (_name, features, flag, n) => {
    const m = one(features, flag);
    expect([m['MSI sent'] ?? 0, m['MSI not wanted'] ?? 0, m.injected ?? 0]).toEqual([n, 1 - n, n]);
    expect(d.usedIdx(1)).toBe(1);
  });

  test('NOTIFY_ON_EMPTY is for an avail ring that is all used: not when a received frame leaves buffers', () => {
    machine('virtio-net,vale0:1', undefined, BASE);
    d.post(2);
    d.kick(0);
    d.noInterrupt(0, true);
    const rx = () =>
      moved(() => {
        run(v.w, 'ttyv1', 'pkt-gen -i vale0:2 -f tx -n 1 -w 0');
        settle();
      });
    expect(rx()).toMatchObject({ 'RX packets': 1, 'MSI not wanted': 1 });
    expect(rx(), 'the last buffer').toMatchObject({ 'RX packets': 1, 'MSI sent': 1 });
  });

  test.each([
    ['the entry is masked', () => v.cpu.mmioWrite(0xc0000000 + 2 * 16 + 12, 1)],
    ['the function is masked', () => d.config(CFG, 0x42, 0xc002)],
    [
      'the queue has no vector',
      () => {
        v.cpu.out(d.io + 14, 2, 1);
        v.cpu.out(d.io + 22, 2, 0xffff);
      },
    ],
  ])('%s: dropped, and never pending', (_name, mask) => {
    machine('virtio-net,vale0:1');
    mask();
    const m = moved(() => {
      d.send(frame(1));
      d.kick(1);
      settle();
    });
    expect([m['MSI sent'] ?? 0, m['MSI masked'], m.injected ?? 0]).toEqual([0, 1, 0]);
    v.cpu.mmioWrite(0xc0000000 + 2 * 16 + 12, 0);
    d.config(CFG, 0x42, 0x8002);
    expect(moved(() => settle())).toEqual({});
  });

  test('MSI-X off: INTx, once until ISR is read, which clears it', () => {
    machine('virtio-net,vale0:1');
    d.config(CFG, 0x42, 2);
    const send = () =>
      moved(() => {
        d.send(frame(1));
        d.kick(1);
        settle();
      });
    expect(send()['INTx asserted']).toBe(1);
    expect(send()['INTx asserted'], 'the line is up').toBe(undefined);
    expect([v.cpu.in(d.io + 19, 1), v.cpu.in(d.io + 19, 1)]).toEqual([1, 0]);
    expect(send()['INTx asserted']).toBe(1);
  });
});

describe('receive from VALE', () => {
  beforeEach(() => machine('virtio-net,vale0:1'));
  const sent = (n: number) => {
    run(v.w, 'ttyv1', `pkt-gen -i vale0:2 -f tx -n ${n} -w 0`);
    settle();
  };

  test('before the first kick of queue 0 a frame goes to the dummy buffer; then the guest never kicks again', () => {
    const bufs = d.post(4);
    expect(moved(() => sent(1))['RX dropped (dummy buffer)']).toBe(1);
    expect([d.kick(0), d.kick(0), d.noNotify(0)]).toEqual([true, false, true]);
    const m = moved(() => sent(3));
    expect(m).toMatchObject({ 'RX packets': 3, 'RX copies': 3, 'RX bytes copied': 180, 'MSI sent': 1, injected: 1 });
    expect(m['to userspace'], 'no exit for what comes').toBe(undefined);
    expect(d.used(0)).toEqual(bufs.slice(0, 3).map((b) => ({ id: b.head, len: 72 })));
    expect(d.get(bufs[0]?.gpa ?? 0, 12), 'a header of zeros but num_buffers').toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
    expect(d.get((bufs[0]?.gpa ?? 0) + 12, 6)).toEqual([255, 255, 255, 255, 255, 255]);
    expect(d.get((bufs[3]?.gpa ?? 0) + 12, 4), 'not touched').toEqual([0xee, 0xee, 0xee, 0xee]);
  });

  test('no descriptors: one packet a turn is read and lost, and the driver is told', () => {
    d.post(1);
    d.kick(0);
    expect(moved(() => sent(1))).toMatchObject({ 'RX packets': 1 });
    const m = moved(() => sent(3));
    expect(m['RX dropped (dummy buffer)']).toBe(3);
    expect(m['RX packets']).toBe(undefined);
    expect(m['MSI sent'], 'NOTIFY_ON_EMPTY').toBe(3);
  });

  test('a buffer that is too small cuts the frame; one without room for the header is given back empty, and bhyve says so', () => {
    d.post(1, 40);
    d.add(0, [{ gpa: d.alloc(8), len: 8 }]);
    d.post(1);
    d.kick(0);
    const m = moved(() => sent(2));
    expect(m).toMatchObject({ 'RX packets': 2, 'RX cut': 1, 'RX bytes copied': 28 + 60 });
    expect(d.used(0).map((u) => u.len)).toEqual([40, 0, 72]);
    expect(v.console()).toContain('lab: vtnet: a chain has no room for the virtio-net header (8 bytes); it was dropped.');
  });
});

describe('the header that travels', () => {
  test('with an offload negotiated all 12 bytes go through the port; without, none', () => {
    machine('virtio-net,vale0:1', undefined, BASE | CSUM);
    const page = v.fn('5:0')?.page ?? 0,
      send = () =>
        moved(() => {
          d.send(frame(1));
          d.kick(1);
          settle();
        });
    expect(v.w.m.ld32(page + L.VN_BE_HDR)).toBe(12);
    expect(send()).toMatchObject({ 'TX packets': 1, 'TX copies': 2, 'TX bytes copied': 72 });
    d.init(CSUM, { msix: 0xc0000000, cfg: CFG }); // without MRG_RXBUF there is no num_buffers
    expect([v.w.m.ld32(page + L.VN_HDRLEN), v.w.m.ld32(page + L.VN_BE_HDR)]).toEqual([10, 10]);
    d.init(BASE, { msix: 0xc0000000, cfg: CFG });
    expect([v.w.m.ld32(page + L.VN_HDRLEN), v.w.m.ld32(page + L.VN_BE_HDR)]).toEqual([12, 0]);
    expect(send()).toMatchObject({ 'TX packets': 1, 'TX copies': 1, 'TX bytes copied': 60 });
  });

  test.each([
    ['vale0:1', 0x0101dda3, 1],
    ['netmap:em0', 0x0101dda3, 1],
    ['tap0', BASE, 1],
    ['null', BASE, 1],
    ['tap7', BASE, 0],
    ['ptvale0:1', 0x03018020, 1],
  ])('%s: HOSTCAP and link', (backend, caps, link) => {
    v = vmWith(`-s 5,virtio-net,${backend}`, (w) => {
      run(w, 'ttyv1', 'sysctl dev.netmap.buf_num=8192');
      run(w, 'ttyv1', 'ifconfig tap0 create');
    });
    const io = v.fn('5:0')?.bars[0]?.addr ?? 0;
    expect(v.cpu.in(io, 4) >>> 0).toBe(caps);
    expect(v.cpu.in(io + 24 + 6, 2)).toBe(link);
  });
});

describe('tap', () => {
  beforeEach(() =>
    machine('virtio-net,tap0', (w) => {
      run(w, 'ttyv1', 'sysctl net.link.tap.up_on_open=1');
      run(w, 'ttyv1', 'ifconfig tap0 create');
    }),
  );
  const tap = () => v.w.host.ifconfig().find((i) => i.name === 'tap0')?.stats ?? [];

  test('the first segment is not sent, a short frame is filled up to 60 bytes, one copy a packet, no netmap', () => {
    run(v.w, 'ttyv1', 'ifconfig tap0 promisc');
    expect(
      moved(() => {
        d.send(frame(1, 42));
        d.send(frame(2, 1514));
        d.kick(1);
        settle();
      }),
    ).toEqual({
      exits: 1,
      'to userspace': 1,
      QNOTIFY: 1,
      injected: 1,
      'TX packets': 2,
      'TX copies': 2,
      'TX bytes copied': 60 + 1514,
      'TX kicks that reached bhyve': 1,
      'MSI sent': 1,
    });
    expect(tap().slice(0, 4), 'packets, errors, drops, bytes in').toEqual([2, 0, 0, 60 + 1514]);
  });

  test('what the host sends on it is copied by the mevent thread, with one interrupt', () => {
    const bufs = d.post(4);
    d.kick(0);
    run(v.w, 'ttyv1', 'ifconfig tap0 inet 10.0.0.1/24');
    const m = moved(() => {
      const p = begin(v.w, 'ttyv1', 'ping -c 1 -t 1 10.0.0.2');
      until(v.w, () => d.usedIdx(0) === 1);
      finish(v.w, 'ttyv1', p);
    });
    expect(m).toMatchObject({ 'RX packets': 1, 'RX copies': 1, 'RX bytes copied': 42, 'MSI sent': 1 }); // who has 10.0.0.2?
    expect(d.used(0)).toEqual([{ id: bufs[0]?.head, len: 12 + 42 }]);
    expect(d.get((bufs[0]?.gpa ?? 0) + 12 + 12, 2)).toEqual([8, 6]);
  });
});

describe('reset', () => {
  test('STATUS 0 in the middle: queues, vectors and features are as at the beginning, and the path works again', () => {
    machine('virtio-net,vale0:1');
    for (let i = 0; i < 400; i++) d.send(frame(i));
    d.kick(1);
    v.w.advance(700, v.w.m.clock + 1e6); // the thread is at it
    expect(d.usedIdx(1)).toBeGreaterThan(0);
    expect(d.usedIdx(1)).toBeLessThan(400);
    v.cpu.out(d.io + 18, 1, 0);
    settle(1000);
    expect(v.st.resetting).toEqual([]);
    expect([v.cpu.in(d.io + 4, 4), v.cpu.in(d.io + 8, 4), v.cpu.in(d.io + 22, 2), v.cpu.in(d.io + 18, 1)]).toEqual([0, 0, 0xffff, 0]);
    d.init(BASE, { msix: 0xc0000000, cfg: CFG });
    expect(
      moved(() => {
        d.send(frame(1));
        d.kick(1);
        settle();
      }),
    ).toMatchObject({ 'TX packets': 1, 'MSI sent': 1 });
  });

  test('its threads have names; when bhyve ends they do too, and the counters stay', () => {
    machine('virtio-net,vale0:1');
    d.send(frame(1));
    d.kick(1);
    settle();
    const pid = v.w.host.bhyveOf(v.vm)?.pid ?? 0,
      threads = v.w.host.threads().filter((t) => t.pid === pid);
    expect(threads.map((t) => [t.name, t.wmesg]).sort()).toEqual([
      [`netmap-evloop-0x8${(v.fn('5:0')?.page ?? 0).toString(16).padStart(8, '0')}`.slice(0, 19), 'select'],
      ['vcpu 0', 'vmidle'],
      ['vtnet-5:0 tx', 'uwait'],
    ]);
    run(v.w, 'ttyv1', `kill -9 ${pid}`);
    until(v.w, () => v.w.tree.host.threads.length === 0 && !v.vm.block);
    expect(v.w.tree.host.fds).toEqual([]);
    expect(v.w.tree.host.vtnetTotals?.['netmapvm 5:0']?.[0]).toBe(1);
  });
});
