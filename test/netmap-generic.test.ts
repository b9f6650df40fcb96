// Emulated netmap ports over em0 and tap0, host rings, transparent forwarding. Oracles: facts netmap 2.11 and 2.12 (a copy into an
// mbuf a slot, the event mbuf, a queue of n packets, release before import, NS_MOREFRAG, the mitigation timer, the drop rule at
// n - 1, swapped buffers), 1 Gbit/s as arithmetic, pkt-gen's own counts.

import { beforeEach, describe, expect, it } from 'vitest';
import * as R from '../src/bin/nmreq.ts';
import type { NetmapFd } from '../src/host/kernel/tree.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { begin, finish, freshLab, pass, run, since, until } from './typed.ts';

let w: World;
const ok = (line: string, seconds = 60) => {
  const a = run(w, 'ttyv0', line, seconds);
  expect(a.status, `${line}: ${a.text}`).toBe(0);
  return a.text;
};
const sysctl = (name: string) => Number(ok(`sysctl -n ${name}`));
const num = (text: string, re: RegExp) => Number(re.exec(text)?.[1] ?? Number.NaN);
const open = (name: string) => {
  const fd = w.host.netmap.open(1, name);
  if (typeof fd === 'string') throw new Error(`${name}: ${fd}`);
  return fd;
};
const ring = (kr: number) => w.m.ld32(kr + L.KR_RING);
const slotOf = (kr: number, i: number) => ring(kr) + L.RING_SLOT + i * L.SLOT_SIZE;
const bufOf = (kr: number, i: number) =>
  w.host.netmap.mem.addr(w.m.ld32(kr + L.KR_MEM), L.POOL_BUF, w.m.ld32(slotOf(kr, i) + L.SLOT_BUF_IDX));
const hex = (a: number, n: number) =>
  Array.from({ length: n }, (_, i) =>
    w.m
      .ld8(a + i)
      .toString(16)
      .padStart(2, '0'),
  ).join('');
const end = () => {
  expect(w.m.ld32(L.MACHINE + L.M_VIOLATIONS)).toBe(0);
  expect(sysctl('hw.lab.mbufs_used')).toBe(0);
};
/** pkt-gen's sending thread on a descriptor, with a frame of the test's. */
function sender(fd: NetmapFd, frame: number[], n: number) {
  const p = w.host.os.spawn('sh', ['test'], 'ttyv2', 1);
  w.host.os.pause(p);
  const h = w.host.startThread(p, fd.id, L.OP_PKTGEN_SENDER, (targ) => {
    w.m.st32(targ + L.TARG_FN, L.PG_TX);
    w.m.st32(targ + L.TARG_BURST, 16);
    w.m.st64(targ + L.TARG_NPACKETS, n);
    w.m.st32(targ + L.TARG_LEN, frame.length);
    frame.forEach((b, i) => {
      w.m.st8(targ + L.TARG_FRAME + i, b);
    });
  });
  if (!h) throw new Error('no thread');
  until(w, () => w.host.threadDone(h));
  w.host.endThread(p, h);
}

beforeEach(() => {
  w = freshLab(8, 3);
  ok('sysctl dev.netmap.buf_num=8192');
});

