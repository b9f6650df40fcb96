// nmsh: whole transactions by hand, typed at terminals. What it prints is compared with memory and with the facts
// (netmap 1.7, 2.2 to 2.9, 4.2), never with itself; a txsync is stepped an access at a time.

import { beforeAll, describe, expect, it } from 'vitest';
import * as L from '../wasm/layout.ts';
import * as P from '../wasm/points.ts';
import { EXAMPLE, HELP } from '../src/bin/nmsh_help.ts';
import type { NmshState } from '../src/bin/nmsh_state.ts';
import type { World } from '../src/lab/world.ts';
import { type Told, lines } from './nmsh-told.ts';
import { END, answer, begin, boot, finish, freshLab, mark, pass, run, since, until } from './typed.ts';

let w: World;
const nmsh = (script: string, tty = 'ttyv0', options = '') => run(w, tty, `nmsh ${options} -c '${script}'`);
const json = (script: string, tty = 'ttyv0', options = '') => lines(nmsh(script, tty, `-j ${options}`).text);
const by = (told: Told[], cmd: string) => {
  const t = told.filter((x) => x.cmd === cmd);
  if (!t.length) throw new Error(`no ${cmd} in ${told.map((x) => x.cmd).join()}`);
  return t;
};
/** The one's complement sum of 16-bit words (RFC 1071). */
function sum(bytes: number[]): number {
  let s = 0;
  for (let i = 0; i < bytes.length; i += 2) s += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  while (s > 0xffff) s = (s & 0xffff) + (s >>> 16);
  return s;
}
const bytesOf = (hex: unknown) => (String(hex).match(/../g) ?? []).map((b) => Number.parseInt(b, 16));
/** Lets the machine go on until a program's state says so. */
const procSt = (tty: string) =>
  w.host.os.tree().procs.find((p) => p.prog === 'nmsh' && p.tty === tty && p.state !== 'zombie')?.st as NmshState;

/** A step at a time until the condition holds. */
function stepUntil(cond: () => boolean, most = 50_000) {
  for (let i = 0; !cond(); i++) {
    if (i === most) throw new Error(`not within ${most} steps`);
    w.advance(1);
  }
}

