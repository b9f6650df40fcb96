// The line editor against a small VT that draws what it sends, and against a simple model of a line.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columns } from './display.ts';
import { type Completer, type EditEvent, type EditState, key, MAX_HISTORY, newEditor, prompt, remember, resize, type } from './lineedit.ts';
import { Vt } from './vt.ts';

const none: Completer = () => ({ from: 0, candidates: [] });
const names = ['bhyve', 'bhyvectl', 'bhyveload', 'cat', '/boot/'];
const complete: Completer = (line, cursor) => {
  const from = line.lastIndexOf(' ', cursor - 1) + 1;
  return { from, candidates: names.filter((n) => n.startsWith(line.slice(from, cursor))) };
};

/** A terminal with an editor on it. */
class Session {
  vt: Vt;
  s: EditState;
  events: EditEvent[] = [];
  constructor(
    cols = 40,
    history: string[] = [],
    readonly completer: Completer = complete,
    readonly ps = '# ',
  ) {
    this.vt = new Vt(cols);
    this.s = newEditor(cols, history);
    this.show(prompt(this.s, ps));
  }
  show(r: { state: EditState; output: string }) {
    this.s = structuredClone(r.state);
    expect(this.s).toEqual(r.state);
    this.vt.write(r.output);
  }
  send(data: string) {
    for (let rest: string | undefined = data; rest !== undefined; ) {
      const before = structuredClone(this.s);
      const frozen = structuredClone(this.s);
      const r = key(before, rest, this.completer);
      expect(before).toEqual(frozen);
      this.show(r);
      rest = r.pending;
      if (r.event) {
        this.events.push(r.event);
        expect([this.vt.col, this.vt.waits]).toEqual([0, false]);
        this.show(prompt(this.s, this.ps));
      } else expect(rest).toBeUndefined();
    }
    return this;
  }
  get line() {
    return `${this.s.buffer.slice(0, this.s.cursor)}^${this.s.buffer.slice(this.s.cursor)}`;
  }
  /** The picture is what a fresh drawing of prompt and line would be, and the cursor is where it should. */
  check() {
    const fresh = new Vt(this.vt.cols);
    fresh.write(this.ps + this.s.buffer);
    const rows = fresh.lines();
    expect(this.vt.lines().slice(-rows.length)).toEqual(rows);
    const where = new Vt(this.vt.cols);
    where.write(this.ps + this.s.buffer.slice(0, this.s.cursor));
    if (where.waits) [where.row, where.col] = [where.row + 1, 0];
    const top = this.vt.lines().length - rows.length;
    // A cursor that waits below a full last row has a row that holds nothing.
    expect([this.vt.row, this.vt.col, this.vt.waits]).toEqual([top + where.row, where.col, false]);
  }
}

describe('keys', () => {
  it.each<[string, string]>([
    ['abc', 'abc^'],
    ['abc\x7f\b', 'a^'],
    ['abc\x01x\x05y', 'xabcy^'],
    ['abc\x02\x02x\x06y', 'axby^c'],
    ['abc\x1b[D\x1b[Dx\x1b[C\x1bOCy', 'axbcy^'],
    ['abc\x1b[H\x1b[3~\x04', '^c'],
    ['abc\x1bOH\x1b[F\x1b[1~\x1b[4~', 'abc^'],
    ['ab cd\x02\x02\x0b\x19\x19', 'ab cdcd^'],
    ['ab cd\x15\x19', 'ab cd^'],
    ['ab c-d;e\x17', 'ab c-d;^'],
    ['ab cd  \x17\x17', '^'],
    ['ab cd ef\x1bb\x1bb\x1bd', 'ab ^ ef'],
    ['ab cd\x1b[1;5D\x1b[1;5D\x1b[1;5C', 'ab^ cd'],
    ['ab cd\x1b\x7f', 'ab ^'],
    ['é世😀\x7f\x02x', 'éx^世'],
    ['e\u0301\x7f', '^'],
    ['a\x1b[5;9Zb\x1b\x1b[Dc', 'ac^b'],
    ['a\x1b', 'a^'],
    ['a\x00\x1d\x9bb', 'ab^'],
  ])('%j', (typed, line) => {
    const t = new Session().send(typed);
    expect(t.line).toBe(line);
    t.check();
  });

  it('puts a key together that comes in pieces', () => {
    expect(new Session().send('ab\x1b').send('[').send('1;5').send('D').send('\ud83d').send('\ude00').line).toBe('😀^ab');
  });

  it('gives one event at a time and keeps the rest', () => {
    const s = prompt(newEditor(80), '# ').state;
    const r = key(s, 'ls\rcd /\r\npwd\nx', none);
    expect([r.event, r.pending]).toEqual([{ t: 'line', line: 'ls' }, 'cd /\r\npwd\nx']);
    const t = new Session().send('ls\rcd /\r\npwd\nx');
    expect(t.events).toEqual(['ls', 'cd /', 'pwd'].map((line) => ({ t: 'line', line })));
    expect(t.vt.lines()).toEqual(['# ls', '# cd /', '# pwd', '# x']);
  });

  it('takes a bracketed paste as text, but for its newlines', () => {
    const t = new Session().send('\x1b[200~a\tb\x03\x01\x1b[Dc\rd\x1b[201~\x01');
    expect(t.events).toEqual([{ t: 'line', line: 'a bc' }]);
    expect(t.line).toBe('^d');
  });

  it('ends a file and interrupts', () => {
    const t = new Session().send('\x04ab\x04\x02c\x03x');
    expect(t.events).toEqual([{ t: 'eof' }, { t: 'intr' }]);
    expect(t.vt.lines()).toEqual(['# ^D', '# acb^C', '# x']);
    expect(t.vt.bells).toBe(1);
  });

  it('clears the screen', () => {
    const t = new Session().send('ls\rabc\x02\x0c');
    expect(t.vt.lines()).toEqual(['# abc']);
    t.check();
  });

  it('types', () => {
    const t = new Session().send('x \x02');
    t.show(type(t.s, 'bhyve -A \\\n    -H vm'));
    expect(t.line).toBe('xbhyve -A -H vm^ ');
    t.check();
  });
});

