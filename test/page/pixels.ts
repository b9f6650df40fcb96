// Pictures as pixels, without a library: PNG as browsers write it (8 bits, RGB or RGBA, not interlaced), made smaller by means.
import { crc32, deflateSync, inflateSync } from 'node:zlib';

export interface Pixels {
  width: number;
  height: number;
  /** Red, green, blue. */
  data: Uint8Array;
}

const HEAD = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

export function decode(png: Buffer): Pixels {
  const parts: Buffer[] = [];
  let width = 0,
    height = 0,
    bytes = 3;
  for (let at = HEAD.length; at < png.length; ) {
    const length = png.readUInt32BE(at),
      kind = png.toString('latin1', at + 4, at + 8),
      body = png.subarray(at + 8, at + 8 + length);
    if (kind === 'IHDR') {
      width = body.readUInt32BE(0);
      height = body.readUInt32BE(4);
      if (body[8] !== 8 || (body[9] !== 2 && body[9] !== 6) || body[12]) throw new Error('a PNG of another kind');
      bytes = body[9] === 6 ? 4 : 3;
    } else if (kind === 'IDAT') parts.push(body);
    at += length + 12;
  }
  const raw = inflateSync(Buffer.concat(parts)),
    row = width * bytes,
    now = new Uint8Array(row),
    before = new Uint8Array(row),
    data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = y * (row + 1),
      filter = raw[from];
    for (let i = 0; i < row; i++) {
      const left = i >= bytes ? (now[i - bytes] as number) : 0,
        up = before[i] as number,
        corner = i >= bytes ? (before[i - bytes] as number) : 0;
      const paeth = () => {
        const p = left + up - corner,
          a = Math.abs(p - left),
          b = Math.abs(p - up),
          c = Math.abs(p - corner);
        return a <= b && a <= c ? left : b <= c ? up : corner;
      };
      const guess = filter === 1 ? left : filter === 2 ? up : filter === 3 ? (left + up) >> 1 : filter === 4 ? paeth() : 0;
      now[i] = (raw[from + 1 + i] as number) + guess;
    }
    for (let x = 0; x < width; x++) data.set(now.subarray(x * bytes, x * bytes + 3), (y * width + x) * 3);
    before.set(now);
  }
  return { width, height, data };
}

export function encode({ width, height, data }: Pixels): Buffer {
  const raw = Buffer.alloc(height * (width * 3 + 1));
  for (let y = 0; y < height; y++) {
    const at = y * (width * 3 + 1);
    raw[at] = 1;
    for (let i = 0; i < width * 3; i++)
      raw[at + 1 + i] = (data[y * width * 3 + i] as number) - (i >= 3 ? (data[y * width * 3 + i - 3] as number) : 0);
  }
  const part = (kind: string, body: Buffer): Buffer => {
    const named = Buffer.concat([Buffer.from(kind, 'latin1'), body]),
      out = Buffer.alloc(named.length + 8);
    out.writeUInt32BE(body.length, 0);
    named.copy(out, 4);
    out.writeUInt32BE(crc32(named), named.length + 4);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = 8;
  head[9] = 2;
  return Buffer.concat([HEAD, part('IHDR', head), part('IDAT', deflateSync(raw, { level: 9 })), part('IEND', Buffer.alloc(0))]);
}

/** Each pixel the mean of a square of them. */
export function smaller({ width, height, data }: Pixels, by: number): Pixels {
  const w = Math.floor(width / by),
    h = Math.floor(height / by),
    out = new Uint8Array(w * h * 3);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++)
      for (let k = 0; k < 3; k++) {
        let sum = 0;
        for (let j = 0; j < by; j++) for (let i = 0; i < by; i++) sum += data[((y * by + j) * width + x * by + i) * 3 + k] as number;
        out[(y * w + x) * 3 + k] = Math.round(sum / (by * by));
      }
  return { width: w, height: h, data: out };
}
