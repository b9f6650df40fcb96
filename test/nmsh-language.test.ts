// nmsh's language and its prompt: files, -j, -e, -x, expressions, signals, completion; what a user may type that is wrong.

import { beforeAll, describe, expect, it } from 'vitest';
import * as L from '../wasm/layout.ts';
import { evaluate } from '../src/bin/nmsh_expr.ts';
import type { NmshState } from '../src/bin/nmsh_state.ts';
import type { World } from '../src/lab/world.ts';
import { numbers } from './nmsh-random.ts';
import { lines } from './nmsh-told.ts';
import { answer, begin, finish, freshLab, mark, pass, run, since, until } from './typed.ts';

let w: World;
const nmsh = (script: string, tty = 'ttyv0', options = '') => run(w, tty, `nmsh ${options} -c '${script}'`);
const json = (script: string) => lines(nmsh(script, 'ttyv0', '-j').text);
const procSt = (tty: string) =>
  w.host.os.tree().procs.find((p) => p.prog === 'nmsh' && p.tty === tty && p.state !== 'zombie')?.st as NmshState;

describe('the language', () => {
  beforeAll(() => {
    w = freshLab(8, 3);
  });

  it('FILE, comments, repeat over lines, -x, -e, exit statuses', () => {
    const file = (text: string) => {
      w.tree.host.os.files['/root/t.nm'] = text;
    };
    file(
      '# a session\nopen vale1:f   # a port\nrepeat 3 {\n  adv TX0 +1; txsync\n}\nexpect TX0.head == 3 && kr.TX0.nr_hwcur == 3\nquit\necho never\n',
    );
    const a = run(w, 'ttyv0', 'nmsh -x t.nm');
    expect(a.status).toBe(0);
    expect(a.text.match(/^\+ txsync$/gm)?.length).toBe(3);
    expect(a.text).not.toContain('never');
    expect(run(w, 'ttyv0', 'nmsh /root/t.nm').status).toBe(0);
    file('expect 1 == 2\necho after\n');
    expect(run(w, 'ttyv0', 'nmsh t.nm').text).toBe('nmsh: expect: expected 1 == 2, found 0\nafter\n');
    expect(run(w, 'ttyv0', 'nmsh t.nm').status).toBe(1);
    const e = run(w, 'ttyv0', 'nmsh -e t.nm');
    expect([e.status, e.text.includes('after')]).toEqual([1, false]);
    file('repeat 2 {\n');
    const bad = run(w, 'ttyv0', 'nmsh t.nm');
    expect([bad.status, bad.text.split('\n')[0]]).toEqual([2, "nmsh: line 2: '{' is not closed"]);
    for (const args of ['-q', '-c', 'a b', 'nosuch.nm', '-c x t.nm']) expect(run(w, 'ttyv0', `nmsh ${args}`).status, args).toBe(2);
    expect(run(w, 'ttyv0', 'nmsh nosuch.nm').text).toMatch(/^nmsh: nosuch\.nm: No such file or directory$/m);
    expect(nmsh('').status).toBe(0);
  });

  it('-j: one object a command, always the same keys', () => {
    const text = nmsh(
      'open vale1:j; use; info; show all; txsync; poll out 0; nosuch; expect TX0.nosuch; wait 1; echo a b; close',
      'ttyv0',
      '-j',
    ).text;
    expect(text.split('\n').slice(0, -1).length).toBe(11);
    lines(text).forEach((t, i) => {
      expect(Object.keys(t)).toEqual(['n', 'cmd', 'args', 'fd', 'ok', 'errno', 'error', 'result']);
      expect(t.n).toBe(i + 1);
      expect(t.ok).toBe(t.error === '');
    });
    expect(
      lines(text)
        .filter((t) => !t.ok)
        .map((t) => t.cmd),
    ).toEqual(['nosuch', 'expect']);
  });

  it.each<[string, boolean]>([
    ['TX0.head == 0 && TX0.tail == 7', true],
    ['1 + 2 - 4 == -1', true],
    ['0x10 == 16 && !(3 < 2)', true],
    ['TX0.space >= 7 || 1 == 2', true],
    ['TX0.slot[3].len == 2048 && TX0.slot[3].flags == 0', true],
    ['kr.TX0.nr_hwtail != 7', false],
    ['kr.3:TX0.nr_hwtail == 7', true],
    ['last.errno == 0 && last.errno != EBUSY', true],
    ['(TX0.slot[0].flags & NS_REPORT) == 0', true],
    ['if.ni_tx_rings + if.ni_rx_rings == 2', true],
    ['3:TX0.num_slots == 8', true],
  ])('expect %s', (e, truth) => {
    expect(json(`open vale1:e; expect ${e}`).at(-1)?.ok).toBe(truth);
  });
  it.each<[string, RegExp]>([
    ['1 < 2 < 3', /do not chain/],
    ['1 == ', /ends too early/],
    ['(1', /'\)' is missing/],
    ['TX0.nothing', /there are num_slots, /],
    ['last.x', /there are errno, revents, ok/],
    ['foo', /names begin with /],
    ['1 1', /'1' is too much/],
    ['@', /is no part of an expression/],
    ['csb.host_need_txkick', /the CSB is in the guest/],
    ['!'.repeat(60), /too deep/],
  ])('expect %s: says what is wrong', (e, message) => {
    expect(json(`open vale1:e; expect ${e}`).at(-1)?.error).toMatch(message);
  });

  it('the prompt: poll is ended by ^C and the session goes on, history, completion, continuation, ^D', () => {
    const m = begin(w, 'ttyv1', 'nmsh');
    until(w, () => since(w, 'ttyv1', m).endsWith('nmsh> '));
    const say = (keys: string) => {
      const at = mark(w, 'ttyv1');
      w.type('ttyv1', keys);
      until(w, () => mark(w, 'ttyv1') > at && /\n(nmsh)?> $/.test(since(w, 'ttyv1', at)));
      return since(w, 'ttyv1', at);
    };
    say('open vale1:i\r');
    const at = mark(w, 'ttyv1');
    w.type('ttyv1', 'poll in\r');
    pass(w, 3);
    expect(since(w, 'ttyv1', at)).toBe('poll in\n');
    const r = procSt('ttyv1').running;
    if (r?.t !== 'op') throw new Error('no poll');
    const block = w.m.ld32(r.h.td + L.TD_BLOCK);
    expect([w.m.status(block), w.m.ld64(block + L.T_DEADLINE)]).toEqual([L.TS_ASLEEP, 0]); // for ever, and not until some time
    expect(say('\x03')).toMatch(/^\^Cnmsh: poll: Interrupted system call\n/);
    for (const line of ['wait 3000000', 'repeat 1000000 { wait 1 }']) {
      const then = mark(w, 'ttyv1');
      w.type('ttyv1', `${line}\r`);
      pass(w, 2);
      expect(since(w, 'ttyv1', then)).toBe(`${line}\n`);
      expect(say('\x03')).toContain('nmsh: wait: Interrupted system call');
    }
    expect(say('repeat 1000000 { echo x }\r\x03').length).toBeLessThan(5000);
    expect(say('sho\tri\t\tR\t0\r')).toContain('RX0 of fd 3');
    expect(say('\x1b[A\r')).toContain('RX0 of fd 3'); // the line before, again
    expect(say('flags TX0 0 +NS_RE\t\r')).toContain('flags - -> NS_REPORT');
    expect(say('repeat 2 {\r')).toMatch(/> $/);
    expect(say('echo twice }\r').match(/^twice$/gm)?.length).toBe(2);
    expect(say('repeat 2 {\r')).toMatch(/> $/);
    expect(say('\x03')).toMatch(/nmsh> $/); // gives the line up
    expect(say('}\r')).toContain("nmsh: nmsh: '}' without '{'");
    w.type('ttyv1', '\x04');
    expect(answer(w, 'ttyv1', finish(w, 'ttyv1', m)).status).toBe(1); // a command failed
    expect(w.tree.host.fds).toEqual([]);
    expect(w.tree.host.threads).toEqual([]);
  });

  it('killed, in a command and at the prompt: everything is closed', () => {
    for (const script of ["nmsh -c 'open vale1:k; poll in'", 'nmsh -i vale1:k']) {
      const m = begin(w, 'ttyv1', script);
      until(w, () => w.tree.host.fds.length === 1);
      pass(w, 0.1);
      const pid = w.host.os.tree().procs.find((p) => p.prog === 'nmsh')?.pid;
      run(w, 'ttyv0', `kill ${pid}`);
      expect(answer(w, 'ttyv1', finish(w, 'ttyv1', m)).status).toBe(143);
      expect([w.tree.host.fds, w.tree.host.threads]).toEqual([[], []]);
    }
  });

  it('typed characters of all kinds do not trouble it', () => {
    let seed = 7;
    const random = (n: number) => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return Math.floor((seed / 2 ** 32) * n);
    };
    const KEYS = [
      '\t',
      '\x1b[A',
      '\x1b[D',
      '\x7f',
      '{',
      '}',
      ';',
      '"',
      "'",
      '#',
      '\\',
      'show ',
      'TX0 ',
      '+',
      '0',
      'help ',
      'expect ',
      '(',
      '\x01',
      '\u00e9',
    ];
    const m = begin(w, 'ttyv1', 'nmsh -i vale1:r');
    until(w, () => since(w, 'ttyv1', m).endsWith('nmsh> '));
    for (let i = 0; i < 300; i++) {
      w.type('ttyv1', `${Array.from({ length: random(9) }, () => KEYS[random(KEYS.length)]).join('')}\r`);
      for (let k = 0; k < 200 && w.host.os.ready(); k++) w.advance(1);
    }
    w.type('ttyv1', '\x03\x03quit\r');
    expect(answer(w, 'ttyv1', finish(w, 'ttyv1', m)).status).toBeLessThan(2);
  });

  it('20,000 random expressions have a value or an error', () => {
    const { random, pick } = numbers(77),
      PARTS = [
        '1',
        '0x1f',
        'a',
        'b.c',
        '(',
        ')',
        '!',
        '&&',
        '||',
        '==',
        '<',
        '+',
        '-',
        '&',
        ' ',
        '3:x',
        'kr.4:y.z',
        '[',
        '"',
        '\u00e9',
        '0x',
        '..',
      ];
    for (let i = 0; i < 20_000; i++) {
      const text = Array.from({ length: random(12) }, () => pick(PARTS)).join(random(2) ? ' ' : ''),
        r = evaluate(text, (name) => (name.length % 2 ? { v: name.length } : { error: `no ${name}` }));
      if ('error' in r) expect(r.error.length).toBeGreaterThan(0);
      else expect(Number.isFinite(r.value), text).toBe(true);
    }
  });

  it('its state is plain JSON: a session goes on from a copy of the tree at every turn', () => {
    const go = (copy: boolean): string => {
      const lab = freshLab(8, 1),
        m = begin(
          lab,
          'ttyv0',
          "nmsh -x -c 'open vale1:1; open vale1:2; repeat 2 { use 3; fill TX0 head frame seq=next; adv TX0 +1; txsync; use 4; poll in 100; adv RX0 +1; rxsync }; poll in 20; wait 5; close 3'",
        );
      for (let i = 0; i < 4000; i++) {
        if (copy) lab.tree = JSON.parse(JSON.stringify(lab.tree)) as typeof lab.tree;
        lab.advance(1, lab.m.clock + 1e6);
      }
      return finish(lab, 'ttyv0', m);
    };
    const plain = go(false);
    expect(plain).toContain('closed 3');
    expect(go(true)).toBe(plain);
  });
});
