// A passthrough port in company, and its ways to end: two guests on one switch and on one pipe, close and open again beside the
// other's traffic, bhyve killed with its threads at work, a guest that reboots (facts bhyve 9.3, netmap 5A.5). By each revision and
// doorbell. What was delivered is counted by the receiver's sequence; what is left at the end is nothing.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunResult } from '../src/lab/run.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { begin, boot, finish, freshLab, pass, run, since, until } from './typed.ts';

const LINKS = [
  ['a switch', 'ptvale1:1', 'ptvale1:2'],
  ['a pipe', 'ptvale2{1', 'ptvale2}1'],
] as const;
const OPTIONS = ['', '-o lab.protocol=2019', '-o lab.doorbell=fd'];
const ONE = 'ttyv0',
  TWO = 'ttyv1',
  HOST = 'ttyv2';

const line = (vm: string, port: string, o: string) =>
  `bhyve ${o} -s 0,hostbridge -s 1,lpc -s 3:0,ptnetmap-memdev -s '3:1,virtio-net,${port}' -l com1,stdio -A -H -P -m 2G ${vm}`;
const workers = (w: World) =>
  Array.from({ length: w.m.threads }, (_, i) => w.m.block(i)).filter(
    (b) => w.m.ld32(b + L.T_KIND) === L.TK_KTHREAD && w.m.status(b) !== L.TS_FREE,
  ).length;
