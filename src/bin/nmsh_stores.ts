// What a program stores: head, cur, ring flags, slots, buffers. Each becomes one operation of a thread. Wrong values are
// allowed, wrong places are not: an address outside the program's own mapping is refused here.

import * as L from '../../wasm/layout.ts';
import { DATA_MAX, store } from './nmsh_op.ts';
import * as R from './nmsh_rings.ts';
import { flagText, hex } from './nmsh_show.ts';
import { type NmshState, type Op, type Outcome, bad } from './nmsh_state.ts';
import { U32, number, pairs } from './nmsh_words.ts';
import { buildFrame, parseMac, parseRange } from './pkt_gen_frame.ts';
import type { Sys } from './sys.ts';

type Step = Outcome | { op: Op };
const HEADERS = 42,
  SEQ_END = 46,
  UDP_SUM = 40;

/** head, cur, adv RING N|+N|-N: adv stores cur, then head. */
export function index(st: NmshState, sys: Sys, cmd: 'head' | 'cur' | 'adv', words: readonly string[]): Step {
  const r = R.findRing(st, sys, words[0]);
  if (typeof r === 'string') return bad(r);
  const text = words[1] ?? '',
    move = /^([+-])(\d{1,9})$/.exec(text),
    now = R.indices(sys, r),
    from = cmd === 'cur' ? now.cur : now.head;
  if (move && (from >= r.n || !r.n))
    return bad(`${cmd === 'cur' ? 'cur' : 'head'} of ${r.name} is ${from}, which is no slot: give a number`);
  const v = move ? (((from + (move[1] === '-' ? -1 : 1) * Number(move[2])) % r.n) + r.n) % r.n : number(text);
  if (v === undefined || words.length > 2) return bad(`${cmd} RING N, +N or -N: N is 0 to ${U32}, slots of ${r.name} are 0 to ${r.n - 1}`);
  const said = cmd === 'adv' ? `cur ${now.cur} -> ${v}  head ${now.head} -> ${v}` : `${cmd} ${now[cmd]} -> ${v}`,
    op = cmd === 'adv' ? L.NMSH_OP_ADV : cmd === 'head' ? L.NMSH_OP_HEAD : L.NMSH_OP_CUR;
  const page = { [L.NMSH_RING]: r.addr, [L.NMSH_VALUE]: v };
  return { op: store(r.fd.num, op, cmd, page, `${r.name}  ${said}\n`, { ring: r.name, before: from, after: v }) };
}

/** +NAME -NAME … or a number: bits to clear, bits to set. */
function bits(words: readonly string[], names: Record<string, number>, max: number): { clear: number; set: number } | string {
  const n = words.length === 1 ? number(words[0], max) : undefined;
  if (n !== undefined) return { clear: max, set: n };
  let clear = 0,
    set = 0;
  for (const w of words) {
    const m = /^([+-])(\w+)$/.exec(w),
      b = m && Object.hasOwn(names, m[2] ?? '') ? names[m[2] ?? ''] : undefined;
    if (b === undefined)
      return `'${w}' is no number and none of: ${Object.keys(names)
        .map((k) => `+${k}`)
        .join(' ')}`;
    clear |= b;
    set = m?.[1] === '+' ? set | b : set & ~b;
  }
  return words.length
    ? { clear, set }
    : `flags: a number, or ${Object.keys(names)
        .map((k) => `+${k}`)
        .join(' ')}`;
}

export function ringFlags(st: NmshState, sys: Sys, words: readonly string[]): Step {
  const r = R.findRing(st, sys, words[0]);
  if (typeof r === 'string') return bad(r);
  const b = bits(words.slice(1), R.RING_FLAGS, U32);
  if (typeof b === 'string') return bad(b);
  const was = R.ringWord(sys, r, L.RING_FLAGS),
    now = ((was & ~b.clear) | b.set) >>> 0,
    page = { [L.NMSH_RING]: r.addr, [L.NMSH_VALUE]: b.set, [L.NMSH_MASK]: b.clear },
    text = `${r.name}  flags ${flagText(was, R.RING_FLAGS)} -> ${flagText(now, R.RING_FLAGS)}\n`;
  return { op: store(r.fd.num, L.NMSH_OP_RFLAGS, 'rflags', page, text, { ring: r.name, before: was, after: now }) };
}

/** A ring and a slot that is in it. */
function place(st: NmshState, sys: Sys, ring: string | undefined, slot: string | undefined): { r: R.Ring; i: number } | string {
  const r = R.findRing(st, sys, ring);
  if (typeof r === 'string') return r;
  const i = R.findSlot(sys, r, slot);
  if (typeof i === 'string') return i;
  return R.inside(r.d, R.slotAddress(r, i), L.SLOT_SIZE) ? { r, i } : `slot ${i} of ${r.name} is outside the mapping`;
}
/** A hint when the slot is the kernel's. */
function whose(sys: Sys, r: R.Ring, i: number): string {
  const { head, tail } = R.indices(sys, r),
    mine = head <= tail ? i >= head && i < tail : i >= head || i < tail;
  return mine ? '' : `lab: slot ${i} of ${r.name} is the kernel's now (head ${head}, tail ${tail}).\n`;
}

