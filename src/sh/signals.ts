// The signals of FreeBSD: numbers, names, and the words of strsignal(3). Mirrors sys/signal.h and libc's siglist.

/** sys_signame; the index is the number. */
export const SIGNAMES: readonly string[] = (
  '0 HUP INT QUIT ILL TRAP ABRT EMT FPE KILL BUS SEGV SYS PIPE ALRM TERM URG STOP TSTP CONT CHLD TTIN TTOU IO XCPU XFSZ VTALRM PROF ' +
  'WINCH INFO USR1 USR2'
).split(' ');

export const SIGHUP = 1,
  SIGINT = 2,
  SIGQUIT = 3,
  SIGKILL = 9,
  SIGPIPE = 13,
  SIGTERM = 15,
  SIGSTOP = 17,
  SIGTSTP = 18,
  SIGCONT = 19,
  SIGTTIN = 21,
  SIGTTOU = 22,
  SIGXFSZ = 25,
  SIGINFO = 29;

/** Ignored where nobody catches them: URG, CHLD, IO, WINCH, INFO. */
export const IGNORED: readonly number[] = [16, 20, 23, 28, 29];
export const STOPS: readonly number[] = [SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU];

const WORDS: Record<number, string> = {
  1: 'Hangup',
  2: 'Interrupt',
  3: 'Quit',
  6: 'Abort trap',
  9: 'Killed',
  11: 'Segmentation fault',
  13: 'Broken pipe',
  14: 'Alarm clock',
  15: 'Terminated',
  17: 'Suspended (signal)',
  18: 'Suspended',
  19: 'Continued',
  21: 'Stopped (tty input)',
  22: 'Stopped (tty output)',
  25: 'Filesize limit exceeded',
  30: 'User defined signal 1',
  31: 'User defined signal 2',
};
/** strsignal(3). */
export const strsignal = (sig: number) => WORDS[sig] ?? `Signal ${sig}`;

/** A signal by name (with or without SIG, any case) or number. */
export function signalOf(word: string): number | undefined {
  if (/^\d+$/.test(word)) return Number(word) < SIGNAMES.length ? Number(word) : undefined;
  const n = SIGNAMES.indexOf(word.toUpperCase().replace(/^SIG/, ''));
  return n > 0 ? n : undefined;
}
