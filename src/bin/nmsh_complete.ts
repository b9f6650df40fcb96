// Completion at nmsh's prompt: commands, then what the command takes, rings of the current port, flags, fields.

import { RING_FIELDS, ROOTS } from './nmsh_fields.ts';
import { HELP } from './nmsh_help.ts';
import * as R from './nmsh_rings.ts';
import { SHOW } from './nmsh_show.ts';
import { type NmshState, fdOf } from './nmsh_state.ts';
import type { Sys } from './sys.ts';

const RING_FIRST = ['fill', 'len', 'flags', 'buf', 'ptr', 'swap', 'head', 'cur', 'adv', 'rflags', 'dump'];
const WORDS: Record<string, string[]> = {
  open: ['txslots=', 'rxslots=', 'txrings=', 'rxrings=', 'extra=', 'mem=', 'pipes=', 'notxpoll'],
  ioctl: [
    'NIOCGINFO',
    'NIOCREGIF',
    'NIOCTXSYNC',
    'NIOCRXSYNC',
    'name=',
    'flags=',
    'ringid=',
    'cmd=',
    'arg1=',
    'arg2=',
    'arg3=',
    'version=',
    'fd=',
  ],
  reg: ['name=', 'flags=', 'ringid=', 'cmd=', 'arg1=', 'arg2=', 'arg3=', 'version=', 'fd='],
  poll: ['in', 'out', 'inout'],
};
const FRAME = ['len=', 'src=', 'dst=', 'sip=', 'dip=', 'sport=', 'dport=', 'seq='];
const both = (names: Record<string, number>) => Object.keys(names).flatMap((k) => [`+${k}`, `-${k}`]);
const SLOTS = ['head', 'cur', 'tail'];

function words(st: NmshState, sys: Sys, before: string[]): string[] {
  const [cmd, ...rest] = before,
    d = fdOf(st, st.cur)?.desc,
    rings = d ? R.ringNames(d) : [],
    n = rest.length;
  if (cmd === undefined) return Object.keys(HELP);
  if (cmd === 'help') return Object.keys(HELP);
  if (cmd === 'show') return n === 0 ? SHOW : n === 1 && /^(ring|slots?|kring)$/.test(rest[0] ?? '') ? rings : n === 2 ? SLOTS : [];
  if (cmd === 'use' || cmd === 'close') return st.fds.map((f) => String(f.num));
  if (cmd === 'expect') return [...rings.flatMap((r) => RING_FIELDS.map((f) => `${r}.${f}`)), ...ROOTS.slice(2)];
  if (RING_FIRST.includes(cmd)) {
    if (n === 0 || (cmd === 'swap' && n === 2)) return rings;
    if (cmd === 'rflags') return both(R.RING_FLAGS);
    if (n === 1 || (cmd === 'swap' && n === 3)) return /^(head|cur|adv)$/.test(cmd) ? [] : SLOTS;
    if (cmd === 'flags') return both(R.SLOT_FLAGS);
    if (cmd === 'fill') return n === 2 ? ['hex', 'text', 'frame'] : rest[2] === 'frame' ? FRAME : [];
    return [];
  }
  const names = n === 0 && (cmd === 'open' || cmd === 'info') ? sys.ifconfig().map((i) => i.name) : [];
  return [...names.filter((x) => x !== 'lo0'), ...(Object.hasOwn(WORDS, cmd) ? (WORDS[cmd] ?? []) : [])];
}

/** Candidates for the word under the cursor. */
export function complete(st: NmshState, sys: Sys, line: string, cursor: number): { from: number; candidates: string[] } {
  const before = line.slice(0, cursor),
    from = Math.max(before.lastIndexOf(' '), before.lastIndexOf(';')) + 1,
    last = before.slice(0, from).split(/[;{}]/).pop() ?? '',
    word = before.slice(from);
  return { from, candidates: [...new Set(words(st, sys, last.split(/\s+/).filter(Boolean)))].filter((c) => c.startsWith(word)) };
}
