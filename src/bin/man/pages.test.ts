// The manual pages against what they describe: the numbers of wasm/layout.ts and of the kernels' tables, the option
// strings that the programs parse, and each other.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as L from '../../../wasm/layout.ts';
import { COMMANDS } from '../../lab/control.ts';
import { BUILTINS } from '../../sh/builtins.ts';
import { newHostTree } from '../../host/kernel/tree.ts';
import { MAN_OPTIONS, apropos, findPages, whatis } from '../man.ts';
import { type Block, MANUALS, type Page, titleOf } from './page.ts';
import { PAGES } from './pages.ts';
import { render } from './render.ts';

const pageOf = (name: string, section?: number): Page => {
  const [p] = findPages(name, section);
  if (!p) throw new Error(`no page ${name}`);
  return p;
};
const textOf = (name: string, section?: number) => render(pageOf(name, section), 78, false).join('\n');
const flat = (name: string, section?: number) => textOf(name, section).replace(/\s+/g, ' ');

/** Every table of a page. */
const tables = (p: Page) =>
  p.body.flatMap(([, ...body]) => body.flatMap((b: Block) => (typeof b === 'object' && 'table' in b ? [b.table] : [])));
const row = (p: Page, first: string) => {
  const found = tables(p)
    .flat()
    .find((r) => r[0]?.split(', ').includes(first));
  if (!found) throw new Error(`${titleOf(p)} has no row ${first}`);
  return found;
};

test('sections, names and blocks are well-formed', () => {
  const seen = new Set<string>();
  for (const p of PAGES) {
    expect(MANUALS[p.section], titleOf(p)).toBeDefined();
    for (const n of [p.name, ...(p.also ?? [])]) {
      expect(seen.has(`${n}(${p.section})`), `${n}(${p.section}) twice`).toBe(false);
      seen.add(`${n}(${p.section})`);
    }
    for (const t of tables(p)) for (const r of t) expect(r.length, `${titleOf(p)}: ${r.join(' | ')}`).toBe(t[0]?.length);
    // marks come in pairs, so that nothing is underlined to the end of a page
    const whole = JSON.stringify([
      p.synopsis,
      p.body.map((s) => s.slice(1).filter((b) => typeof b === 'string' || !('sh' in b || 'out' in b))),
    ]);
    for (const mark of ['`', '~']) expect(whole.split(mark).length % 2, `${titleOf(p)}: ${mark}`).toBe(1);
  }
});

test('every SEE ALSO leads somewhere', () => {
  const titles = new Set(PAGES.flatMap((p) => [titleOf(p), ...(p.also ?? []).map((n) => `${n}(${p.section})`)]));
  for (const p of PAGES) for (const s of p.see) expect(titles.has(s), `${titleOf(p)} points to ${s}`).toBe(true);
});

