// The line that tcpdump prints for a frame, and the dumps below it (-x, -X, -A) and times before it (-t…). Follows tcpdump 4.99
// with -n: no name is ever looked up.
import { u8 } from './bytes.ts';
import type { Stamp } from './capture.ts';
import { type Conversations, hexAscii, Print, Short, type SummaryOptions } from './print.ts';
import { linkLength, printEther } from './print_ether.ts';

export type { Conversations, SummaryOptions } from './print.ts';

/**
 * What tcpdump -n prints behind the time. `conversations` is what it remembers of TCP between packets, and is changed; without
 * it every segment is the first of its conversation.
 */
export function summary(frame: Uint8Array, len = frame.length, options: SummaryOptions = {}, conversations: Conversations = {}): string {
  const p = new Print(frame, options, conversations);
  try {
    printEther(p, 0, Math.max(len, frame.length));
  } catch (cut) {
    if (!(cut instanceof Short)) throw cut;
    p.trunc();
  }
  return p.text;
}

/** none: -t; epoch: -tt; delta: -ttt; date: -tttt; first: -ttttt. */
export type TimeStyle = 'clock' | 'none' | 'epoch' | 'delta' | 'date' | 'first';

const two = (n: number) => String(n).padStart(2, '0');

/** Whole days since 1970 as a date, by the civil calendar. */
function date(days: number): string {
  const shifted = days + 719468;
  const era = Math.floor(shifted / 146097),
    doe = shifted - era * 146097;
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36524) - Math.floor(doe / 146096)) / 365);
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153),
    month = mp < 10 ? mp + 3 : mp - 9;
  const year = yoe + era * 400 + (month <= 2 ? 1 : 0);
  return `${year}-${two(month)}-${two(doy - Math.floor((153 * mp + 2) / 5) + 1)}`;
}

function clock(sec: number): string {
  const day = ((sec % 86400) + 86400) % 86400;
  return `${two(Math.floor(day / 3600))}:${two(Math.floor(day / 60) % 60)}:${two(day % 60)}`;
}

/** The time before a line, with the space behind it; in UTC. `before`: the packet that a difference is from, if there is one. */
export function timeText(ts: Stamp, style: TimeStyle = 'clock', before?: Stamp, nano = false): string {
  const fraction = (nsec: number) => (nano ? String(nsec).padStart(9, '0') : String(Math.floor(nsec / 1000)).padStart(6, '0'));
  switch (style) {
    case 'none':
      return '';
    case 'epoch':
      return `${ts.sec}.${fraction(ts.nsec)} `;
    case 'date':
      return `${date(Math.floor(ts.sec / 86400))} ${clock(ts.sec)}.${fraction(ts.nsec)} `;
    case 'clock':
      return `${clock(ts.sec)}.${fraction(ts.nsec)} `;
    case 'delta':
    case 'first': {
      const from = before ?? ts;
      let sec = ts.sec - from.sec,
        nsec = ts.nsec - from.nsec;
      const sign = sec < 0 || (sec === 0 && nsec < 0) ? '-' : ' ';
      if (sign === '-') [sec, nsec] = [-sec, -nsec];
      if (nsec < 0) [sec, nsec] = [sec - 1, nsec + 1e9];
      return `${sign}${clock(sec)}.${fraction(nsec)} `;
    }
  }
}

/** hex: -x; ascii: -X; text: -A. With `link`, the link-level header too: -xx, -XX, -AA. */
export type DumpStyle = 'hex' | 'ascii' | 'text';

/** The dump below a line; each of its lines begins with a newline. */
export function dumpText(frame: Uint8Array, style: DumpStyle, link = false): string {
  const from = link ? 0 : linkLength(frame);
  if (frame.length <= from) return '';
  if (style !== 'text') return hexAscii(frame, from, frame.length, style === 'ascii');
  let out = '\n';
  for (let i = from; i < frame.length; i++) {
    const c = u8(frame, i);
    if (c === 13 && u8(frame, i + 1) === 10) continue;
    out += c === 9 || c === 10 || (c >= 32 && c < 127) ? String.fromCharCode(c) : '.';
  }
  return out;
}
