// sysctl and dmesg. Mirrors FreeBSD 10's sysctl(8): -a in the order of the tree, -d descriptions, -N names, -n values, -e with =,
// and its messages; a value is a whole number or a text, as the old one is.

import { getopt } from '../sh/getopt.ts';
import type { Proc, Program } from '../sh/proc.ts';
import { complain } from './binary_file.ts';
import type { Sys } from './sys.ts';

/** Top of the tree in its own order; below that, as the kernel registered them. */
const TOPS = ['kern', 'vm', 'vfs', 'net', 'debug', 'hw', 'machdep', 'user', 'p1003_1b', 'compat', 'security', 'dev'];
/** What the names mean, as far as the lab knows (facts netmap 1.12, bhyve 6.5). */
const ABOUT: Record<string, string> = {
  'kern.hostname': 'Hostname',
  'kern.vm_guest': 'Virtual machine guest detected?',
  'hw.physmem': '',
  'dev.netmap.verbose': 'Verbose mode',
  'dev.netmap.no_timestamp': 'no_timestamp',
  'dev.netmap.no_pendintr': 'Always look for new received packets.',
  'dev.netmap.txsync_retry': "Number of txsync loops in bridge's flush.",
  'dev.netmap.bridge_batch': 'Max batch size',
  'dev.netmap.generic_mit': '',
  'dev.netmap.buf_size': 'Requested size of netmap bufs',
  'dev.netmap.buf_num': 'Requested number of netmap bufs',
  'dev.netmap.buf_curr_size': 'Current size of netmap bufs',
  'dev.netmap.buf_curr_num': 'Current number of netmap bufs',
  'dev.netmap.ring_size': 'Requested size of netmap rings',
  'dev.netmap.ring_num': 'Requested number of netmap rings',
  'dev.netmap.ring_curr_size': 'Current size of netmap rings',
  'dev.netmap.ring_curr_num': 'Current number of netmap rings',
  'dev.netmap.if_size': 'Requested size of netmap ifs',
  'dev.netmap.if_num': 'Requested number of netmap ifs',
  'dev.netmap.if_curr_size': 'Current size of netmap ifs',
  'dev.netmap.if_curr_num': 'Current number of netmap ifs',
  'dev.lab.sleep_bound': "lab: bound of a worker's sleep: 0 a tick (2015), 1 a second (2016), 2 none",
  'dev.lab.double_check': 'lab: 0 leaves out the look again after "please kick me"',
  'dev.lab.barrier': 'lab: 1 adds the barriers of 2019 before it',
  'dev.lab.doorbell': "lab: 1 makes a kick take the worker's lock and count",
  'dev.lab.tso': 'lab: stores that a store buffer holds, 0: none wait',
  'dev.lab.regif_steps': 'lab: 1 makes the actions of PT_HOST_CREATE one by one',
  'dev.lab.hazard.H1': 'lab: the host looks once only. 1, 0, or -1: as the revision of the VM has it',
  'dev.lab.hazard.H2': 'lab: no store-load barrier. 1, 0, or -1',
  'dev.lab.hazard.H3': 'lab: the guest looks once only. 1, 0, or -1',
  'dev.lab.hazard.H4': 'lab: a kick is a bare wakeup. 1, 0, or -1',
  'dev.lab.hazard.H6': "lab: the guest's indices are trusted. 1, 0, or -1",
  'dev.lab.hazard.H7': 'lab: at most half a ring at a time. 1, 0, or -1',
  'dev.lab.hazard.H10': 'lab: TX releases a kring that it found busy. 1, 0, or -1',
  'hw.lab.bridge_ringsize': "lab: slots of a VALE port's ring (loader tunable)",
  'hw.lab.frames_used': 'lab: pages of the machine in use',
};
/** What a kernel says of an oid that only the loader sets. */
export const TUNABLE = 'tunable';
const USAGE = 'usage: sysctl [-deiNnq] name[=value] ...\n       sysctl [-deNn] -a\n';

