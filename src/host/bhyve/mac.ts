// The MAC that bhyve gives a virtio-net without mac=: OUI 00:a0:98, then three bytes of an MD5 (facts bhyve 1.8).

import { md5 } from '@noble/hashes/legacy.js';

/** "00:a0:98:…" for slot, function and VM name. */
export function bhyveMac(slot: number, func: number, vmname: string): string {
  const h = md5(new TextEncoder().encode(`${slot}-${func}-${vmname}`));
  return [0x00, 0xa0, 0x98, ...h.slice(0, 3)].map((b) => b.toString(16).padStart(2, '0')).join(':');
}

/** Six bytes of a unicast, non-zero MAC; undefined otherwise. */
export function parseUnicastMac(s: string): number[] | undefined {
  if (!/^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){5}$/i.test(s)) return undefined;
  const b = s.split(':').map((x) => Number.parseInt(x, 16));
  return (b[0] ?? 1) & 1 || b.every((x) => x === 0) ? undefined : b;
}
