// vale-ctl: ports of VALE switches. Mirrors vale-ctl.c of 2015 (facts netmap 3.6, bhyve 6.8): each option becomes one struct nmreq
// with a command, sent by NIOCREGIF or NIOCGINFO; what the kernel says is printed in the form of its D() macro, on standard error.

import { getopt } from '../sh/getopt.ts';
import type { Proc, Program } from '../sh/proc.ts';
import { complain } from './binary_file.ts';
import { debugLine } from './debug_line.ts';
import * as R from './nmreq.ts';
import { ERESTART, type Strerror, type Sys } from './sys.ts';

const USAGE = `Usage:
vale-ctl arguments
\t-g interface\tinterface name to get info
\t-d interface\tinterface name to be detached
\t-a interface\tinterface name to be attached
\t-h interface\tinterface name to be attached with the host stack
\t-n interface\tinterface name to be created
\t-r interface\tinterface name to be deleted
\t-l list all or specified bridge's interfaces (default)
\t-C string ring/slot setting of an interface creating by -n
\t-p interface start polling. Additional -C x,y,z configures
\t\t x: 0 (REG_ALL_NIC) or 1 (REG_ONE_NIC),
\t\t y: CPU core id for ALL_NIC and core/ring for ONE_NIC
\t\t z: (ONE_NIC only) num of total cores/rings
\t-P interface stop polling
\t-m memid to use when creating a new interface
`;
const COMMANDS: Record<string, number> = {
  d: R.NETMAP_BDG_DETACH,
  a: R.NETMAP_BDG_ATTACH,
  h: R.NETMAP_BDG_ATTACH,
  g: 0,
  l: R.NETMAP_BDG_LIST,
  n: R.NETMAP_BDG_NEWIF,
  r: R.NETMAP_BDG_DELIF,
  p: R.NETMAP_BDG_POLLING_ON,
  P: R.NETMAP_BDG_POLLING_OFF,
};
/** The word in "Unable to … %s": bdg_ctl's. */
const VERB: Record<string, string> = {
  d: 'detach',
  a: 'attach',
  h: 'attach',
  n: 'create',
  r: 'delete',
  p: 'start polling',
  P: 'stop polling',
};
const IFNAMSIZ = 16;

/** "txslots,rxslots,txrings,rxrings": missing parts are the first one's, and no slots means the default (facts netmap 2.13). */
export function parseConfig(conf: string): { txd: number; rxd: number; txr: number; rxr: number } {
  const n = conf.split(/[,:;\s]+/).map((x) => Math.max(0, Math.trunc(Number(x)) || 0)),
    [txd = 0, rxd = txd, txr = 0, rxr = txr] = n;
  return { txd, rxd, txr, rxr };
}

export const valeCtl: Program<Sys> = {
  run(p, sys) {
    const r = getopt(p.argv, 'd:a:h:g:l:n:r:C:p:P:m:'),
      say = (line: number, text: string) => complain(sys, p, debugLine(sys.now(), 'bdg_ctl', line, text));
    let letter = 'l',
      name = '',
      config = '',
      memId = 0,
      wrong = r.errors[0] ? `${r.errors[0]}\n` : r.rest.length ? `vale-ctl: too many arguments\n` : '';
    for (const { opt, arg = '' } of r.opts) {
      if (opt === 'C') config = arg;
      else if (opt === 'm') memId = Math.max(0, Math.trunc(Number(arg)) || 0) & 0xffff;
      else if (opt !== '?') {
        if (name) wrong ||= 'vale-ctl: one command at a time\n';
        letter = opt;
        name = arg;
      }
    }
    if (wrong) {
      complain(sys, p, `${wrong}${USAGE}`);
      sys.os.exit(p, 1);
      return;
    }
    const st = p.st as { fd?: number };
    st.fd ??= sys.openNetmap(p);
    const status = letter === 'l' ? list(p, sys, st.fd, name, say) : command(p, sys, st.fd, letter, name, config, memId, say);
    if (status === undefined) return; // the kernel waits for somebody: it is asked again
    if (!sys.netmapClose(p, st.fd)) return;
    sys.os.exit(p, status);
  },
};

type Say = (line: number, text: string) => void;

function list(p: Proc, sys: Sys, fd: number, name: string, say: Say): number {
  const req = R.newNmreq(name.slice(0, IFNAMSIZ - 1), { nr_cmd: R.NETMAP_BDG_LIST });
  if (name) {
    const e = sys.ioctl(p, fd, R.NIOCGINFO, req);
    if (e) {
      say(151, `failed to obtain info for ${name}: ${e.text}`);
      return 1;
    }
    say(156, `bridge:${req.nr_arg1} port:${req.nr_arg2} ${req.nr_name}`);
    return 0;
  }
  for (; !sys.ioctl(p, fd, R.NIOCGINFO, req); req.nr_arg2++, req.nr_name = '')
    say(164, `bridge:${req.nr_arg1} port:${req.nr_arg2} ${req.nr_name}`);
  return 0;
}

function command(p: Proc, sys: Sys, fd: number, letter: string, name: string, config: string, memId: number, say: Say): number | undefined {
  const req = R.newNmreq(name.slice(0, IFNAMSIZ - 1), { nr_cmd: COMMANDS[letter] ?? 0, nr_arg2: memId });
  if (letter === 'h') req.nr_arg1 = R.NETMAP_BDG_HOST;
  if (letter === 'n' && config) {
    const c = parseConfig(config);
    Object.assign(req, { nr_tx_slots: c.txd, nr_rx_slots: c.rxd, nr_tx_rings: c.txr, nr_rx_rings: c.rxr });
  }
  if (letter === 'p' || letter === 'P') {
    const [mode = 0, core = 0, many = 1] = config.split(',').map((x) => Math.max(0, Math.trunc(Number(x)) || 0));
    Object.assign(req, {
      nr_flags: mode ? R.NR_REG_ONE_NIC : R.NR_REG_ALL_NIC,
      nr_ringid: core & R.NETMAP_RING_MASK,
      nr_arg1: mode ? many : 1,
    });
  }
  const e: Strerror | undefined = sys.ioctl(p, fd, letter === 'g' ? R.NIOCGINFO : R.NIOCREGIF, req);
  if (e?.errno === ERESTART) return undefined;
  if (letter === 'g') {
    if (e) say(181, `Unable to get if info for ${name}: ${e.text}`);
    else
      say(
        183,
        `${name}: ${req.nr_tx_rings} tx rings of ${req.nr_tx_slots} slots, ${req.nr_rx_rings} rx rings of ${req.nr_rx_slots}, memory ${req.nr_arg2} of ${req.nr_memsize} bytes`,
      );
  } else if (e) say(173, `Unable to ${VERB[letter] ?? ''} ${name}: ${e.text}`);
  return e ? 1 : 0;
}
