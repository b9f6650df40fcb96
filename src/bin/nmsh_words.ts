// nmsh's language: a command a line or up to ';', words with quotes, # comments, repeat N { … }. Numbers as C writes them.

/** A command: its words, and for `repeat N { … }` its body. */
export interface Cmd {
  line: number;
  words: string[];
  body: Cmd[] | null;
}
export interface BadScript {
  line: number;
  error: string;
  /** More lines would complete it. */
  more: boolean;
}

const DEPTH_MAX = 8,
  COMMANDS_MAX = 10_000;
const BLANK = /[ \t\r]/;

interface Reader {
  text: string;
  at: number;
  line: number;
}

/** The next word; '' with `quoted` false never comes. Undefined: an open quote. */
function word(r: Reader): { text: string; quoted: boolean } | undefined {
  let out = '',
    quoted = false;
  for (;;) {
    const c = r.text[r.at];
    if (c === undefined || BLANK.test(c) || c === '\n' || c === ';') return { text: out, quoted };
    r.at++;
    if (c === "'" || c === '"') {
      quoted = true;
      for (;;) {
        const d = r.text[r.at++];
        if (d === undefined) return undefined;
        if (d === c) break;
        if (d === '\n') r.line++;
        out += c === '"' && d === '\\' && /["\\]/.test(r.text[r.at] ?? '') ? r.text[r.at++] : d;
      }
    } else if (c === '\\') {
      const d = r.text[r.at++];
      if (d === '\n') r.line++;
      else if (d !== undefined) {
        out += d;
        quoted = true;
      }
    } else out += c;
  }
}

/** A whole text to its commands. */
export function parseScript(text: string, from = 1): Cmd[] | BadScript {
  const r: Reader = { text, at: 0, line: from },
    stack: Cmd[][] = [[]];
  let words: string[] = [],
    began = from,
    total = 0,
    closed = false;
  const bad = (error: string, more = false): BadScript => ({ line: r.line, error, more });
  const top = () => stack[stack.length - 1] ?? [];
  const end = () => {
    if (words.length) {
      top().push({ line: began, words, body: null });
      total++;
    }
    words = [];
    closed = false;
  };
  while (r.at < text.length) {
    const c = text[r.at] ?? '';
    if (BLANK.test(c)) r.at++;
    else if (c === '\n' || c === ';') {
      end();
      r.at++;
      if (c === '\n') r.line++;
    } else if (c === '#') {
      while (r.at < text.length && text[r.at] !== '\n') r.at++;
    } else if (c === '\\' && text[r.at + 1] === '\n') {
      r.at += 2;
      r.line++;
    } else {
      if (!words.length) began = r.line;
      const w = word(r);
      if (w === undefined) return bad('a quote is not closed', true);
      if (w.text === '}' && !w.quoted) {
        end();
        if (stack.length === 1) return bad("'}' without '{'");
        stack.pop();
        closed = true;
        continue;
      }
      if (closed) return bad("after '}' comes a new line or ';'");
      if (w.text === '{' && !w.quoted) {
        if (words[0] !== 'repeat' || words.length !== 2) return bad("'{' belongs to: repeat N { … }");
        if (stack.length > DEPTH_MAX) return bad(`more than ${DEPTH_MAX} repeats inside each other`);
        const body: Cmd[] = [];
        top().push({ line: began, words, body });
        total++;
        stack.push(body);
        words = [];
        continue;
      }
      words.push(w.text);
    }
    if (total > COMMANDS_MAX) return bad(`more than ${COMMANDS_MAX} commands`);
  }
  end();
  if (stack.length > 1) return bad("'{' is not closed", true);
  return stack[0] ?? [];
}

export const U32 = 0xffffffff;

/** A number as C writes it, 0 to max. */
export function number(s: string | undefined, max = U32): number | undefined {
  if (s === undefined || !/^(0[xX][0-9a-fA-F]{1,13}|\d{1,16})$/.test(s)) return undefined;
  const n = Number(s);
  return n <= max ? n : undefined;
}

/** k=v words to a record; a text says what is wrong. */
export function pairs(words: readonly string[], known: readonly string[]): Record<string, string> | string {
  const out: Record<string, string> = {};
  for (const w of words) {
    const m = /^([a-z0-9_]+)=(.*)$/s.exec(w);
    const k = m?.[1] ?? '';
    if (!m || !known.includes(k)) return `'${w}' is none of: ${known.map((x) => `${x}=`).join(' ')}`;
    if (Object.hasOwn(out, k)) return `${k}= is given twice`;
    out[k] = m[2] ?? '';
  }
  return out;
}
