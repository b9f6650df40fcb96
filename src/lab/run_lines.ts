// The lines of a lab file: what is typed where, waits, the lab's own commands, and what is set before the machine is there.

export type Line =
  | { n: number; t: 'type'; where: string; command: string; background: boolean }
  /** Typed, and nothing happens yet: what it does is part of what follows. */
  | { n: number; t: 'keys'; where: string; command: string }
  | { n: number; t: 'sleep'; seconds: number }
  | { n: number; t: 'wait' }
  | { n: number; t: 'lab'; command: string }
  /** A tunable that is set before the machine is there. */
  | { n: number; t: 'loader'; slots: number };

/** A ring size that a machine can have. */
export const isRingSize = (slots: unknown): boolean => Number.isInteger(slots) && Number(slots) >= 2 && Number(slots) <= 1024;
/** Slots of a ring as a file sets them. */
export function slotsOf(lines: readonly Line[]): number | undefined {
  return lines.flatMap((l) => (l.t === 'loader' ? [l.slots] : [])).at(-1);
}

/** A file with a line that is none of the language's. */
export class BadFile extends Error {
  constructor(
    readonly line: number,
    message: string,
  ) {
    super(`line ${line}: ${message}`);
  }
}

/** Parses a file. Throws BadFile. */
export function parseFile(text: string): Line[] {
  const out: Line[] = [];
  text.split(/\r?\n/).forEach((raw, i) => {
    const line = raw.trim(),
      n = i + 1;
    if (!line || line.startsWith('#')) return;
    const tunable = /^loader# ?set (\S+?)=(\S*)$/.exec(line);
    if (tunable || line.startsWith('loader#')) {
      const value = Number(tunable?.[2]);
      if (tunable?.[1] !== 'hw.lab.bridge_ringsize' || !isRingSize(value))
        throw new BadFile(n, `at the loader a file can say: set hw.lab.bridge_ringsize=N, a whole number from 2 to 1024`);
      out.push({ n, t: 'loader', slots: value });
      return;
    }
    const typed = /^([A-Za-z0-9_.-]+)# ?(.*)$/.exec(line);
    if (typed?.[1]) {
      const command = (typed[2] ?? '').trim();
      if (!command) throw new BadFile(n, `nothing to type after "${typed[1]}#"`);
      out.push({ n, t: 'type', where: typed[1], command, background: /(^|[^&])&$/.test(command) });
      return;
    }
    const keys = /^type\s+([A-Za-z0-9_.-]+)# ?(\S.*)$/.exec(line);
    if (keys?.[1] && keys[2]) {
      out.push({ n, t: 'keys', where: keys[1], command: keys[2] });
      return;
    }
    const lab = /^lab\s+(\S.*)$/.exec(line);
    if (lab?.[1]) {
      out.push({ n, t: 'lab', command: lab[1] });
      return;
    }
    const sleep = /^sleep\s+(\S+)$/.exec(line);
    if (sleep) {
      const seconds = Number(sleep[1]);
      if (!Number.isFinite(seconds) || seconds < 0 || seconds > 1e6)
        throw new BadFile(n, `"${sleep[1]}" is not a number of seconds from 0 to 1000000`);
      out.push({ n, t: 'sleep', seconds });
      return;
    }
    if (line === 'wait') {
      out.push({ n, t: 'wait' });
      return;
    }
    throw new BadFile(
      n,
      `"${line}" is none of: loader# set NAME=VALUE, host# COMMAND, VMNAME# COMMAND, type WHERE# COMMAND, sleep SECONDS, wait, lab COMMAND, # comment`,
    );
  });
  return out;
}
