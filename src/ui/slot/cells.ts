// From a dissected packet to what the slot's view shows: layers with their lines, fields with their bytes. Pure.
import type { SlotField, SlotPacket } from '../../lab/protocol';
import { slotWords } from './slot_words';

export interface FieldRow {
  /** Its number, by which bytes and row find each other. */
  id: number;
  depth: number;
  name: string;
  value: string;
  note: string;
  wrong: string;
  /** Bytes [from, to) of the packet. */
  from: number;
  to: number;
}
export interface Layer {
  /** Its protocol, and its title in words. */
  name: string;
  title: string;
  note: string;
  from: number;
  to: number;
  rows: FieldRow[];
}

/** Checksums in words; other notes as they are. */
function noteOf(f: SlotField): string {
  if (!/checksum$/.test(f.name)) return f.note ?? '';
  if (f.wrong) return `${slotWords.bad}, ${f.wrong}`;
  return f.note === 'correct' ? slotWords.good : (f.note ?? '');
}

/** Computed twins of a field that is there already. */
const DOUBLE = /\.status$|_le$|^data\.len$/;

/** Up to an Ethernet address: what is inside is bits. */
const WORD = 6;

export function layersOf(packet: SlotPacket): Layer[] {
  let id = 0;
  const out: Layer[] = [];
  const add = (rows: FieldRow[], f: SlotField, depth: number) => {
    if (DOUBLE.test(f.name)) return;
    rows.push({
      id: id++,
      depth,
      name: f.name,
      value: f.value,
      note: noteOf(f),
      wrong: f.wrong ?? '',
      from: f.offset,
      to: f.offset + f.length,
    });
    // single bits are in the note of the byte that they are in
    for (const c of f.children) if (f.length > WORD || c.wrong) add(rows, c, depth + 1);
  };
  if (packet.header) out.push({ name: 'virtio', title: slotWords.virtio, note: '', from: 0, to: packet.header, rows: [] });
  for (const f of packet.fields) {
    const rows: FieldRow[] = [];
    for (const c of f.children) add(rows, c, 0);
    if (!f.children.length) add(rows, f, 0);
    out.push({
      name: f.name,
      title: slotWords.layers[f.name] ?? f.name,
      note: f.note ?? f.wrong ?? '',
      from: f.offset,
      to: f.offset + f.length,
      rows,
    });
  }
  return out;
}

/** The layer that a byte of the packet belongs to: the innermost, which is the last that covers it. */
export function layerAt(layers: readonly Layer[], offset: number): number {
  return layers.findLastIndex((l) => offset >= l.from && offset < l.to);
}

/** The field that a byte belongs to: the smallest that covers it, of equal ones the last. */
export function fieldAt(layers: readonly Layer[], offset: number): FieldRow | undefined {
  let best: FieldRow | undefined;
  for (const l of layers)
    for (const r of l.rows)
      if (r.to > r.from && offset >= r.from && offset < r.to && (!best || r.to - r.from <= best.to - best.from)) best = r;
  return best;
}

/** A byte as hex(1) and hexdump -C show it. */
export const hexOf = (byte: number): string => byte.toString(16).padStart(2, '0');
export const charOf = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.');

/** The bytes in rows of 16. */
export function rowsOf(bytes: readonly number[]): { at: number; bytes: readonly number[] }[] {
  return Array.from({ length: Math.ceil(bytes.length / 16) }, (_, i) => ({ at: i * 16, bytes: bytes.slice(i * 16, i * 16 + 16) }));
}
