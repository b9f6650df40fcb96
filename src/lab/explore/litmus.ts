// Litmus tests as texts: the part of herd's x86 format that the lab can run (MOV, XCHG and fences on words and registers, no
// branches), so that published tests go in as they are. The threads themselves: wasm/sim/litmus.ts; who runs them:
// litmus_machine.ts. Pure functions; a text that is wrong is answered by a sentence with its line.

import * as L from '../../../wasm/layout.ts';
import { type Model, MODELS } from './question.ts';

export const REGISTERS = ['EAX', 'EBX', 'ECX', 'EDX', 'ESI', 'EDI', 'EBP'] as const;
const WORDS_MAX = 16,
  THREADS_MAX = 8;

/** `reg`: place in REGISTERS; `word`: place in the test's words. */
export type Insn =
  | { op: 'ld'; reg: number; word: number }
  | { op: 'st'; word: number; value: number }
  | { op: 'st_reg'; word: number; reg: number }
  | { op: 'mov'; reg: number; value: number }
  | { op: 'fence' }
  | { op: 'order' }
  | { op: 'xchg'; reg: number; word: number };
/** What a final state must be like. */
export type Condition =
  | { is: 'reg'; thread: number; reg: number; value: number }
  | { is: 'word'; word: number; value: number }
  | { is: 'all' | 'any'; of: Condition[] }
  | { is: 'not'; of: Condition };

export type Verdict = 'Allowed' | 'Forbidden';
export interface Litmus {
  name: string;
  about: string;
  /** KEY=VALUE lines of the head: where it is from, and anything else. */
  info: Record<string, string>;
  /** What is published of it: whether the condition can come true. */
  verdicts: Partial<Record<Model, Verdict>>;
  words: { name: string; value: number }[];
  threads: { regs: number[]; code: Insn[] }[];
  /** Of `exists`, or what `~exists` denies; of `forall`, that it is not so. */
  condition: Condition;
  text: string;
}

export type Bad = { error: string };
export const isBad = (x: object): x is Bad => 'error' in x;
class Wrong extends Error {}
const wrong = (line: number, sentence: string): never => {
  throw new Wrong(`line ${line}: ${sentence}`);
};

/** What else herd is to print: here every end has all words. */
const LOCATIONS = /^locations\s*\[[^\]]*\]\s*;?$/;
/** A text with the numbers of its lines kept where comments were. */
const uncommented = (text: string) => text.replace(/\(\*[\s\S]*?\*\)/g, (c) => c.replace(/[^\n]/g, ' '));

function number(s: string, line: number): number {
  const n = Number(s);
  return /^\d+$/.test(s) && n <= 0xffffffff ? n : wrong(line, `"${s}" is not a number from 0 to 4,294,967,295`);
}

class Reader {
  readonly words: Litmus['words'] = [];
  readonly threads: Litmus['threads'] = [];

  word(name: string, line: number, value = 0): number {
    const i = this.words.findIndex((w) => w.name === name);
    if (i >= 0) return i;
    if (this.words.length === WORDS_MAX) wrong(line, `more than ${WORDS_MAX} words of memory`);
    return this.words.push({ name, value }) - 1;
  }
  register(name: string, line: number): number {
    const i = (REGISTERS as readonly string[]).indexOf(name.toUpperCase());
    return i >= 0 ? i : wrong(line, `no register "${name}"; there are ${REGISTERS.join(', ')}`);
  }
  thread(n: number, line: number) {
    return this.threads[n] ?? wrong(line, `no thread ${n}`);
  }

  /** `{ x=0; 0:EAX=1; }`. */
  init(inside: string, line: number, regs: { thread: number; reg: number; value: number; line: number }[]) {
    let at = line;
    for (const item of inside.split(/(?<=[;\n])/)) {
      const s = item.replace(';', '').trim(),
        m = /^(?:(\d+):)?(?:\[(\w+)\]|(\w+))\s*=\s*(\S+)$/.exec(s);
      if (s && !m) wrong(at, `"${s}" sets nothing; x=1 or 0:EAX=1 does`);
      if (m?.[1] !== undefined)
        regs.push({ thread: Number(m[1]), reg: this.register(m[3] ?? '', at), value: number(m[4] ?? '', at), line: at });
      else if (m) {
        const w = this.words[this.word(m[2] ?? m[3] ?? '', at)];
        if (w) w.value = number(m[4] ?? '', at);
      }
      if (item.endsWith('\n')) at++;
    }
  }

