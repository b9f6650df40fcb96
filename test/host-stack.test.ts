// The host's interfaces and its stack: ifconfig, clones, ARP and ping over em0 and over a bridge of taps, learning, ageing and
// flooding, counters, the mbuf pool. Oracles: ifconfig(8), ping(8), netstat(1) of FreeBSD 10 (facts bhyve 6.3, 6.5), if_bridge(4),
// tap(4), RFC 826 and 792. Host: ttyv0 asks, ttyv1 and ttyv2 are at the taps.

import { beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { begin, finish, freshLab, pass, run } from './typed.ts';

let w: World;
const ok = (line: string) => {
  const a = run(w, 'ttyv0', line, 120);
  expect(a.status, `${line}: ${a.text}`).toBe(0);
  return a.text;
};
const sysctl = (name: string) => Number(ok(`sysctl -n ${name}`));
const ipkts = (name: string) => {
  const row = ok(`netstat -I ${name}`).split('\n')[1]?.trim().split(/\s+/) ?? [];
  return { in: Number(row.at(-6)), drop: Number(row.at(-4)), out: Number(row.at(-3)) };
};
const stop = (tty: string, mark: number) => {
  w.type(tty, '\x03');
  return finish(w, tty, mark);
};
/** Two taps on a bridge, opened and up, the host at 10.1.0.1. */
function bridged() {
  ok('sysctl net.link.tap.up_on_open=1');
  expect(ok('ifconfig tap create')).toBe('tap0\n');
  expect(ok('ifconfig tap create')).toBe('tap1\n');
  ok('ifconfig bridge0 create');
  ok('ifconfig bridge0 addm tap0 addm tap1 inet 10.1.0.1/24');
}

beforeEach(() => {
  w = freshLab(8, 3);
});

describe('a lab that uses none of it', () => {
  it('has neither the stack nor its threads nor the pool', () => {
    const threads = w.m.threads,
      frames = w.m.ld32(L.MACHINE + L.M_FRAMES);
    ok('ifconfig; netstat -i');
    expect(w.m.threads).toBe(threads);
    expect(w.m.ld32(L.MACHINE + L.M_FRAMES)).toBe(frames);
    expect(w.m.ld32(L.MACHINE + L.M_MBUFS)).toBe(0);
  });
});

describe('ifconfig', () => {
  it('shows an address, a link and its loss', () => {
    expect(ok('ifconfig em0')).toContain('em0: flags=8802<BROADCAST,SIMPLEX,MULTICAST> metric 0 mtu 1500\n');
    ok('ifconfig em0 inet 10.0.0.1 netmask 255.255.255.0');
    const t = ok('ifconfig em0');
    expect(t).toContain('em0: flags=8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST> metric 0 mtu 1500\n');
    expect(t).toContain('\tinet 10.0.0.1 netmask 0xffffff00 broadcast 10.0.0.255\n');
    expect(t).toContain('\tstatus: active\n');
    ok('sysctl dev.lab.em.0.partner=none');
    expect(ok('ifconfig em0')).toContain('\tstatus: no carrier\n');
    ok('ifconfig em0 inet 172.16.0.9/12 promisc');
    expect(ok('ifconfig em0')).toContain('flags=28943<UP,BROADCAST,RUNNING,PROMISC,SIMPLEX,MULTICAST,PPROMISC>');
    expect(ok('ifconfig em0')).toContain('\tinet 172.16.0.9 netmask 0xfff00000 broadcast 172.31.255.255\n');
    ok('ifconfig em0 inet 172.16.0.9 delete');
    expect(ok('ifconfig em0')).not.toContain('inet ');
  });
  it.each([
    ['ifconfig em9', 'ifconfig: interface em9 does not exist'],
    ['ifconfig em0 300.1.1.1/8', 'ifconfig: 300.1.1.1/8: bad value'],
    ['ifconfig em0 destroy', 'ifconfig: SIOCIFDESTROY: Invalid argument'],
    ['ifconfig bridge0 create addm tap7', 'ifconfig: BRDGADD tap7: No such file or directory'],
    ['ifconfig tap3 create; ifconfig tap3 create', 'ifconfig: SIOCIFCREATE2: File exists'],
    ['sysctl dev.lab.em.0.partner=nobody', 'sysctl: dev.lab.em.0.partner=nobody: Invalid argument'],
    ['ping 10.9.9.9 -c', 'usage: ping'],
    ['ping -c 1 nowhere', 'ping: cannot resolve nowhere: Unknown host'],
    ['labtap tap9', 'labtap: /dev/tap9: No such file or directory'],
  ])('%s is refused', (line, text) => {
    const a = run(w, 'ttyv0', line);
    expect(a.status).not.toBe(0);
    expect(a.text).toContain(text);
  });
  it('makes, joins and destroys clones', () => {
    bridged();
    const t = ok('ifconfig bridge0');
    expect(t).toContain('bridge0: flags=8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST> metric 0 mtu 1500\n');
    expect(t).toContain('\tmember: tap0 flags=143<LEARNING,DISCOVER,AUTOEDGE,AUTOPTP>\n');
    expect(t).toContain('maxaddr 2000 timeout 1200\n');
    expect(ok('ifconfig tap0')).toContain('PROMISC'); // a member is
    expect(run(w, 'ttyv0', 'ifconfig bridge1 create; ifconfig bridge1 addm tap0').text).toContain('BRDGADD tap0: Device busy');
    expect(run(w, 'ttyv0', 'ifconfig bridge0 addm tap0').text).toContain('BRDGADD tap0: File exists');
    ok('ifconfig bridge0 deletem tap1');
    expect(ok('ifconfig bridge0')).not.toContain('tap1');
    const m = begin(w, 'ttyv1', 'labtap tap0');
    pass(w, 0.01);
    expect(ok('ifconfig tap0')).toMatch(/\tstatus: active\n(?:.*\n)*\tOpened by PID \d+\n/);
    expect(run(w, 'ttyv0', 'ifconfig tap0 destroy').text).toContain('SIOCIFDESTROY: Device busy');
    stop('ttyv1', m);
    ok('ifconfig tap0 destroy');
    expect(ok('ifconfig bridge0')).not.toContain('member');
    ok('ifconfig bridge0 destroy');
    expect(ok('ifconfig -l')).toBe('ix0 ix1 em0 lo0 tap1 bridge1\n');
  });
});

describe('ping over em0', () => {
  it('asks by ARP once, then gets its answers; the counters are those of the frames', () => {
    ok('ifconfig em0 inet 10.0.0.1/24');
    const t = ok('ping -c 3 10.0.0.2');
    expect(t).toMatch(
      /^PING 10\.0\.0\.2 \(10\.0\.0\.2\): 56 data bytes\n(64 bytes from 10\.0\.0\.2: icmp_seq=\d ttl=64 time=\d+\.\d{3} ms\n){3}\n/,
    );
    expect(t).toContain('3 packets transmitted, 3 packets received, 0.0% packet loss\nround-trip min/avg/max/stddev = ');
    expect(ipkts('em0')).toEqual({ in: 4, drop: 0, out: 4 }); // one ARP each way
    expect(ok('arp -a')).toMatch(/^\? \(10\.0\.0\.2\) at 02:00:00:00:00:01 on em0 expires in 119\d seconds \[ethernet\]\n/);
    expect(sysctl('hw.lab.mbufs_used')).toBe(0);
  });
  it('does not find who is not there: five requests, then the host is down', () => {
    ok('ifconfig em0 inet 10.0.0.1/24; sysctl dev.lab.em.0.partner=sink');
    const a = run(w, 'ttyv0', 'ping -c 8 10.0.0.2', 60);
    expect(a.status).toBe(2);
    expect(a.text).toContain('8 packets transmitted, 0 packets received, 100.0% packet loss');
    expect(a.text.match(/ping: sendto: Host is down/g)?.length).toBe(3);
    expect(ipkts('em0').out).toBe(5);
    expect(ok('arp -a')).toContain('? (10.0.0.2) at (incomplete) on em0');
    expect(run(w, 'ttyv0', 'ping -c 1 10.7.0.1', 60).text).toContain('ping: sendto: No route to host');
    ok('ifconfig em0 down');
    expect(run(w, 'ttyv0', 'ping -c 1 10.0.0.7', 60).text).toContain('ping: sendto: Network is down');
  });
  it('ignores its own requests that a loop plug returns, and reaches itself without the wire', () => {
    ok('ifconfig em0 inet 10.0.0.1/24; sysctl dev.lab.em.0.partner=loop');
    expect(run(w, 'ttyv0', 'ping -c 1 10.0.0.2', 60).status).toBe(2);
    expect(ipkts('em0')).toEqual({ in: 1, drop: 0, out: 1 });
    expect(ok('arp -a')).not.toContain('(10.0.0.2) at 0');
    ok('ping -c 2 10.0.0.1; ping -c 1 127.0.0.1');
    expect(ipkts('em0').out).toBe(1);
    expect(ipkts('lo0').in).toBe(6);
  });
  it('takes a data size from none to what a frame holds', () => {
    ok('ifconfig em0 inet 10.0.0.1/24');
    expect(ok('ping -c 1 -s 1472 10.0.0.2')).toContain('1480 bytes from 10.0.0.2');
    expect(ok('ping -c 1 -s 0 10.0.0.2')).toMatch(/\n8 bytes from 10\.0\.0\.2: icmp_seq=0 ttl=64\n/); // no room for the time
    expect(run(w, 'ttyv0', 'ping -c 1 -s 1473 10.0.0.2').status).toBe(64);
  });
});

describe('a bridge of taps', () => {
  it('carries a ping to a station behind a tap, learns it, and keeps what is learnt from the other tap', () => {
    bridged();
    const a = begin(w, 'ttyv1', 'labtap -f answer -s 10.1.0.2 -S 02:00:00:00:01:01 tap0'),
      b = begin(w, 'ttyv2', 'labtap tap1');
    pass(w, 0.01);
    expect(ok('ping -c 4 10.1.0.2')).toContain('4 packets received, 0.0% packet loss');
    expect(ok('ifconfig bridge0 addr')).toMatch(/^\t02:00:00:00:01:01 Vlan1 tap0 1\d{3} flags=0<>\n$/);
    const seen = stop('ttyv2', b);
    expect(seen).toContain('> ff:ff:ff:ff:ff:ff, ARP, Request who-has 10.1.0.2 tell 10.1.0.1, length 42');
    expect(seen).not.toContain('ICMP'); // the address was learnt from the ARP reply
    expect(seen).toContain('lab: read 1 frames');
    expect(stop('ttyv1', a)).toContain('lab: read 5 frames, ');
    expect(sysctl('hw.lab.mbufs_used')).toBe(0);
  });
  it('floods what it does not know, and not where it came from', () => {
    bridged();
    const b = begin(w, 'ttyv2', 'labtap -q tap1');
    pass(w, 0.01);
    ok('labtap -f tx -n 20 -D 02:99:00:00:00:01 tap0');
    pass(w, 0.01);
    expect(ipkts('tap0')).toMatchObject({ in: 20, out: 0 });
    expect(ipkts('bridge0')).toMatchObject({ in: 20, out: 20 });
    expect(stop('ttyv2', b)).toContain('lab: read 20 frames, 1200 bytes');
  });
  it('sends a learnt unicast to its member only, and drops what is where it came from', () => {
    bridged();
    ok('ifconfig tap create; ifconfig bridge0 addm tap2');
    const b = begin(w, 'ttyv2', 'labtap -q tap2'),
      a = begin(w, 'ttyv1', 'labtap -f answer -s 10.1.0.2 -S 02:00:00:00:01:01 tap1');
    pass(w, 0.01);
    ok('ping -c 1 10.1.0.2');
    ok('labtap -f tx -n 7 -D 02:00:00:00:01:01 -S 02:00:00:00:02:02 tap0');
    pass(w, 0.01);
    expect(ipkts('tap1').out).toBe(2 + 7); // ARP and echo, then these
    expect(stop('ttyv2', b)).toContain('lab: read 1 frames'); // the ARP request was a broadcast
    const floods = w.m.ld64((w.host.ifs.find('bridge0')?.softc ?? 0) + L.BR_STAT_FLOOD);
    ok('labtap -f tx -n 3 -D 02:00:00:00:02:02 -S 02:00:00:00:02:03 tap0'); // both behind tap0
    pass(w, 0.01);
    expect(w.m.ld64((w.host.ifs.find('bridge0')?.softc ?? 0) + L.BR_STAT_FLOOD)).toBe(floods);
    expect(ipkts('tap1').out).toBe(9);
    stop('ttyv1', a);
  });
  it('forgets after its time-out, at the next look through the table, every five minutes', () => {
    bridged();
    ok('ifconfig bridge0 timeout 30');
    ok('labtap -f tx -n 1 -S 02:00:00:00:02:02 tap0');
    pass(w, 0.01);
    expect(ok('ifconfig bridge0 addr')).toContain('02:00:00:00:02:02');
    pass(w, 60);
    ok('labtap -f tx -n 1 -S 02:00:00:00:02:03 tap0');
    pass(w, 0.01);
    expect(ok('ifconfig bridge0 addr')).toMatch(/02:00:00:00:02:02 Vlan1 tap0 0 /); // expired, not yet looked for
    pass(w, 240);
    ok('labtap -f tx -n 1 -S 02:00:00:00:02:04 tap0');
    pass(w, 0.01);
    expect(ok('ifconfig bridge0 addr')).toMatch(/^\t02:00:00:00:02:04 Vlan1 tap0 \d+ flags=0<>\n$/);
  });
  it('holds no more addresses than maxaddr, and none of a member that has gone', () => {
    bridged();
    ok('ifconfig bridge0 maxaddr 2');
    for (const n of [1, 2, 3]) ok(`labtap -f tx -n 1 -S 02:00:00:00:03:0${n} tap0`);
    pass(w, 0.01);
    expect(ok('ifconfig bridge0 addr').split('\n').length - 1).toBe(2);
    ok('ifconfig bridge0 deletem tap0');
    expect(ok('ifconfig bridge0 addr')).toBe('');
    ok('ifconfig bridge0 addm tap0 -learn tap0');
    ok('labtap -f tx -n 1 -S 02:00:00:00:03:07 tap0');
    pass(w, 0.01);
    expect(ok('ifconfig bridge0 addr')).toBe('');
    expect(ok('ifconfig bridge0')).toContain('member: tap0 flags=142<DISCOVER,AUTOEDGE,AUTOPTP>');
  });
  it('is about a million packets a second', () => {
    ok('sysctl net.isr.defaultqlimit=10000 net.link.ifqmaxlen=10000');
    bridged();
    const b = begin(w, 'ttyv2', 'labtap -q tap1');
    pass(w, 0.01);
    ok('labtap -f tx -n 3000 -D 02:99:00:00:00:01 tap0');
    pass(w, 0.1);
    const m = /read (\d+) frames, .* in ([\d.]+) s/.exec(stop('ttyv2', b));
    const pps = Number(m?.[1]) / Number(m?.[2]);
    expect(Number(m?.[1])).toBe(3000);
    expect(pps).toBeGreaterThan(0.7e6);
    expect(pps).toBeLessThan(1.5e6);
  });
});

describe('the pool', () => {
  it('gives nothing when it is empty, counts it, and all comes back', () => {
    ok('sysctl kern.ipc.nmbclusters=64 net.link.ifqmaxlen=100 net.link.tap.up_on_open=1');
    ok('ifconfig tap create; ifconfig tap0 inet 10.1.0.1/24');
    w.host.taps.open('tap0', 1); // somebody who never reads
    w.host.setInterface('tap0', { k: 'up' });
    const a = run(w, 'ttyv0', 'ping -i 0.0001 -c 90 -W 1 -q 10.1.0.255', 20);
    expect(a.text.match(/No buffer space available/g)?.length).toBe(90 - 64);
    expect(sysctl('hw.lab.mbufs_used')).toBe(64);
    expect(w.host.ifs.mbufs.denied).toBe(90 - 64);
    expect(w.host.taps.close('tap0')).toBe(true);
    expect(sysctl('hw.lab.mbufs_used')).toBe(0);
  });
});