describe('on the host', () => {
  beforeAll(() => {
    w = freshLab(8, 3);
  });

  it('the example of its help works as it stands', () => {
    const a = nmsh(EXAMPLE.join(';'), 'ttyv0', '-e');
    expect(a.status).toBe(0);
    expect(nmsh('help').text).toContain(EXAMPLE.map((l) => `  ${l}\n`).join(''));
    for (const [k, [usage]] of Object.entries(HELP)) {
      expect(nmsh(`help ${k}`).text).toContain(usage);
      expect(usage.startsWith(k)).toBe(true);
    }
  });

  it('a VALE port to another: the frame that was filled is the frame that comes, and it is a valid one', () => {
    const told = json(
      'open vale1:a; open vale1:b; use 3; fill TX0 head frame len=64 src=02:00:00:00:00:0a sport=7 dport=9 sip=192.168.0.1 seq=258; dump TX0 0; adv TX0 +1; txsync;' +
        'use 4; poll in 100; dump RX0 head; show slot RX0 0; adv RX0 +1; rxsync; show kring RX0',
    );
    expect(told.every((t) => t.ok)).toBe(true);
    const [sent, got] = by(told, 'dump').map((t) => bytesOf(t.result?.hex));
    expect(got).toEqual(sent);
    const f = got ?? [];
    expect(f.length).toBe(64);
    expect(f.slice(0, 14)).toEqual([255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 10, 8, 0]);
    expect(sum(f.slice(14, 34))).toBe(0xffff);
    expect(f.slice(26, 30)).toEqual([192, 168, 0, 1]);
    expect(f.slice(34, 40)).toEqual([0, 7, 0, 9, 0, 30]);
    expect(sum([...f.slice(26, 34), 0, 17, 0, 30, ...f.slice(34)])).toBe(0xffff); // pseudo header, then UDP
    expect(f.slice(42, 46)).toEqual([0, 0, 1, 2]);
    const [poll] = by(told, 'poll'),
      [, kring] = by(told, 'show');
    expect(poll?.result).toMatchObject({ revents: L.POLLIN, events: ['POLLIN'] });
    expect(kring?.result).toMatchObject({ rhead: 1, rcur: 1, nr_hwcur: 1, nr_hwtail: 1, nr_busy: 0 });
    expect(w.m.ld32(L.MACHINE + L.M_VIOLATIONS)).toBe(0);
  });

  it('a pipe: slots change places (facts 4.2), and the buffer that comes is the one that was sent', () => {
    const told = json(
      'open vale2{1; open vale2}1; use 3; fill TX0 2 text no; show slot TX0 0; fill TX0 0 text hello  world; adv TX0 1; show slot 4:RX0 0; txsync; show slot 4:RX0 0; show slot TX0 0; use 4; rxsync; dump RX0 0',
      'ttyv0',
    );
    const slots = by(told, 'show').map((t) => t.result);
    expect(slots[2]).toMatchObject({ buf_idx: slots[0]?.buf_idx, len: 11, flags: L.NS_BUF_CHANGED });
    expect(slots[3]).toMatchObject({ buf_idx: slots[1]?.buf_idx, flags: L.NS_BUF_CHANGED });
    expect(String.fromCharCode(...bytesOf(by(told, 'dump')[0]?.result?.hex))).toBe('hello world');
  });

  it('zero copy by swap: received here, sent there, no byte moved', () => {
    const told = json(
      'open vale3{1; open vale3}1; use 3; fill TX0 0 text payload; adv TX0 +1; txsync; use 4; rxsync; show slot RX0 0; show slot TX0 0; swap RX0 0 TX0 0; len TX0 0 7; show slot RX0 0; show slot TX0 0; adv RX0 +1; adv TX0 +1; rxsync; txsync; use 3; rxsync; dump RX0 0',
    );
    expect(told.filter((t) => !t.ok)).toEqual([]);
    const s = by(told, 'show').map((t) => t.result);
    expect([s[2]?.buf_idx, s[3]?.buf_idx]).toEqual([s[1]?.buf_idx, s[0]?.buf_idx]);
    for (const x of [s[2], s[3]]) expect(Number(x?.flags) & L.NS_BUF_CHANGED).toBe(1);
    expect(by(told, 'dump')[0]?.result).toMatchObject({ buf_idx: s[0]?.buf_idx });
    expect(String.fromCharCode(...bytesOf(by(told, 'dump')[0]?.result?.hex))).toBe('payload');
  });

  it("what it prints is what is in memory: the kernel's tables, read here by their own way", () => {
    const m = begin(w, 'ttyv1', 'nmsh -i vale4:p');
    until(w, () => since(w, 'ttyv1', m).endsWith('nmsh> '));
    const say = (line: string) => {
      const at = mark(w, 'ttyv1');
      w.type('ttyv1', `${line}\r`);
      until(w, () => mark(w, 'ttyv1') > at && /\nnmsh> $/.test(since(w, 'ttyv1', at)));
      return since(w, 'ttyv1', at);
    };
    say(
      'fill TX0 head hex ff:ff:ff:ff:ff:ff 02 00 00 00 00 01 08 00; flags TX0 head +NS_REPORT; len TX0 1 1500; adv TX0 +2; rflags RX0 +NR_TIMESTAMP; cur RX0 0; txsync',
    );
    const t = w.tree.host,
      fd = t.fds.find((f) => f.name === 'vale4:p'),
      a = t.adapters.find((x) => x.name === 'vale4:p');
    if (!fd || !a) throw new Error('not open');
    const kr = w.m.ld32(a.addr + L.NA_TX_RINGS),
      ring = w.m.ld32(kr + L.KR_RING),
      rx = w.m.ld32(w.m.ld32(a.addr + L.NA_RX_RINGS) + L.KR_RING),
      slot = ring + L.RING_SLOT,
      ld = (at: number) => w.m.ld32(at);
    expect([ld(ring + L.RING_HEAD), ld(ring + L.RING_CUR), ld(kr + L.KR_NR_HWCUR), ld(rx + L.RING_FLAGS)]).toEqual([
      2,
      2,
      2,
      L.NR_TIMESTAMP,
    ]);
    expect(say('show ring TX0')).toContain(`head 2  cur 2  tail ${ld(ring + L.RING_TAIL)}  flags -`);
    expect(say('show ring RX0')).toContain('flags NR_TIMESTAMP');
    expect(say('show kring TX0')).toMatch(
      new RegExp(`rhead ${ld(kr + L.KR_RHEAD)} .*nr_hwcur ${ld(kr + L.KR_NR_HWCUR)}  nr_hwtail ${ld(kr + L.KR_NR_HWTAIL)} `),
    );
    expect([w.m.ld16(slot + L.SLOT_LEN), w.m.ld16(slot + L.SLOT_SIZE + L.SLOT_LEN)]).toEqual([14, 1500]);
    expect(say('show slots TX0 0 2')).toMatch(
      new RegExp(` 0 +${ld(slot)} +14 +0x0 +yours +NS_REPORT\\n +1 +${ld(slot + L.SLOT_SIZE)} +1500 +0x0 +kernel +-  <- tail\\n`),
    );
    const buf = ring + w.m.ld64(ring + L.RING_BUF_OFS) + ld(slot) * ld(ring + L.RING_NR_BUF_SIZE);
    expect(Array.from({ length: 14 }, (_, i) => w.m.ld8(buf + i))).toEqual([255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1, 8, 0]);
    expect(say('dump TX0 0')).toContain('ff ff ff ff ff ff 02 00  00 00 00 01 08 00');
    expect(say('show if')).toContain(`mem + 0x${(fd.nifp - w.m.ld32(a.mem + L.MEM_BASE)).toString(16)}`);
    expect(say('show mem')).toContain(`${w.m.ld32(a.mem + L.MEM_TOTALSIZE)} bytes mapped`);
    w.type('ttyv1', '\x04');
    expect(answer(w, 'ttyv1', finish(w, 'ttyv1', m)).status).toBe(0);
    expect(w.tree.host.fds).toEqual([]);
  });

  it('wrong heads (facts 2.2, 2.4): the ioctl is silent, poll says POLLERR; only an index out of the ring resets', () => {
    const told = json(
      'open vale5:x; head TX0 3; cur TX0 2; txsync; show kring TX0; poll out 0; head TX0 8; txsync; show ring TX0; cur RX0 9; rxsync; poll in 0; head RX0 0xffffffff; poll in 0',
    );
    expect(told.every((t) => t.ok)).toBe(true);
    const [s1, s2] = by(told, 'txsync'),
      [k1, r1] = by(told, 'show'),
      polls = by(told, 'poll'),
      ringOf = (t: Told | undefined) =>
        (t?.result as { rings: { after: object; kring: { after: { reinit: number } } }[] } | undefined)?.rings[0];
    // each below n but not in order: nothing reset, the kring took the user's words
    expect(s1?.errno).toBe(0);
    expect(ringOf(s1)?.after).toEqual({ head: 3, cur: 2, tail: 7 });
    expect(k1?.result).toMatchObject({ rhead: 3, rcur: 2, rtail: 7, nr_hwcur: 0, reinit: 1 });
    expect(Number(polls[0]?.result?.revents) & L.POLLERR).toBe(L.POLLERR);
    // an index that is no slot: all three from the kernel's own
    expect(s2?.errno).toBe(0);
    expect(r1?.result).toMatchObject({ head: 0, cur: 0, tail: 7 });
    const [rx] = by(told, 'rxsync');
    expect(ringOf(rx)?.after).toEqual({ head: 0, cur: 0, tail: 0 });
    expect(ringOf(rx)?.kring.after.reinit).toBe(1);
    expect(polls[1]?.result?.revents).toBe(0);
    expect(Number(polls[2]?.result?.revents) & L.POLLERR).toBe(L.POLLERR);
    const text = nmsh('open vale5:y; head TX0 8; txsync').text;
    expect(text).toMatch(/^txsync: 0$/m);
    expect(text).toMatch(/^lab: the prologue refused head and cur of TX0.*the ioctl does not say so\.$/m);
  });

  it.each<[string, number, RegExp]>([
    ['open; txsync', 6, /^nmsh: txsync: Device not configured; descriptor 3 is not registered$/m],
    ['open; rxsync', 6, /^nmsh: rxsync: Device not configured/m],
    ['open vale6:1; reg fd=3 name=vale6:2 flags=1', 16, /^nmsh: reg: Device busy; descriptor 3 has a port already$/m],
    ['open vale6:1/x; open vale6:1', 16, /^nmsh: open: Device busy/m],
    ['reg name=vale6:1 flags=1 version=10', 22, /^nmsh: reg: Invalid argument/m],
    ['reg name=vale6:1 flags=4 ringid=5', 22, /^nmsh: reg: Invalid argument/m],
    ['reg name=vale6:1 flags=9', 22, /^nmsh: reg: Invalid argument/m],
    ['reg name=em9 flags=1', 6, /^nmsh: reg: Device not configured; no such port/m],
    ['open netmap:em9', 6, /^nmsh: open: Device not configured; no such port/m],
    ['open vale6:1-', 22, /^nmsh: open: Invalid argument; /m],
    ['open vale6:1 mem=77', 22, /^nmsh: open: Invalid argument/m],
    ['ioctl 151', 25, /^nmsh: ioctl: Inappropriate ioctl for device$/m],
    ['ioctl NIOCTXSYNC fd=9', 9, /^nmsh: ioctl: Bad file descriptor/m],
  ])('%s: errno %i', (script, errno, line) => {
    const a = nmsh(script);
    expect(a.status).toBe(1);
    expect(a.text).toMatch(line);
    const last = json(script).at(-1);
    expect([last?.ok, last?.errno]).toEqual([false, errno]);
    expect(nmsh(`${script}; expect last.errno == ${errno}`).text).not.toContain('expected last');
    expect(w.tree.host.fds.length + w.tree.host.devs.length).toBe(0);
  });

  it('requests: NIOCGINFO, several descriptors, rings of a configuration, a pipe by fields, no transmission in poll', () => {
    const told = json(
      'info vale7:1; open vale7:1 txrings=2 rxrings=3 txslots=16 extra=4; extra; show ring TX1; show ring RX2; show ring RXH; reg name=vale7:1 flags=5 ringid=3; use 3; open vale7:1-1 notxpoll; fill TX1 0 frame; adv TX1 +1; poll in 0; show kring TX1; use',
    );
    expect(told.every((t) => t.ok)).toBe(true);
    expect(by(told, 'info')[0]?.result).toMatchObject({ nr_tx_rings: 1, nr_tx_slots: 8, nr_flags: 1, nr_version: 11 });
    const [o, o2] = by(told, 'open').map((t) => t.result);
    expect(o).toMatchObject({ fd: 3, txRings: 2, rxRings: 3, txSlots: 16, extra: 4, tx: [0, 1], rx: [0, 2] });
    expect(by(told, 'extra')[0]?.result).toMatchObject({
      chain: [expect.any(Number), expect.any(Number), expect.any(Number), expect.any(Number)],
    });
    expect(by(told, 'reg')[0]?.result).toMatchObject({ fd: 4, name: 'vale7:1' });
    expect(o2).toMatchObject({ fd: 5, tx: [1, 1], rx: [1, 1] });
    expect(by(told, 'show').at(-1)?.result).toMatchObject({ rhead: 0, nr_hwcur: 0 }); // NETMAP_NO_TX_POLL
    expect(by(told, 'use').at(-1)?.result).toMatchObject([{ fd: 3 }, { fd: 4 }, { fd: 5, current: true }]);
  });

  it('a ring that somebody else syncs is EBUSY, at the very access (facts 2.6, 2.8)', () => {
    const x = begin(w, 'ttyv1', "nmsh -j -c 'open vale8:1; fill TX0 0 frame; adv TX0 1; txsync'");
    const at = (point: number) => w.m.ld32(L.MACHINE + L.M_DONE_POINT) === point;
    stepUntil(() => at(P.P_KR_TRYGET_BUSY));
    const first = w.m.ld32(L.MACHINE + L.M_DONE_THREAD);
    // the other one runs to its end while the first stands inside its txsync
    const y = begin(w, 'ttyv2', "nmsh -j -c 'open vale8:1; txsync; poll out 0'");
    const told = () => lines(since(w, 'ttyv2', y));
    for (let i = 0; i < 50_000 && told().length < 3; i++) {
      if (w.act()) continue;
      for (let k = 0; k < w.m.threads; k++) if (w.m.block(k) !== first && w.m.wasm.runnable(w.m.block(k))) w.stepThread(w.m.block(k));
    }
    expect(told()[1]).toMatchObject({ cmd: 'txsync', ok: false, errno: 16 });
    expect(told()[1]?.error).toMatch(/^Device busy; /);
    // poll takes the lock-free shortcut: there is room (facts 2.7, 2)
    expect(told()[2]?.result?.events).toEqual(['POLLOUT']);
    finish(w, 'ttyv2', y);
    expect(lines(finish(w, 'ttyv1', x)).every((t) => t.ok)).toBe(true);
  });

  it('a txsync an access at a time: the order of the facts, and tail changes with the last store only', () => {
    const m = begin(w, 'ttyv1', "nmsh -c 'open vale9{1; open vale9}1; use 3; fill TX0 0 frame; adv TX0 1; txsync'");
    const made: number[] = [];
    let tailMoved = -1;
    stepUntil(() => procSt('ttyv1')?.running?.t === 'op');
    const adapter = () => w.tree.host.adapters.find((a) => a.name === 'vale9{1');
    const tail = () => {
      const a = adapter(),
        ring = a ? w.m.ld32(w.m.ld32(a.addr + L.NA_TX_RINGS) + L.KR_RING) : 0;
      return ring ? w.m.ld32(ring + L.RING_TAIL) : 7;
    };
    for (let i = 0; i < 20_000 && !made.includes(P.P_KR_PUT); i++) {
      const before = w.m.steps;
      w.advance(1);
      expect(w.m.steps).toBe(before + 1);
      const point = w.m.ld32(L.MACHINE + L.M_DONE_POINT);
      if (point) {
        made.push(point);
        w.m.st32(L.MACHINE + L.M_DONE_POINT, 0);
      }
      if (tailMoved < 0 && tail() !== 7) tailMoved = made.length;
    }
    expect(made).toEqual([
      P.P_NMSH_BUF,
      P.P_NMSH_SLOT,
      P.P_NMSH_ST_CUR,
      P.P_NMSH_ST_HEAD,
      P.P_KR_TRYGET_STOPPED,
      P.P_KR_TRYGET_BUSY,
      P.P_KR_TRYGET_STOPPED2,
      P.P_TXPRO_HEAD,
      P.P_TXPRO_CUR,
      P.P_TXPRO_HWCUR,
      P.P_TXPRO_HWTAIL,
      P.P_TXPRO_TAIL,
      P.P_PIPE_TX_HWCUR,
      P.P_PIPE_TX_RX_HWTAIL,
      P.P_PIPE_TX_RX_HWCUR,
      P.P_PIPE_TX_FENCE,
      P.P_PIPE_TX_ST_RX_HWTAIL,
      P.P_PIPE_TX_ST_HWCUR,
      P.P_PIPE_TX_ST_HWTAIL,
      P.P_FIN_HWTAIL,
      P.P_FIN_TAIL,
      P.P_KR_PUT,
    ]);
    expect(made[tailMoved - 1]).toBe(P.P_FIN_TAIL);
    expect(answer(w, 'ttyv1', finish(w, 'ttyv1', m)).status).toBe(0);
  });

  it('nothing is written outside the mapping, and a bad index is named', () => {
    const total = 20482,
      region = (a: number) => [...w.m.u8.slice(a, a + 64)];
    const a = nmsh(
      `open vale1:q; buf TX0 0 ${0xffffffff}; fill TX0 0 text x; buf TX0 0 ${total}; fill TX0 0 text x; dump TX0 0; buf TX0 0 1; fill TX0 0 text x; show slot TX0 0`,
    );
    expect(a.text).toMatch(/nmsh: fill: slot 0 of TX0 names buffer 4294967295, which is outside the mapping: nothing was stored/);
    expect(a.text).toMatch(new RegExp(`nmsh: fill: slot 0 of TX0 names buffer ${total}, which is outside`));
    expect(a.text).toMatch(new RegExp(`lab: there is no buffer ${total}: good ones are 2 to ${total - 1}`));
    expect(a.text).toMatch(/lab: buffer 1 is reserved/);
    expect(region(L.MACHINE - 64)).toEqual(Array.from({ length: 64 }, () => 0));
    const b = nmsh(
      'open vale1:q; fill TX0 8 text x; show slot TX0 99; head TX9 1; fill 7:TX0 0 text x; ring; adv TX0 x; flags TX0 0 +NS_X; fill TX0 0 hex abc',
    );
    expect(b.real.filter((l) => l.startsWith('nmsh: '))).toEqual([
      'nmsh: fill: TX0 has no slot 8: 0 to 7',
      'nmsh: show: TX0 has no slot 99: 0 to 7',
      'nmsh: head: no ring TX9: descriptor 3 (vale1:q) has TX0, TXH, RX0, RXH',
      'nmsh: fill: no descriptor 7: open are 3',
      expect.stringMatching(/^nmsh: ring: no command 'ring': open use close /),
      expect.stringMatching(/^nmsh: adv: adv RING N, \+N or -N: /),
      expect.stringMatching(/^nmsh: flags: '\+NS_X' is no number and none of: \+NS_BUF_CHANGED /),
      'nmsh: fill: hex: two digits a byte, as ff ff 00 or ffff00',
    ]);
    expect(b.status).toBe(1);
  });

  it("a slot of the kernel's may be written, as in life; the lab says so and counts it", () => {
    const count = () => w.m.ld32(L.MACHINE + L.M_VIOLATIONS),
      before = count();
    expect(nmsh('open vale1:v; len TX0 6 60; len TX0 7 60').text).toMatch(/^lab: slot 7 of TX0 is the kernel's now \(head 0, tail 7\)\.$/m);
    expect(count()).toBe(before + 1);
  });

  it('a buffer that nobody was given becomes state when it is written', () => {
    const m = begin(w, 'ttyv1', "nmsh -c 'open vale1:t; buf TX0 0 20000; fill TX0 0 text kept; wait 5000'");
    until(w, () => procSt('ttyv1')?.running?.t === 'wait');
    const mem = w.tree.host.mems.find((e) => e.owner === 'vale1:t' || e.id === w.tree.host.lastMemId)?.addr ?? 0,
      buf = w.m.ld32(mem + L.MEM_BASE) + w.m.ld32(mem + L.MEM_POOL + L.POOL_BUF * L.MEM_POOL_SIZE + L.POOL_OFFSET) + 20000 * 2048;
    expect(w.m.string(buf, 8)).toBe('kept');
    expect(w.m.used(buf)).toBe(true);
    finish(w, 'ttyv1', m);
  });
});

describe('in the guest, on ptnetmap', () => {
  beforeAll(() => {
    w = freshLab(8, 3);
    boot(w, 'ttyv0', `bhyve -s 0,hostbridge -s 1,lpc -s 3:0,ptnetmap-memdev -s 3:1,virtio-net,ptvale1:1 ${END}`);
  });

  it('guest to host by hand: the frame arrives, and the CSB says what both sides know', () => {
    const m = begin(w, 'ttyv1', "nmsh -j -e -c 'open vale1:2; poll in 60000; dump RX0 0; adv RX0 +1; rxsync'");
    until(w, () => procSt('ttyv1')?.running?.t === 'op' && w.tree.host.fds.length === 2);
    const told = json(
      'open vtnet0; show csb; show ring TX0; fill TX0 0 frame len=60 seq=1; dump TX0 0; adv TX0 +1; txsync; wait 5; txsync; show csb; show kring TX0',
    );
    expect(told.filter((t) => !t.ok)).toEqual([]);
    const here = lines(finish(w, 'ttyv1', m));
    expect(by(here, 'poll')[0]?.result?.events).toEqual(['POLLIN']);
    expect(by(here, 'dump')[0]?.result?.hex).toBe(by(told, 'dump')[0]?.result?.hex);
    const shows = by(told, 'show').map((t) => t.result);
    expect(shows[0]).toMatchObject({ guest_csb_on: 1, host_need_txkick: 1, num_tx_slots: 8, 'tx_ring.head': 0, 'tx_ring.hwtail': 7 });
    expect(shows[2]).toMatchObject({ 'tx_ring.head': 1, 'tx_ring.hwcur': 1, 'tx_ring.hwtail': 0 });
    expect(shows[3]).toMatchObject({ rhead: 1, nr_hwcur: 1, nr_hwtail: 0 });
    // the kring of the port that the VM has agrees
    const a = w.tree.host.adapters.find((x) => x.name === 'vale1:1')?.addr ?? 0,
      kr = w.m.ld32(a + L.NA_TX_RINGS);
    expect([w.m.ld32(kr + L.KR_RHEAD), w.m.ld32(kr + L.KR_NR_HWCUR), w.m.ld32(kr + L.KR_NR_HWTAIL)]).toEqual([1, 1, 0]);
  });

  it('host to guest: poll in the guest is woken by the interrupt', () => {
    const m = begin(w, 'ttyv0', "nmsh -j -c 'open vtnet0; poll in; dump RX0 head; adv RX0 +1; rxsync; expect last.errno == 0'");
    until(w, () => w.tree.guests.netmapvm?.threads.length === 1);
    pass(w, 0.5);
    const a = json('open vale1:2; fill TX0 0 text 123456789 123456789; adv TX0 +1; txsync', 'ttyv1');
    expect(a.every((t) => t.ok)).toBe(true);
    const told = lines(finish(w, 'ttyv0', m));
    expect(told.filter((t) => !t.ok)).toEqual([]);
    expect(String.fromCharCode(...bytesOf(by(told, 'dump')[0]?.result?.hex))).toBe('123456789 123456789');
  });

  it("pkt-gen's rxseq takes the frames for its own; a number left out is one lost", () => {
    const m = begin(w, 'ttyv1', 'pkt-gen -i vale1:2 -f rxseq -W -w 0');
    until(w, () => since(w, 'ttyv1', m).includes('Ready...'));
    const a = nmsh(
      'open vtnet0; repeat 3 { fill TX0 head frame seq=next; adv TX0 +1; txsync; wait 2 }; fill TX0 head frame seq=4; adv TX0 +1; txsync; wait 2',
    );
    expect(a.status).toBe(0);
    expect(finish(w, 'ttyv1', m)).toMatch(/Sequence: 4 received, 1 lost, 0 out of order, 0 with wrong content/);
  });

  it('its errors, and ^C in a poll that has none to wait for', () => {
    expect(nmsh('open vtnet1').text).toMatch(/^nmsh: open: Device not configured; no such port: .*vtnet0/m);
    expect(nmsh('open vale1:1').text, 'its kernel has switches of its own').toMatch(/^fd \d+: vale1:1, TX0 and RX0/m);
    expect(nmsh('reg name=vtnet0 flags=2').text).toMatch(/^nmsh: reg: Invalid argument/m);
    expect(nmsh('open; txsync').text).toMatch(/^nmsh: txsync: Device not configured/m);
    expect(nmsh('open vtnet0; show kring TXH').text).toMatch(/^nmsh: show: this kernel has no kring for TXH$/m);
    expect(nmsh('open vtnet0; head TX0 8; txsync; poll out 0').text).toMatch(/^poll: 1 \(POLLOUT\)$/m); // reset by the ioctl
    const m = begin(w, 'ttyv0', "nmsh -c 'open vtnet0; adv RX0 +1; rxsync; poll in; echo never'");
    until(w, () => w.tree.guests.netmapvm?.threads.length === 1);
    pass(w, 1);
    w.type('ttyv0', '\x03');
    const a = answer(w, 'ttyv0', finish(w, 'ttyv0', m));
    expect(a.text).toContain('nmsh: poll: Interrupted system call');
    expect([a.status, a.text.includes('never')]).toEqual([1, false]);
    expect([w.tree.guests.netmapvm?.fds, w.tree.guests.netmapvm?.threads]).toEqual([[], []]);
  });
});
