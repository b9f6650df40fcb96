// What programs and the switch share of netmap's user header: the packet copy.

/** pkt_copy: multiples of 64 bytes, word by word below 1024 (a memory.copy of 64 bytes is a call out of wasm). */
export function pkt_copy(to: usize, from: usize, len: u32): void {
  if (len >= 1024) { memory.copy(to, from, len); return; }
  for (const end = to + len; to < end; to += 64, from += 64) {
    store<u64>(to, load<u64>(from)); store<u64>(to, load<u64>(from, 8), 8);
    store<u64>(to, load<u64>(from, 16), 16); store<u64>(to, load<u64>(from, 24), 24);
    store<u64>(to, load<u64>(from, 32), 32); store<u64>(to, load<u64>(from, 40), 40);
    store<u64>(to, load<u64>(from, 48), 48); store<u64>(to, load<u64>(from, 56), 56);
  }
}
