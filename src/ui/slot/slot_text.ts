// A slot as sentences: for the twin, for screen readers and for tests. Pure.
import type { RingRef, SlotView } from '../../lab/protocol';
import { hex } from '../format';
import { slotWords as say } from './slot_words';

const RING_SLOTS = 256;
const SLOT = 16;

/** Flags by name, as a number where there is none. */
export function flagsText(v: SlotView): string {
  const names = [...v.flagNames, ...(v.fragments ? [`${say.fragments} ${v.fragments}`] : [])];
  return names.length ? names.join(' | ') : '0';
}

/** Addresses of a byte of the region, guest first; no guest: ''. */
export function places(v: SlotView, offset: number): { guest: string; host: string } {
  return { guest: v.region.guest ? hex(v.region.guest + offset) : '', host: hex(v.region.host + offset) };
}

export function slotText(ring: RingRef, v: SlotView): string {
  const at = places(v, v.region.ring + RING_SLOTS + v.slot * SLOT);
  const lines = [
    `Slot ${v.slot} of ${ring.title}${at.guest ? `, for the guest at ${at.guest}` : ''}, for the host at ${at.host}.`,
    `buf_idx ${v.bufIdx}, len ${v.len}, flags ${flagsText(v)}, ptr ${v.ptr}.`,
  ];
  if (v.buffer) {
    const b = places(v, v.buffer.offset);
    lines.push(
      `Buffer ${v.bufIdx} is at offset ${hex(v.buffer.offset)} of the memory${b.guest ? `, for the guest at ${b.guest}` : ''}, for the host at ${b.host}.`,
    );
  }
  if (v.wrong) lines.push(v.wrong);
  const p = v.packet;
  if (p && p.slots.length > 1) lines.push(`The packet is in slots ${p.slots.join(', ')}, joined by NS_MOREFRAG.`);
  if (p?.open) lines.push(say.open);
  if (p?.line) lines.push(p.line);
  return lines.join(' ');
}
