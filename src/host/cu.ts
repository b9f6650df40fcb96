// cu(1): a terminal's keys to a serial line, and back. Mirrors tip(1) of FreeBSD as far as `cu -l line` and `~.` go; the lines of
// this host are null modems (nmdm).

import { getopt } from '../sh/getopt.ts';
import type { Proc, Program } from '../sh/proc.ts';
import { nmdmClose, nmdmOpen, nmdmRead, nmdmWrite } from './kernel/nmdm.ts';
import type { HostSys } from './kernel/sys.ts';

interface CuState {
  line?: string;
  /** At the beginning of a line; a ~ was typed there. */
  fresh?: boolean;
  tilde?: boolean;
  /** Bytes of a character that is not complete. */
  part?: string;
}

export const cu: Program<HostSys> = {
  run(p, sys) {
    const st = p.st as CuState;
    if (st.line === undefined && !connect(p, sys, st)) return;
    const tty = sys.os.tty(p.tty),
      line = st.line ?? '';
    if (!tty || p.signals.length) return hangUp(p, sys, 128 + (p.signals[0] ?? 1));
    show(sys, p, st, nmdmRead(sys, line));
    const typed = tty.fg === p.pgid ? sys.os.read(tty) : null;
    let send = '';
    for (const ch of typed ?? '') {
      if (st.tilde && ch === '.') {
        nmdmWrite(sys, line, bytes(send));
        sys.os.put(tty, '~\r\n[EOT]\r\n');
        return hangUp(p, sys, 0);
      }
      if (st.tilde && ch !== '~') send += '~';
      if (st.fresh && !st.tilde && ch === '~') {
        st.tilde = true;
        continue;
      }
      st.tilde = false;
      st.fresh = ch === '\r' || ch === '\n';
      send += ch;
    }
    if (send) nmdmWrite(sys, line, bytes(send));
    sys.os.pause(p);
  },
};

const bytes = (text: string) => String.fromCharCode(...new TextEncoder().encode(text));

/** Bytes from the line, as characters. */
function show(sys: HostSys, p: Proc, st: CuState, data: string) {
  const tty = sys.os.tty(p.tty);
  if (!data || !tty) return;
  const all = Uint8Array.from((st.part ?? '') + data, (c) => c.charCodeAt(0));
  let end = all.length;
  while (end > 0 && all.length - end < 3 && ((all[end - 1] ?? 0) & 0xc0) === 0x80) end--;
  const lead = all[end - 1] ?? 0,
    need = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  const whole = lead >= 0xc0 && all.length - end + 1 < need ? end - 1 : all.length;
  st.part = String.fromCharCode(...all.slice(whole));
  sys.os.put(tty, new TextDecoder().decode(all.slice(0, whole)));
}

function connect(p: Proc, sys: HostSys, st: CuState): boolean {
  const r = getopt(p.argv, 'a:ehl:nos:t'),
    line = r.opts.find((o) => o.opt === 'l')?.arg ?? r.rest[0],
    tty = sys.os.tty(p.tty);
  if (r.errors.length || line === undefined || !tty) {
    sys.os.writeErr(p, `${r.errors[0] ? `${r.errors[0]}\n` : ''}usage: cu [-ehot] [-a acu] [-l line] [-s speed] [-#] [phone-number]\n`);
    sys.os.exit(p, 1);
    return false;
  }
  const path = line.startsWith('/') ? line : `/dev/${line}`,
    why = nmdmOpen(sys, path, p.pid);
  if (why) {
    sys.os.writeErr(p, `${path}: ${why}\nlink down\n`);
    if (/^\/dev\/nmdm/.test(path) && why !== 'Device busy')
      sys.os.writeErr(p, 'lab: lines of this host are /dev/nmdmNA and B: kldload nmdm\n');
    sys.os.exit(p, 3);
    return false;
  }
  Object.assign(st, { line: path, fresh: true, tilde: false, part: '' } satisfies CuState);
  sys.os.mode(tty, 'raw');
  sys.os.put(tty, 'Connected\r\n');
  return true;
}

function hangUp(p: Proc, sys: HostSys, status: number) {
  const tty = sys.os.tty(p.tty);
  nmdmClose(sys, p.pid);
  if (tty) sys.os.mode(tty, 'cooked');
  sys.os.exit(p, status);
}