describe('sending', () => {
  it('takes 672 ns a frame of 60 bytes on a 1G wire, and gives all mbufs back', () => {
    ok('ifconfig em0 up; sysctl dev.lab.em.0.partner=sink');
    const t = ok('pkt-gen -i netmap:em0 -f tx -n 20000 -w 0');
    expect(t).toContain('Sent 20000 packets 1200000 bytes');
    const pps = num(t, /Speed: ([\d.]+) Mpps/);
    expect(pps).toBeGreaterThan(1.488 * 0.99);
    expect(pps).toBeLessThan(1.488 * 1.08); // the last ring is still in the hardware's queue
    pass(w, 0.01);
    expect(ok('netstat -I em0 -b')).toMatch(/20000 +0 +1200000 +0$/m);
    end();
  });
  it('1000 frames reach the other end of a tap as they are', () => {
    ok('ifconfig tap create; ifconfig tap0 up');
    const m = begin(w, 'ttyv1', 'labtap -q -n 1000 tap0');
    pass(w, 0.01);
    expect(ok('pkt-gen -i netmap:tap0 -f tx -n 1000 -w 0')).toContain('Sent 1000 packets');
    expect(finish(w, 'ttyv1', m)).toContain('lab: read 1000 frames, 60000 bytes');
    end();
  });
  it('waits for its event mbuf when a driver has no room: nothing is lost at a queue of 8', () => {
    ok('sysctl net.link.ifqmaxlen=8; ifconfig tap create; ifconfig tap0 up');
    const m = begin(w, 'ttyv1', 'labtap -q -n 500 tap0');
    pass(w, 0.01);
    const t0 = w.m.clock;
    expect(ok('pkt-gen -i netmap:tap0 -f tx -n 500 -w 0')).toContain('Sent 500 packets');
    expect(finish(w, 'ttyv1', m)).toContain('lab: read 500 frames');
    expect(w.m.clock - t0).toBeLessThan(1e9); // poll's time-out, 2 s, was not needed
    end();
  });
  it('a frame shorter than a header, or with a buffer that is none, is not sent', () => {
    ok('ifconfig em0 up; sysctl dev.lab.em.0.partner=sink');
    const fd = open('netmap:em0');
    for (let i = 0; i < 4; i++) {
      w.m.st16(slotOf(fd.tx, i) + L.SLOT_LEN, [13, 60, 2049, 60][i] ?? 0);
      w.m.st32(slotOf(fd.tx, i) + L.SLOT_BUF_IDX, i === 3 ? 99999 : 10 + i);
    }
    w.m.st32(ring(fd.tx) + L.RING_HEAD, 4);
    w.m.st32(ring(fd.tx) + L.RING_CUR, 4);
    sender(
      fd,
      Array.from({ length: 60 }, () => 255),
      1,
    );
    pass(w, 0.001);
    expect(w.m.ld64(fd.tx + L.KR_STAT_DROPS)).toBe(3);
    expect(w.m.ld64(fd.tx + L.KR_STAT_PACKETS)).toBe(2);
    expect(w.host.netmap.tryClose(fd)).toBe(true);
    end();
  });
});

