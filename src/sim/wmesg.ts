// What a thread sleeps on, in a word: FreeBSD's wmesg of each WM_* of wasm/layout.ts; a vCPU with none is in userspace.

export const WMESG: readonly string[] = ['bhyve', 'select', 'nmk_event', 'vmidle', 'nanslp', 'hardware', '-', 'stopped', 'uwait', 'kqread'];
