// The frame that pkt-gen sends: Ethernet, IPv4, UDP with their checksums, and its payload. Mirrors initialize_packet().

export interface FrameOptions {
  size: number;
  srcIp: string;
  dstIp: string;
  dstMac: string;
}
const PAYLOAD = 'netmap pkt-gen DIRECT payload\nhttp://info.iet.unipi.it/~luigi/netmap/ ';

/** Six bytes of "aa:bb:cc:dd:ee:ff", undefined when it is not one. */
export function parseMac(s: string): number[] | undefined {
  const m = /^([0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5})$/i.exec(s.split('-')[0] ?? '');
  return m?.[1]?.split(':').map((x) => Number.parseInt(x, 16));
}

/** First address and port of "ip[:port[-ip:port]]". */
export function parseRange(s: string): { ip: number[]; port: number } | undefined {
  const m = /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?::(\d+))?/.exec(s);
  if (!m) return undefined;
  const ip = m.slice(1, 5).map(Number),
    port = Number(m[5] ?? 1234);
  return ip.every((x) => x < 256) && port < 65536 ? { ip, port } : undefined;
}

const sum16 = (b: number[], from = 0, to = b.length, start = 0) => {
  let s = start;
  for (let i = from; i < to; i += 2) s += ((b[i] ?? 0) << 8) | (i + 1 < to ? (b[i + 1] ?? 0) : 0);
  while (s > 0xffff) s = (s & 0xffff) + (s >>> 16);
  return s;
};
const be16 = (v: number) => [(v >>> 8) & 255, v & 255];

/** Frame of `size` bytes without CRC. */
export function buildFrame(g: FrameOptions, srcMac: string): number[] {
  const src = parseRange(g.srcIp) ?? { ip: [10, 0, 0, 1], port: 1234 },
    dst = parseRange(g.dstIp) ?? { ip: [10, 1, 0, 1], port: 1234 };
  const paylen = Math.max(0, g.size - 42),
    pay = Array.from({ length: paylen }, (_, i) => PAYLOAD.charCodeAt(i % PAYLOAD.length));
  const udplen = paylen + 8;
  const udp = [...be16(src.port), ...be16(dst.port), ...be16(udplen), 0, 0, ...pay];
  const pseudo = [...src.ip, ...dst.ip, 0, 17, ...be16(udplen)];
  const usum = ~sum16(udp, 0, udp.length, sum16(pseudo)) & 0xffff;
  udp.splice(6, 2, ...be16(usum || 0xffff));
  const ip = [0x45, 0x10, ...be16(20 + udplen), 0, 0, 0x40, 0, 64, 17, 0, 0, ...src.ip, ...dst.ip];
  ip.splice(10, 2, ...be16(~sum16(ip) & 0xffff));
  return [...(parseMac(g.dstMac) ?? []), ...(parseMac(srcMac) ?? []), 8, 0, ...ip, ...udp].slice(0, g.size);
}