describe('receiving', () => {
  it('in loop every frame comes back in order, whole', () => {
    ok('ifconfig em0 up; sysctl dev.lab.em.0.partner=loop');
    const m = begin(w, 'ttyv1', 'pkt-gen -i netmap:em0 -f rxseq -w 0 -W');
    pass(w, 0.01);
    ok('pkt-gen -i netmap:em0 -f txseq -n 3000 -l 200 -w 0');
    expect(finish(w, 'ttyv1', m)).toContain('Sequence: 3000 received, 0 lost, 0 out of order, 0 with wrong content');
    end();
  });
  it('the stack hears nothing meanwhile, and everything afterwards', () => {
    ok('ifconfig em0 inet 10.0.0.1/24; ping -c 1 10.0.0.2');
    const m = begin(w, 'ttyv1', 'pkt-gen -i netmap:em0 -f rx -w 0');
    pass(w, 0.01);
    expect(run(w, 'ttyv0', 'ping -c 1 -W 100 10.0.0.2').status).toBe(2);
    w.type('ttyv1', '\x03');
    finish(w, 'ttyv1', m);
    ok('ping -c 1 10.0.0.2');
    end();
  });
  it('generic_mit: one notification a timer, none held back below 32768 ns', () => {
    const batch = (mit: number) => {
      ok(`sysctl dev.netmap.generic_mit=${mit}`);
      const m = begin(w, 'ttyv1', 'pkt-gen -i netmap:em0 -f rx -w 0 -W');
      pass(w, 0.01);
      ok('pkt-gen -i netmap:em0 -f tx -n 2000 -R 100000 -b 1 -w 0');
      return num(finish(w, 'ttyv1', m), /Average batch: ([\d.]+) pkts/);
    };
    ok('ifconfig em0 up; sysctl dev.lab.em.0.partner=loop');
    expect(batch(32767)).toBeLessThan(1.2); // a frame each 10 us
    expect(batch(100000)).toBeGreaterThan(8);
    expect(batch(100000)).toBeLessThan(12);
    expect(batch(1000000)).toBeGreaterThan(80);
    end();
  });
  it('the queue holds n packets, one longer than a buffer takes several slots, release comes before import', () => {
    ok('sysctl dev.netmap.generic_ringsize=64 dev.netmap.buf_size=64');
    ok('sysctl net.link.tap.up_on_open=1; ifconfig tap create');
    const fd = open('netmap:tap0'),
      q = w.m.ld32(fd.rx + L.KR_HW);
    ok('labtap -f tx -n 100 -l 150 tap0');
    pass(w, 0.01);
    expect(w.m.ld32(q + L.MQ_LEN)).toBe(64);
    expect(w.m.ld64(fd.rx + L.KR_STAT_DROPS)).toBe(36);
    const p = w.host.os.spawn('sh', ['test'], 'ttyv2', 1);
    w.host.os.pause(p);
    const h = w.host.startThread(p, fd.id, L.OP_PKTGEN_RECEIVER, (targ) => {
      w.m.st32(targ + L.TARG_FN, L.PG_RX);
      w.m.st32(targ + L.TARG_BURST, 1024);
    });
    if (!h) throw new Error('no thread');
    while (!w.m.ld32(ring(fd.rx) + L.RING_TAIL)) w.advance(1);
    expect(w.m.ld64(fd.rx + L.KR_STAT_PACKETS)).toBe(21); // three slots each, 63 of 64
    expect([0, 1, 2].map((i) => w.m.ld16(slotOf(fd.rx, i) + L.SLOT_LEN))).toEqual([64, 64, 22]);
    expect([0, 1, 2, 3].map((i) => w.m.ld16(slotOf(fd.rx, i) + L.SLOT_FLAGS) & L.NS_MOREFRAG)).toEqual([
      L.NS_MOREFRAG,
      L.NS_MOREFRAG,
      0,
      L.NS_MOREFRAG,
    ]);
    until(w, () => w.m.ld64(h.targ + L.TARG_COUNT) >= 64); // packets, not slots
    expect(w.m.ld64(h.targ + L.TARG_BYTES)).toBe(64 * 150);
    Atomics.store(w.m.u32, (h.targ + L.TARG_CANCEL) >>> 2, 1);
    w.host.poke(h);
    until(w, () => w.host.threadDone(h));
    w.host.endThread(p, h);
    expect(w.host.netmap.tryClose(fd)).toBe(true);
    end();
  });
});

describe('which ports there are', () => {
  it.each([
    ['sysctl dev.netmap.admode=1; pkt-gen -i netmap:em0 -f rx', 'Unable to open netmap:em0: Operation not supported'],
    ['pkt-gen -i netmap:lo0 -f rx', 'Operation not supported'],
    ['pkt-gen -i netmap:em1 -f rx', 'Device not configured'],
  ])('%s', (line, text) => {
    expect(run(w, 'ttyv0', line).text).toContain(text);
  });
  it('generic_ringsize and generic_rings are those of the port', () => {
    ok('sysctl dev.netmap.generic_ringsize=256 dev.netmap.generic_rings=2');
    const fd = open('netmap:em0');
    expect([fd.ntx, fd.nrx]).toEqual([2, 2]);
    expect(w.m.ld32(fd.tx + L.KR_NUM_SLOTS)).toBe(256);
    expect(w.host.netmap.tryClose(fd)).toBe(true);
    end();
  });
  it('a port in use cannot be destroyed', () => {
    ok('ifconfig tap create');
    const fd = open('netmap:tap0');
    expect(run(w, 'ttyv0', 'ifconfig tap0 destroy').text).toContain('Device busy');
    expect(w.host.netmap.tryClose(fd)).toBe(true);
    ok('ifconfig tap0 destroy');
  });
});

