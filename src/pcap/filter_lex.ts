// Words of a filter expression, as libpcap's scanner.l splits them, each with its place in the text.

export class FilterError extends Error {
  /** Where in the expression, counted from 0. */
  readonly at: number;
  constructor(what: string, at: number) {
    super(what);
    this.name = 'FilterError';
    this.at = at;
  }
}

export type TokenKind = 'word' | 'number' | 'mac' | 'ip4' | 'net4' | 'ip6' | 'op' | 'end';

export interface Token {
  kind: TokenKind;
  text: string;
  at: number;
  value: number;
}

const OPS = [
  '<<',
  '>>',
  '<=',
  '>=',
  '!=',
  '==',
  '&&',
  '||',
  '!',
  '(',
  ')',
  '[',
  ']',
  '<',
  '>',
  '=',
  '&',
  '|',
  '^',
  '+',
  '-',
  '*',
  '/',
  '%',
  ':',
];
const MAC = /^[0-9a-fA-F]{1,2}([:.-])[0-9a-fA-F]{1,2}(?:\1[0-9a-fA-F]{1,2}){4}(?![0-9a-fA-F:])/;
const IP6 = /^(?=[0-9a-fA-F]*:[0-9a-fA-F]*:|::)[0-9a-fA-F:]*(?::\d+\.\d+\.\d+\.\d+)?/;
const DOTTED = /^\d+\.\d+(?:\.\d+){0,2}(?![\w.])/;
const NUMBER = /^(?:0[xX][0-9a-fA-F]+|\d+)(?![\w.])/;
const WORD = /^\\?[A-Za-z0-9](?:[-_.A-Za-z0-9]*[.A-Za-z0-9])?/;

export function parseIp4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.some((x) => !/^\d{1,3}$/.test(x) || Number(x) > 255)) return undefined;
  return parts.reduce((n, x) => n * 256 + Number(x), 0);
}

/** Sixteen bytes, or undefined. */
export function parseIp6(text: string): number[] | undefined {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  let s = text;
  if (dotted) {
    const n = parseIp4(dotted[2] ?? '');
    if (n === undefined) return undefined;
    s = `${dotted[1]}${Math.floor(n / 65536).toString(16)}:${(n & 0xffff).toString(16)}`;
  }
  const halves = s.split('::');
  if (halves.length > 2) return undefined;
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const [head, tail] = [groups(halves[0] ?? ''), groups(halves[1] ?? '')];
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const all = [...head, ...Array<string>(halves.length === 1 ? 0 : missing).fill('0'), ...tail];
  if (all.some((g) => !/^[0-9a-fA-F]{1,4}$/.test(g))) return undefined;
  return all.flatMap((g) => [Number.parseInt(g, 16) >> 8, Number.parseInt(g, 16) & 255]);
}

function number(text: string, at: number): number {
  const octal = /^0[0-7]+$/.test(text);
  if (/^0\d/.test(text) && !octal) throw new FilterError(`invalid decimal integer constant '${text}'`, at);
  const n = octal ? Number.parseInt(text, 8) : Number(text);
  if (n > 0xffffffff) throw new FilterError(`number ${text} overflows 32 bits`, at);
  return n;
}

/** `brackets`: inside [ ] a colon separates, and is no part of an address. */
export function tokens(text: string): Token[] {
  const out: Token[] = [];
  let at = 0,
    brackets = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    if (/^\s/.test(rest)) {
      at++;
      continue;
    }
    const take = (kind: TokenKind, s: string, value = 0) => {
      out.push({ kind, text: s, at, value });
      at += s.length;
    };
    const mac = brackets ? null : MAC.exec(rest);
    const ip6 = brackets ? null : IP6.exec(rest);
    const dotted = DOTTED.exec(rest);
    const numeral = NUMBER.exec(rest);
    if (mac) take('mac', mac[0]);
    else if (ip6 && ip6[0].length > 1) {
      if (!parseIp6(ip6[0])) throw new FilterError(`bogus IPv6 address ${ip6[0]}`, at);
      take('ip6', ip6[0]);
    } else if (dotted) {
      const n = parseIp4(dotted[0]);
      if (n === undefined) throw new FilterError(`invalid IPv4 address '${dotted[0]}'`, at);
      take(dotted[0].split('.').length === 4 ? 'ip4' : 'net4', dotted[0], n);
    } else if (numeral) take('number', numeral[0], number(numeral[0], at));
    else {
      const word = WORD.exec(rest);
      const op = OPS.find((o) => rest.startsWith(o));
      if (word) take('word', word[0]);
      else if (op) {
        if (op === '[') brackets++;
        if (op === ']') brackets--;
        take('op', op);
      } else throw new FilterError(`illegal token: ${rest[0]}`, at);
    }
  }
  out.push({ kind: 'end', text: '', at: text.length, value: 0 });
  return out;
}