/** len, flags, buf, ptr RING SLOT VALUE. */
export function slotField(st: NmshState, sys: Sys, cmd: 'len' | 'flags' | 'buf' | 'ptr', words: readonly string[]): Step {
  const at = place(st, sys, words[0], words[1]);
  if (typeof at === 'string') return bad(at);
  const { r, i } = at,
    s = R.readSlot(sys, r, i),
    page: Record<string, number> = { [L.NMSH_RING]: r.addr, [L.NMSH_SLOT]: i },
    finish = (op: number, field: string, was: number, now: number, text: string, hint = ''): Step => ({
      op: store(r.fd.num, op, cmd, page, `${r.name} slot ${i}  ${field} ${text}\n${hint ? `lab: ${hint}\n` : ''}${whose(sys, r, i)}`, {
        ring: r.name,
        slot: i,
        before: was,
        after: now,
      }),
    });
  if (cmd === 'flags') {
    const b = bits(words.slice(2), R.SLOT_FLAGS, 0xffff);
    if (typeof b === 'string') return bad(b);
    const now = (s.flags & ~b.clear) | b.set;
    page[L.NMSH_VALUE] = b.set;
    page[L.NMSH_MASK] = b.clear;
    return finish(L.NMSH_OP_FLAGS, 'flags', s.flags, now, `${flagText(s.flags, R.SLOT_FLAGS)} -> ${flagText(now, R.SLOT_FLAGS)}`);
  }
  const max = cmd === 'len' ? 0xffff : cmd === 'buf' ? U32 : Number.MAX_SAFE_INTEGER,
    v = number(words[2], max);
  if (v === undefined || words.length > 3) return bad(`${cmd} RING SLOT N: N is a number from 0 to ${max}`);
  page[L.NMSH_VALUE] = v % 2 ** 32;
  page[L.NMSH_VALUE_HI] = Math.floor(v / 2 ** 32);
  if (cmd === 'len')
    return finish(L.NMSH_OP_LEN, 'len', s.len, v, `${s.len} -> ${v}`, v > r.bufsize ? `a buffer has ${r.bufsize} bytes.` : '');
  if (cmd === 'ptr') return finish(L.NMSH_OP_PTR, 'ptr', s.ptr, v, `${hex(s.ptr)} -> ${hex(v)}`);
  const wrong = R.badIndex(sys, r.d, v),
    there = R.bufAddress(sys, r, v),
    hint = wrong ? `${wrong}.` : s.flags & L.NS_BUF_CHANGED ? '' : `the kernel must hear of it: flags ${r.name} ${i} +NS_BUF_CHANGED`;
  if (!wrong) R.touch(sys, r.d, there, r.bufsize);
  return finish(L.NMSH_OP_BUF, 'buf_idx', s.buf_idx, v, `${s.buf_idx} -> ${v}`, hint);
}

/** swap RING SLOT RING SLOT: the buffers change places, nothing is copied. */
export function swap(st: NmshState, sys: Sys, words: readonly string[]): Step {
  const a = place(st, sys, words[0], words[1]);
  if (typeof a === 'string') return bad(a);
  const b = place(st, sys, words[2], words[3]);
  if (typeof b === 'string') return bad(b);
  if (words.length > 4) return bad('swap RING SLOT RING SLOT');
  if (a.r.d.memId !== b.r.d.memId || a.r.d.mem !== b.r.d.mem)
    return bad(
      `${a.r.name} and ${b.r.name} have different allocators (${a.r.d.memId} and ${b.r.d.memId}): an index of one means nothing in the other`,
    );
  const one = R.readSlot(sys, a.r, a.i).buf_idx,
    two = R.readSlot(sys, b.r, b.i).buf_idx,
    page = { [L.NMSH_RING]: a.r.addr, [L.NMSH_SLOT]: a.i, [L.NMSH_RING2]: b.r.addr, [L.NMSH_SLOT2]: b.i };
  return {
    op: store(
      a.r.fd.num,
      L.NMSH_OP_SWAP,
      'swap',
      page,
      `${a.r.name} slot ${a.i}  buf_idx ${one} -> ${two}\n${b.r.name} slot ${b.i}  buf_idx ${two} -> ${one}\n${whose(sys, a.r, a.i)}${whose(sys, b.r, b.i)}`,
      { first: { ring: a.r.name, slot: a.i, before: one, after: two }, second: { ring: b.r.name, slot: b.i, before: two, after: one } },
    ),
  };
}

