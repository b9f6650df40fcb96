// nmsh's help: every command in a line, more on demand, and a session that can be typed as it stands.

export const USAGE =
  'usage: nmsh [-ejx] [-i NAME] [-c COMMANDS | FILE]\n' +
  '\t-i NAME\t\topen this port at once\n' +
  "\t-c COMMANDS\tdo these commands, separated by ';'\n" +
  '\t-e\t\tend at the first command that fails\n' +
  '\t-j\t\ta line of JSON for each command\n' +
  '\t-x\t\tshow each command before it is done\n';

/** [usage, one line, more]. */
export const HELP: Record<string, readonly [string, string, string?]> = {
  open: [
    'open [NAME [txslots=N] [rxslots=N] [txrings=N] [rxrings=N] [extra=N] [mem=ID] [pipes=N] [notxpoll]]',
    'open /dev/netmap, register a port (NIOCREGIF), map its memory',
    'Names as everywhere: vale1:1, vale1{2 and vale1}2, vale1:1-0, vale1:1/x, in the guest vtnet0. Without a name: only the device.',
  ],
  use: ['use [FD]', 'make a descriptor the current one; alone: list them', 'A ring of another descriptor is FD:RING, as 4:TX0.'],
  close: ['close [FD]', 'close a descriptor'],
  info: ['info [NAME]', 'NIOCGINFO: what a port would give'],
  ioctl: [
    'ioctl CMD [fd=N] [name=] [flags=] [ringid=] [cmd=] [arg1=] [arg2=] [arg3=] [version=] [tx_slots=] …',
    'send exactly this request (struct nmreq), wrong ones too',
    'CMD: NIOCGINFO, NIOCREGIF, NIOCTXSYNC, NIOCRXSYNC or a number. NIOCREGIF goes to a descriptor that has no port yet.',
  ],
  reg: ['reg [fd=N] name=… flags=… ringid=… …', 'ioctl NIOCREGIF with these fields: flags=1 is NR_REG_ALL_NIC'],
  show: [
    'show if | ring RING | slots RING [from [count]] | slot RING SLOT | kring RING | mem | csb | all',
    'look at memory',
    'RING: TX0, RX1, TXH and RXH (host rings). SLOT: a number, or head, cur, tail, head+1. kring and csb a program cannot see.',
  ],
  fill: [
    'fill RING SLOT hex BYTES | text WORDS | frame [len=60] [src=] [dst=] [sip=] [dip=] [sport=] [dport=] [seq=N|next]',
    "store bytes in a slot's buffer, and the slot's len",
    'frame is a UDP frame as pkt-gen sends it, checksums included; seq= is its sequence number, seq=next counts. A switch drops what is shorter than 14 bytes.',
  ],
  len: ['len RING SLOT N', 'store slot.len'],
  flags: ['flags RING SLOT +NS_REPORT -NS_MOREFRAG … | N', 'change or store slot.flags'],
  buf: ['buf RING SLOT INDEX', 'store slot.buf_idx'],
  ptr: ['ptr RING SLOT N', 'store slot.ptr'],
  swap: ['swap RING SLOT RING SLOT', 'exchange two buffers and set NS_BUF_CHANGED on both: zero copy'],
  head: ['head RING N|+N|-N', 'store ring.head; any value, that is the point'],
  cur: ['cur RING N|+N|-N', 'store ring.cur'],
  adv: ['adv RING N|+N|-N', 'store ring.cur, then ring.head'],
  rflags: ['rflags RING +NR_TIMESTAMP … | N', 'change or store ring.flags'],
  txsync: ['txsync', 'NIOCTXSYNC on every TX ring of the descriptor; says what changed'],
  rxsync: ['rxsync', 'NIOCRXSYNC on every RX ring of the descriptor; says what changed'],
  poll: ['poll in|out|inout [ms]', 'poll(2); without ms it waits for ever, Ctrl-C ends it'],
  dump: ['dump RING SLOT [bytes]', 'the bytes of a buffer'],
  extra: ['extra', 'the list of extra buffers, from ni_bufs_head on'],
  wait: ['wait MS', 'let lab time go by'],
  echo: ['echo WORDS', 'say something'],
  expect: [
    'expect EXPRESSION',
    'fail unless it is true',
    'TX0.head RX0.tail TX0.space RX0.slot[3].len RX0.slot[head].byte[42] 4:TX0.cur kr.TX0.nr_hwcur kr.4:TX0.rtail last.errno last.revents if.ni_bufs_head mem.id ' +
      'csb.host_need_txkick csb.tx_ring.head; integers, EBUSY, POLLERR, NS_REPORT; == != < > <= >= && || ! + - & ( ). ' +
      '& binds as + and -.',
  ],
  repeat: ['repeat N { … }', 'do commands N times'],
  help: ['help [COMMAND]', 'this list, or more on one command'],
  quit: ['quit', 'leave; every descriptor is closed. Ctrl-D too'],
};

/** A session that works as it stands, on a switch with nobody else on it. */
export const EXAMPLE = [
  'open vale9:a',
  'open vale9:b',
  'use 3',
  'fill TX0 head frame seq=7',
  'adv TX0 +1',
  'txsync',
  'use 4',
  'poll in 100',
  'dump RX0 head',
  'adv RX0 +1',
  'rxsync',
  'expect kr.RX0.nr_hwcur == 1',
];

export function help(word: string | undefined): string | undefined {
  if (word === undefined) {
    const rows = Object.entries(HELP).map(([k, [, about]]) => `  ${k.padEnd(8)} ${about}\n`);
    return `${rows.join('')}A command a line, or several with ';'; # begins a comment. Two ports of a switch, by hand:\n${EXAMPLE.map((l) => `  ${l}\n`).join('')}`;
  }
  const h = Object.hasOwn(HELP, word) ? HELP[word] : undefined;
  return h && `${h[0]}\n  ${h[1]}\n${h[2] ? `  ${h[2]}\n` : ''}`;
}
