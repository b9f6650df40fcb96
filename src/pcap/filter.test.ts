// Filter expressions against pcap-filter(7): what is taken, how strong the operators are, and libpcap's words for errors.
import { describe, expect, it } from 'vitest';
import { makeFrames } from '../../test/pcap_frames.ts';
import { compileFilter, FilterError } from './filter.ts';

const hex = (s: string) => Uint8Array.from(s.replace(/\s/g, '').match(/../g) ?? [], (x) => Number.parseInt(x, 16));
const UDP = hex('020000000002 020000000001 0800 4500 001e 0000 4000 4011 26cd 0a000001 0a000002 04d2 04d3 000a 79c9 6869');
const ARP = hex('ffffffffffff 020000000001 0806 0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002');
const SYN = hex(
  '020000000002 020000000001 8100 0005 0800 4500 0028 0000 0000 4006 0000 0a000001 0a000002 04d2 0050 00000001 00000000 5002 1000 0000 0000',
);
const V6 = hex(
  '333300000001 020000000001 86dd 6000 0000 0008 1101 20010db8000000000000000000000001 ff020000000000000000000000000001 04d2 0035 0008 0000',
);

describe('expressions', () => {
  it.each<[string, string]>([
    ['', 'uasv'],
    ['ip', 'u'],
    ['arp', 'a'],
    ['ip6', 'v'],
    ['udp', 'uv'],
    ['host 10.0.0.1', 'ua'],
    ['dst host 10.0.0.1', ''],
    ['src 10.0.0.1 and dst 10.0.0.2', 'ua'],
    ['host 10.0.0.9 or 10.0.0.2', 'ua'],
    ['net 10', 'ua'],
    ['net 10.0.0.0/30', 'ua'],
    ['net 10.0.0.0 mask 255.255.255.252', 'ua'],
    ['host 2001:db8::1', 'v'],
    ['dst net ff00::/8', 'v'],
    ['port 1234', 'uv'],
    ['dst port domain', 'v'],
    ['tcp port 1234', ''],
    ['portrange 1230-1240', 'uv'],
    ['vlan', 's'],
    ['vlan 5 and tcp dst port 80', 's'],
    ['vlan 6', ''],
    ['vlan and ip and not udp', 's'],
    ['ether host 02:00:00:00:00:02', 'us'],
    ['ether dst ff:ff:ff:ff:ff:ff', 'a'],
    ['broadcast', 'a'],
    ['multicast', 'av'],
    ['ether proto 0x806', 'a'],
    ['ip proto 17', 'u'],
    ['ip proto \\udp', 'u'],
    ['ip[8] > 5', 'u'],
    ['ip[8] = 0x40 && ip[6:2] & 0x4000 != 0', 'u'],
    ['vlan and tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn', 's'],
    ['udp[4:2] = 10', 'u'],
    ['len >= 58', 'sv'],
    ['greater 58', 'sv'],
    ['less 44', 'ua'],
    ['arp or ip and len > 43', 'u'], // equal strength: (arp or ip) and len > 43
    ['arp or (ip and len > 43)', 'ua'],
    ['not arp and not vlan', 'uv'],
    ['! ( arp || udp )', 's'],
    ['ip[100] = 0', ''],
    ['not ip[100] = 0', 'asv'], // u is taken out: the look goes beyond its end
  ])('%s', (text, taken) => {
    const f = compileFilter(text);
    const frames: [string, Uint8Array][] = [
      ['u', UDP],
      ['a', ARP],
      ['s', SYN],
      ['v', V6],
    ];
    expect(
      frames
        .filter(([, b]) => f(b, b.length))
        .map(([n]) => n)
        .join(''),
    ).toBe(taken);
  });

  it.each<[string, string, number]>([
    ['foo', 'syntax error', 0],
    ['tcp or', 'syntax error', 6],
    ['(tcp', 'syntax error', 4],
    ['tcp tcp', 'syntax error', 4],
    ['10.0.0.1', 'syntax error', 0],
    ['host', 'syntax error', 4],
    ['host 300.1.1.1', "invalid IPv4 address '300.1.1.1'", 5],
    ['tcp port foo', "unknown port 'foo'", 9],
    ['port 99999', 'illegal port number 99999 > 65535', 5],
    ['tcp host 10.0.0.1', "'tcp' modifier applied to host", 9],
    ['net 10.0.0.1/8', 'non-network bits set in "10.0.0.1/8"', 4],
    ['ip[8:3] = 1', 'data size must be 1, 2, or 4', 5],
    ['ip[0] / 0 = 1', 'division by zero', 8],
    ['vlan 5000', 'VLAN tag 5000 greater than maximum 4095', 5],
    ['host 02:00:00:00:00:01', 'ethernet address used in non-ether expression', 5],
    ['ip & $', 'illegal token: $', 5],
  ])('%s: %s', (text, message, at) => {
    let error: unknown;
    try {
      compileFilter(text);
    } catch (e) {
      error = e;
    }
    expect(error).toBeInstanceOf(FilterError);
    expect([(error as FilterError).message, (error as FilterError).at]).toEqual([message, at]);
  });

  it('answer for any frame, and end for any depth', () => {
    const f = compileFilter('not tcp[((tcp[12] & 0xf0) >> 2):4] = 0x47455420 and (ip6 or vlan) or icmp[icmptype] = icmp-echo');
    for (const { bytes, len } of makeFrames(5, 500, 60)) expect(typeof f(bytes, len)).toBe('boolean');
    expect(() => compileFilter('('.repeat(5000))).toThrow(FilterError);
    expect(() => compileFilter(`ip[${'('.repeat(5000)}`)).toThrow(FilterError);
    expect(compileFilter(`${'not '.repeat(5000)}ip`)(UDP, UDP.length)).toBe(true);
  });
});
