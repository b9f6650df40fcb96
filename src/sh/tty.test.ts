// The line discipline: what a program reads, what the terminal shows, who is signalled.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COOKED, input, newTty, RAW, read, setMode, type TtyState, write } from './tty.ts';

/** Types, and reads all that can be read. */
function run(data: string, state: TtyState = newTty()) {
  const r = input(state, data);
  const got: string[] = [];
  let s = structuredClone(r.state);
  for (let one = read(s); one.data !== null; one = read(s)) {
    got.push(one.data);
    s = one.state;
  }
  return { output: r.output, signals: r.signals, got, s };
}

describe('cooked input', () => {
  it.each<[string, string[], string]>([
    ['ls\r', ['ls\n'], 'ls\r\n'],
    ['a\nb\nc', ['a\n', 'b\n'], 'a\r\nb\r\nc'],
    ['abc\x7f\bd\r', ['ad\n'], 'abc\b \b\b \bd\r\n'],
    ['\x7f\r', ['\n'], '\r\n'],
    ['a \x7f\r', ['a\n'], 'a \b\r\n'],
    ['ab\x15c\r', ['c\n'], 'ab\b \b\b \bc\r\n'],
    ['ab cd \x17e\r', ['ab e\n'], 'ab cd \b\b \b\b \be\r\n'],
    ['世\x7f\r', ['\n'], '世\b\b  \b\b\r\n'],
    ['\x01\x7f\r', ['\n'], '^A\b\b  \b\b\r\n'],
    ['a\t\x7fb\r', ['ab\n'], 'a\t\b\b\b\b\b\b\bb\r\n'],
    ['\x04', [''], '^D\b\b'],
    ['ab\x04c\r', ['ab', 'c\n'], 'ab^D\b\bc\r\n'],
    ['\x16\x03\x16\x04\r', ['\x03\x04\n'], '^\b^C^\b^D\r\n'],
    ['ab\x12c\r', ['abc\n'], 'ab^R\r\nabc\r\n'],
  ])('%j', (data, got, output) => {
    expect(run(data)).toMatchObject({ got, output, signals: [] });
  });

  it('signals, and forgets what was typed', () => {
    expect(run('a\rb\x03')).toMatchObject({ got: [], output: 'a\r\nb^C', signals: ['intr'] });
    expect(run('\x1a\x1c\x14')).toMatchObject({ output: '^Z^\\', signals: ['susp', 'quit', 'info'] });
    expect(run('\x03\r', newTty({ ...COOKED, isig: false }))).toMatchObject({ got: ['\x03\n'], signals: [] });
  });

  it('writes the line again when a program wrote over it', () => {
    const s = write(input(newTty(), 'ab').state, 'hello\n').state;
    expect(run('\x7f\r', s)).toMatchObject({ output: '^R\r\na\r\n', got: ['a\n'] });
  });

  it('reads a piece of a line', () => {
    const s = input(newTty(), 'abc\rd\r').state;
    const one = read(s, 2);
    const two = read(one.state, 9);
    expect([one.data, two.data, read(two.state).data, read(newTty()).data]).toEqual(['ab', 'c\n', 'd\n', null]);
  });

  it('does not echo a password', () => {
    expect(run('pw\x7fx\r', newTty({ ...COOKED, echo: false }))).toMatchObject({ output: '', got: ['px\n'] });
  });
});

describe('output', () => {
  it('ends lines as terminals want', () => {
    expect(write(newTty(), 'a\nb\r\n\tc').output).toBe('a\r\nb\r\r\n\tc');
    expect(write(newTty(RAW), 'a\n').output).toBe('a\n');
  });

  it('stops and goes on', () => {
    const a = input(newTty(), 'x\x13y');
    expect(a.output).toBe('x');
    const b = write(a.state, 'hi\n');
    expect([b.output, b.state.held]).toEqual(['', 'yhi\r\n']);
    const c = input(b.state, '\x11z');
    expect([c.output, c.state.held]).toEqual(['yhi\r\nz', '']);
    expect(input(b.state, '\x03\x11').output).toBe('^C');
  });
});

describe('raw', () => {
  it('gives every byte, shows none', () => {
    expect(run('a\r\x03\x04\x7f', newTty(RAW))).toMatchObject({ got: ['a\r\x03\x04\x7f'], output: '', signals: [] });
  });
  it('can be switched to while a line is typed', () => {
    const s = input(newTty(), 'a\rbc').state;
    expect(read(setMode(s, RAW)).data).toBe('a\nbc');
    expect(read(setMode(s, RAW, true)).data).toBeNull();
    expect(read(setMode(setMode(s, RAW), COOKED)).data).toBe('a\n');
  });
});

it('is the same in one chunk as one by one, and plain data', () => {
  const typed = fc.string({
    unit: fc.constantFrom(...'abc \t世\r\n\x7f\b\x15\x17\x12\x16\x03\x04\x13\x11\x1a\x1c\x14\x01'),
    maxLength: 30,
  });
  fc.assert(
    fc.property(typed, fc.constantFrom(COOKED, RAW), (data, mode) => {
      const all = input(newTty(mode), data);
      let s = newTty(mode);
      let output = '';
      for (const c of data) {
        const frozen = structuredClone(s);
        const r = input(s, c);
        expect(s).toEqual(frozen);
        s = r.state;
        output += r.output;
      }
      expect([all.state, all.output]).toEqual([s, output]);
      expect(structuredClone(s)).toEqual(s);
    }),
    { numRuns: 500, seed: 4 },
  );
});
