// Disk images of the host: files whose bytes nobody reads, so only their sizes are here (modelled).

import { absolute } from '../../sh/file.ts';
import type { OsTree } from '../../sh/proc.ts';

/** An mfs-root kernel image, and a VM's disk. */
export const IMAGES: Record<string, number> = { '/root/mfsroot.img': 33554432, '/vm/netmapvm.img': 8589934592 };

/** Bytes of a file as a disk; undefined when there is none. */
export function diskBytes(t: OsTree, cwd: string, name: string): number | undefined {
  const path = absolute(cwd, name);
  if (!Object.hasOwn(t.files, path)) return undefined;
  return (Object.hasOwn(IMAGES, path) ? IMAGES[path] : undefined) ?? t.files[path]?.length ?? 0;
}
