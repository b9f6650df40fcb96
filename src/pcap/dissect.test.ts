// The field tree and the lines, on vectors made by hand from the standards, and on any bytes at all.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeFrames } from '../../test/pcap_frames.ts';
import { dissect, type Field, fieldsAt } from './dissect.ts';
import { type Conversations, dumpText, summary, timeText } from './summary.ts';

const hex = (s: string) => Uint8Array.from(s.replace(/\s/g, '').match(/../g) ?? [], (x) => Number.parseInt(x, 16));
const ascii = (s: string) => [...s].map((c) => c.charCodeAt(0).toString(16).padStart(2, '0')).join('');
const flat = (fields: readonly Field[]): Field[] => fields.flatMap((f) => [f, ...flat(f.children)]);
const get = (frame: Uint8Array, name: string, len?: number) => flat(dissect(frame, len).fields).filter((f) => f.name === name);
const value = (frame: Uint8Array, name: string) => get(frame, name).map((f) => f.value);

// RFC 826; the checksum of the IPv4 header below is the worked example of RFC 1071's method: 4500 001e 0000 4000 4011 …
const ARP = hex('ffffffffffff 020000000001 0806 0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002');
const UDP = hex('020000000002 020000000001 0800 4500 001e 0000 4000 4011 26cd 0a000001 0a000002 04d2 04d3 000a 79c9 6869 ');

describe('fields', () => {
  it('of an ARP request', () => {
    const { fields, protocols } = dissect(ARP);
    expect(protocols).toEqual(['eth', 'arp']);
    expect(fields[0]?.note).toBe('Ethernet II');
    expect(value(ARP, 'arp.opcode')).toEqual(['1']);
    expect(get(ARP, 'arp.dst.proto_ipv4')).toMatchObject([{ value: '10.0.0.2', offset: 38, length: 4 }]);
    const announced = ARP.slice();
    announced.set([10, 0, 0, 1], 38); // RFC 5227, section 1.1: both addresses are the sender's
    expect(value(announced, 'arp.isannouncement')).toEqual(['1']);
    expect(value(ARP, 'arp.isannouncement')).toEqual([]);
  });

  it('of UDP, with both checksums', () => {
    expect(value(UDP, 'ip.checksum.status')).toEqual(['1']);
    expect(value(UDP, 'udp.checksum.status')).toEqual(['1']);
    expect(value(UDP, 'udp.length')).toEqual(['10']);
    const wrong = UDP.slice();
    wrong[43] = 0;
    expect(get(wrong, 'udp.checksum')[0]?.wrong).toBe('should be 0x7a32');
    const none = UDP.slice();
    none.set([0, 0], 40);
    expect(value(none, 'udp.checksum.status')).toEqual(['3']);
  });

  it('of what pkt-gen sends, marked as its own', () => {
    const TEXT = ascii('netmap pkt-gen DIRECT payload\nhttp://info.iet.unipi.it/~luigi/netmap/ ');
    const frame = (payload: string) => {
      const head = `${'ff'.repeat(6)} 020000000001 0800 4510 00${(20 + 8 + payload.length / 2).toString(16)} 0000 4000 4011 0000 0a000001 0a010001 04d2 04d2`;
      return hex(`${head} 00${(8 + payload.length / 2).toString(16)} 0000 ${payload}`);
    };
    expect(value(frame(TEXT.slice(0, 36)), 'pkt-gen.text')).toEqual(['netmap pkt-gen DIR']);
    const seq = frame(`00000107${TEXT.slice(8, 36)}`);
    expect(get(seq, 'pkt-gen.seq')).toMatchObject([{ value: '263', offset: 42, length: 4, note: 'big endian' }]);
    const ping = frame(`05000000 e8030000 0a000000 ${TEXT.slice(24, 36)}`.replace(/ /g, ''));
    expect([get(ping, 'pkt-gen.seq')[0]?.value, get(ping, 'pkt-gen.sec')[0], get(ping, 'pkt-gen.nsec')[0]?.value]).toMatchObject([
      '5',
      { value: '1000', offset: 46 },
      '10',
    ]);
    expect(get(UDP, 'pkt-gen')).toEqual([]);
  });

  it('of stacked tags, outside in', () => {
    const tagged = hex('020000000002 020000000001 88a8 6064 8100 0005 0806'.replace(/ /g, '') + '00'.repeat(28));
    expect(dissect(tagged).protocols).toEqual(['eth', 'ieee8021ad', 'vlan', 'arp']);
    expect([value(tagged, 'ieee8021ad.id'), value(tagged, 'ieee8021ad.priority'), value(tagged, 'vlan.id')]).toEqual([
      ['100'],
      ['3'],
      ['5'],
    ]);
  });

  it('say where the frame was cut, and by whom', () => {
    const by = (name: string, frame: Uint8Array, len?: number) => get(frame, name, len).map((f) => f.value);
    expect(by('_ws.short', UDP.subarray(0, 30), UDP.length)).toEqual(['[|ip]']);
    expect(by('_ws.malformed', UDP.subarray(0, 30))).toEqual(['[|ip]']);
    expect(by('_ws.short', UDP.subarray(0, 8), UDP.length)).toEqual(['[|ether]']);
    expect(value(UDP.subarray(0, 30), 'ip.src')).toEqual(['10.0.0.1']);
  });

  it('are found from a byte of the dump', () => {
    expect(fieldsAt(dissect(UDP).fields, 27).map((f) => f.name)).toEqual(['ip', 'ip.src']);
    expect(fieldsAt(dissect(UDP).fields, 20).map((f) => f.name)).toEqual(['ip', 'ip.flags', 'ip.flags.rb']);
    expect(fieldsAt(dissect(UDP).fields, 999)).toEqual([]);
  });
});

