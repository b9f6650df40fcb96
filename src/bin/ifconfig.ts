// ifconfig, of both sides: shows interfaces, sets addresses and flags, makes and destroys clones, bridges' members. Its words,
// its output and its errors are those of ifconfig(8) of FreeBSD 10, as far as the kernel below has what they are about.

import type { Program } from '../sh/proc.ts';
import { ip4, parseIp4 } from './inet.ts';
import type { IfInfo, IfReq, Strerror, Sys } from './sys.ts';

const FLAG_BITS: Record<string, number> = {
  UP: 1,
  BROADCAST: 2,
  LOOPBACK: 8,
  RUNNING: 0x40,
  PROMISC: 0x100,
  SIMPLEX: 0x800,
  MULTICAST: 0x8000,
  PPROMISC: 0x20000,
};
const MEMBER_FLAGS: [number, string][] = [
  [1, 'LEARNING'],
  [2, 'DISCOVER'],
  [0x40, 'AUTOEDGE'],
  [0x100, 'AUTOPTP'],
];
const RETRY_NS = 10000;

/** A mask's words: 0xffffff00. */
const hexMask = (mask: number) => `0x${[0, 8, 16, 24].map((s) => ((mask >>> s) & 255).toString(16).padStart(2, '0')).join('')}`;

export function ifLines(i: IfInfo): string {
  const bits = i.flags.reduce((n, f) => n | (FLAG_BITS[f] ?? 0), 0);
  const lines = [`${i.name}: flags=${bits.toString(16)}<${i.flags.join(',')}> metric 0 mtu ${i.mtu}`];
  if (i.options) lines.push(`\t${i.options}`);
  if (i.ether) lines.push(`\tether ${i.ether}`);
  if (i.inet) {
    const { addr, mask } = i.inet;
    lines.push(
      `\tinet ${ip4(addr)} netmask ${hexMask(mask)} ${i.flags.includes('BROADCAST') ? `broadcast ${ip4(addr | ~mask)}` : ''}`.trimEnd(),
    );
  }
  if (i.nd6) lines.push(`\tnd6 options=${i.nd6}`);
  if (i.bridge) {
    const b = i.bridge;
    lines.push(
      '\tid 00:00:00:00:00:00 priority 32768 hellotime 2 fwddelay 15',
      `\tmaxage 20 holdcnt 6 proto rstp maxaddr ${b.maxaddr} timeout ${b.timeout}`,
      '\troot id 00:00:00:00:00:00 priority 32768 ifcost 0 port 0',
    );
    for (const x of b.members) {
      const names = MEMBER_FLAGS.filter(([f]) => x.flags & f).map(([, n]) => n);
      lines.push(`\tmember: ${x.name} flags=${x.flags.toString(16)}<${names.join(',')}>`);
      lines.push(`\t        ifmaxaddr 0 port ${x.port} priority 128 path cost ${x.cost}`);
    }
  }
  if (i.media) lines.push(`\tmedia: ${i.media}`);
  if (i.status) lines.push(`\tstatus: ${i.status}`);
  if (i.groups) lines.push(`\tgroups: ${i.groups.join(' ')} `);
  if (i.opened !== undefined) lines.push(`\tOpened by PID ${i.opened}`);
  return `${lines.join('\n')}\n`;
}

/** A command line's requests in order; what the kernel's error is called. */
interface Step {
  req: IfReq | { k: 'create' } | { k: 'destroy' } | { k: 'addr' };
  what: string;
}
type Parsed = { steps: Step[] } | { error: string; hint?: string };

