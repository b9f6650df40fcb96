// The frame that pkt-gen sends: Ethernet, IPv4, UDP with their checksums, and its payload; addresses and ports as ranges.
// Mirrors initialize_packet(), extract_ip_range() and extract_mac_range() (facts netmap 6.1).

export interface FrameOptions {
  /** Bytes without CRC and without a virtio-net header. */
  size: number;
  srcIp: string;
  dstIp: string;
  dstMac: string;
}
/** The same with ranges. */
export interface WholeFrame {
  size: number;
  src: IpRange;
  dst: IpRange;
  dstMac: string;
  /** The payload says so. */
  indirect?: boolean;
}
/** First and last address (as a number) and port. */
export interface IpRange {
  start: number;
  end: number;
  port0: number;
  port1: number;
}
const URL = 'http://info.iet.unipi.it/~luigi/netmap/ ',
  PAYLOAD = `netmap pkt-gen DIRECT payload\n${URL}`,
  INDIRECT_PAYLOAD = `netmap pkt-gen indirect payload\n${URL}`;
const PORT = 1234,
  HEADERS = 42;

/** Six bytes of "aa:bb:cc:dd:ee:ff", undefined when it is not one. Of a range only the first address counts. */
export function parseMac(s: string): number[] | undefined {
  const m = /^([0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5})$/i.exec(s.split('-')[0] ?? '');
  return m?.[1]?.split(':').map((x) => Number.parseInt(x, 16));
}

const bytes = (ip: number) => [ip >>> 24, (ip >>> 16) & 255, (ip >>> 8) & 255, ip & 255];
export const dotted = (ip: number) => bytes(ip).join('.');

function address(s: string): number | undefined {
  const m = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(s);
  if (!m) return undefined;
  const b = m.slice(1).map(Number);
  return b.every((x) => x < 256) ? b.reduce((n, x) => n * 256 + x, 0) : undefined;
}
/** strtol(s, NULL, 0) of a port. */
function port(s: string): number | undefined {
  const n = /^0x[0-9a-f]+$/i.test(s) ? Number(s) : /^0[0-7]+$/.test(s) ? Number.parseInt(s, 8) : /^\d+$/.test(s) ? Number(s) : undefined;
  return n !== undefined && n < 65536 ? n : undefined;
}

/** "ip[:port][-[ip][:port]]": whichever of the two is larger is the last. */
export function parseRange(s: string): IpRange | undefined {
  const dash = s.indexOf('-'),
    [firstIp = '', firstPort] = (dash < 0 ? s : s.slice(0, dash)).split(':'),
    [lastIp = '', lastPort] = (dash < 0 ? '' : s.slice(dash + 1)).split(':');
  const a = address(firstIp),
    b = lastIp === '' ? a : address(lastIp),
    p = firstPort === undefined ? PORT : port(firstPort),
    q = lastPort === undefined || lastPort === '' ? p : port(lastPort);
  if (a === undefined || b === undefined || p === undefined || q === undefined) return undefined;
  return { start: Math.min(a, b), end: Math.max(a, b), port0: Math.min(p, q), port1: Math.max(p, q) };
}
/** Whether packets differ. */
export const isRange = (r: IpRange) => r.start !== r.end || r.port0 !== r.port1;

const sum16 = (b: number[], from = 0, to = b.length, start = 0) => {
  let s = start;
  for (let i = from; i < to; i += 2) s += ((b[i] ?? 0) << 8) | (i + 1 < to ? (b[i + 1] ?? 0) : 0);
  while (s > 0xffff) s = (s & 0xffff) + (s >>> 16);
  return s;
};
const be16 = (v: number) => [(v >>> 8) & 255, v & 255];

/** Frame of `size` bytes without CRC. */
export function buildFrame(g: FrameOptions, srcMac: string): number[] {
  const range = (s: string, dflt: number) => parseRange(s) ?? { start: dflt, end: dflt, port0: PORT, port1: PORT };
  return wholeFrame({ ...g, src: range(g.srcIp, 0x0a000001), dst: range(g.dstIp, 0x0a010001) }, srcMac).slice(0, g.size);
}

/** The first frame of ranges: its headers are whole, even if `size` bytes do not hold them. */
export function wholeFrame(g: WholeFrame, srcMac: string): number[] {
  const paylen = Math.max(0, g.size - HEADERS),
    text = g.indirect ? INDIRECT_PAYLOAD : PAYLOAD,
    pay = Array.from({ length: paylen }, (_, i) => text.charCodeAt(i % text.length));
  const src = bytes(g.src.start),
    dst = bytes(g.dst.start),
    udplen = paylen + 8;
  const udp = [...be16(g.src.port0), ...be16(g.dst.port0), ...be16(udplen), 0, 0, ...pay];
  const pseudo = [...src, ...dst, 0, 17, ...be16(udplen)];
  const usum = ~sum16(udp, 0, udp.length, sum16(pseudo)) & 0xffff;
  udp.splice(6, 2, ...be16(usum || 0xffff));
  const ip = [0x45, 0x10, ...be16(20 + udplen), 0, 0, 0x40, 0, 64, 17, 0, 0, ...src, ...dst];
  ip.splice(10, 2, ...be16(~sum16(ip) & 0xffff));
  return [...(parseMac(g.dstMac) ?? []), ...(parseMac(srcMac) ?? []), 8, 0, ...ip, ...udp];
}
