// vale-ctl, ps, top, the kernel's modules, sysctl and dmesg, typed at terminals: shapes of facts bhyve 6.5 to 6.8, and what the
// machine itself holds.

import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as L from '../wasm/layout.ts';
import type { World } from '../src/lab/world.ts';
import { inOrder } from '../src/bin/sysctl.ts';
import { END, begin, boot, finish, freshLab, mark, pass, run, since, until } from './typed.ts';

let w: World;
const HEAD = '  PID USERNAME    PRI NICE   SIZE    RES STATE   C   TIME    WCPU COMMAND';

describe('with a VM and a receiver', () => {
  beforeAll(() => {
    w = freshLab(64, 3);
    boot(w, 'ttyv0', `bhyve -s 0,hostbridge -s 1,lpc -s 3:0,ptnetmap-memdev -s 3:1,virtio-net,ptvale1:1 ${END}`);
    const m = begin(w, 'ttyv2', 'pkt-gen -i vale1:2 -f rx -w 0');
    until(w, () => mark(w, 'ttyv2') > m && since(w, 'ttyv2', m).includes('Ready...'));
    const c = begin(w, 'ttyv0', 'tcpdump -i vtnet0 -w x.pcap &'); // a passthrough port has its workers while it is open
    until(w, () => since(w, 'ttyv0', c).includes('capture size'));
    run(w, 'ttyv0', '');
    run(w, 'ttyv0', 'pkt-gen -i vtnet0 -f tx -n 500 -w 0');
  });

  it('vale-ctl lists the ports as bdg_ctl does', () => {
    const line = (port: number, name: string) =>
      expect.stringMatching(new RegExp(`^\\d{3}\\.\\d{6} bdg_ctl \\[\\d+\\] bridge:0 port:${port} ${name}$`));
    expect(run(w, 'ttyv1', 'vale-ctl').real).toEqual([line(0, 'vale1:1'), line(1, 'vale1:2')]);
    expect(run(w, 'ttyv1', 'vale-ctl -l vale1:2').real).toEqual([line(1, 'vale1:2')]);
    const none = run(w, 'ttyv1', 'vale-ctl -l vale1:9');
    expect(none.real[0]).toMatch(/bdg_ctl \[\d+\] failed to obtain info for vale1:9: No such file or directory$/);
    expect(none.status).toBe(1);
    const info = run(w, 'ttyv1', 'vale-ctl -g vale1:2');
    expect(info.real[0]).toMatch(/bdg_ctl \[\d+\] vale1:2: 1 tx rings of 64 slots, 1 rx rings of 64, memory \d+ of \d+ bytes$/);
  });
  it.each([
    ['-a', 'attach'],
    ['-h', 'attach'],
    ['-d', 'detach'],
    ['-n', 'create'],
    ['-r', 'delete'],
  ])('vale-ctl %s says what the kernel answers', (option, verb) => {
    const a = run(w, 'ttyv1', `vale-ctl ${option} vale9:none`);
    expect(a.real[0]).toMatch(new RegExp(`bdg_ctl \\[\\d+\\] Unable to ${verb} vale9:none: [A-Z][a-z ]+$`));
    expect(a.status).toBe(1);
  });
  it('vale-ctl: wrong options', () => {
    const bad = run(w, 'ttyv1', 'vale-ctl -z');
    expect(bad.real.slice(0, 2)).toEqual(['vale-ctl: illegal option -- z', 'Usage:']);
    expect(w.tree.host.devs).toEqual([]);
  });

  it('ps: processes of the terminals; with -H their threads and what they sleep on', () => {
    const a = run(w, 'ttyv1', 'ps');
    expect(a.real[0]).toMatch(/^ {2}PID TT {2,}STAT +TIME COMMAND$/);
    const threads = run(w, 'ttyv1', 'ps -axH -o pid,tdname,wchan,comm').real.map((l) => l.trim().split(/ {1,}/));
    const bhyve = w.tree.host.os.procs.find((p) => p.prog === 'bhyve')?.pid;
    expect(threads.filter(([pid]) => Number(pid) === bhyve).map((l) => l.slice(1).join(' '))).toEqual([
      'mevent kqread bhyve',
      'vcpu 0 vmidle bhyve',
      'nm-kthread-0 nmk_ev bhyve',
      'nm-kthread-1 nmk_ev bhyve',
      'vtnet-3:1 tx uwait bhyve',
      'netmap-evloop-0x800 select bhyve',
    ]);
    expect(run(w, 'ttyv1', 'ps -o nonsense').real[0]).toBe('ps: nonsense: keyword not found');
    expect(run(w, 'ttyv1', 'ps aux').real[0]).toMatch(/^USER +PID %CPU %MEM +VSZ +RSS TT +STAT STARTED +TIME COMMAND$/);
    expect(run(w, 'ttyv1', 'ps -p 1').status).toBe(1);
    expect(run(w, 'ttyv0', 'ps -H -o tdname,comm').real.at(-1)?.trim()).toMatch(/^ps +ps$/);
  });

  it('top -SH: one screen with -b; who worked comes first', () => {
    const a = run(w, 'ttyv1', 'top -SHb'),
      rows = a.real.slice(a.real.indexOf(HEAD) + 1);
    expect(a.real).toContain(HEAD);
    expect(rows.find((r) => r.endsWith('bhyve{vcpu 0}'))).toMatch(/ vmidle .* \d+:\d\d +\d+\.\d\d% /);
    expect(rows.filter((r) => / nmk_ev .* bhyve\{nm-kthread-[01]\}$/.test(r))).toHaveLength(2);
    expect(rows.find((r) => / select .* pkt-gen\{pkt-gen\}$/.test(r))).toBeDefined();
    const part = rows.map((r) => Number(/([\d.]+)% /.exec(r)?.[1]));
    expect(part).toEqual([...part].sort((x, y) => y - x));
    expect(part[0]).toBeGreaterThan(0);
    expect(a.lab).toHaveLength(1);
  });
  it('a busy thread has its share of a CPU, an idle one nothing', () => {
    const m = begin(w, 'ttyv1', 'pkt-gen -i vale1:3 -f tx -w 0 -T 100000'); // its own boundary is the switch: it never sleeps long
    pass(w, 0.01);
    const block = w.tree.host.threads.at(-1)?.block ?? 0,
      ns = () => w.m.ld64(block + L.T_VTIME) - w.m.ld64(block + L.T_START) - w.m.ld64(block + L.T_STAT_SLEPT),
      from = { ns: ns(), at: w.m.clock };
    pass(w, 0.02);
    const share = (ns() - from.ns) / (w.m.clock - from.at);
    expect(share).toBeGreaterThan(0.5);
    expect(share).toBeLessThan(1.01);
    w.type('ttyv1', '\x03');
    finish(w, 'ttyv1', m, 5);
  });
  it('top in a terminal paints again and again until q', () => {
    w.resize('ttyv1', 60, 10);
    const m = begin(w, 'ttyv1', 'top -SH -s 1');
    pass(w, 2.5);
    const shown = since(w, 'ttyv1', m).split('\x1b[H\x1b[2J').slice(1);
    expect(shown).toHaveLength(3);
    for (const s of shown) {
      const lines = s.trimEnd().split('\n');
      expect(lines.length).toBeLessThanOrEqual(9);
      expect(Math.max(...lines.map((l) => l.length))).toBeLessThanOrEqual(60);
    }
    w.type('ttyv1', 'q');
    finish(w, 'ttyv1', m, 2);
    w.resize('ttyv1', 4000, 24);
    expect(run(w, 'ttyv1', 'echo here').text).toBe('here\n');
  });
  it('a module in use stays', () => {
    for (const name of ['vmm', 'netmap', 'kernel']) {
      const a = run(w, 'ttyv1', `kldunload ${name}`);
      expect([a.real[0], a.status]).toEqual(["kldunload: can't unload file: Device busy", 1]);
    }
  });
});

