// man, apropos, whatis, more in a whole machine: in a window with keys, in a guest, in the background, into a file, and
// where nobody looks, as in ringside run.

import { describe, expect, test } from 'vitest';
import { findPages } from '../src/bin/man.ts';
import { PAGES } from '../src/bin/man/pages.ts';
import { Runner } from '../src/lab/run.ts';
import { parseFile } from '../src/lab/run_lines.ts';
import { World } from '../src/lab/world.ts';
import { booted, settle, type } from './booted.ts';
import { freshLab, run } from './typed.ts';
import { wasm } from './sending.ts';

/** A window of a terminal: what is sent to it, on a screen that scrolls. Only what a pager sends is known. */
class Screen {
  rows: string[];
  row = 0;
  col = 0;
  /** Lines that were too long: the pager sends none. */
  wrapped = 0;
  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.rows = Array.from({ length: height }, () => '');
  }
  write(data: string): this {
    for (let i = 0; i < data.length; ) {
      const csi = data[i] === '\x1b' ? /^.\[(\d*)([A-Za-z])/s.exec(data.slice(i)) : null;
      if (csi) {
        i += csi[0].length;
        const line = this.rows[this.row] ?? '';
        if (csi[2] === 'H') [this.row, this.col] = [0, 0];
        else if (csi[2] === 'K') this.rows[this.row] = line.slice(0, this.col);
        else if (csi[2] === 'J') {
          this.rows[this.row] = line.slice(0, this.col);
          for (let r = this.row + 1; r < this.height; r++) this.rows[r] = '';
        } else if (csi[2] !== 'm') throw new Error(`unknown sequence ${csi[2]}`);
        continue;
      }
      const c = data[i++] ?? '';
      if (c === '\r') this.col = 0;
      else if (c === '\n') {
        if (this.row === this.height - 1) {
          this.rows.shift();
          this.rows.push('');
        } else this.row++;
      } else {
        if (this.col >= this.width) {
          this.write('\r\n');
          this.wrapped++;
        }
        const line = (this.rows[this.row] ?? '').padEnd(this.col);
        this.rows[this.row] = line.slice(0, this.col) + c + line.slice(this.col + 1);
        this.col++;
      }
    }
    return this;
  }
}

/** A host terminal of that size, at its prompt; answers the screen after some keys. */
function shown(cols: number, rows: number) {
  const w = World.create(wasm.step, { shared: false, seed: 1, slots: 8 });
  settle(w);
  w.resize('ttyv0', cols, rows);
  settle(w);
  let wrapped = 0;
  return {
    w,
    wrapped: () => wrapped,
    keys(data: string): string[] {
      w.type('ttyv0', data);
      settle(w);
      const out = w.host.os.tty('ttyv0')?.out ?? '',
        screen = new Screen(cols, rows).write(out);
      wrapped = screen.wrapped;
      return screen.rows.map((r) => r.trimEnd());
    },
    atPrompt: () => /root@host:~ # $/.test(w.host.os.tty('ttyv0')?.out ?? ''),
  };
}

describe('every command has a page', () => {
  test('of the host and of a guest', () => {
    const w = booted(8),
      vm = w.host.vmm.find('netmapvm');
    if (!vm) throw new Error('no VM');
    for (const c of [...w.host.commands(), ...w.guest(vm).commands()]) expect(findPages(c).length, c).toBeGreaterThan(0);
  });
});