  /** LFENCE orders loads, and no model here lets one go late: it is none. */
  insn(text: string, line: number): Insn | undefined {
    const s = text.replace(/\s+/g, ' ').toUpperCase(),
      names = new Map([...text.matchAll(/\[(\w+)\]/g)].map((m) => [(m[1] ?? '').toUpperCase(), m[1] ?? '']));
    if (s === 'MFENCE') return { op: 'fence' };
    if (s === 'SFENCE') return { op: 'order' };
    if (s === 'LFENCE') return undefined;
    const m = /^(MOV|XCHG) (\S+) ?, ?(\S+)$/.exec(s);
    if (!m) return wrong(line, `no instruction "${text}"; there are MOV, XCHG, MFENCE, SFENCE and LFENCE`);
    const [, what, to = '', from = ''] = m,
      word = (x: string) => {
        const w = /^\[(\w+)\]$/.exec(x)?.[1];
        return w === undefined ? undefined : this.word(names.get(w) ?? w, line);
      },
      value = from.startsWith('$') ? number(from.slice(1), line) : undefined,
      left = word(to),
      right = word(from);
    if (left !== undefined && right !== undefined) return wrong(line, `"${text}" has two words of memory`);
    if (what === 'XCHG') {
      if (left !== undefined) return { op: 'xchg', reg: this.register(from, line), word: left };
      if (right !== undefined) return { op: 'xchg', reg: this.register(to, line), word: right };
      return wrong(line, `"${text}" exchanges no word of memory`);
    }
    if (left !== undefined)
      return value === undefined ? { op: 'st_reg', word: left, reg: this.register(from, line) } : { op: 'st', word: left, value };
    const reg = this.register(to, line);
    if (right !== undefined) return { op: 'ld', reg, word: right };
    return value === undefined ? wrong(line, `"${text}" moves a register to a register`) : { op: 'mov', reg, value };
  }

  /** `P0 | P1 ;` and the rows below it. */
  program(rows: { text: string; line: number }[]) {
    const cells = (r: { text: string; line: number }) => {
      const m = /^(.*?);\s*$/.exec(r.text);
      return m ? (m[1] ?? '').split('|').map((c) => c.trim()) : wrong(r.line, 'a row of the program ends with ;');
    };
    const [head, ...rest] = rows;
    if (!head) return;
    const names = cells(head);
    names.forEach((n, i) => {
      if (n !== `P${i}`) wrong(head.line, `"${n}" stands where P${i} should`);
    });
    if (names.length > THREADS_MAX) wrong(head.line, `more than ${THREADS_MAX} threads`);
    for (let i = 0; i < names.length; i++) this.threads.push({ regs: REGISTERS.map(() => 0), code: [] });
    for (const r of rest) {
      const row = cells(r);
      if (row.length !== names.length) wrong(r.line, `${row.length} columns, and there are ${names.length} threads`);
      row.forEach((c, i) => {
        const t = this.thread(i, r.line);
        if (!c) return;
        const x = this.insn(c, r.line);
        if (x) t.code.push(x);
        if (t.code.length >= L.LIT_INSN_MAX) wrong(r.line, `P${i} has more than ${L.LIT_INSN_MAX - 1} instructions`);
        if (t.code.filter((x) => x.op === 'st' || x.op === 'st_reg' || x.op === 'order').length > L.SB_MAX)
          wrong(r.line, `P${i} stores more than ${L.SB_MAX} times: its store buffer would be full, and verdicts would depend on that`);
      });
    }
  }

  condition(text: string, line: number): Condition {
    const tokens = text.match(/\/\\|\\\/|~|\(|\)|[^\s()~/\\]+(?:\s*=\s*\d+)?/g) ?? [];
    let i = 0;
    const atom = (): Condition => {
      const t = tokens[i++];
      if (t === '~') return { is: 'not', of: atom() };
      if (t === '(') {
        const c = any();
        return tokens[i++] === ')' ? c : wrong(line, 'a ) is missing');
      }
      const m = /^(?:(\d+):(\w+)|\[?(\w+)\]?)\s*=\s*(\d+)$/.exec(t ?? '');
      if (!m) return wrong(line, `"${t ?? ''}" is no condition; 0:EAX=1 or x=1 is`);
      const value = number(m[4] ?? '', line);
      if (m[1] !== undefined) {
        this.thread(Number(m[1]), line);
        return { is: 'reg', thread: Number(m[1]), reg: this.register(m[2] ?? '', line), value };
      }
      const word = this.words.findIndex((w) => w.name === m[3]);
      return word < 0 ? wrong(line, `no word "${m[3]}"`) : { is: 'word', word, value };
    };
    const list = (is: 'all' | 'any', sign: string, one: () => Condition) => (): Condition => {
      const of = [one()];
      while (tokens[i] === sign) {
        i++;
        of.push(one());
      }
      return of.length === 1 && of[0] ? of[0] : { is, of };
    };
    const all = list('all', '/\\', atom),
      any = list('any', '\\/', all);
    const c = any();
    return i === tokens.length ? c : wrong(line, `"${tokens[i]}" is one too many`);
  }
}

