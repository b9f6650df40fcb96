// The null modem, nmdm(4): /dev/nmdmNA and /dev/nmdmNB, what is written to one is read from the other. Mirrors nmdm.c in small:
// the pair appears when either is opened, bytes wait for a reader up to a bound, there are no speeds and no modem lines.

import type { HostSys } from './sys.ts';
import type { HostTree } from './tree.ts';

export interface NmdmEnd {
  /** The process that has it open; 0: nobody. */
  pid: number;
  /** Bytes that wait to be read here. */
  rx: string;
}
const QUEUE_MAX = 65536;
const NAME = /^\/dev\/(nmdm\d{1,4})([AB])$/;

const ends = (t: HostTree, path: string): [mine: NmdmEnd, other: NmdmEnd] | undefined => {
  const m = NAME.exec(path);
  if (!m?.[1]) return undefined;
  t.nmdm ??= {};
  t.nmdm[m[1]] ??= [
    { pid: 0, rx: '' },
    { pid: 0, rx: '' },
  ];
  const pair = t.nmdm[m[1]];
  if (!pair) return undefined;
  return m[2] === 'A' ? [pair[0], pair[1]] : [pair[1], pair[0]];
};

/** open(2): nothing, or why not. */
export function nmdmOpen(sys: HostSys, path: string, pid: number): 'No such file or directory' | 'Device busy' | undefined {
  if (!sys.modules().some((f) => f.name === 'nmdm.ko')) return 'No such file or directory';
  const e = ends(sys.hostTree(), path)?.[0];
  if (!e) return 'No such file or directory';
  if (e.pid && sys.os.proc(e.pid)) return 'Device busy';
  e.pid = pid;
  return undefined;
}
export function nmdmWrite(sys: HostSys, path: string, data: string) {
  const other = ends(sys.hostTree(), path)?.[1];
  if (!other) return;
  other.rx = (other.rx + data).slice(0, QUEUE_MAX);
  if (other.pid) sys.os.wake(other.pid);
}
export function nmdmRead(sys: HostSys, path: string): string {
  const e = ends(sys.hostTree(), path)?.[0],
    data = e?.rx ?? '';
  if (e) e.rx = '';
  return data;
}
/** close(2) of everything that a process has open; a pair that nobody holds is gone. */
export function nmdmClose(sys: HostSys, pid: number) {
  const t = sys.hostTree();
  for (const [name, pair] of Object.entries(t.nmdm ?? {})) {
    for (const e of pair) if (e.pid === pid) e.pid = 0;
    if (!pair[0].pid && !pair[1].pid) delete t.nmdm?.[name];
  }
}
/** The process at the other end. */
export const nmdmPeer = (t: HostTree, path: string): number => {
  const m = NAME.exec(path),
    pair = t.nmdm?.[m?.[1] ?? ''];
  return pair?.[m?.[2] === 'A' ? 1 : 0].pid ?? 0;
};
