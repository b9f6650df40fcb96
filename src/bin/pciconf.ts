// pciconf(8): PCI functions of this machine, their BARs and capabilities, and configuration registers by hand. Mirrors pciconf.c
// and cap.c of FreeBSD 10.2 with its one-line format (facts bhyve 6.2). What it shows of a register it reads by a configuration
// cycle when it is run.

import { getopt } from '../sh/getopt.ts';
import type { Proc, Program } from '../sh/proc.ts';
import { className, deviceName, subclassName, vendorName } from './pci_ids.ts';
import type { Strerror, Sys } from './sys.ts';

/** struct pci_conf. */
export interface PciConf {
  /** Driver; '' without one. */
  name: string;
  unit: number;
  domain: number;
  bus: number;
  slot: number;
  func: number;
  vendor: number;
  device: number;
  cls: number;
  card: number;
  rev: number;
  hdr: number;
}
export interface PciBar {
  reg: number;
  type: 'io' | 'mem';
  base: number;
  size: number;
  enabled: boolean;
}
/** A kernel with a /dev/pci. */
export interface PciSys extends Sys {
  readonly pci: {
    list(): PciConf[];
    bars(c: PciConf): PciBar[];
    read(c: PciConf, reg: number, bytes: 1 | 2 | 4): number | Strerror;
    write(c: PciConf, reg: number, bytes: 1 | 2 | 4, v: number): Strerror | undefined;
  };
}

const USAGE = `usage: pciconf -l [-BbcevV] [device]
       pciconf -a device
       pciconf -r [-b | -h] device addr[:addr2]
       pciconf -w [-b | -h] device addr value
`;
const NO_FUNCTION = { vendor: 0, device: 0, cls: 0, card: 0, rev: 0, hdr: 0, name: '', unit: 0 };

const hex = (n: number, digits: number) => (n >>> 0).toString(16).padStart(digits, '0');

/** Leaves the program with a message, as errx(3) does. */
class Fatal extends Error {}
const fatal = (text: string, e?: Strerror): never => {
  throw new Fatal(`pciconf: ${text}\n${e?.why ? `lab: ${e.why}\n` : ''}`);
};

/** strtoul(3), base 0: the number, and what is left. */
function strtoul(s: string): [number, string] {
  const m = /^\s*(0[xX][0-9a-fA-F]+|\d+)/.exec(s);
  if (!m?.[1]) return [0, s];
  const octal = /^0[0-7]+$/.test(m[1]);
  return [octal ? Number.parseInt(m[1], 8) : Number(m[1]), s.slice(m[0].length)];
}

/** A selector, or the device that a driver's name and unit are. */
function select(sys: PciSys, word: string): PciConf {
  const all = sys.pci.list();
  if (!word.includes(':')) {
    const m = /^(.*?)(\d*)$/.exec(word);
    if (!m?.[2] || !m[1]) return fatal('Invalid device name');
    return all.find((c) => c.name === m[1] && c.unit === Number(m[2])) ?? fatal('Device not found');
  }
  const at = word.slice(word.indexOf('@') + 1),
    m = /^pci(\d*(?:[:.]\d*){0,3}?)[:.]?$/.exec(at),
    numbers = m?.[1]?.split(/[:.]/).map(Number);
  if (!numbers) return fatal(`cannot parse selector ${word}`);
  const func = numbers.length > 2 ? (numbers.pop() ?? 0) : 0,
    slot = numbers.pop() ?? 0,
    bus = numbers.pop() ?? 0,
    domain = numbers.pop() ?? 0;
  return (
    all.find((c) => c.domain === domain && c.bus === bus && c.slot === slot && c.func === func) ?? {
      ...NO_FUNCTION,
      domain,
      bus,
      slot,
      func,
    }
  );
}

/** A register as the kernel answers it; an error ends the program. */
function read(sys: PciSys, c: PciConf, reg: number, bytes: 1 | 2 | 4): number {
  const v = sys.pci.read(c, reg, bytes);
  return typeof v === 'number' ? v : fatal(`ioctl(PCIOCREAD): ${v.text}`, v);
}

const plural = (n: number, word: string) => `${n} ${word}${n === 1 ? '' : 's'}`;

function msi(ctrl: number): string {
  const enabled = ctrl & 1 ? ` enabled with ${plural(1 << ((ctrl >>> 4) & 7), 'message')}` : '';
  return `MSI supports ${plural(1 << ((ctrl >>> 1) & 7), 'message')}${ctrl & 0x80 ? ', 64 bit' : ''}${ctrl & 0x100 ? ', vector masks' : ''}${enabled}`;
}
function msix(ctrl: number, table: number, pba: number): string {
  const where = (v: number) => `map 0x${hex(0x10 + (v & 7) * 4, 0)}[0x${hex(v & ~7, 0)}]`;
  return `MSI-X supports ${plural((ctrl & 0x7ff) + 1, 'message')}${ctrl & 0x8000 ? ', enabled' : ''}
                 Table in ${where(table)}, PBA in ${where(pba)}`;
}
const PORTS = ['endpoint', 'legacy endpoint', '', '', 'root port', 'upstream port', 'downstream port', 'PCI bridge', 'PCI to PCIe bridge'];
function express(sys: PciSys, c: PciConf, ptr: number): string {
  const flags = read(sys, c, ptr + 2, 2),
    cap = read(sys, c, ptr + 4, 4),
    ctl = read(sys, c, ptr + 8, 2),
    link = read(sys, c, ptr + 12, 4),
    status = read(sys, c, ptr + 18, 2);
  const port = PORTS[(flags >>> 4) & 15] ?? 'type error',
    slot = flags & 0x100 ? ' slot' : '',
    payload = (n: number) => 128 << (n & 7);
  const speed = (n: number) => ['', '2.5', '5.0', '8.0'][n & 15] ?? '',
    aspm = (n: number) => ['disabled', 'L0s', 'L1', 'L0s/L1'][n & 3] ?? '';
  return `PCI-Express ${flags & 15} ${port}${slot} max data ${payload(ctl >>> 5)}(${payload(cap)}) link x${(status >>> 4) & 63}(x${(link >>> 4) & 63})
                 speed ${speed(status)}(${speed(link)}) ASPM ${aspm(read(sys, c, ptr + 16, 2))}(${aspm(link >>> 10)})`;
}