describe('in a window', () => {
  test('a long page is shown a screen at a time, its name at the top', () => {
    const t = shown(80, 24);
    let screen = t.keys('man netmap\r');
    expect(screen[0]).toMatch(/^NETMAP\(4\) /);
    expect(screen[2]).toBe('NAME');
    expect(screen[23]).toMatch(/^lines 1-23\/\d+$/);
    const second = t.keys(' ');
    expect(second[23]).toMatch(/^lines 24-46\//);
    expect(t.keys('b')).toEqual(screen);
    screen = t.keys('j');
    expect(screen[0]).toBe('');
    expect(screen[23]).toMatch(/^lines 2-24\//);
    expect(t.keys('\x1b[A')[0]).toMatch(/^NETMAP\(4\) /);
    screen = t.keys('G');
    expect(screen[23]).toBe('(END)');
    expect(screen[22]).toMatch(/^Ringside .*NETMAP\(4\)$/);
    expect(t.keys(' ')).toEqual(screen);
    expect(t.keys('g')[0]).toMatch(/^NETMAP\(4\) /);
    expect(t.atPrompt()).toBe(false);
    t.keys('q');
    expect(t.atPrompt()).toBe(true);
    expect(t.keys('echo $?\r').slice(-2)).toEqual(['0', 'root@host:~ #']);
  });

  test('a search goes forward, on, and back', () => {
    const t = shown(80, 24);
    t.keys('man netmap\r');
    expect(t.keys('/ns_report\r')[0]).toContain('NS_REPORT');
    const one = t.keys('g/nioc\r');
    expect(one[0]).toContain('NIOCGINFO');
    expect(t.keys('n')[0]).toContain('NIOCREGIF');
    expect(t.keys('N')[0]).toContain('NIOCGINFO');
    expect(t.keys('?NS_MOREFRAG\r')[0]).toContain('NS_MOREFRAG');
    expect(t.keys('/qqq\x7f\x7fzz')[23]).toBe('/qzz');
    expect(t.keys('\r')[23]).toBe('Pattern not found');
    expect(t.keys('\x03').at(-1)).toBe('root@host:~ #');
    expect(t.atPrompt()).toBe(true);
  });

  test('a window of another size is drawn anew', () => {
    const t = shown(80, 24);
    t.keys('man vale\r');
    t.w.resize('ttyv0', 60, 12);
    settle(t.w);
    const out = t.w.host.os.tty('ttyv0')?.out ?? '';
    const screen = new Screen(80, 24).write(out).rows;
    expect(screen[0]).toMatch(/^VALE\(4\) .*VALE\(4\)$/);
    expect(screen[0]?.trimEnd().length).toBe(58);
    t.keys('q');
    expect(t.atPrompt()).toBe(true);
  });

  test('a page that fits is written and waits for nobody', () => {
    const t = shown(80, 60);
    expect(t.keys('man cat\r').at(-1)).toBe('');
    expect(t.atPrompt()).toBe(true);
    expect(t.w.host.os.tty('ttyv0')?.out).toContain('\x1b[1mNAME\x1b[m');
  });

  test('narrow, and with keys typed ahead', () => {
    const t = shown(40, 10);
    t.keys('man ptnetmap\r');
    for (const k of '  bjkdu/kick\rnNGg') t.keys(k);
    t.keys('q');
    expect(t.atPrompt()).toBe(true);
    expect(t.wrapped()).toBe(0);
    t.keys('man ptnetmap\rGq');
    expect(t.atPrompt()).toBe(true);
  });

  test('in the background it does not take the keys', () => {
    const t = shown(80, 24);
    t.keys('man netmap &\r');
    expect(t.w.host.os.tree().procs.filter((p) => p.prog === 'man')).toEqual([]);
    expect(t.keys('echo hello\r').join('\n')).toContain('\nhello');
  });

  test('into a file: plain, 78 cells wide, and more shows it', () => {
    const t = shown(120, 24);
    t.keys('man netmap > page\r');
    expect(t.atPrompt()).toBe(true);
    const lines = (t.w.host.os.tree().files['/root/page'] ?? '').split('\n');
    expect(lines.join('')).not.toContain('\x1b');
    expect(Math.max(...lines.map((l) => l.length))).toBe(78);
    expect(t.keys('more page\r')[0]).toMatch(/^NETMAP\(4\) /);
    expect(t.keys(' ')[23]).toMatch(/^lines 24-46\//);
    t.keys('q');
    expect(t.keys('less nosuch\r').join('\n')).toContain('nosuch: No such file or directory');
    expect(t.keys('echo $?\r').join('\n')).toContain('\n1\n');
  });

  test('a killed man leaves the terminal as it was', () => {
    const t = shown(80, 24);
    t.keys('man netmap\r');
    const p = t.w.host.os.tree().procs.find((x) => x.prog === 'man');
    t.w.host.os.kill(p?.pid ?? 0, 15);
    settle(t.w);
    expect(t.atPrompt()).toBe(true);
    expect(t.keys('echo $?\r').join('\n')).toContain('\n143\n');
  });
});

test('a guest knows the window of its console', () => {
  const w = booted(8);
  w.resize('ttyv0', 70, 20);
  settle(w);
  type(w, 'netmapvm', 'man ptnetmap');
  settle(w);
  const out = () => w.host.os.tty('ttyv0')?.out ?? '';
  expect(out().replaceAll('\x1b', '')).toMatch(/lines 1-19\/\d+\[m$/);
  w.type('ttyv0', 'q');
  settle(w);
  expect(out()).toMatch(/root@netmapvm:~ # $/);
  // the page of a command that only the host has says so
  type(w, 'netmapvm', 'man bhyvectl > page');
  settle(w);
  expect(w.tree.guests.netmapvm?.os.files['/root/page']).toContain('lab: this machine (the guest) has no command bhyvectl.');
});

test('ringside run: nothing waits, nothing is marked', async () => {
  const runner = new Runner(wasm, { engine: 'step', seed: 1, slots: 8 });
  const r = await runner.run(
    parseFile(
      [
        'host# man bhyve',
        'host# bhyveload -m 2G -d mfsroot.img netmapvm',
        'host# bhyve -s 0,hostbridge -s 1,lpc -l com1,stdio -A -H -P -m 2G netmapvm &',
        'netmapvm# man ptnetmap',
        'host# man nosuch',
        'host# man -k ptnetmap',
      ].join('\n'),
    ),
  );
  expect(r.stalled).toBeUndefined();
  const [bhyve, , , guest, nosuch, k] = r.commands;
  expect(bhyve?.status).toBe(0);
  expect(bhyve?.output).toMatch(/^BHYVE\(8\) /);
  expect(bhyve?.output).toContain('ptnetmap-memdev');
  expect(bhyve?.output).not.toContain('\x1b');
  expect(guest?.output).toMatch(/^PTNETMAP\(4\) /);
  expect(nosuch).toMatchObject({ status: 1 });
  expect(nosuch?.output).toMatch(/^No manual entry for nosuch\n/);
  expect(k?.output).toMatch(/^ptnetmap\(4\) +- /m);
});

test('options and messages', () => {
  const w = freshLab();
  const say = (line: string) => {
    const a = run(w, 'ttyv0', `${line} > out 2>&1`);
    return { status: a.status, text: w.host.os.tree().files['/root/out'] ?? '' };
  };
  expect(say('man')).toMatchObject({ status: 1, text: expect.stringMatching(/^What manual page do you want\?\n/) });
  expect(say('man -z x')).toMatchObject({ status: 1, text: expect.stringMatching(/^man: illegal option -- z\nUsage:\n man /) });
  expect(say('man 5 lab').text).toMatch(/^LAB\(5\)/);
  expect(say('man lab').text).toMatch(/^LAB\(1\)/);
  expect(say('man -a lab').text).toMatch(/^LAB\(1\)[\s\S]*^LAB\(5\)/m);
  expect(say('man -S 5:4 lab').text).toMatch(/^LAB\(5\)/);
  expect(say("man 'netmap(4)'").text).toMatch(/^NETMAP\(4\)/);
  expect(say('man 8 netmap')).toMatchObject({ status: 1, text: expect.stringMatching(/^No manual entry for netmap\n/) });
  expect(say('man cat nosuch')).toMatchObject({ status: 1, text: expect.stringMatching(/^No manual entry for nosuch\nCAT\(1\)/) });
  expect(say('man -w vale').text).toBe('/usr/share/man/man4/vale.4\n');
  expect(say('man jobs').text).toMatch(/^SH\(1\)/);
  expect(say('whatis vale')).toEqual({ status: 0, text: 'vale(4)                 - a software switch between netmap ports\n' });
  expect(say('man -f vale')).toEqual(say('whatis vale'));
  expect(say('apropos nosuchword')).toEqual({ status: 1, text: 'nosuchword: nothing appropriate\n' });
  expect(say('whatis')).toEqual({ status: 1, text: 'whatis what?\n' });
  expect(say('man -k .').text.match(/\n/g)).toHaveLength(PAGES.length);
  expect(say('apropos jobs').text).toMatch(/^sh\(1\), jobs\(1\) +- the shell/);
  expect(say('man -P cat netmap').text).toMatch(/^NETMAP\(4\)/);
});
