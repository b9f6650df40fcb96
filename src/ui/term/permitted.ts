// What a program in the lab may do to the terminal that shows it: write text, move the cursor, erase, colour. The list is here, whole;
// what is not in it goes no further than this file. A terminal answers some sequences as if its owner had typed (device
// attributes, status, settings), and obeys others outside its own picture (titles, clipboard, links, mouse, images): none of these is
// permitted, and none of them comes from the lab's own programs.
//
//   controls   BEL BS HT LF VT FF CR
//   ESC        7 8: the cursor is remembered, put back
//   CSI        A B C D E F G H d f   the cursor moves
//              J K (0, 1, 2)         erases in the picture or the line; not what has scrolled away
//              @ P X                 characters are inserted, deleted, erased
//              m                     colours, bold, underlined, inverse; not hidden, not blinking
//
// Strings (OSC, DCS, SOS, PM, APC) are dropped whole, up to their end or the line's: one that is left open hides nothing that comes later.

const ESC = 0x1b,
  CONTROLS = new Set([7, 8, 9, 10, 11, 12, 13]),
  /** CSI finals, and how many numbers each may have. */
  FINALS: Readonly<Record<string, number>> = { A: 1, B: 1, C: 1, D: 1, E: 1, F: 1, G: 1, H: 2, J: 1, K: 1, P: 1, X: 1, d: 1, f: 2, m: 16 },
  MOST_DIGITS = 4,
  /** Bytes of a sequence that is not finished; a longer one is none. */
  MOST_CSI = 64,
  MOST_STRING = 4096,
  HIDDEN = new Set([5, 6, 8]);

/** Characters that turn the order of what is read: shown as what they are not, text could deceive. */
const turns = (c: number) => (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c === 0x200e || c === 0x200f || c === 0x061c;
const REPLACED = '\ufffd';

/** Numbers of m, without those that hide; undefined when it is none that is permitted. 38 and 48 take theirs with them. */
function colours(numbers: string[]): string[] | undefined {
  const out: string[] = [];
  for (let i = 0; i < numbers.length; i++) {
    const n = Number(numbers[i]);
    if (n === 38 || n === 48) {
      const more = numbers[i + 1] === '5' ? 2 : numbers[i + 1] === '2' ? 4 : 0,
        taken = numbers.slice(i, i + 1 + more);
      if (!more || taken.length !== more + 1 || taken.slice(2).some((x) => Number(x) > 255)) return undefined;
      out.push(...taken);
      i += more;
    } else if (n > 107) return undefined;
    else if (!HIDDEN.has(n)) out.push(numbers[i] ?? '');
  }
  return out;
}

/** A finished CSI, as it may go on; '' when it may not. */
function csi(body: string, final: string): string {
  const most = final === '@' ? 1 : FINALS[final];
  if (most === undefined || !/^[\d;]*$/.test(body)) return '';
  const numbers = body.split(';');
  if (numbers.length > most || numbers.some((n) => n.length > MOST_DIGITS)) return '';
  if ((final === 'J' || final === 'K') && Number(body) > 2) return '';
  if (final !== 'm') return `\x1b[${body}${final}`;
  const kept = colours(numbers);
  return kept?.length ? `\x1b[${kept.join(';')}m` : '';
}

/** One terminal's filter: a sequence may come in pieces. */
export class Permitted {
  #state: 'text' | 'escape' | 'csi' | 'string' | 'skip' = 'text';
  #body = '';
  #length = 0;

  /** What may go on of what a program wrote. */
  pass(data: string): string {
    let out = '';
    for (const char of data) out += this.#take(char, char.codePointAt(0) ?? 0);
    return out;
  }

  #take(char: string, c: number): string {
    if (c === ESC) {
      this.#state = 'escape';
      return '';
    }
    // CAN and SUB end whatever has begun; a line's end ends a string
    if (c === 0x18 || c === 0x1a) this.#state = 'text';
    switch (this.#state) {
      case 'text':
        return this.#text(char, c);
      case 'escape':
        return this.#escape(char, c);
      case 'csi':
        if (c >= 0x40 && c <= 0x7e) {
          this.#state = 'text';
          return csi(this.#body, char);
        }
        if (c < 0x20 || c > 0x7e) return this.#end(char, c);
        this.#body += char;
        if (this.#body.length > MOST_CSI) this.#state = 'skip';
        return '';
      case 'skip':
        if (c < 0x20 || c > 0x7e) return this.#end(char, c);
        if (c >= 0x40) this.#state = 'text';
        return '';
      case 'string':
        if (c === 7 || c === 0x9c || ++this.#length > MOST_STRING) this.#state = 'text';
        else if (c === 10 || c === 13) return this.#end(char, c);
        return '';
    }
  }
  /** What was begun is given up. */
  #end(char: string, c: number): string {
    this.#state = 'text';
    return this.#text(char, c);
  }
  #escape(char: string, c: number): string {
    this.#body = '';
    this.#length = 0;
    if (char === '[') this.#state = 'csi';
    else if (']PX^_'.includes(char)) this.#state = 'string';
    else if (c >= 0x20 && c <= 0x2f)
      return ''; // of a designation: one more comes
    else {
      this.#state = 'text';
      if (char === '7' || char === '8') return `\x1b${char}`;
      if (c < 0x20 || c > 0x7e) return this.#text(char, c);
    }
    return '';
  }
  #text(char: string, c: number): string {
    if (c < 0x20) return CONTROLS.has(c) ? char : '';
    if (c >= 0x7f && c <= 0x9f) return '';
    return turns(c) ? REPLACED : char;
  }
}

/** What is pasted is text: no control but tab and the ends of lines. */
export const pasted = (text: string): string =>
  Array.from(text, (char) => {
    const c = char.codePointAt(0) ?? 0;
    return c === 9 || c === 10 || c === 13 || (c >= 0x20 && (c < 0x7f || c > 0x9f)) ? char : '';
  }).join('');

/** The address that a link in a terminal leads to, as a browser reads it; undefined unless it is of the web. */
export function webAddress(text: string): string | undefined {
  try {
    const u = new URL(text);
    return (u.protocol === 'http:' || u.protocol === 'https:') && !u.username && !u.password ? u.href : undefined;
  } catch {
    return undefined;
  }
}
