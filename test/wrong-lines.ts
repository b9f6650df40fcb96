// Command lines of bhyve that are wrong, by the seed: each with what bhyve says of it. And right ones.

import { numbers } from './hostile.ts';

const r = numbers(41),
  pick = <T>(a: readonly T[]) => a[r(a.length)] as T;
const DEVICES = ['hostbridge', 'lpc', 'virtio-net,ptvale1:1', 'virtio-net,vale0:1', 'ptnetmap-memdev', 'virtio-net,tap0'];
export const good = (n: number) => Array.from({ length: n }, (_, i) => `-s ${i}:${r(8)},${pick(DEVICES)}`);
const FLAGS = ['-A', '-H', '-P', '-m 2G', '-c 1', '-l com1,stdio', '-w', '-x'];
export const mixed = (...parts: string[]) => {
  const out: string[] = [];
  for (const p of [...parts, ...FLAGS.filter(() => r(2))]) out.splice(r(out.length + 1), 0, p);
  return out.join(' ');
};
export const MISTAKES: Record<string, () => [line: string, says: RegExp]> = {
  'a duplicate': () => {
    const slot = 10 + r(20),
      func = r(8);
    return [
      `${mixed(...good(r(4)), `-s ${slot}:${func},${pick(DEVICES)}`, `-s ${slot}:${func},${pick(DEVICES)}`)} nosuchvm`,
      new RegExp(`^pci slot ${slot}:${func} already occupied!$`, 'm'),
    ];
  },
  'an unknown device': () => {
    const name = pick(['virtio-nic', 'e1000', 'ptnet', 'virtio‐net', 'VIRTIO-NET']);
    return [`${mixed(...good(r(4)), `-s 31:${r(8)},${name}`)} nosuchvm`, new RegExp(`unknown device "${name}"`)];
  },
  'no name': () => [mixed(...good(r(5))), /^Usage: bhyve/m],
  'two names': () => [`${mixed(...good(r(5)))} netmapvm another`, /^Usage: bhyve/m],
  'an unknown flag': () => [`${mixed(...good(r(3)), '-z')} nosuchvm`, /illegal option -- z/],
};
