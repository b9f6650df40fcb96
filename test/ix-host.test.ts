// The host rings of a native port: what the stack sends on ix0 in netmap mode is received there, what is put there goes up to the
// stack, and bridge(8) between a NIC and its own host rings gives the host its network back (facts netmap 2.12).

import { expect, it } from 'vitest';
import * as L from '../wasm/layout.ts';
import { begin, finish, freshLab, pass, run, since } from './typed.ts';

const lab = () => {
  const w = freshLab(64, 3);
  run(w, 'ttyv0', 'sysctl hw.ix.num_queues=1 hw.ix.txd=64 hw.ix.rxd=64 dev.netmap.buf_num=4000');
  return w;
};

it('ARP asked over the wire is answered by the stack behind bridge ix0 ix0^', () => {
  const w = lab();
  run(w, 'ttyv0', 'ifconfig ix0 inet 10.0.0.1/24; ifconfig ix1 promisc');
  const b = begin(w, 'ttyv1', 'bridge -i netmap:ix0 -i netmap:ix0^ -w 0');
  pass(w, 0.01);
  const m = begin(w, 'ttyv2', 'tcpdump -c 1 -n -i netmap:ix1 arp');
  pass(w, 0.01);
  const request = 'ffffffffffff 020000000009 0806 0001 0800 06 04 0001 020000000009 0a000009 000000000000 0a000001'.replace(/ /g, '');
  run(w, 'ttyv0', `nmsh -e -c 'open netmap:ix1; fill TX0 head hex ${request}; len TX0 head 42; adv TX0 +1; txsync; wait 5'`);
  pass(w, 0.05);
  expect(since(w, 'ttyv2', m)).toMatch(/Reply 10\.0\.0\.1 is-at 90:e2:ba:00:00:01/);
  w.type('ttyv1', '\x03');
  finish(w, 'ttyv1', b);
  w.type('ttyv2', '\x03');
  finish(w, 'ttyv2', m);
});

it('outside netmap mode the driver has no packet mode, and says so by its errors', () => {
  const w = lab();
  run(w, 'ttyv0', 'ifconfig ix0 inet 10.0.0.1/24; ifconfig ix1 promisc');
  expect(run(w, 'ttyv0', 'ping -c 1 10.0.0.9').status).not.toBe(0);
  expect(run(w, 'ttyv0', 'netstat -I ix0').text).toMatch(/ix0 +1500 +<Link#1> +90:e2:ba:00:00:01 +0 +0 +0 +0 +[1-9]/);
});

it('a lab that uses NICs without a stack has no stack', () => {
  const w = lab();
  const fd = w.host.netmap.open(1, 'netmap:ix0');
  if (typeof fd === 'string') throw new Error(fd);
  expect([w.tree.host.net.stack, w.m.ld32(fd.na + L.NA_HW)]).toEqual([0, 0]);
  w.host.netmap.close(fd);
});
