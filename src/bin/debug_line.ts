// The D() macro of netmap's user headers and kernel: seconds modulo 1000, microseconds, function, source line.

/** A line of a program: "012.345678 main [1895] text". */
export function debugLine(ns: number, fn: string, line: number, text: string): string {
  return `${stamp(ns)} ${fn} [${line}] ${text}\n`;
}

/** A line of the kernel: the bracket comes first and the function is padded to 25. */
export function kernelLine(ns: number, fn: string, line: number, text: string): string {
  return `${stamp(ns)} [${String(line).padStart(4)}] ${fn.padEnd(25)} ${text}`;
}

function stamp(ns: number): string {
  const us = Math.floor(ns / 1000);
  return `${String(Math.floor(us / 1e6) % 1000).padStart(3, '0')}.${String(us % 1e6).padStart(6, '0')}`;
}