describe('host rings', () => {
  beforeEach(() => {
    ok('sysctl dev.netmap.generic_ringsize=64; ifconfig em0 inet 10.0.0.1/24');
  });
  it('what the stack sends is received from em0^, and does not reach the wire', () => {
    const m = begin(w, 'ttyv1', "pkt-gen -i 'netmap:em0^' -f rx -w 0 -W");
    pass(w, 0.01);
    run(w, 'ttyv0', 'ping -c 40 -i 0.001 -W 1 -q 10.0.0.255');
    expect(finish(w, 'ttyv1', m)).toContain('Received 40 packets 3920 bytes'); // 98 bytes each
    expect(ok('netstat -I em0')).toMatch(/ 0 +0 +0$/m);
    end();
  });
  it('drops from n - 1 on, and says so to the sender', () => {
    const fd = open('netmap:em0^');
    const a = run(w, 'ttyv0', 'ping -c 100 -i 0.001 -W 1 -q 10.0.0.255');
    expect(a.text.match(/No buffer space available/g)?.length).toBe(100 - 63);
    expect(w.m.ld64(fd.rx + L.KR_STAT_DROPS)).toBe(37);
    expect(sysctl('hw.lab.mbufs_used')).toBe(63 + 64); // and the port's own, a TX slot each
    expect(w.host.netmap.tryClose(fd)).toBe(true);
    end();
  });
  it('what is put into em0^ is received by the stack: an ARP request gets its reply', () => {
    const fd = open('netmap:em0^'),
      mac = [2, 0, 0, 0, 9, 9],
      me = w.host.ifs.find('em0')?.mac.replace(/:/g, '') ?? '';
    sender(
      fd,
      [
        255,
        255,
        255,
        255,
        255,
        255,
        ...mac,
        8,
        6,
        0,
        1,
        8,
        0,
        6,
        4,
        0,
        1,
        ...mac,
        10,
        0,
        0,
        77,
        0,
        0,
        0,
        0,
        0,
        0,
        10,
        0,
        0,
        1,
        ...Array(18).fill(0),
      ] as number[],
      1,
    );
    pass(w, 0.01);
    // the reply waits in the queue of the host RX ring: RFC 826, op 2, from us to the asker
    const mb = w.m.ld32(w.m.ld32(fd.rx + L.KR_HW) + L.MQ_HEAD);
    expect(hex(mb + L.M_DATA, 42)).toBe(`020000000909${me}0806000108000604000${2}${me}0a000001${'020000000909'}0a00004d`);
    expect(ok('arp -a')).toContain('? (10.0.0.77) at 02:00:00:00:09:09 on em0');
    expect(w.host.netmap.tryClose(fd)).toBe(true);
    end();
  });
  it('has no ring of the host where there is no stack', () => {
    expect(run(w, 'ttyv0', "pkt-gen -i 'vale1:1^' -f rx").text).toContain('Invalid argument');
  });
});

describe('a switch', () => {
  it("with em0 and its host stack attached carries the host's ping, and gives the interface back", () => {
    ok('ifconfig em0 inet 10.0.0.1/24');
    const ctl = (r: Partial<R.Nmreq>) => {
      const d = w.host.netmap.dev(1);
      for (;;) {
        const e = w.host.netmap.ioctl(d, R.NIOCREGIF, R.newNmreq('vale0:em0', r));
        if (e !== 'ERESTART') return e;
        w.advance(1);
      }
    };
    expect(ctl({ nr_cmd: R.NETMAP_BDG_ATTACH, nr_arg1: R.NETMAP_BDG_HOST })).toBeUndefined();
    const m = begin(w, 'ttyv1', 'pkt-gen -i vale0:1 -f rx -w 0 -W');
    pass(w, 0.01);
    expect(ok('ping -c 3 -i 0.01 10.0.0.2')).toContain('3 packets received, 0.0% packet loss');
    expect(finish(w, 'ttyv1', m)).toContain('Received 1 packets 42 bytes'); // the ARP request was for all
    expect(ctl({ nr_cmd: R.NETMAP_BDG_DETACH })).toBeUndefined();
    expect(ok('ping -c 1 10.0.0.2')).toContain('1 packets received');
    end();
  });
});