/** Pages in use, without those that are kept for good: type-stable states of ports, pages of program threads. */
const pages = (w: World) => w.m.ld32(L.MACHINE + L.M_FRAMES) - w.tree.host.ptnFree.length - w.tree.host.tdPages.length;
const nothing = (w: World) => {
  const t = w.tree.host;
  expect([t.ptn, t.fds, t.adapters, t.mems, t.bridges, t.threads, t.vms].map((x) => x.length)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  expect(workers(w)).toBe(0);
};
/** Packets in the TX ring of the end of a pipe whose peer is the only port that is open. */
const waiting = (w: World) => {
  const kr = w.m.ld32((w.tree.host.fds[0]?.rx ?? 0) + L.KR_PIPE),
    n = w.m.ld32(kr + L.KR_NUM_SLOTS);
  return (w.m.ld32(kr + L.KR_RHEAD) - w.m.ld32(kr + L.KR_NR_HWCUR) + n) % n;
};
/** What a receiver said: packets, lost and the rest. */
const sequence = (text: string) => /Sequence: (\d+) received, (.*), digest/.exec(text)?.slice(1) ?? [text];

function two(a: string, b: string, o: string) {
  const w = freshLab(64, 3);
  run(w, HOST, 'bhyveload -m 2G -d mfsroot.img one && bhyvectl --destroy --vm=one'); // what is made once is there
  const before = pages(w);
  boot(w, ONE, line('one', a, o), 'one');
  boot(w, TWO, line('two', b, ''), 'two');
  return {
    w,
    /** The second guest receives until Ctrl-C. */
    receive: () => {
      const m = begin(w, TWO, 'pkt-gen -i vtnet0 -f rxseq -w 0');
      until(w, () => since(w, TWO, m).includes('reading from'));
      return m;
    },
    stop: (m: number) => {
      pass(w, 0.02);
      w.type(TWO, '\x03');
      return sequence(finish(w, TWO, m));
    },
    end: () => {
      expect(run(w, HOST, 'bhyvectl --destroy --vm=two').status).toBe(0);
      if (w.host.vmm.find('one')) expect(run(w, HOST, 'bhyvectl --destroy --vm=one').status).toBe(0);
      until(w, () => !w.tree.host.vms.length);
      nothing(w);
      expect(pages(w)).toBe(before);
    },
  };
}

describe.each(OPTIONS)('bhyve %s', (o) => {
  test.each(LINKS)('two guests on %s: closed and opened again, killed, begun anew, nothing left', (_, a, b) => {
    const { w, receive, stop, end } = two(a, b, o);
    let m = receive();
    for (let i = 0; i < 3; i++) {
      expect(run(w, ONE, 'pkt-gen -i vtnet0 -f txseq -n 40 -w 0').text).toContain('Sent 40 packets');
      expect(workers(w), 'only the receiver is up').toBe(2);
    }
    // each run counts from 0 again: of the later two, all 80 are below what the receiver waits for
    expect(stop(m)).toEqual(['120', '0 lost, 80 out of order, 0 with wrong content']);
    expect(workers(w)).toBe(0);

    // killed in the middle: with SIGKILL, while both of its threads are at work
    m = receive();
    begin(w, ONE, 'pkt-gen -i vtnet0 -f txseq -w 0');
    until(w, () => workers(w) === 4 && (w.tree.guests.one?.threads.length ?? 0) > 0);
    pass(w, 0.03);
    const vm = w.host.vmm.find('one');
    run(w, HOST, `kill -9 ${vm && w.host.bhyveOf(vm)?.pid}`);
    until(w, () => vm?.block === 0);
    expect(workers(w)).toBe(2);
    expect(w.tree.host.fds.length).toBe(1);
    const [got, rest] = stop(m);
    expect(Number(got)).toBeGreaterThan(100);
    if (a.includes('{')) expect(rest, 'a pipe drops nothing').toBe('0 lost, 0 out of order, 0 with wrong content');

    // it is loaded again, and goes on with the other; the end of a pipe keeps what its ring held, for the peer is open
    const held = b.includes('}') ? waiting(w) : 0;
    boot(w, ONE, line('one', a, o), 'one');
    m = receive();
    expect(run(w, ONE, 'pkt-gen -i vtnet0 -f txseq -n 50 -w 0').status).toBe(0);
    expect(stop(m)[0]).toBe(String(50 + held));
    end();
  });
});

test('a guest that reboots with its port open: status 0, and the next boot finds a fresh one', () => {
  const { w, receive, stop, end } = two('ptvale1:1', 'ptvale1:2', '');
  for (let i = 0; i < 3; i++) {
    begin(w, ONE, 'pkt-gen -i vtnet0 -f rx -w 0 &');
    until(w, () => workers(w) === 2);
    finish(w, ONE, begin(w, ONE, 'reboot'));
    expect(run(w, ONE, 'true').status).toBe(0);
    expect(workers(w)).toBe(0);
    boot(w, ONE, line('one', 'ptvale1:1', ''), 'one');
  }
  const m = receive();
  expect(run(w, ONE, 'pkt-gen -i vtnet0 -f txseq -n 50 -w 0').status).toBe(0);
  expect(stop(m)[0]).toBe('50');
  end();
});

test('nine ports of one memory: eight are up at once, the ninth is refused until one closes, and then works', () => {
  const w = freshLab(16, 2),
    unit = Array.from({ length: 9 }, (_, i) => i),
    eight = unit.slice(0, 8);
  for (const s of ['dev.netmap.buf_num=49152', 'hw.ix.num_queues=1']) run(w, TWO, `sysctl ${s}`);
  run(w, TWO, "pkt-gen -i 'netmap:ix0{1' -f tx -n 1 -w 0"); // the NIC is there from its first use on
  const before = pages(w),
    slots = unit.map((i) => `-s '${i + 4}:0,virtio-net,ptnetmap:ix0{${i + 1}'`).join(' ');
  boot(w, ONE, `bhyve -s 0,hostbridge -s 1,lpc -s 3:0,ptnetmap-memdev ${slots} -l com1,stdio -A -H -P -m 2G netmapvm`);
  for (const i of eight) {
    begin(w, ONE, `pkt-gen -i vtnet${i} -f rxseq -w 0 > /tmp/${i} 2>&1 &`);
    until(w, () => workers(w) === 2 * (i + 1));
  }
  const ninth = run(w, ONE, 'pkt-gen -i vtnet8 -f tx -n 10 -w 0');
  expect(ninth.status).toBe(1);
  expect(ninth.text).toContain('Unable to open netmap:vtnet8: Cannot allocate memory');
  expect(since(w, ONE, 0)).toContain('ERROR ptnetmap: vm_io_reg_handler 12');
  expect(workers(w)).toBe(16);

  // each of the eight is a port of its own
  for (const i of eight) expect(run(w, TWO, `pkt-gen -i 'netmap:ix0}${i + 1}' -f txseq -n ${i + 1} -w 0`).status).toBe(0);
  run(w, ONE, 'kill -2 %1; sleep 0.05');
  until(w, () => workers(w) === 14);
  const rx = begin(w, TWO, "pkt-gen -i 'netmap:ix0}9' -f rxseq -w 0 -W -n 10");
  until(w, () => since(w, TWO, rx).includes('reading from'));
  expect(run(w, ONE, 'pkt-gen -i vtnet8 -f txseq -n 10 -w 0').status).toBe(0);
  expect(finish(w, TWO, rx)).toContain('Sequence: 10 received, 0 lost');
  for (const i of eight.slice(1)) run(w, ONE, `kill -2 %${i + 1}; sleep 0.05`);
  until(w, () => workers(w) === 0);
  pass(w, 0.1);
  const got = eight.map((i) => sequence(run(w, ONE, `cat /tmp/${i}`).text)[0]);
  expect(got).toEqual(eight.map((i) => String(i + 1)));
  expect(run(w, TWO, 'bhyvectl --destroy --vm=netmapvm').status).toBe(0);
  until(w, () => !w.tree.host.vms.length);
  nothing(w);
  expect(pages(w)).toBe(before);
});

const bin = new URL('../bin/ringside.mjs', import.meta.url).pathname;
function ringside(file: string, engine: string): RunResult {
  const r = spawnSync(process.execPath, [bin, 'run', file, '--json', '--engine', engine], { encoding: 'utf8', timeout: 50_000 });
  return JSON.parse(r.stdout) as RunResult;
}
const KILLED = `host# sysctl -n hw.lab.frames_used
host# bhyveload -m 2G -d mfsroot.img netmapvm
host# bhyve -s 0,hostbridge -s 1,lpc -s 3:0,ptnetmap-memdev -s '3:1,virtio-net,ptvale2{1' -l com1,stdio -A -H -P -m 2G netmapvm &
host# pkt-gen -i 'vale2}1' -f rx -w 0 &
netmapvm# pkt-gen -i vtnet0 -f tx -n 6000 -w 0
netmapvm# pkt-gen -i vtnet0 -f tx -w 0 &
sleep 0.1
host# kill -9 %1
host# while pgrep bhyve > /dev/null; do sleep 0.05; done
host# bhyveload -m 2G -d mfsroot.img netmapvm
host# bhyve -o lab.protocol=2019 -s 0,hostbridge -s 1,lpc -s 3:0,ptnetmap-memdev -s '3:1,virtio-net,ptvale2{1' -l com1,stdio -A -H -P -m 2G netmapvm &
netmapvm# pkt-gen -i vtnet0 -f tx -n 6000 -w 0
netmapvm# pkt-gen -i vtnet0 -f tx -w 0 &
sleep 0.1
host# bhyvectl --destroy --vm=netmapvm
host# kill %2
host# while pgrep pkt-gen > /dev/null; do sleep 0.05; done
host# ps -axH
host# dmesg | tail -3
host# sysctl -n hw.lab.frames_used
`;

describe.each(['step', 'free'])('%s engine', (engine) => {
  test('labs/revisions.lab: two guests of two revisions on one pipe, both ways', { timeout: 60_000 }, () => {
    const r = ringside(new URL('../labs/revisions.lab', import.meta.url).pathname, engine),
      ends = r.commands.flatMap((c) => /Sequence: (\d+ received, .*), digest/.exec(c.output)?.[1] ?? []);
    expect(ends.sort()).toEqual([
      '50000 received, 0 lost, 0 out of order, 0 with wrong content',
      '50000 received, 0 lost, 0 out of order, 0 with wrong content',
    ]);
    expect(r.commands.at(-1)?.output).toBe('dev.lab.vm.one.protocol: 2019\ndev.lab.vm.two.protocol: 2015\n');
  });

  test('bhyve killed and destroyed with its threads at work: they are gone, nothing was lost on the way, no page stays', {
    timeout: 60_000,
  }, () => {
    const file = join(mkdtempSync(join(tmpdir(), 'ringside-')), 'killed.lab');
    writeFileSync(file, KILLED);
    const r = ringside(file, engine),
      out = (c: string) => r.commands.filter((x) => x.command.startsWith(c)).map((x) => x.output);
    expect(r.stalled, JSON.stringify(r.commands.map((c) => [c.command, c.output.slice(-300), c.status]))).toBeUndefined();
    expect(out('ps')[0]).not.toMatch(/bhyve|nm-kthread|pkt-gen/);
    const [before = 0, after = 0] = out('sysctl').map(Number);
    expect(after - before, 'two pages are type-stable: a port, a thread of a program').toBeLessThanOrEqual(2);
    const sent = r.counters['port.vale2{1']?.['TX packets'] ?? 0;
    expect(sent).toBeGreaterThanOrEqual(12_000);
    expect(r.counters['port.vale2}1']?.['RX packets']).toBe(sent);
    expect(r.counters.lab?.['ownership violations'] ?? 0).toBe(0);
  });
});
