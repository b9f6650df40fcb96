// Jobs as they are at a terminal: groups, Ctrl-C, Ctrl-Z, fg, bg, kill; and the records of what was typed.

import { describe, expect, it } from 'vitest';
import { commands } from '../bin/commands.ts';
import { filters } from '../bin/filters.ts';
import { Alone } from './alone.ts';
import type { Proc } from './proc.ts';

const programs = { ...commands, ...filters };
const MS = 1e6;

/** Types each line (or key) with a little lab time after it; answers what the terminal showed after the echo of each. */
function typed(...keys: string[]): string[] {
  const a = new Alone(programs, true);
  return keys.map((k) => {
    const shown = a.type(k, 10 * MS);
    a.reload();
    return shown.slice(shown.indexOf('\n') + 1);
  });
}
const P = '# ';

describe('jobs', () => {
  it('are told in the columns of FreeBSD’s sh', () => {
    expect(typed('sleep 9 &\r', 'sleep 8 | cat &\r', 'jobs\r', 'jobs -l\r', 'jobs -p\r', 'jobs %1\r')).toEqual([
      `[1] 701\n${P}`,
      `[2] 703\n${P}`,
      `[1] - Running                 sleep 9\n[2] + Running                 sleep 8 | cat\n${P}`,
      `[1] - 701 Running             sleep 9\n[2] + 702 Running             sleep 8 | cat\n      703\n${P}`,
      `701\n702\n${P}`,
      `[1] - Running                 sleep 9\n${P}`,
    ]);
  });

  it('say before a prompt how they have ended', () => {
    expect(typed('sleep 0.001 &\r', '\r', '(exit 3) &\r', '\r', 'sleep 9 &\r', 'kill $!\r', '\r')).toEqual([
      `[1] 701\n${P}`,
      `[1] + Done                    sleep 0.001\n${P}`,
      expect.stringMatching(/^\[1\] 702\n# $/) as string,
      `[1] + Done(3)                 (exit 3)\n${P}`,
      `[1] 703\n${P}`,
      expect.stringMatching(/^(\[1\] \+ Terminated {14}sleep 9\n)?# $/) as string,
      expect.stringMatching(/^(\[1\] \+ Terminated {14}sleep 9\n)?# $/) as string,
    ]);
  });

  it('stop by Ctrl-Z, and go on in the background or the foreground', () => {
    expect(
      typed('sleep 9 | cat\r', '\x1a', 'echo $?; jobs\r', 'bg\r', 'jobs\r', 'fg\r', '\x1a', 'fg %1\r', '\x03', 'echo $?; jobs\r'),
    ).toEqual([
      '',
      P,
      `146\n[1] + Suspended               sleep 9 | cat\n${P}`,
      `[1] sleep 9 | cat\n${P}`,
      `[1] + Running                 sleep 9 | cat\n${P}`,
      'sleep 9 | cat\n',
      P,
      'sleep 9 | cat\n',
      P,
      `130\n${P}`,
    ]);
  });

  it('show the ^Z before the line, as the terminal echoes it', () => {
    const a = new Alone(programs, true);
    a.type('sleep 9\r', MS);
    expect(a.type('\x1a', MS)).toBe(`^Z[1] + Suspended               sleep 9\n${P}`);
    expect(a.type('kill -9 %1\r', MS) + a.type('\r', MS)).toContain('[1] + Killed                  sleep 9\n');
  });

  it('a stopped process really stops: its deadline waits, signals stay, and the kernel is told', () => {
    const a = new Alone(programs, true),
      told: [string, number][] = [];
    a.os.onStop = (p: Proc) => told.push(['stop', p.pid]);
    a.os.onCont = (p: Proc) => told.push(['cont', p.pid]);
    a.type('sleep 1; echo woken\r', MS);
    a.type('\x1a', 10_000 * MS);
    const p = a.os.proc(701);
    expect([p?.stopped, p?.state]).toEqual([18, 'wait']);
    a.type('kill %1; echo sent\r', MS);
    expect([a.os.proc(701)?.stopped, a.os.proc(701)?.signals]).toEqual([18, [15]]);
    expect(a.type('kill -CONT %1; wait; echo over\r', MS)).toContain('over\n');
    expect(told).toEqual([
      ['stop', 701],
      ['cont', 701],
    ]);
    expect(a.os.proc(701)).toBeUndefined();
  });

  it('in the background do not get what is typed: they stop when they read', () => {
    const a = new Alone(programs, true);
    a.type('cat &\r', MS);
    expect(a.type('\r', MS)).toContain('[1] + Stopped (tty input)     cat\n');
    expect(a.type('fg\r', MS)).toContain('cat\n');
    expect(a.type('hello\r', MS)).toBe('hello\nhello\n');
    expect(a.type('\x04', MS)).toContain(P);
  });

  it('a line for the foreground, the end of a file, and a quit', () => {
    const a = new Alone(programs, true);
    a.type('cat > f\r', MS);
    a.type('one\rtwo\r', MS);
    a.type('\x04', MS);
    expect(a.type('wc -l < f\r', MS)).toContain('       2\n');
    a.type('sleep 9\r', MS);
    expect(a.type('\x1c', MS)).toBe(`^\\Quit\n${P}`);
    expect(a.type('echo $?\r', MS)).toContain('\n131\n');
  });

  it('Ctrl-C ends the whole group and the rest of the line, and the record says 130', () => {
    const a = new Alone(programs, true);
    a.type('(sleep 9; echo no) | cat | sleep 7; echo no\r', MS);
    expect(a.tree.procs.length).toBe(5);
    expect(a.type('\x03', MS)).toBe(`^C\n${P}`);
    expect(a.tree.procs.length).toBe(1);
    expect(a.shell.records).toMatchObject([{ status: 130, output: '\n' }]);
  });

  it('a program that catches SIGINT and ends well lets the line go on', () => {
    const a = new Alone(
      {
        ...programs,
        polite: {
          run: (p: Proc) => {
            if (p.signals.length) a.os.exit(p, 0);
            else a.os.pause(p);
          },
        },
      },
      true,
    );
    a.type('polite; echo on\r', MS);
    expect(a.type('\x03', MS)).toContain('on\n');
  });

  it('negative numbers are groups', () => {
    const a = new Alone(programs, true);
    a.type('sleep 9 | sleep 8 &\r', MS);
    a.type('kill -9 -701\r', MS);
    expect(a.tree.procs.length).toBe(1);
    expect(a.type('kill -9 -701\r', MS)).toContain('kill: -701: No such process\n');
  });

  it('hold the shell back from leaving, once', () => {
    const a = new Alone(programs, true);
    a.type('sleep 9\r', MS);
    a.type('\x1a', MS);
    expect(a.type('exit\r', MS)).toContain('You have stopped jobs.\n');
  });

  it('read waits at the terminal, and Ctrl-C leaves it', () => {
    const a = new Alone(programs, true);
    a.type('read x; echo "<$x>"\r', MS);
    expect(a.type('some words\r', MS)).toContain('<some words>\n');
    a.type('read x; echo no\r', MS);
    expect(a.type('\x03', MS)).toBe(`^C\n${P}`);
    a.type('x=$(cat; echo no)\r', MS);
    expect(a.type('\x03', MS)).toBe(`^C\n${P}`);
    expect(a.tree.procs.length).toBe(1);
  });

  it('PS2 comes for what is not complete', () => {
    const a = new Alone(programs, true);
    expect(a.type('cat <<E\r', MS)).toBe('cat <<E\n> ');
    expect(a.type('a\r', MS)).toBe('a\n> ');
    expect(a.type('E\r', MS)).toBe(`E\na\n${P}`);
    expect(a.type('for i in 1 2; do\r', MS)).toMatch(/> $/);
    expect(a.type('echo $i\r', MS)).toMatch(/> $/);
    expect(a.type('done | cat\r', MS)).toBe(`done | cat\n1\n2\n${P}`);
  });

  it('another shell at the prompt, and back', () => {
    const a = new Alone(programs, true);
    a.type('sh\r', MS);
    expect(a.type('echo $$ in\r', MS)).toContain('701 in\n');
    a.type('sleep 9\r', MS);
    expect(a.type('\x03', MS)).toBe(`^C\n${P}`);
    a.type('exit 4\r', MS);
    expect(a.type('echo $?\r', MS)).toContain('\n4\n');
  });
});

describe('records', () => {
  it('hold what reached the terminal, in order, and the last status', () => {
    const a = new Alone(programs, true);
    for (const line of [
      'echo a; echo b >&2; (echo c; nosuch) | cat; false',
      'echo hidden > f',
      'seq 3 | sort -r | head -n 1',
      '{ sleep 0.01; echo late; exit 5; } &',
    ])
      a.type(`${line}\r`, MS);
    a.settle();
    expect(a.shell.records.map((r) => [r.output.replace(/^lab:.*\n/gm, ''), r.status])).toEqual([
      ['a\nb\nsh: nosuch: not found\nc\n', 1],
      ['', 0],
      ['3\n', 0],
      [expect.stringMatching(/^\[1\] \d+\nlate\n$/), 5],
    ]);
  });
});
