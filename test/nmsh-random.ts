// Random lines for nmsh: words that it knows, in places where they belong and where they do not, and rubbish.

import { HELP } from '../src/bin/nmsh_help.ts';

/** Numbers of a fixed seed. */
export function numbers(seed: number) {
  let x = seed;
  const random = (n: number) => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    return Math.floor((x / 2 ** 32) * n);
  };
  return { random, pick: <T>(list: readonly T[]): T => list[random(list.length)] as T };
}

const VALUES = [
    '0',
    '1',
    '3',
    '7',
    '8',
    '9',
    '-1',
    '+1',
    '+3',
    '-2',
    '0x10',
    '4294967295',
    '4294967296',
    '99999999999999999999',
    '1e3',
    'x',
    '',
    "''",
    '-',
  ],
  RINGS = ['TX0', 'RX0', 'TXH', 'RXH', 'TX1', '3:TX0', '4:RX0', '99:TX0', 'tx0', 'TX', 'TX99999', 'head'],
  SLOTS = ['0', '3', '7', '8', 'head', 'cur', 'tail', 'head+1', 'tail-9', 'head+', '-1', '4294967295'],
  NAMES = [
    'vale1:1',
    'vale1:2',
    'vale2{1',
    'vale2}1',
    'vale1:1-0',
    'vale1:2-5',
    'vale1:1/x',
    'vale1:1^',
    'vale',
    'vale:',
    'em0',
    'netmap:',
    '{',
    'a'.repeat(40),
    '\u00e9',
  ],
  KEYS = [
    'name=vale1:1',
    'name=',
    'flags=1',
    'flags=4',
    'flags=5',
    'flags=0xffffffff',
    'ringid=0x4001',
    'cmd=4',
    'cmd=8',
    'arg1=3',
    'arg2=9',
    'arg3=70000',
    'version=0',
    'fd=3',
    'fd=x',
    'tx_slots=3000000',
    'nr_rx_rings=300',
    'bad=1',
    '=',
  ],
  WORDS = [
    'hex',
    'text',
    'frame',
    'ff',
    '0',
    'zz',
    'len=60',
    'len=5000',
    'seq=next',
    'src=1',
    'sip=1.2.3.999',
    'sport=70000',
    '+NS_REPORT',
    '-NS_MOREFRAG',
    '+NS_X',
    'if',
    'ring',
    'slots',
    'slot',
    'kring',
    'mem',
    'csb',
    'all',
    'in',
    'out',
    'inout',
    'NIOCREGIF',
    'NIOCGINFO',
    'NIOCTXSYNC',
    '151',
    '&&',
    '==',
    '(',
    ')',
    '!',
    'TX0.head',
    'kr.RX0.rtail',
    'TX0.slot[3].len',
    'last.errno',
    '<',
    '+',
    '}',
  ];

const names = Object.keys(HELP).filter((c) => c !== 'quit' && c !== 'wait' && c !== 'poll' && c !== 'repeat');

/** Gives lines; none of them waits for long. */
export function lineMaker(seed: number): () => string {
  const { random, pick } = numbers(seed);
  const word = () => pick([VALUES, RINGS, SLOTS, NAMES, KEYS, WORDS][random(6)] ?? VALUES);
  return (): string => {
    switch (random(12)) {
      case 0:
        return `open ${pick(NAMES)} ${random(3) ? '' : pick(['txslots=2', 'rxslots=0', 'txrings=3', 'extra=5', 'mem=1', 'extra=x', 'notxpoll'])}`;
      case 1:
        return `${pick(['head', 'cur', 'adv', 'rflags'])} ${pick(RINGS)} ${pick(VALUES)}`;
      case 2:
        return `${pick(['len', 'flags', 'buf', 'ptr', 'dump', 'fill'])} ${pick(RINGS)} ${pick(SLOTS)} ${word()} ${word()}`;
      case 3:
        return `swap ${pick(RINGS)} ${pick(SLOTS)} ${pick(RINGS)} ${pick(SLOTS)}`;
      case 4:
        return pick([
          'txsync',
          'rxsync',
          'poll in 0',
          'poll out 0',
          'poll inout 1',
          'wait 0',
          'poll in x',
          'close',
          'use 3',
          'use 4',
          'extra',
        ]);
      case 5:
        return `repeat ${pick(['2', '0', 'x', '9999999'])} { ${random(2) ? 'nosuch' : 'head TX0 x'} ${random(4) ? '}' : ''}`.replace(
          '9999999 {',
          '3 {',
        );
      case 6:
        return `${pick(['reg', 'ioctl NIOCREGIF', 'ioctl NIOCGINFO', 'ioctl 0', 'info'])} ${pick(KEYS)} ${pick(KEYS)} ${pick(KEYS)}`;
      case 7:
        return `expect ${Array.from({ length: random(8) }, word).join(' ')}`;
      case 8:
        return Array.from({ length: random(30) }, () => String.fromCharCode(random(random(20) ? 127 : 0x3000))).join('');
      default:
        return `${pick(names)} ${Array.from({ length: random(5) }, word).join(' ')}`;
    }
  };
}