const IP = /^\d{1,3}(\.\d{1,3}){3}$/;
/** A frame as pkt-gen builds it; a text says what is wrong. */
export function frame(st: NmshState, words: readonly string[], mac: string, most: number): number[] | string {
  const o = pairs(words, ['len', 'src', 'dst', 'sip', 'dip', 'sport', 'dport', 'seq']);
  if (typeof o === 'string') return o;
  const num = (k: string, normal: number, min: number, max: number): number | string => {
    const n = o[k] === undefined ? normal : number(o[k], max);
    return n === undefined || n < min ? `${k}=${o[k]}: a number from ${min} to ${max} was expected` : n;
  };
  const len = num('len', 60, HEADERS, most),
    sport = num('sport', 1234, 0, 65535),
    dport = num('dport', 1234, 0, 65535),
    seq = o.seq === undefined ? -1 : o.seq === 'next' ? st.seq : num('seq', 0, 0, U32);
  if (typeof len === 'string') return len;
  if (typeof sport === 'string') return sport;
  if (typeof dport === 'string') return dport;
  if (typeof seq === 'string') return seq;
  for (const k of ['src', 'dst'] as const)
    if (o[k] !== undefined && (!parseMac(o[k] ?? '') || (o[k] ?? '').includes('-')))
      return `${k}=${o[k]}: six bytes as 02:00:00:00:00:01 were expected`;
  for (const k of ['sip', 'dip'] as const)
    if (o[k] !== undefined && (!IP.test(o[k] ?? '') || !parseRange(o[k] ?? ''))) return `${k}=${o[k]}: an address as 10.0.0.1 was expected`;
  const f = buildFrame(
    {
      size: len,
      srcIp: `${o.sip ?? '10.0.0.1'}:${sport}`,
      dstIp: `${o.dip ?? '10.1.0.1'}:${dport}`,
      dstMac: o.dst ?? 'ff:ff:ff:ff:ff:ff',
    },
    o.src ?? (mac || '00:00:00:00:00:00'),
  );
  if (seq < 0) return f;
  if (len < SEQ_END) return `seq= needs a frame of ${SEQ_END} bytes`;
  for (let i = 0; i < 4; i += 2) exchange(f, HEADERS + i, (seq >>> (16 - 8 * i)) & 0xffff);
  if (o.seq === 'next') st.seq = (seq + 1) >>> 0;
  return f;
}
/** Another 16-bit word in the payload, and the UDP checksum after it (RFC 1624, eqn. 3). */
function exchange(f: number[], at: number, v: number) {
  const word = (i: number) => ((f[i] ?? 0) << 8) | (f[i + 1] ?? 0);
  let s = (~word(UDP_SUM) & 0xffff) + (~word(at) & 0xffff) + v;
  while (s > 0xffff) s = (s & 0xffff) + (s >>> 16);
  const sum = ~s & 0xffff || 0xffff;
  f.splice(at, 2, v >>> 8, v & 255);
  f.splice(UDP_SUM, 2, sum >>> 8, sum & 255);
}

/** fill RING SLOT hex …, text …, frame …: bytes of the buffer, and the slot's len. */
export function fill(st: NmshState, sys: Sys, words: readonly string[]): Step {
  const at = place(st, sys, words[0], words[1]);
  if (typeof at === 'string') return bad(at);
  const { r, i } = at,
    rest = words.slice(3),
    s = R.readSlot(sys, r, i),
    buf = R.bufAddress(sys, r, s.buf_idx),
    most = Math.min(DATA_MAX, r.bufsize);
  let data: number[] = [];
  if (words[2] === 'hex') {
    const digits = rest.join('').replace(/[:\s]/g, '');
    if (!/^([0-9a-fA-F]{2})*$/.test(digits)) return bad('hex: two digits a byte, as ff ff 00 or ffff00');
    data = (digits.match(/../g) ?? []).map((b) => Number.parseInt(b, 16));
  } else if (words[2] === 'text') data = [...new TextEncoder().encode(rest.join(' '))];
  else if (words[2] === 'frame') {
    const f = frame(st, rest, r.d.mac, most);
    if (typeof f === 'string') return bad(f);
    data = f;
  } else
    return bad('fill RING SLOT hex BYTES, text WORDS, or frame [len=60] [src=MAC] [dst=MAC] [sip=] [dip=] [sport=] [dport=] [seq=N|next]');
  if (data.length > most) return bad(`${data.length} bytes are too many: a buffer has ${r.bufsize}, and nmsh stores ${DATA_MAX} at most`);
  const wrong = R.badIndex(sys, r.d, s.buf_idx);
  if (!R.inside(r.d, buf, data.length))
    return bad(`slot ${i} of ${r.name} names buffer ${s.buf_idx}, which is outside the mapping: nothing was stored`);
  R.touch(sys, r.d, buf, data.length);
  const page = { [L.NMSH_RING]: r.addr, [L.NMSH_SLOT]: i, [L.NMSH_BUF]: buf, [L.NMSH_LEN]: data.length, [L.NMSH_VALUE]: data.length };
  return {
    op: store(
      r.fd.num,
      L.NMSH_OP_FILL,
      'fill',
      page,
      `${r.name} slot ${i}  buffer ${s.buf_idx}  len ${s.len} -> ${data.length}\n${wrong ? `lab: ${wrong}.\n` : ''}${whose(sys, r, i)}`,
      { ring: r.name, slot: i, buf_idx: s.buf_idx, before: s.len, after: data.length },
      data,
    ),
  };
}
