// tcpdump's words for ICMPv6 and neighbour discovery: print-icmp6.c.
import { hexBytes, hexN, ipv6, mac, pseudoSum, shouldBe, sum16, u8 } from './bytes.ts';
import { hexAscii, type Print, Short } from './print.ts';
import type { Ends } from './print_ip.ts';

const NAME: Record<number, string> = {
  1: 'destination unreachable',
  2: 'packet too big',
  3: 'time exceeded in-transit',
  4: 'parameter problem',
  128: 'echo request',
  129: 'echo reply',
  130: 'multicast listener query',
  131: 'multicast listener report',
  132: 'multicast listener done',
  133: 'router solicitation',
  134: 'router advertisement',
  135: 'neighbor solicitation',
  136: 'neighbor advertisement',
  137: 'redirect',
  143: 'multicast listener report v2',
};
const OPTION: Record<number, string> = {
  1: 'source link-address',
  2: 'destination link-address',
  3: 'prefix info',
  4: 'redirected header',
  5: 'mtu',
};
const PREFERENCE = ['medium', 'high', '(RSV)', 'low'];

const set = (...bits: [boolean, string][]) =>
  bits
    .filter(([on]) => on)
    .map(([, name]) => name)
    .join(', ') || 'none';

/** A dump in pairs without the letters. */
const dump = (p: Print, at: number, length: number) => p.put(hexAscii(p.b, at, Math.min(at + length, p.end), false));

function options(p: Print, from: number, end: number): void {
  for (let at = from; at < end; ) {
    p.need(at, 2);
    const kind = p.u8(at),
      units = p.u8(at + 1);
    if (units === 0) {
      p.trunc();
      return;
    }
    p.need(at, units * 8);
    p.put(`\n\t  ${OPTION[kind] ?? 'unknown'} option (${kind}), length ${units * 8} (${units}): `);
    if (kind === 1 || kind === 2) p.put(units === 1 ? mac(p.b, at + 2) : hexBytes(p.b, at + 2, at + units * 8, ':'));
    else if (kind === 3) {
      p.need(at, 32);
      const f = p.u8(at + 3);
      const time = (n: number) => (n === 0xffffffff ? 'infinity' : `${n}s`);
      p.put(`${ipv6(p.b, at + 16)}/${p.u8(at + 2)}, Flags [${set([!!(f & 128), 'onlink'], [!!(f & 64), 'auto'], [!!(f & 32), 'router'])}]`);
      p.put(`, valid time ${time(p.u32(at + 4))}, pref. time ${time(p.u32(at + 8))}`);
    } else if (kind === 5) p.put(` ${p.u32(at + 4)}`);
    else if (kind !== 4 && p.v < 2) dump(p, at + 2, units * 8 - 2);
    if (p.v > 1) p.put(hexAscii(p.b, at + 2, Math.min(at + units * 8, p.end), false).replaceAll('\n\t', '\n\t    '));
    at += units * 8;
  }
}

function unreachable(p: Print, at: number, length: number, code: number): boolean {
  p.put(', ');
  const to = () => {
    p.need(at + 8 + 24, 16);
    return ipv6(p.b, at + 8 + 24);
  };
  switch (code) {
    case 0:
      p.put('unreachable route ');
      break;
    case 1:
      p.put(' unreachable prohibited ');
      break;
    case 2:
      p.put('beyond scope ');
      break;
    case 3:
      p.put('unreachable address ');
      break;
    case 4:
      return port(p, at);
    default:
      p.put(`unknown unreach code (${code})`);
      if (p.v < 2) dump(p, at, length);
      return true;
  }
  cutSpace(p);
  p.put(' ', to());
  if (code === 2) p.put(`, source address ${ipv6(p.b, at + 16)}`);
  return false;
}

/** The [|icmp6] behind a word has one space before it. */
function cutSpace(p: Print): void {
  p.retract(1);
}