describe('lines', () => {
  it('are tcpdump’s', () => {
    expect(summary(ARP)).toBe('ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28');
    expect(summary(UDP)).toBe('IP 10.0.0.1.1234 > 10.0.0.2.1235: UDP, length 2');
    expect(summary(UDP, UDP.length, { link: true })).toBe(
      '02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype IPv4 (0x0800), length 44: 10.0.0.1.1234 > 10.0.0.2.1235: UDP, length 2',
    );
    expect(summary(UDP, UDP.length, { verbose: 1 })).toBe(
      'IP (tos 0x0, ttl 64, id 0, offset 0, flags [DF], proto UDP (17), length 30)\n    10.0.0.1.1234 > 10.0.0.2.1235: UDP, length 2',
    );
    expect(summary(UDP.subarray(0, 33), 44)).toBe('IP  [|ip]');
  });

  it('count TCP relative to its beginning, and keep that as plain data', () => {
    const segment = (flags: string, seq: string, ack: string, turned = false) => {
      const ends = turned ? '0a000002 0a000001 04d3 04d2' : '0a000001 0a000002 04d2 04d3';
      return hex(`020000000002 020000000001 0800 4500 0028 0000 0000 4006 0000 ${ends} ${seq} ${ack} 50${flags} 1000 0000 0000`);
    };
    let c: Conversations = {};
    const lines = [
      segment('02', '00000064', '00000000'),
      segment('12', '000003e8', '00000065', true),
      segment('10', '00000065', '000003e9'),
    ].map((s) => {
      c = JSON.parse(JSON.stringify(c));
      return summary(s, s.length, {}, c).replace(/^.*: /, '');
    });
    expect(lines).toEqual([
      'Flags [S], seq 100, win 4096, length 0',
      'Flags [S.], seq 1000, ack 101, win 4096, length 0',
      'Flags [.], ack 1, win 4096, length 0',
    ]);
  });

  it('have times of all kinds', () => {
    const ts = { sec: 1445385600 + 3661, nsec: 5000 };
    const before = { sec: 1445385600, nsec: 6000 };
    expect([timeText(ts), timeText(ts, 'none'), timeText(ts, 'epoch'), timeText(ts, 'date')]).toEqual([
      '01:01:01.000005 ',
      '',
      '1445389261.000005 ',
      '2015-10-21 01:01:01.000005 ',
    ]);
    expect([timeText(ts, 'delta', before), timeText(before, 'delta', ts), timeText(ts, 'first')]).toEqual([
      ' 01:01:00.999999 ',
      '-01:01:00.999999 ',
      ' 00:00:00.000000 ',
    ]);
    expect(timeText(ts, 'clock', undefined, true)).toBe('01:01:01.000005000 ');
  });

  it('have dumps of all kinds', () => {
    expect(dumpText(UDP, 'hex')).toBe(
      '\n\t0x0000:  4500 001e 0000 4000 4011 26cd 0a00 0001\n\t0x0010:  0a00 0002 04d2 04d3 000a 79c9 6869',
    );
    expect(dumpText(UDP, 'ascii').split('\n')[2]).toBe('\t0x0010:  0a00 0002 04d2 04d3 000a 79c9 6869       ..........y.hi');
    expect(dumpText(UDP, 'hex', true)).toMatch(/^\n\t0x0000: {2}0200 0000 0002 0200/);
    expect(dumpText(UDP, 'text')).toMatch(/y\.hi$/);
  });
});

describe('any bytes', () => {
  const options = [{}, { link: true, verbose: 2 }, { quiet: true, verbose: 1 }, { verbose: 3, absolute: true }];
  const holds = (bytes: Uint8Array, len: number) => {
    const fields = flat(dissect(bytes, len).fields);
    for (const f of fields) {
      expect(f.offset).toBeGreaterThanOrEqual(0);
      expect(f.offset).toBeLessThanOrEqual(Math.max(len, bytes.length));
      expect(typeof f.value).toBe('string');
    }
    for (const o of options) expect(typeof summary(bytes, len, o)).toBe('string');
    fieldsAt(dissect(bytes, len).fields, bytes.length >> 1);
  };

  it('give a tree and a line', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.nat(2100), (bytes, len) => holds(bytes, len)),
      { seed: 3, numRuns: 1500 },
    );
  });

  it('of real kinds, changed, do too', () => {
    const frames = makeFrames(77, 300, 0);
    const change = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 });
    const run = fc.property(fc.constantFrom(...frames), change, fc.nat(200), ({ bytes }, changes, cut) => {
      const b = bytes.slice(0, Math.max(0, bytes.length - (cut > 100 ? cut - 100 : 0)));
      for (const [at, x] of changes) if (b.length) b[at % b.length] = x;
      holds(b, cut % 2 ? b.length : bytes.length);
    });
    fc.assert(run, { seed: 5, numRuns: 1500 });
  });

  it('made to go deep: tags in tags, errors that quote errors', () => {
    holds(hex(`020000000002020000000001${'81000001'.repeat(16000)}`), 64012);
    const quote = '45000028000000000001000001020304050607080300000000000000';
    holds(hex(`0200000000020200000000010800${quote.repeat(2000)}`), 56014);
  });
});