describe('a fresh host', () => {
  beforeEach(() => {
    w = freshLab(8);
  });

  it('kldstat, kldload, kldunload', () => {
    const names = () => run(w, 'ttyv0', 'kldstat').real.map((l) => l.trim().split(/\s+/));
    expect(names()).toEqual([
      ['Id', 'Refs', 'Address', 'Size', 'Name'],
      ['1', '12', '0xffffffff80200000', '17bc6a8', 'kernel'],
      ['2', '1', '0xffffffff81a11000', expect.any(String), 'vmm.ko'],
      ['3', '1', expect.any(String), expect.any(String), 'netmap.ko'],
    ]);
    expect(run(w, 'ttyv0', 'kldload -v if_bridge').text).toBe('Loaded if_bridge, id=5\n');
    expect(
      names()
        .slice(4)
        .map((l) => [l[0], l[1], l[4]]),
    ).toEqual([
      ['4', '1', 'bridgestp.ko'],
      ['5', '1', 'if_bridge.ko'],
    ]);
    expect(run(w, 'ttyv0', 'kldload if_bridge')).toMatchObject({
      text: "kldload: can't load if_bridge: module already loaded or in kernel\n",
      status: 1,
    });
    expect(run(w, 'ttyv0', 'kldload -n if_bridge').status).toBe(0);
    expect(run(w, 'ttyv0', 'kldload none').real).toEqual(["kldload: can't load none: No such file or directory"]);
    expect(run(w, 'ttyv0', 'kldunload bridgestp').status).toBe(1);
    expect(run(w, 'ttyv0', 'kldunload -v if_bridge').text).toBe('Unloading if_bridge.ko, id=5\n');
    expect(names()).toHaveLength(4);
    expect(run(w, 'ttyv0', 'kldunload if_bridge').real).toEqual(["kldunload: can't find file if_bridge: No such file or directory"]);
    expect(run(w, 'ttyv0', 'kldstat -q -m nmdm').status).toBe(1);
    expect(run(w, 'ttyv0', 'kldstat -v').real).toContain('\tContains modules:');
  });

  it('without netmap and vmm there is no netmap and no vmm', () => {
    run(w, 'ttyv0', 'kldunload netmap; kldunload vmm');
    expect(run(w, 'ttyv0', 'pkt-gen -i vale0:1 -f tx -n 1 -w 0').text).toContain('Unable to open vale0:1: No such file or directory');
    expect(run(w, 'ttyv0', 'bhyveload -m 2G -d mfsroot.img vm1').real[0]).toBe('vm_create: No such file or directory');
    run(w, 'ttyv0', 'kldload netmap vmm');
    expect(run(w, 'ttyv0', 'dmesg').real).toEqual(expect.arrayContaining(['netmap: loaded module']));
    expect(run(w, 'ttyv0', 'pkt-gen -i vale0:1 -f tx -n 1 -w 0').status).toBe(0);
  });

  it.each<[string, string, number]>([
    ['sysctl dev.netmap.buf_num', 'dev.netmap.buf_num: 163840\n', 0],
    ['sysctl -n dev.netmap.buf_num', '163840\n', 0],
    ['sysctl -N dev.netmap.if_size', 'dev.netmap.if_size\n', 0],
    ['sysctl -e dev.netmap.if_size', 'dev.netmap.if_size=1024\n', 0],
    ['sysctl -d dev.netmap.buf_num', 'dev.netmap.buf_num: Requested number of netmap bufs\n', 0],
    ['sysctl dev.netmap.buf_num=0x8000', 'dev.netmap.buf_num: 163840 -> 32768\n', 0],
    ['sysctl dev.lab.ix.0.partner=sink', 'dev.lab.ix.0.partner: ix1 -> sink\n', 0],
    ['sysctl none.such', "sysctl: unknown oid 'none.such'\n", 1],
    ['sysctl dev.netmap.buf_n', "sysctl: unknown oid 'dev.netmap.buf_n'\nlab: names that begin so: dev.netmap.buf_num.\n", 1],
    ['sysctl -i none.such', '', 0],
    ['sysctl dev.netmap.buf_num=many', "sysctl: invalid integer 'many'\n", 1],
    ['sysctl dev.netmap.buf_num=', 'sysctl: empty numeric value\n', 1],
    ['sysctl dev.netmap.buf_curr_num=1', "sysctl: oid 'dev.netmap.buf_curr_num' is read only\n", 1],
    ['sysctl dev.netmap=1', "sysctl: oid 'dev.netmap' isn't a leaf node\n", 1],
    [
      'sysctl hw.lab.bridge_ringsize=8',
      "sysctl: oid 'hw.lab.bridge_ringsize' is read only\nsysctl: Tunable values are set in /boot/loader.conf\n",
      1,
    ],
  ])('%s', (line, text, status) => {
    const a = run(w, 'ttyv0', line);
    expect([a.text, a.status]).toEqual([text, status]);
  });
  it('sysctl -a is in the order of the tree, every name once', () => {
    const all = run(w, 'ttyv0', 'sysctl -aN').real;
    expect(new Set(all).size).toBe(all.length);
    expect([...all].sort()).toEqual(Object.keys(w.host.sysctl()).sort());
    const tops = [...new Set(all.map((n) => n.split('.')[0]))];
    expect(tops).toEqual(['kern', 'net', 'hw', 'dev']);
    expect(inOrder(['dev.a', 'net.x', 'kern.b', 'dev.b', 'kern.a'])).toEqual(['kern.b', 'kern.a', 'net.x', 'dev.a', 'dev.b']);
    expect(all.indexOf('dev.netmap.verbose')).toBeLessThan(all.indexOf('dev.netmap.buf_size'));
  });
  it('sysctl kern.hostname=name: the prompt has it', () => {
    w.type('ttyv0', 'sysctl kern.hostname=big\r');
    until(w, () => /root@big:~ # $/.test(w.host.os.tty('ttyv0')?.out ?? ''));
    expect(w.host.os.tty('ttyv0')?.out).toContain('kern.hostname: host -> big');
  });

  it('dmesg -c takes what was said; -a shows it still', () => {
    run(w, 'ttyv0', 'vale-ctl -a vale0:none'); // the kernel may say something of it
    w.host.netmap.log('one line');
    const all = run(w, 'ttyv0', 'dmesg').real;
    expect(all.at(-1)).toBe('one line');
    expect(run(w, 'ttyv0', 'dmesg -c').real).toEqual(all);
    expect(run(w, 'ttyv0', 'dmesg').real).toEqual([]);
    w.host.netmap.log('another');
    expect(run(w, 'ttyv0', 'dmesg').real).toEqual(['another']);
    expect(run(w, 'ttyv0', 'dmesg -a').real).toEqual([...all, 'another']);
    expect(run(w, 'ttyv0', 'dmesg -x').status).toBe(1);
  });
});