function read(text: string): Litmus {
  const all = uncommented(text).replace(/\r/g, ''),
    open = all.indexOf('{'),
    close = all.indexOf('}'),
    end = /(?:^|\n)\s*(~?\s*exists|forall)\b/.exec(all.slice(Math.max(close, 0)));
  const lineOf = (i: number) => all.slice(0, i).split('\n').length;
  if (open < 0 || close < open) wrong(1, 'the initial state { … } is missing');
  if (!end) wrong(lineOf(all.length), 'the condition, exists (…), ~exists (…) or forall (…), is missing');
  const head = all.slice(0, open).split('\n'),
    name = /^\s*X86\s+(\S+)\s*$/.exec(head[0] ?? '')?.[1] ?? wrong(1, 'the first line is X86 and a name'),
    info: Record<string, string> = {},
    about: string[] = [];
  head.slice(1).forEach((l, i) => {
    const s = l.trim(),
      kv = /^([A-Za-z]\w*)=(.*)$/.exec(s);
    if (kv) info[kv[1] ?? ''] = (kv[2] ?? '').trim();
    else if (/^".*"$/.test(s)) about.push(s.slice(1, -1));
    else if (s) wrong(i + 2, `"${s}" is neither "a text" nor KEY=VALUE`);
  });
  const verdicts: Litmus['verdicts'] = {};
  for (const m of MODELS) {
    const v = info[m.toUpperCase()];
    if (v === 'Allowed' || v === 'Forbidden') verdicts[m] = v;
    else if (v !== undefined) wrong(1, `${m.toUpperCase()} is Allowed or Forbidden, not "${v}"`);
  }
  const r = new Reader(),
    regs: Parameters<Reader['init']>[2] = [];
  r.init(all.slice(open + 1, close), lineOf(open), regs);
  const cut = Math.max(close, 0) + (end?.index ?? 0),
    from = lineOf(close);
  const rows = all
    .slice(close + 1, cut)
    .split('\n')
    .map((t, i) => ({ text: t.trim(), line: from + i }))
    .filter((x) => x.text && !LOCATIONS.test(x.text));
  if (!rows.length) wrong(from, 'there is no program');
  r.program(rows);
  for (const x of regs) r.thread(x.thread, x.line).regs[x.reg] = x.value;
  const at = cut + (end?.[0].length ?? 0),
    condition = r.condition(all.slice(at), lineOf(at));
  return {
    name,
    about: about.join(' '),
    info,
    verdicts,
    words: r.words,
    threads: r.threads,
    condition: end?.[1] === 'forall' ? { is: 'not', of: condition } : condition,
    text,
  };
}

export function parseLitmus(text: string): Litmus | Bad {
  try {
    return read(text);
  } catch (e) {
    if (e instanceof Wrong) return { error: e.message };
    throw e;
  }
}

/** A final state: the registers of each thread, then the words. */
export interface Final {
  regs: number[][];
  words: number[];
}
export function meets(c: Condition, f: Final): boolean {
  switch (c.is) {
    case 'reg':
      return f.regs[c.thread]?.[c.reg] === c.value;
    case 'word':
      return f.words[c.word] === c.value;
    case 'all':
      return c.of.every((x) => meets(x, f));
    case 'any':
      return c.of.some((x) => meets(x, f));
    default:
      return !meets(c.of, f);
  }
}

/** As herd writes it: the registers that the test uses, then its words. */
export function finalText(t: Litmus, f: Final): string {
  const regs = t.threads.flatMap((th, i) => {
    const used = new Set(th.code.flatMap((x) => ('reg' in x ? [x.reg] : [])));
    return [...used].sort((a, b) => a - b).map((r) => `${i}:${REGISTERS[r]}=${f.regs[i]?.[r]};`);
  });
  return [...regs, ...t.words.map((w, i) => `${w.name}=${f.words[i]};`)].join(' ');
}