describe('history', () => {
  it('goes back and forth, and keeps what was being typed', () => {
    const t = new Session(40, ['one', 'two']).send('th\x1b[A');
    expect(t.line).toBe('two^');
    expect(t.send('\x10\x10').line).toBe('one^');
    expect(t.send('X\x0e\x1b[B').line).toBe('th^');
    expect(t.send('\x0e').vt.bells).toBe(2);
    t.check();
  });
  it('remembers', () => {
    const t = new Session(40, ['a']).send('b\rb\r  \ra\r');
    expect(t.s.history).toEqual(['a', 'b', 'a']);
    expect(t.send('\x10').line).toBe('a^');
    expect(
      remember(
        Array.from({ length: MAX_HISTORY }, (_, i) => `${i}`),
        'x',
      ),
    ).toHaveLength(MAX_HISTORY);
  });
  it('searches back', () => {
    const t = new Session(40, ['kldload vmm', 'ls', 'kldstat', 'pwd']).send('x\x12');
    expect(t.vt.lines()).toEqual(['# x', 'bck:']);
    t.send('kl');
    expect(t.vt.lines()).toEqual(['# kldstat', 'bck:kl']);
    expect([t.vt.row, t.vt.col]).toEqual([0, 2]);
    t.send('\x12');
    expect(t.line).toBe('^kldload vmm');
    t.send('\x12');
    expect(t.vt.lines()).toEqual(['# kldload vmm', 'bck?kl']);
    t.send('\x7f\x7f').send('s');
    t.send('\x05');
    expect(t.vt.lines()).toHaveLength(1);
    t.check();
    t.send('\r');
    expect(t.events).toHaveLength(1);
  });
  it('gives up a search', () => {
    const t = new Session(40, ['abc']).send('x\x12b\x07');
    expect(t.line).toBe('x^');
    t.send('\x12b\x03');
    expect(t.events).toEqual([{ t: 'intr' }]);
    t.send('\x12b\x1b');
    expect([t.line, t.s.search]).toEqual(['a^bc', null]);
    t.check();
  });
});

describe('completion', () => {
  it('inserts the only candidate, with a space', () => {
    expect(new Session().send('ca\t').line).toBe('cat ^');
    expect(new Session().send('/b\t').line).toBe('/boot/^');
    expect(new Session().send('ca x\x01\x06\x06\t').line).toBe('cat ^x');
  });
  it('inserts what is common, then lists', () => {
    const t = new Session(24).send('b\t');
    expect([t.line, t.vt.bells]).toEqual(['bhyve^', 1]);
    t.send('\t');
    expect(t.vt.lines()).toEqual(['# bhyve', 'bhyve      bhyveload', 'bhyvectl', '# bhyve']);
    t.check();
    t.send('zz\t');
    expect([t.line, t.vt.bells]).toEqual(['bhyvezz^', 2]);
  });
  it('lists only after two Tabs in a row', () => {
    const t = new Session(40, [], () => ({ from: 0, candidates: ['aa', 'ab'] })).send('a\t\x02\x06\t');
    expect(t.vt.lines()).toEqual(['# a']);
    expect(t.send('\t').vt.lines()).toEqual(['# a', 'aa  ab', '# a']);
  });
  it('leaves out the directory that all have', () => {
    expect(columns(['/etc/rc', '/etc/rc.d/'], 40)).toEqual(['rc     rc.d/']);
    expect(columns([], 40)).toEqual([]);
  });
});

