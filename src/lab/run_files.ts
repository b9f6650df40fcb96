// Files that go into a run from outside, and come out of it.

import { fromBytes, pathOf, toBytes } from '../bin/binary_file.ts';
import { toPcapng } from './capture.ts';
import type { Lab } from './lab.ts';

/** A file from outside is on the host before anything is typed. */
export function putFile(lab: Lab, name: string, bytes: Uint8Array) {
  lab.world.tree.host.os.files[pathOf(name)] = fromBytes(bytes);
  lab.timeline.root();
}

/** A file of the host, or of VM:NAME. */
export function getFile(lab: Lab, name: string): Uint8Array | undefined {
  const [, vm, path = ''] = /^(?:([A-Za-z0-9_.-]+):)?(.*)$/.exec(name) ?? [],
    { host, guests } = lab.world.tree,
    files = (vm ? guests[vm]?.os : host.os)?.files,
    text = files?.[pathOf(path)] ?? files?.[path];
  return text === undefined ? undefined : toBytes(text);
}

/** What `lab capture` has, as pcapng. */
export function captureFile(lab: Lab): Uint8Array | undefined {
  const c = lab.world.tree.capture;
  return c ? toPcapng(lab.world.m, c) : undefined;
}