function caps(sys: PciSys, c: PciConf): string {
  if (!(read(sys, c, 6, 2) & 0x10)) return '';
  let out = '';
  for (let ptr = read(sys, c, 0x34, 1), n = 0; ptr && n < 48; ptr = read(sys, c, ptr + 1, 1), n++) {
    const id = read(sys, c, ptr, 1),
      ctrl = () => read(sys, c, ptr + 2, 2);
    const what =
      id === 5
        ? msi(ctrl())
        : id === 0x11
          ? msix(ctrl(), read(sys, c, ptr + 4, 4), read(sys, c, ptr + 8, 4))
          : id === 0x10
            ? express(sys, c, ptr)
            : 'unknown';
    out += `    cap ${hex(id, 2)}[${hex(ptr, 2)}] = ${what}\n`;
  }
  return out;
}

function list(sys: PciSys, only: PciConf | undefined, has: (o: string) => boolean): string {
  let none = 0,
    out = '';
  for (const c of sys.pci.list()) {
    if (only && (c.domain !== only.domain || c.bus !== only.bus || c.slot !== only.slot || c.func !== only.func)) continue;
    const who = c.name ? `${c.name}${c.unit}` : `none${none++}`;
    out += `${who}@pci${c.domain}:${c.bus}:${c.slot}:${c.func}:\tclass=0x${hex(c.cls, 6)} card=0x${hex(c.card, 8)} chip=0x${hex((c.device << 16) | c.vendor, 8)} rev=0x${hex(c.rev, 2)} hdr=0x${hex(c.hdr, 2)}\n`;
    if (has('v')) {
      const names: [string, string | undefined][] = [
        ['vendor', vendorName(c.vendor) && `'${vendorName(c.vendor)}'`],
        ['device', deviceName(c.vendor, c.device) && `'${deviceName(c.vendor, c.device)}'`],
        ['class', className(c.cls)],
        ['subclass', subclassName(c.cls)],
      ];
      for (const [k, v] of names) if (v) out += `    ${k.padEnd(10)} = ${v}\n`;
    }
    if (has('b'))
      for (const b of sys.pci.bars(c))
        out += `    bar   [${hex(b.reg, 2)}] = type ${b.type === 'io' ? 'I/O Port' : 'Memory'}, range 32, base 0x${hex(b.base, 0)}, size ${b.size}, ${b.enabled ? 'enabled' : 'disabled'}\n`;
    if (has('c')) out += caps(sys, c);
  }
  return out;
}

/** -r: sixteen bytes a line, a gap after eight values. */
function readRange(sys: PciSys, c: PciConf, range: string, bytes: 1 | 2 | 4, say: (text: string) => void) {
  const [start, more] = strtoul(range);
  const [end] = more.startsWith(':') ? strtoul(more.slice(1)) : [start],
    perLine = 16 / bytes;
  let i = 1;
  for (let r = start; r <= end; i++, r += bytes)
    say(`${hex(read(sys, c, r, bytes), bytes * 2)}${i % 8 ? '' : ' '}${i % perLine ? ' ' : '\n'}`);
  if (perLine === 1 || i % perLine !== 1) say('\n');
}

function main(p: Proc, sys: PciSys) {
  const r = getopt(p.argv, 'aBbcehlrwVv'),
    has = (o: string) => r.opts.some((x) => x.opt === o),
    [device, reg = '', value = ''] = r.rest,
    many = r.rest.length;
  const say = (text: string) => sys.os.write(p, text),
    bytes = has('b') ? 1 : has('h') ? 2 : 4;
  const wrong = (has('l') && many > 1) || (has('w') && many !== 3) || (has('r') && many !== 2) || (has('a') && many !== 1);
  if (r.errors.length) throw new Fatal(`${r.errors[0]}\n${USAGE}`);
  if (wrong || !['l', 'a', 'r', 'w'].some(has)) throw new Fatal(USAGE);
  if (has('l')) return say(list(sys, device === undefined ? undefined : select(sys, device), has));
  const c = select(sys, device ?? '');
  if (has('a')) {
    const there = sys.pci.list().find((x) => x.bus === c.bus && x.slot === c.slot && x.func === c.func && x.domain === c.domain);
    if (!there) return fatal('ioctl(PCIOCATTACHED): Operation not supported by device');
    return say(`${device}: ${there.name ? '' : 'not '}attached\n`);
  }
  if (has('r')) return readRange(sys, c, reg, bytes, say);
  const e = sys.pci.write(c, strtoul(reg)[0], bytes, strtoul(value)[0] >>> 0);
  if (e) fatal(`ioctl(PCIOCWRITE): ${e.text}`, e);
}

export const pciconf: Program<PciSys> = {
  run(p, sys) {
    try {
      main(p, sys);
      sys.os.exit(p, 0);
    } catch (e) {
      if (!(e instanceof Fatal)) throw e;
      sys.os.writeErr(p, e.message);
      sys.os.exit(p, 1);
    }
  },
};