/** Names in the order of the tree: by its top, then as they come. */
export function inOrder(names: readonly string[]): string[] {
  const first = (n: string) => n.split('.')[0] ?? '';
  // a node's names stand together, at its first one's place
  const nodes = [...new Set(names.map((n) => n.split('.').slice(0, 2).join('.')))];
  const rank = (n: string) => {
    const i = TOPS.indexOf(first(n));
    return (i < 0 ? TOPS.length : i) * 1000 + nodes.indexOf(n.split('.').slice(0, 2).join('.'));
  };
  return names
    .map((n, i) => ({ n, i }))
    .sort((a, b) => rank(a.n) - rank(b.n) || a.i - b.i)
    .map((x) => x.n);
}

export const sysctl: Program<Sys> = {
  run(p, sys) {
    const r = getopt(p.argv, 'adeiNnq'),
      has = (o: string) => r.opts.some((x) => x.opt === o),
      vars = sys.sysctl();
    let status = 0;
    const fail = (text: string) => {
      complain(sys, p, text);
      status = 1;
    };
    const show = (n: string) => {
      const text = has('d') ? (ABOUT[n] ?? '') : `${vars[n]}`;
      sys.os.write(p, has('N') ? `${n}\n` : has('n') ? `${text}\n` : `${n}${has('e') ? '=' : ': '}${text}\n`);
    };
    const wrong = r.errors[0] ? `${r.errors[0]}\n` : has('N') && has('n') ? '' : undefined;
    const all = has('a');
    if (wrong !== undefined || (!all && !r.rest.length)) fail(`${wrong ?? ''}${USAGE}`);
    else if (all) for (const n of inOrder(Object.keys(vars))) show(n);
    else for (const w of r.rest) one(p, sys, w, { ignore: has('i'), bare: has('n'), quiet: has('q'), eq: has('e') }, show, fail);
    sys.os.exit(p, status);
  },
};

function one(
  p: Proc,
  sys: Sys,
  word: string,
  o: { ignore: boolean; bare: boolean; quiet: boolean; eq: boolean },
  show: (n: string) => void,
  fail: (text: string) => void,
) {
  const [given = '', value] = word.split(/=(.*)/s),
    name = given.replace(/\.$/, ''),
    vars = sys.sysctl(),
    below = inOrder(Object.keys(vars).filter((n) => n === name || n.startsWith(`${name}.`))),
    old = vars[name];
  if (!below.length) {
    if (!o.ignore) fail(`sysctl: unknown oid '${name}'\n`);
    return;
  }
  if (value === undefined) {
    for (const n of below) show(n);
    return;
  }
  if (old === undefined) return fail(`sysctl: oid '${name}' isn't a leaf node\n`);
  const whole = /^[+-]?(?:0[xX][0-9a-fA-F]+|\d+)$/.test(value) ? Number(value) : undefined;
  if (typeof old === 'number' && value === '') return fail(`sysctl: empty numeric value\n`);
  if (typeof old === 'number' && whole === undefined) return fail(`sysctl: invalid integer '${value}'\n`);
  const e = sys.setSysctl(name, typeof old === 'string' ? value : (whole ?? 0));
  if (e) {
    const more = e.why === TUNABLE ? 'sysctl: Tunable values are set in /boot/loader.conf\n' : e.why ? `lab: ${e.why}\n` : '';
    return fail(`sysctl: ${e.text}\n${more}`);
  }
  const now = sys.sysctl()[name];
  if (!o.quiet) sys.os.write(p, o.bare ? `${old} -> ${now}\n` : `${name}${o.eq ? '=' : ': '}${old} -> ${now}\n`);
}

export const dmesg: Program<Sys> = {
  run(p, sys) {
    const r = getopt(p.argv, 'acM:N:'),
      has = (o: string) => r.opts.some((x) => x.opt === o);
    if (r.errors.length || r.rest.length) {
      complain(sys, p, `${r.errors[0] ? `${r.errors[0]}\n` : ''}usage: dmesg [-ac] [-M core [-N system]]\n`);
      sys.os.exit(p, 1);
      return;
    }
    const lines = sys.dmesg().slice(has('a') ? 0 : sys.dmesgTaken());
    sys.os.write(p, lines.map((l) => `${l}\n`).join(''));
    if (has('c')) sys.clearDmesg();
    sys.os.exit(p, 0);
  },
};
