// Model of the names that nm_open of 2015 takes: prefix, name, one suffix for the rings, flags. Written from facts netmap 1.7,
// 1.8 and 2.13 alone, as one scan from left to right.

export const NR_REG_ALL_NIC = 1,
  NR_REG_SW = 2,
  NR_REG_NIC_SW = 3,
  NR_REG_ONE_NIC = 4,
  NR_REG_PIPE_MASTER = 5,
  NR_REG_PIPE_SLAVE = 6;
export const NR_MONITOR_TX = 0x100,
  NR_MONITOR_RX = 0x200,
  NR_ZCOPY_MON = 0x400,
  NR_EXCLUSIVE = 0x800;
const NETMAP_RING_MASK = 0x0fff,
  IFNAMSIZ = 16;

export interface Parsed {
  /** nr_name. */
  name: string;
  mode: number;
  /** nr_ringid: a ring, or the number of a pipe. */
  ringid: number;
  flags: number;
}
export type Answer = Parsed | { error: string };

const FLAGS: Record<string, number> = { x: NR_EXCLUSIVE, z: NR_ZCOPY_MON, t: NR_MONITOR_TX, r: NR_MONITOR_RX };
const NUMBERED: Record<string, number> = { '-': NR_REG_ONE_NIC, '{': NR_REG_PIPE_MASTER, '}': NR_REG_PIPE_SLAVE };
const HOST: Record<string, number> = { '^': NR_REG_SW, '*': NR_REG_NIC_SW };

export function parse2015(text: string): Answer {
  let rest: string;
  if (text.startsWith('netmap:')) rest = text.slice(7);
  else if (text.startsWith('vale')) rest = text;
  else return { error: 'neither netmap: nor vale' };

  let end = 0;
  while (end < rest.length && !'-*^{}/'.includes(rest[end] ?? '')) end++;
  const out: Parsed = { name: rest.slice(0, end), mode: NR_REG_ALL_NIC, ringid: 0, flags: 0 };
  if (out.name.length >= IFNAMSIZ) return { error: 'name too long' };
  if (out.name === '') return { error: 'no name' };
  rest = rest.slice(end);

  const mark = rest[0] ?? '';
  if (mark in HOST) {
    out.mode = HOST[mark] ?? 0;
    rest = rest.slice(1);
  } else if (mark in NUMBERED) {
    out.mode = NUMBERED[mark] ?? 0;
    const digits = /^[0-9]+/.exec(rest.slice(1))?.[0];
    if (digits === undefined) return { error: 'no number' };
    out.ringid = Number(digits);
    if (out.ringid >= NETMAP_RING_MASK) return { error: 'number out of range' };
    rest = rest.slice(1 + digits.length);
  }
  if (rest === '') return out;
  if (rest[0] !== '/') return { error: `unexpected ${rest[0]}` };
  if (rest === '/') return { error: 'no flags' };
  for (const letter of rest.slice(1)) {
    const flag = FLAGS[letter];
    if (flag === undefined) return { error: `no flag ${letter}` };
    out.flags |= flag;
  }
  return out;
}
