// `lab limit`: how much the recording's checkpoints may hold before the oldest are further apart.

import type { Command } from './control.ts';

const MIB = 1024 * 1024,
  LEAST = 16,
  MOST = 1024;

export const LIMIT: Command = {
  name: 'limit',
  args: '[MIB]',
  help: 'how much memory checkpoints may take; beyond it the oldest are further apart',
  run(lab, [word]) {
    const c = lab.timeline.checkpoints;
    if (word === undefined) return { ok: true, text: `${c.limit / MIB} MiB, ${(c.bytes / MIB).toFixed(1)} MiB are taken` };
    const n = /^\d{1,4}$/.test(word) ? Number(word) : 0;
    if (n < LEAST || n > MOST) return { ok: false, text: `"${word}" is not a limit: ${LEAST} to ${MOST} MiB` };
    c.limit = n * MIB;
    c.full = false;
    c.thin();
    return { ok: true, text: '' };
  },
};
