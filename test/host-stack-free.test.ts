// The classic path by both engines, through the runner: ping over em0 and a bridge, checked frames through an emulated port. What
// holds in every run must hold truly in parallel too: nothing lost, nothing out of order, no mbuf kept.

import { expect, test } from 'vitest';
import { ran } from './ran.ts';

const FILE = `host# sysctl dev.netmap.buf_num=8192
host# ifconfig em0 inet 10.0.0.1/24
host# ping -c 3 -i 0.2 10.0.0.2
host# sysctl net.link.tap.up_on_open=1 net.link.ifqmaxlen=1000
host# ifconfig tap create
host# ifconfig tap create
host# ifconfig bridge0 create addm tap0 addm tap1 inet 10.1.0.1/24
host# labtap -f answer -s 10.1.0.2 -n 4 tap1 &
sleep 0.2
host# ping -c 3 -i 0.2 10.1.0.2
wait
host# labtap -q -n 200 tap1 &
sleep 0.2
host# labtap -f tx -n 200 -D 02:99:00:00:00:01 -S 02:99:00:00:00:02 tap0
wait
host# sysctl dev.lab.em.0.partner=loop
host# pkt-gen -i netmap:em0 -f rxseq -w 0 -W &
sleep 0.2
host# pkt-gen -i netmap:em0 -f txseq -n 900 -w 0
wait
host# labtap -q -n 700 tap1 &
sleep 0.2
host# pkt-gen -i netmap:tap1 -f tx -n 700 -w 0
wait
host# ifconfig bridge0 destroy
host# ifconfig tap0 destroy
host# ifconfig tap1 destroy
sleep 0.2
host# sysctl hw.lab.mbufs_used
`;

for (const engine of ['step', 'free'])
  test(`${engine} engine`, { timeout: 60_000 }, () => {
    const got = ran(engine, FILE);
    const out = (command: string) => got.commands.filter((c) => c.command.startsWith(command)).map((c) => c.output);
    for (const p of out('ping')) expect(p).toContain('3 packets transmitted, 3 packets received, 0.0% packet loss');
    expect(out('labtap -f answer')[0]).toContain('lab: read 4 frames');
    expect(out('labtap -q -n 200')[0]).toContain('lab: read 200 frames, 12000 bytes');
    expect(out('labtap -q -n 700')[0]).toContain('lab: read 700 frames, 42000 bytes');
    expect(out('pkt-gen -i netmap:em0 -f rxseq')[0]).toContain('Sequence: 900 received, 0 lost, 0 out of order, 0 with wrong content');
    expect(out('sysctl hw.lab.mbufs_used')[0]).toContain('hw.lab.mbufs_used: 0\n');
    expect(got.commands.every((c) => c.status === 0)).toBe(true);
  });