function port(p: Print, at: number): boolean {
  p.put('unreachable port');
  const inner = at + 8;
  p.need(inner, 40);
  let nh = p.u8(inner + 6),
    o = inner + 40;
  while (nh === 0 || nh === 60 || nh === 43 || nh === 44) {
    p.need(o, 8);
    if (nh === 44 && p.u16(o + 2) & 0xfff8) throw new Short();
    const size = nh === 44 ? 8 : (p.u8(o + 1) + 1) * 8;
    nh = p.u8(o);
    o += size;
  }
  p.need(o, 4);
  if (nh !== 6 && nh !== 17) throw new Short();
  p.retract('unreachable port'.length);
  const to = ipv6(p.b, inner + 24);
  const number = p.u16(o + 2);
  p.put(`unreachable port, ${to} ${nh === 6 ? 'tcp' : 'udp'} port ${number}`);
  return false;
}

export function printIcmp6(p: Print, at: number, length: number, e: Ends): void {
  p.proto = 'icmp6';
  const type = p.u8(at),
    code = p.u8(at + 1),
    end = Math.min(at + length, p.end);
  if (p.v && !e.fragment && p.has(at, length)) {
    const sum = sum16(p.b, at, at + length, pseudoSum(p.b, e.src, e.last, 16, 58, length));
    if (sum === 0xffff) p.put('[icmp6 sum ok] ');
    else p.put(`[bad icmp6 cksum 0x${hexN(p.u16(at + 2), 4)} -> 0x${hexN(shouldBe(p.u16(at + 2), sum), 4)}!] `);
  }
  p.put(`ICMP6, ${NAME[type] ?? `unknown icmp6 type (${type})`}`);
  const discovery = type >= 133 && type <= 137;
  if (p.v && discovery) p.put(`, length ${length}`);
  switch (type) {
    case 1:
      if (unreachable(p, at, length, code)) return;
      break;
    case 2:
      p.put(`, mtu ${p.u32(at + 4)}`);
      break;
    case 3:
      if (code === 0) {
        p.need(at + 8 + 24, 16);
        p.put(` for ${ipv6(p.b, at + 8 + 24)}`);
      } else if (code === 1) p.put(' (reassembly)');
      else p.put(`, unknown code (${code})`);
      break;
    case 4:
      p.put(code < 3 ? `, ${['erroneous', 'next header', 'option'][code]} - octet ${p.u32(at + 4)}` : `, code-#${code}`);
      break;
    case 128:
    case 129:
      p.put(`, id ${p.u16(at + 4)}, seq ${p.u16(at + 6)}`);
      break;
    case 133:
      if (p.v) options(p, at + 8, end);
      break;
    case 134:
      if (p.v) advertisement(p, at, end);
      break;
    case 135:
    case 136:
      neighbour(p, type, at, end);
      break;
    default:
      if (NAME[type]) break;
      p.put(`, length ${length}`);
      if (p.v < 2) dump(p, at, length);
      return;
  }
  if (!p.v) p.put(`, length ${length}`);
}

function advertisement(p: Print, at: number, end: number): void {
  p.need(at, 16);
  const f = u8(p.b, at + 5);
  p.put(
    `\n\thop limit ${u8(p.b, at + 4)}, Flags [${set([!!(f & 128), 'managed'], [!!(f & 64), 'other stateful'], [!!(f & 32), 'home agent'])}]`,
  );
  p.put(
    `, pref ${PREFERENCE[(f >> 3) & 3]}, router lifetime ${p.u16(at + 6)}s, reachable time ${p.u32(at + 8)}ms, retrans timer ${p.u32(at + 12)}ms`,
  );
  options(p, at + 16, end);
}

function neighbour(p: Print, type: number, at: number, end: number): void {
  p.need(at + 8, 16);
  p.put(type === 135 ? `, who has ${ipv6(p.b, at + 8)}` : `, tgt is ${ipv6(p.b, at + 8)}`);
  if (!p.v) return;
  if (type === 136) {
    const f = u8(p.b, at + 4);
    p.put(`, Flags [${set([!!(f & 128), 'router'], [!!(f & 64), 'solicited'], [!!(f & 32), 'override'])}]`);
  }
  options(p, at + 24, end);
}
