// tcpdump's words for ICMP: print-icmp.c.
import { ipv4, shouldBe, sum16 } from './bytes.ts';
import type { Print } from './print.ts';

const UNREACHABLE: Record<number, string> = {
  0: 'net % unreachable',
  1: 'host % unreachable',
  5: '% unreachable - source route failed',
  6: 'net % unreachable - unknown',
  7: 'host % unreachable - unknown',
  8: '% unreachable - source host isolated',
  9: 'net % unreachable - admin prohibited',
  10: 'host % unreachable - admin prohibited',
  11: 'net % unreachable - tos prohibited',
  12: 'host % unreachable - tos prohibited',
  13: 'host % unreachable - admin prohibited filter',
  14: 'host % unreachable - host precedence violation',
  15: 'host % unreachable - precedence cutoff',
};
const REDIRECT = ['redirect % to net ', 'redirect % to host ', 'redirect-tos % to net ', 'redirect-tos % to host '];
const PLAIN: Record<number, string> = {
  4: 'source quench',
  9: 'router advertisement',
  10: 'router solicitation',
  15: 'information request',
  16: 'information reply',
  17: 'address mask request',
};
const isError = (type: number) => [3, 4, 5, 11, 12].includes(type);

function unreachable(p: Print, at: number, code: number): string {
  const to = () => {
    p.need(at + 24, 4);
    return ipv4(p.b, at + 24);
  };
  if (code === 2) {
    const proto = p.u8(at + 17);
    return `${to()} protocol ${proto} unreachable`;
  }
  if (code === 3) {
    const proto = p.u8(at + 17);
    const head = (p.u8(at + 8) & 15) * 4;
    const port = p.u16(at + 8 + head + 2);
    const name = proto === 6 ? 'tcp port' : proto === 17 ? 'udp port' : `protocol ${proto} port`;
    return `${to()} ${name} ${port} unreachable`;
  }
  if (code === 4) {
    const mtu = p.u16(at + 6);
    return `${to()} unreachable - need to frag${mtu ? ` (mtu ${mtu})` : ''}`;
  }
  const words = UNREACHABLE[code];
  return words ? words.replace('%', to()) : `${to()} unreachable - #${code}`;
}

function words(p: Print, at: number): string {
  const type = p.u8(at),
    code = p.u8(at + 1);
  switch (type) {
    case 0:
    case 8:
      return `echo ${type ? 'request' : 'reply'}, id ${p.u16(at + 4)}, seq ${p.u16(at + 6)}`;
    case 3:
      return unreachable(p, at, code);
    case 5: {
      p.need(at + 24, 4);
      const how = REDIRECT[code];
      const to = ipv4(p.b, at + 24);
      return `${how ? how.replace('%', to) : `redirect-#${code} ${to} to net `}${ipv4(p.b, at + 4)}`;
    }
    case 11:
      p.need(at + 24, 4);
      return code === 0 ? 'time exceeded in-transit' : code === 1 ? 'ip reassembly time exceeded' : `time exceeded-#${code}`;
    case 12:
      if (code) return `parameter problem - code ${code}`;
      return `parameter problem - octet ${p.u8(at + 4)}`;
    case 13:
      return `time stamp query id ${p.u16(at + 4)} seq ${p.u16(at + 6)}`;
    default:
      return PLAIN[type] ?? `type-#${type}`;
  }
}

export function printIcmp(p: Print, at: number, length: number, fragment: boolean, quote: (at: number, length: number) => void): void {
  p.proto = 'icmp';
  p.need(at, 1);
  const type = p.u8(at);
  p.u8(at + 1);
  p.put('ICMP ', words(p, at), `, length ${length}`);
  if (p.v && !fragment && p.has(at, length)) {
    const sum = sum16(p.b, at, at + length);
    if (sum !== 0xffff) p.put(` (wrong icmp cksum ${p.u16(at + 2).toString(16)} (->${shouldBe(p.u16(at + 2), sum).toString(16)})!)`);
  }
  if (p.v && isError(type) && p.quoted < 8) {
    p.put('\n\t');
    p.quoted++;
    quote(at + 8, p.has(at + 8, 4) ? p.u16(at + 10) : p.end - at - 8);
    p.quoted--;
  }
}