describe('the screen', () => {
  it('sends one character for a typed one', () => {
    const s = prompt(newEditor(80), '# ').state;
    expect(key(s, 'a', none).output).toBe('a');
    expect(key(key(s, 'ab', none).state, '\x02', none).output).toBe('\b');
    expect(key(key(s, 'ab', none).state, '\x7f', none).output).toBe('\b\x1b[J');
  });

  it('wraps, also at the very edge', () => {
    const t = new Session(10).send('12345678');
    expect([t.vt.row, t.vt.col]).toEqual([1, 0]);
    t.send('\r');
    expect(t.vt.lines()).toEqual(['# 12345678', '#']);
    t.send('123456789\x01\x06x\x05\x7f\x7f');
    expect(t.vt.lines()).toEqual(['# 12345678', '# 1x234567']);
    t.check();
  });

  it('draws a line again at another width', () => {
    const t = new Session(10).send('abcdefghijklmnop\x02\x02');
    t.vt.cols = 30;
    t.show(resize(t.s, 30));
    t.check();
    expect(t.vt.lines()).toEqual(['# abcdefghijklmnop']);
  });

  it('counts no cells for the colours of a prompt', () => {
    const t = new Session(12, [], none, '\x1b[1mroot\x1b[m# ').send('abcdefgh\x02x');
    expect(t.vt.lines()).toEqual(['root# abcdef', 'gxh']);
  });
});

// ---- Random keys, against a model of a line that knows nothing of screens.

const KEYS: Record<string, (m: Model) => void> = {
  '\x01': (m) => (m.cursor = 0),
  '\x05': (m) => (m.cursor = m.chars.length),
  '\x02': (m) => (m.cursor = Math.max(0, m.cursor - 1)),
  '\x1b[C': (m) => (m.cursor = Math.min(m.chars.length, m.cursor + 1)),
  '\x7f': (m) => m.cursor > 0 && m.chars.splice(--m.cursor, 1),
  '\x1b[3~': (m) => m.chars.splice(m.cursor, 1),
  '\x0b': (m) => m.kill(m.cursor, m.chars.length),
  '\x15': (m) => m.kill(0, m.chars.length),
  '\x19': (m) => m.put(m.yank),
  '\x17': (m) => m.kill(m.back(), m.cursor),
  '\x1bb': (m) => (m.cursor = m.back()),
};
class Model {
  chars: string[] = [];
  cursor = 0;
  yank: string[] = [];
  put(chars: string[]) {
    this.chars.splice(this.cursor, 0, ...chars);
    this.cursor += chars.length;
  }
  kill(from: number, to: number) {
    if (from === to) return;
    this.yank = this.chars.splice(from, to - from);
    this.cursor = from;
  }
  back() {
    let i = this.cursor;
    const word = () => /[^ ;/😀]/u.test(this.chars[i - 1] ?? '');
    while (i > 0 && !word()) i--;
    while (i > 0 && word()) i--;
    return i;
  }
}

describe('random keys', () => {
  const char = fc.constantFrom(...'abc  ;/é世界😀');
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.string({ unit: char, minLength: 1, maxLength: 9 }) },
    { weight: 4, arbitrary: fc.constantFrom(...Object.keys(KEYS)) },
  );

  it('do to the line what the model says, and the picture shows it', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), fc.integer({ min: 4, max: 30 }), (steps, cols) => {
        const t = new Session(cols, [], none);
        const m = new Model();
        for (const k of steps) {
          t.send(k);
          const act = KEYS[k];
          if (act) act(m);
          else m.put(Array.from(k));
          expect(t.line).toBe(`${m.chars.slice(0, m.cursor).join('')}^${m.chars.slice(m.cursor).join('')}`);
          t.check();
        }
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('are the same in one chunk as one by one', () => {
    const any = fc.oneof(
      step,
      fc.constantFrom('\r', '\t', '\x12', '\x10', '\x0e', '\x07', '\x03', '\x1b[200~', '\x1b[201~', '\x1bd', '\x1bf', '\u0301'),
    );
    fc.assert(
      fc.property(fc.array(any, { maxLength: 20 }), fc.integer({ min: 6, max: 20 }), (steps, cols) => {
        const one = new Session(cols, ['cat a', 'bc', 'a;b'], complete);
        const all = new Session(cols, ['cat a', 'bc', 'a;b'], complete).send(steps.join(''));
        for (const k of steps) one.send(k);
        expect([all.s, all.events]).toEqual([one.s, one.events]);
        if (!one.s.search) for (const t of [one, all]) t.check();
      }),
      { numRuns: 300, seed: 2 },
    );
  });

  it('never throw, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 9 }), (data, cols) => {
        let r = key(prompt(newEditor(cols), '> ').state, data, complete);
        for (let n = 0; r.pending !== undefined && n < 1000; n++) r = key(r.state, r.pending, complete);
        expect(r.pending).toBeUndefined();
      }),
      { numRuns: 500, seed: 3 },
    );
  });
});
