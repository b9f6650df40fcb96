// The host's interfaces and its stack: ifconfig, clones, ARP and ping over em0 and a bridge of taps, learning, ageing, flooding,
// the mbuf pool. Oracles: ifconfig(8), ping(8), netstat(1) of FreeBSD 10 (facts bhyve 6.3, 6.5), RFC 826 and 792.

import { expect, test } from 'vitest';
import { begin, finish, freshLab, run } from './typed.ts';

test('try', () => {
  const w = freshLab(8, 3);
  console.log(run(w, 'ttyv0', 'ifconfig').text);
  console.log(run(w, 'ttyv0', 'ifconfig em0 inet 10.0.0.1/24').text);
  console.log(run(w, 'ttyv0', 'ping -c 3 10.0.0.2').text);
  console.log(run(w, 'ttyv0', 'ping -c 1 10.0.0.1').text);
  console.log(run(w, 'ttyv0', 'arp -a').text);
  console.log(run(w, 'ttyv0', 'ifconfig tap create; ifconfig tap create; ifconfig bridge0 create; ifconfig bridge0 addm tap0 addm tap1 inet 10.1.0.1/24').text);
  const m = begin(w, 'ttyv1', 'labtap -f answer -s 10.1.0.2 -S 02:00:00:00:01:01 tap0');
  const m2 = begin(w, 'ttyv2', 'labtap tap1');
  console.log(run(w, 'ttyv0', 'ping -c 2 10.1.0.2').text);
  console.log(run(w, 'ttyv0', 'ping -c 2 10.1.0.9; ping -c1 9.9.9.9').text);
  console.log(run(w, 'ttyv0', 'ifconfig bridge0; ifconfig bridge0 addr; ifconfig tap0; netstat -i; arp -a; sysctl hw.lab').text);
  w.type('ttyv1', '\x03');
  w.type('ttyv2', '\x03');
  console.log(finish(w, 'ttyv1', m), finish(w, 'ttyv2', m2));
  console.log(run(w, 'ttyv0', 'ifconfig tap0 destroy; ifconfig bridge0 destroy; ifconfig; sysctl hw.lab').text);
  expect(1).toBe(1);
});