test('what a page names as a page is one', () => {
  const outside = new Set(['poll(2)', 'mmap(2)']);
  for (const p of PAGES)
    for (const m of JSON.stringify(p.body).matchAll(/([a-z][\w.-]*)`?\((\d)\)/g)) {
      const name = `${m[1]}(${m[2]})`;
      if (!outside.has(name)) expect(findPages(m[1] ?? '', Number(m[2])).length, `${titleOf(p)} names ${name}`).toBeGreaterThan(0);
    }
});

describe('options', () => {
  const source = (file: string, pattern: RegExp) => {
    const m = pattern.exec(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'));
    if (!m?.[1]) throw new Error(`no option string in ${file}`);
    return m[1];
  };
  const given = {
    'pkt-gen': 'a:f:F:n:i:Il:d:s:D:S:b:c:o:p:T:w:WvR:XC:H:e:E:r', // of 2015
    'vale-ctl': 'd:a:h:g:l:n:r:C:p:P:m:',
  };
  const strings: [string, string][] = [
    ...Object.entries(given),
    ['pkt-gen', source('bin/pkt_gen_options.ts', /OPTIONS = '([^']+)'/)],
    ['bhyve', source('host/bhyve/options.ts', /OPTIONS = '([^']+)'/)],
    ['bhyveload', source('host/bhyve/bhyveload.ts', /getopt\(p\.argv, '([^']+)'/)],
    ['vale-ctl', source('bin/vale_ctl.ts', /getopt\(p\.argv, '([^']+)'/)],
    ['sysctl', source('bin/sysctl.ts', /getopt\(p\.argv, '(a[^']+)'/)],
    ['man', MAN_OPTIONS],
    ['bridge', 'i:b:cvw:L'],
    ['tcpdump', 'i:c:nevxXAqts:w:r:'],
  ];
  const tagsOf = (p: Page) =>
    p.body
      .flatMap(([, ...body]) => body.flatMap((b) => (typeof b === 'object' && 'list' in b ? b.list.map((i) => i[0]) : [])))
      .flatMap((t) => t.split(', '))
      .filter((t) => /^`-\w`( ~|$)/.test(t));
  test.each(strings)('%s: each of "%s" is described, and takes an argument where it does', (name, optstring) => {
    const tags = tagsOf(pageOf(name));
    for (const m of optstring.matchAll(/(\w)(:?)/g)) {
      const tag = tags.find((t) => t[2] === m[1]);
      if (name === 'man' && 'Mmpt'.includes(m[1] ?? '')) continue; // refused: named without their arguments
      expect(tag, `${name} -${m[1]}`).toBeDefined();
      if (!['-f', '-k'].includes(`-${m[1]}`) || name !== 'man')
        expect(tag?.includes('~'), `${name} ${tag}`).toBe(m[2] === ':' || (name === 'bhyve' && 'l'.includes(m[1] ?? '')));
    }
    for (const t of tags) expect(optstring, `${name} ${t}`).toContain(t[2]);
  });
  test('the functions of pkt-gen', () => {
    for (const f of ['tx', 'rx', 'ping', 'pong', 'txseq', 'rxseq']) expect(textOf('pkt-gen')).toMatch(new RegExp(`\\b${f}\\b`));
    expect(flat('pkt-gen')).toContain('Of later pkt-gens, not of 2015');
  });
});

describe('numbers', () => {
  test('flags of slots', () => {
    const flags = {
      NS_BUF_CHANGED: L.NS_BUF_CHANGED,
      NS_REPORT: L.NS_REPORT,
      NS_FORWARD: L.NS_FORWARD,
      NS_NO_LEARN: L.NS_NO_LEARN,
      NS_INDIRECT: L.NS_INDIRECT,
      NS_MOREFRAG: L.NS_MOREFRAG,
    };
    for (const [n, v] of Object.entries(flags)) expect(Number(row(pageOf('netmap'), n)[1]), n).toBe(v);
  });
  test('offsets of a ring', () => {
    const offsets: [number, string][] = [
      [L.RING_BUF_OFS, 'buf_ofs'],
      [L.RING_NUM_SLOTS, 'num_slots'],
      [L.RING_NR_BUF_SIZE, 'nr_buf_size'],
      [L.RING_RINGID, 'ringid'],
      [L.RING_DIR, 'dir'],
      [L.RING_HEAD, 'head'],
      [L.RING_CUR, 'cur'],
      [L.RING_TAIL, 'tail'],
      [L.RING_FLAGS, 'flags'],
      [L.RING_TS, 'ts'],
      [L.RING_SLOT, 'slot[]'],
    ];
    for (const [at, name] of offsets) expect(row(pageOf('netmap'), String(at))[1]).toBe(name);
    expect(row(pageOf('netmap'), '18')[3]).toContain(`${L.NR_RX} for RX, ${L.NR_TX} for TX`);
    expect(row(pageOf('netmap'), 'netmap_if')[2]).toContain(`ring_ofs[] at ${L.NIF_RING_OFS}`);
    expect(row(pageOf('netmap'), 'netmap_slot')[1]).toBe(`${L.SLOT_SIZE} bytes`);
  });
  test('ioctls, by the letter i and their numbers', () => {
    // Linux: 0xc03c6991, 0xc03c6992, 0x6994, 0x6995, 0xc1106996
    const numbers = { NIOCGINFO: 0x91, NIOCREGIF: 0x92, NIOCTXSYNC: 0x94, NIOCRXSYNC: 0x95, NIOCCONFIG: 0x96 };
    for (const [n, v] of Object.entries(numbers)) expect(Number(row(pageOf('netmap'), n)[1]), n).toBe(v);
  });
  test('the variables of dev.netmap, with the defaults that the host has', () => {
    for (const [name, value] of Object.entries(newHostTree(1024).sysctl))
      if (name.startsWith('dev.netmap.')) expect(row(pageOf('netmap'), name.slice(11))[1], name).toBe(String(value));
  });
  test('legal ranges of the pools', () => {
    const ranges: Record<string, [number, number]> = {
      if_size: [L.NIF_RING_OFS, 4096],
      if_num: [10, 10000],
      ring_size: [L.RING_SLOT, 32 * L.PAGE],
      ring_num: [2, 1024],
      buf_size: [64, 65536],
      buf_num: [4, 1000000],
      priv_if_num: [1, 100],
    };
    for (const [n, [from, to]] of Object.entries(ranges)) expect(row(pageOf('netmap'), n)[2], n).toBe(`${from}..${to}`);
  });
  test('sizes that follow from the defaults', () => {
    const s = newHostTree(1024).sysctl,
      pool = (k: string) => Number(s[`dev.netmap.${k}_size`]) * Number(s[`dev.netmap.${k}_num`]);
    expect(textOf('netmap')).toContain(String(pool('if') + pool('ring') + pool('buf')));
    // 2 pipes: 2 + 4·2 objects in whole pages of 4; 2 + 2 rings + 8·2; buffers of 1024 slots
    const buffers = (4 * 2 + 2) * 1024 + (4 * 2 + 2) * 1024 + 2;
    const vale = 12 * 1024 + (2 + 2 + 8 * 2) * 20480 + buffers * 2048;
    for (const p of ['netmap', 'ptnetmap-memdev']) expect(textOf(p)).toContain(String(vale));
    expect(flat('netmap')).toContain(`${buffers} buffers`);
  });
  test('the CSB', () => {
    const p = pageOf('ptnetmap');
    const words: [number, string][] = [
      [L.CSB_GUEST_NEED_TXKICK, 'guest_need_txkick'],
      [L.CSB_GUEST_NEED_RXKICK, 'guest_need_rxkick'],
      [L.CSB_GUEST_CSB_ON, 'guest_csb_on'],
      [L.CSB_HOST_NEED_TXKICK, 'host_need_txkick'],
      [L.CSB_HOST_NEED_RXKICK, 'host_need_rxkick'],
      [L.CSB_NIFP_OFFSET, 'nifp_offset'],
      [L.CSB_TX_RING, 'tx_ring'],
      [L.CSB_RX_RING, 'rx_ring'],
    ];
    for (const [at, name] of words) expect(row(p, String(at))[1]).toBe(name);
    expect(row(p, String(L.CSB_NUM_RX_RINGS))[1]).toBe('num_tx_rings, num_rx_rings');
    expect(row(p, String(L.CSB_NUM_TX_SLOTS))[1]).toBe('num_tx_slots, num_rx_slots');
    const registers = { PTFEAT: L.PTN_PTFEAT, PTCTL: L.PTN_PTCTL, PTSTS: L.PTN_PTSTS, CSBBAH: L.PTN_CSBBAH, CSBBAL: L.PTN_CSBBAL };
    for (const [n, at] of Object.entries(registers)) expect(row(p, `+${at}`)[1]).toBe(n);
    const text = flat('ptnetmap');
    for (const c of [`${L.PTCTL_CONFIG} CONFIG`, `${L.PTCTL_REGIF} REGIF`, `${L.PTCTL_UNREGIF} UNREGIF`, `${L.PTCTL_HOSTMEMID} HOSTMEMID`])
      expect(text).toContain(c);
    expect(text).toContain(`after ${L.PTN_RX_NOWORK_CYCLE} rounds`);
  });
  test('VALE', () => {
    const text = flat('vale');
    for (const x of [`8 switches, of ${L.NM_BDG_MAXPORTS} ports`, `table of ${L.NM_BDG_HASH} entries`, `at ${L.NM_BDG_BATCH} entries`])
      expect(text).toContain(x);
  });
  test('signals', () => {
    const named = tables(pageOf('kill'))
      .flat()
      .slice(1)
      .flatMap(([names = '', numbers = '']) => {
        const n = numbers.split(', ');
        return names.split(', ').map((name, i) => [name, Number(n[i])]);
      });
    expect(Object.fromEntries(named)).toEqual({ HUP: 1, INT: 2, QUIT: 3, KILL: 9, TERM: 15, STOP: 17, TSTP: 18, CONT: 19 }); // sys/signal.h
  });
  test("the lab's switches", () => {
    const p = pageOf('lab', 1),
      { sysctl } = newHostTree(1024);
    for (const [name, value] of Object.entries(sysctl))
      if (/^(dev|hw)\.lab\./.test(name))
        expect(row(/\.ix\./.test(name) ? pageOf('ixgbe') : /\.em\./.test(name) ? pageOf('em') : p, name)[1], name).toBe(String(value));
    expect(row(p, 'dev.lab.tso')[2]).toContain(`0 to ${L.SB_MAX}`);
  });
});

test("every command of the lab's is in lab(1), and nothing else", () => {
  const tags = pageOf('lab', 1)
    .body.filter(([name]) => name === 'COMMANDS')
    .flatMap(([, ...body]) => body.flatMap((b) => (typeof b === 'object' && 'list' in b ? b.list.map((i) => i[0]) : [])))
    .flatMap((t) => [...t.matchAll(/(?:^|, )`(\w+)`/g)].map((m) => m[1]));
  expect([...tags].sort()).toEqual([...COMMANDS.map((c) => c.name), 'help'].sort());
});

test('the built-in commands of the shell are found', () => {
  for (const b of Object.keys(BUILTINS)) expect(findPages(b, 1).length, b).toBeGreaterThan(0);
  expect(pageOf('jobs').name).toBe('sh');
  expect(pageOf('kill').name).toBe('kill');
});

test('apropos and whatis', () => {
  expect(apropos('SWITCH').map((l) => l.split(' ')[0])).toEqual(expect.arrayContaining(['vale(4)', 'if_bridge(4)']));
  expect(apropos('switch').some((l) => l.startsWith('vale(4) '))).toBe(true);
  expect(whatis('netmap')).toEqual(['netmap(4)               - packets between programs and ports, in shared memory']);
  expect(whatis('lab')).toHaveLength(2);
  expect(apropos('no such word')).toEqual([]);
  expect(whatis('net')).toEqual([]);
});