function parseWords(words: string[]): Parsed {
  const steps: Step[] = [];
  let inet: { addr: number; mask: number } | undefined;
  for (let i = 0; i < words.length; i++) {
    const w = words[i] ?? '',
      next = () => words[++i];
    const bad = (v: string): Parsed => ({ error: `ifconfig: ${v}: bad value` });
    switch (w) {
      case 'up':
      case 'down':
        steps.push({ req: { k: w }, what: 'ioctl (SIOCSIFFLAGS)' });
        continue;
      case 'flush':
        steps.push({ req: { k: w }, what: 'BRDGFLUSH' });
        continue;
      case 'promisc':
      case '-promisc':
        steps.push({ req: { k: 'promisc', on: w === 'promisc' }, what: 'ioctl (SIOCSIFFLAGS)' });
        continue;
      case 'create':
      case 'plumb':
        steps.push({ req: { k: 'create' }, what: 'SIOCIFCREATE2' });
        continue;
      case 'destroy':
      case 'unplumb':
        steps.push({ req: { k: 'destroy' }, what: 'SIOCIFDESTROY' });
        continue;
      case 'addr':
        steps.push({ req: { k: 'addr' }, what: 'BRDGRTS' });
        continue;
      case 'addm':
      case 'deletem':
      case 'learn':
      case '-learn': {
        const member = next();
        if (!member) return { error: `ifconfig: '${w}' requires argument` };
        if (w === 'addm' || w === 'deletem')
          steps.push({ req: { k: w, member }, what: `${w === 'addm' ? 'BRDGADD' : 'BRDGDEL'} ${member}` });
        else steps.push({ req: { k: 'learn', member, on: w === 'learn' }, what: `BRDGSIFFLGS ${member}` });
        continue;
      }
      case 'timeout':
      case 'maxaddr':
      case 'mtu': {
        const v = next(),
          n = Number(v);
        if (v === undefined) return { error: `ifconfig: '${w}' requires argument` };
        if (!Number.isInteger(n) || n < 0 || n > 0xffffffff) return { error: `ifconfig: invalid value: ${v}` };
        steps.push(
          w === 'mtu'
            ? { req: { k: 'mtu', mtu: n }, what: 'ioctl (set mtu)' }
            : { req: { k: w, n }, what: w === 'timeout' ? 'BRDGSTO' : 'BRDGSCACHE' },
        );
        continue;
      }
      case 'delete':
      case '-alias': {
        const v = words[i + 1] && parseIp4(words[i + 1] ?? '') !== undefined ? parseIp4(next() ?? '') : 0;
        steps.push({ req: { k: '-inet', addr: v ?? 0 }, what: 'ioctl (SIOCDIFADDR)' });
        continue;
      }
      case 'netmask': {
        const v = next() ?? '',
          m = /^0x[\da-f]{8}$/i.test(v) ? Number(v) : undefined,
          mask = m === undefined ? parseIp4(v) : ((m >>> 24) | ((m >>> 8) & 0xff00) | ((m << 8) & 0xff0000) | (m << 24)) >>> 0;
        if (mask === undefined || !inet) return bad(v);
        inet.mask = mask;
        continue;
      }
      case 'broadcast':
        next(); // it follows from address and mask
        continue;
      case 'inet':
        if (words[i + 1] === undefined) return { error: 'ifconfig: inet: bad value' };
        continue;
      case 'alias':
        return { error: `ifconfig: ${w}: bad value`, hint: 'an interface of the lab has one address.' };
      default: {
        const m = /^([\d.]+)(?:\/(\d+))?$/.exec(w),
          addr = parseIp4(m?.[1] ?? ''),
          len = Number(m?.[2] ?? 24);
        if (addr === undefined || len > 32)
          return { error: `ifconfig: ${w}: bad value`, hint: 'up, down, inet ADDRESS/LENGTH, create, destroy, addm, deletem, …' };
        inet = { addr, mask: len ? bswap(0xffffffff << (32 - len)) : 0 };
        steps.push({ req: { k: 'inet', ...inet }, what: 'ioctl (SIOCAIFADDR)' });
        inet = steps.at(-1)?.req as unknown as { addr: number; mask: number };
      }
    }
  }
  return { steps };
}
const bswap = (n: number) => ((n >>> 24) | ((n >>> 8) & 0xff00) | ((n << 8) & 0xff0000) | (n << 24)) >>> 0;

interface State {
  steps?: Step[];
  name: string;
  at: number;
}

export const ifconfig: Program<Sys> = {
  run(p, sys) {
    const st = p.st as State,
      quit = (status: number, text = '', hint = '') => {
        sys.os[status ? 'writeErr' : 'write'](p, `${text}${text && !text.endsWith('\n') ? '\n' : ''}${hint && `lab: ${hint}\n`}`);
        sys.os.exit(p, status);
      };
    if (!st.steps) {
      const all = sys.ifconfig(),
        [name = '-a', ...words] = p.argv.slice(1);
      if (name === '-a') return quit(0, all.map(ifLines).join(''));
      if (name === '-l') return quit(0, all.map((x) => x.name).join(' '));
      const i = all.find((x) => x.name === name);
      if (!i && words[0] !== 'create' && words[0] !== 'plumb')
        return quit(
          1,
          `ifconfig: interface ${name} does not exist`,
          `interfaces here: ${all.map((x) => x.name).join(' ')}. VALE ports are not interfaces.`,
        );
      if (i && !words.length) return quit(0, ifLines(i));
      const r = parseWords(words);
      if ('error' in r) return quit(1, r.error, r.hint);
      Object.assign(st, { steps: r.steps, name, at: 0 });
    }
    for (const s of (st.steps ?? []).slice(st.at)) {
      const e = step(st, s, sys, (t) => sys.os.write(p, t));
      if (e === 'again') {
        if (p.signals.length) return quit(128 + (p.signals[0] ?? 2));
        sys.os.sleep(p, sys.now() + RETRY_NS);
        return;
      }
      if (e) return quit(1, `ifconfig: ${s.what}: ${e.text}`, e.why);
      st.at++;
    }
    sys.os.exit(p, 0);
  },
};

function step(st: State, s: Step, sys: Sys, write: (t: string) => void): Strerror | 'again' | undefined {
  const { req } = s;
  if (req.k === 'create') {
    const r = sys.ifCreate(st.name);
    if ('errno' in r) return r;
    if (r.name !== st.name) write(`${r.name}\n`);
    st.name = r.name;
    return undefined;
  }
  if (req.k === 'destroy') return sys.ifDestroy(st.name);
  if (req.k === 'addr') {
    for (const a of sys.ifconfig().find((i) => i.name === st.name)?.bridge?.addrs ?? [])
      write(`\t${a.mac} Vlan1 ${a.member} ${a.left} flags=0<>\n`);
    return undefined;
  }
  return sys.setInterface(st.name, req);
}