describe('transparent forwarding', () => {
  /** A client of em0*: polls, gives the NIC's slots back as they are and the host's with NS_FORWARD or without, polls again. */
  function client(mark: number) {
    const fd = open('netmap:em0*'),
      host = fd.rx + (fd.nrx - 1) * L.KR_SIZE,
      bufs = new Set<number>();
    const p = w.host.os.spawn('sh', ['test'], 'ttyv2', 1);
    w.host.os.pause(p);
    const poll = () => {
      const h = w.host.startThread(p, fd.id, L.OP_NMSH, (targ) => {
        w.m.st32(targ + L.NMSH_OP, L.NMSH_OP_POLL);
        w.m.st32(targ + L.NMSH_EVENTS, L.POLLIN);
        w.m.st64(targ + L.NMSH_TIMEOUT, 1e6);
      });
      if (!h) throw new Error('no thread');
      return h;
    };
    let h = poll();
    const pump = () => {
      if (!w.host.threadDone(h)) return;
      w.host.endThread(p, h);
      for (const kr of [fd.rx, host])
        for (let i = w.m.ld32(ring(kr) + L.RING_HEAD); i !== w.m.ld32(ring(kr) + L.RING_TAIL); i = (i + 1) % 64) {
          if (kr === host) {
            bufs.add(w.m.ld32(slotOf(host, i) + L.SLOT_BUF_IDX));
            w.m.st16(slotOf(host, i) + L.SLOT_FLAGS, mark);
          }
          w.m.st32(ring(kr) + L.RING_HEAD, (i + 1) % 64);
          w.m.st32(ring(kr) + L.RING_CUR, (i + 1) % 64);
        }
      h = poll();
    };
    const close = () => {
      until(w, () => w.host.threadDone(h));
      w.host.endThread(p, h);
      expect(w.host.netmap.tryClose(fd)).toBe(true);
    };
    return { fd, host, bufs, pump, close };
  }
  const pingThrough = (c: ReturnType<typeof client>) => {
    const m = begin(w, 'ttyv0', 'ping -c 3 -i 0.01 -W 50 10.0.0.2');
    until(w, () => {
      c.pump();
      return /^ping -c 3[\s\S]*packet loss/.test(since(w, 'ttyv0', m));
    });
    return finish(w, 'ttyv0', m);
  };

  beforeEach(() => {
    ok('sysctl dev.netmap.generic_ringsize=64; ifconfig em0 inet 10.0.0.1/24');
  });
  it('off: the host is cut off', () => {
    const c = client(L.NS_FORWARD);
    expect(pingThrough(c)).toContain('0 packets received');
    c.close();
    expect(sysctl('hw.lab.mbufs_used')).toBe(1); // waits for an address
    ok('ifconfig em0 down');
    end();
  });
  it('dev.netmap.fwd=1: both ways without a mark, by swapping buffers downwards', () => {
    ok('sysctl dev.netmap.fwd=1');
    const c = client(0);
    expect(pingThrough(c)).toContain('3 packets received, 0.0% packet loss');
    expect(w.m.ld64(c.fd.tx + L.KR_STAT_PACKETS)).toBe(4); // an ARP and three echoes went down
    const tx = new Set(Array.from({ length: 64 }, (_, i) => w.m.ld32(slotOf(c.fd.tx, i) + L.SLOT_BUF_IDX)));
    expect([...c.bufs].every((b) => tx.has(b))).toBe(true); // the host ring's own buffers are in the NIC's ring now
    expect(hex(bufOf(c.fd.tx, 1) + 12, 2)).toBe('0800');
    c.close();
    end();
  });
  it('NR_FORWARD: only what is marked', () => {
    let c = client(0);
    for (const kr of [c.fd.rx, c.host]) w.m.st32(ring(kr) + L.RING_FLAGS, L.NR_FORWARD);
    expect(pingThrough(c)).toContain('0 packets received');
    expect(w.m.ld64(c.fd.tx + L.KR_STAT_PACKETS)).toBe(0);
    c.close();
    pass(w, 1); // one request a second
    c = client(L.NS_FORWARD);
    for (const kr of [c.fd.rx, c.host]) w.m.st32(ring(kr) + L.RING_FLAGS, L.NR_FORWARD);
    expect(pingThrough(c)).toContain('0 packets received'); // down it goes; up nothing, for nothing is marked there
    expect(w.m.ld64(c.fd.tx + L.KR_STAT_PACKETS)).toBeGreaterThan(0);
    c.close();
    ok('ifconfig em0 down');
    end();
  });
});
