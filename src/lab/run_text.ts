// What a run says at its end: as text, and as an exit status.

import type { RunResult } from './run.ts';

/** Text form: each command with its output and status, then the counters. */
export function asText(r: RunResult): string {
  const cmds = r.commands
    .map(
      (c) =>
        `${c.where}# ${c.command}\n${c.output}${c.output && !c.output.endsWith('\n') ? '\n' : ''}[${c.status === null ? 'still running' : `status ${c.status}`}]\n`,
    )
    .join('\n');
  const cnt = Object.entries(r.counters)
    .map(
      ([id, rows]) =>
        `${id}\n${Object.entries(rows)
          .map(([n, v]) => `  ${n.padEnd(30)} ${v}`)
          .join('\n')}\n`,
    )
    .join('');
  return `${cmds}\n${r.stalled ? `${r.stalled}\n\n` : ''}${cnt}`;
}
/** 0 when every command's status was 0 (or it still runs, as a VM does; or a signal ended it in the background), 1 otherwise. */
export const exitStatus = (r: RunResult) =>
  r.stalled || r.commands.some((c) => c.status !== null && c.status !== 0 && !(c.background && c.status > 128)) ? 1 : 0;
