// Names of ports: the lab's parser against the model of nm_open's grammar of 2015 (facts netmap 2.13), on the rows of the
// project's own table that are of that grammar, and on random names. Rows of later grammar are named as such.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePortName } from '../src/bin/nm_open.ts';
import * as M from './model/names.ts';
import { freshLab } from './typed.ts';

/** The lab's answer in the model's words: the only place that knows the lab's. What only later grammars have counts as refused. */
function lab(name: string): M.Answer {
  const p = parsePortName(name);
  if (!p || 'error' in p || p.memId || p.rest !== undefined || p.pipeName !== undefined) return { error: 'refused' };
  return { name: p.name, mode: p.mode, ringid: p.ringid, flags: p.flags };
}
/** The reason for a refusal is each parser's own. */
const plain = (a: M.Answer) => ('error' in a ? 'refused' : a);

const { NR_REG_ALL_NIC: ALL, NR_REG_SW: SW, NR_REG_NIC_SW: BOTH, NR_REG_ONE_NIC: ONE, NR_REG_PIPE_MASTER: PIPE } = M;
const row = (name: string, mode = ALL, ringid = 0, flags = 0): M.Parsed => ({ name, mode, ringid, flags });

/** Rows of the table that nm_open of 2015 answers in the same way. */
const SAME: [string, M.Parsed | 'refused'][] = [
  ['netmap:eth0', row('eth0')],
  ['netmap:eth0-1', row('eth0', ONE, 1)],
  ['netmap:eth0-', 'refused'],
  ['netmap:eth0/x', row('eth0', ALL, 0, 0x800)],
  ['netmap:eth0/z', row('eth0', ALL, 0, 0x400)],
  ['netmap:eth0/r', row('eth0', ALL, 0, 0x200)],
  ['netmap:eth0/t', row('eth0', ALL, 0, 0x100)],
  ['netmap:eth0*', row('eth0', BOTH)],
  ['netmap:eth0^', row('eth0', SW)],
  ['netmap:', 'refused'],
  ['netmap:^', 'refused'],
  ['netmap:{', 'refused'],
  ['eth0', 'refused'],
  ['netmapXXX:eth0', 'refused'],
  ['netmap:pipe{1}2', 'refused'],
  ['', 'refused'],
  ['vale0:0', row('vale0:0')],
  ['vale:0', row('vale:0')],
  ['valeXXX:YYY', row('valeXXX:YYY')],
  ['valeXXX:YYY-4', row('valeXXX:YYY', ONE, 4)],
  ['netmap:14', row('14')],
];
/** Rows that are accepted in both, but 2015 says what the pipe is by mode and number. */
const PIPES: [string, M.Parsed][] = [
  ['netmap:pipe{0', row('pipe', PIPE)],
  ['vale0:0{0', row('vale0:0', PIPE)],
];
/** Rows of later grammar and what the text's grammar of 2015 makes of them: R and T, names of pipes, memory ids, options. */
const LATER: [string, M.Parsed | 'refused'][] = [
  ['netmap:eth0-2/Tx', 'refused'],
  ['netmap:pipe{in', 'refused'],
  ['netmap:pipe{in-7', 'refused'],
  ['vale0:0/Tx@opt', 'refused'],
  ['vale0:0-3@opt', 'refused'],
  ['netmap:eth0/R@xxx', 'refused'],
  ['netmap:eth0@2/R', 'refused'],
  ['netmap:eth0@2/R@2', 'refused'],
  ['netmap:eth0@2/R@3', 'refused'],
  ['netmap:eth0@netmap:lo/R', 'refused'],
];
/** Of these nm_open of 2015 makes names, as `@`, `&` and a second `:` mean nothing to it; the kernel then knows no such port. */
const NO_SUCH_PORT: [string, string][] = [
  ['netmap:eth0@2', 'eth0@2'],
  ['netmap:eth0@', 'eth0@'],
  ['vale0:0@', 'vale0:0@'],
  ['vale0:0@opt', 'vale0:0@opt'],
  ['netmap:eth0&', 'eth0&'],
  ['netmap:vale0:0', 'vale0:0'], // this one it does know: the switch's port
];

describe('the model', () => {
  it.each([...SAME, ...PIPES, ...LATER])('%s', (name, want) => {
    expect(plain(M.parse2015(name))).toEqual(want);
  });
  it.each(NO_SUCH_PORT)('%s is a name', (name, want) => {
    expect(plain(M.parse2015(name))).toEqual(row(want));
  });
});

describe('the lab', () => {
  it.each([...SAME, ...PIPES])('%s', (name, want) => {
    expect(plain(lab(name))).toEqual(want);
  });

  const base = fc.constantFrom('eth0', 'em1', 'ix', '14', 'a_b', 'x23456789012345', 'x234567890123456', '');
  const port = fc.oneof(
    base.map((b) => `netmap:${b}`),
    base.map((b) => b),
    fc.constantFrom('vale0:1', 'vale:a', 'vale12:port', 'valeabc:123456', 'vale0:1234567890', 'vale2'),
  );
  const number = fc.oneof(fc.nat(20).map(String), fc.constantFrom('', '4094', '4095', '4096', '99999', '007', 'a', '1a'));
  const suffix = fc.oneof(
    fc.constantFrom('', '^', '*', '^^', '*^', '-'),
    fc.tuple(fc.constantFrom('-', '{', '}'), number).map((x) => x.join('')),
    fc.tuple(fc.constantFrom('-', '{', '}'), number, fc.constantFrom('-1', '{2', '^', '}')).map((x) => x.join('')),
  );
  const flags = fc.oneof(
    fc.constant(''),
    fc.array(fc.constantFrom('x', 'z', 't', 'r'), { maxLength: 4 }).map((x) => `/${x.join('')}`),
    fc.constantFrom('/q', '/xq', '/x/t', '//', '/x-1', '/X'),
  );
  it('random names', () => {
    let taken = 0;
    fc.assert(
      fc.property(port, suffix, flags, (p, s, f) => {
        const name = p + s + f,
          said = M.parse2015(name),
          want = plain(said);
        if (want !== 'refused') taken++;
        expect(plain(lab(name)), name).toEqual(want);
      }),
      { seed: 213, numRuns: 5000 },
    );
    expect(taken).toBeGreaterThan(500);
  });
  it('a slash wants letters (2.13: "/" + letters)', () => {
    for (const name of ['netmap:eth0/', 'vale0:1-1/', 'vale0:1{1/']) expect(plain(lab(name)), name).toBe('refused');
  });
  it('a ring number has 12 bits (1.7: NETMAP_RING_MASK 0x0fff)', () => {
    for (const name of ['netmap:eth0-4096', 'vale0:1-99999']) expect(plain(lab(name)), name).toBe('refused');
  });
  it('a name has at most 15 characters (1.7: nr_name is char[16])', () => {
    for (const name of ['netmap:x234567890123456', 'vale0:1234567890']) expect(plain(lab(name)), name).toBe('refused');
  });
  it('its kernel knows no more: ports whose names differ after the 15th character', () => {
    const { netmap } = freshLab(8).host;
    expect(typeof netmap.open(1, 'vale0:123456789'), '15 are well').toBe('object');
    for (const name of ['vale0:1234567890', 'vale0:1234567891']) expect(typeof netmap.open(1, name), name).toBe('string');
  });
});
