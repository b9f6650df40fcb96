// lab capture: the command, and what its entry of the recording does to the machine.

import * as L from '../../wasm/layout.ts';
import { FILE_MAX, fromBytes, pathOf } from '../bin/binary_file.ts';
import { parsePortName } from '../bin/nm_open.ts';
import {
  CAPTURE_BYTES,
  CAPTURE_MOST,
  CAPTURE_SNAP,
  captureCounts,
  clearCapture,
  markRings,
  startCapture,
  stopCapture,
  toPcapng,
} from './capture.ts';
import type { Command, Outcome } from './control.ts';
import type { Entry } from './deeds.ts';
import type { Lab } from './lab.ts';
import type { World } from './world.ts';

type CaptureDeed = Omit<Extract<Entry, { k: 'capture' }>, 'at' | 'k'>;

const no = (text: string): Outcome => ({ ok: false, text });
const ok = (text: string): Outcome => ({ ok: true, text });

/** What was done, done again on a replay. */
export function applyCapture(w: World, d: CaptureDeed) {
  const { m, tree } = w,
    c = tree.capture ?? null;
  switch (d.op) {
    case 'start':
      if (c) markRings(m, tree.host, w.host.netmap.nas, c, true);
      startCapture(m, (x) => (tree.capture = x), c, d.ports.split(' '), d.bytes, d.snap);
      w.capturePorts();
      break;
    case 'stop':
      if (!c?.on) break;
      markRings(m, tree.host, w.host.netmap.nas, c, true);
      tree.capture = stopCapture(m, c);
      break;
    case 'clear':
      if (!c) break;
      markRings(m, tree.host, w.host.netmap.nas, c, true);
      clearCapture(m, c);
      tree.capture = null;
      break;
    case 'save': {
      const os = filesOf(w, d.vm);
      if (c && os) os.files[d.file] = fromBytes(toPcapng(m, c));
      break;
    }
    default:
  }
}
const filesOf = (w: World, vm: string) => (vm === '' ? w.tree.host.os : w.tree.guests[vm]?.os);

/** A port as its adapter is called, or what is wrong with the name. */
function adapterName(word: string): string | { error: string } {
  const p = parsePortName(/^(netmap:|vale)/.test(word) ? word : `netmap:${word}`);
  if (!p) return { error: `“${word}” is no port's name` };
  if ('error' in p) return { error: `“${word}”: ${p.error}` };
  if (/^vtnet\d+$/.test(p.name))
    return { error: `${word} is a guest's: name the host's port that it passes through, as vale-ctl lists it` };
  const pipe = /[{}].+$/.exec(word)?.[0] ?? '';
  return `${p.name}${pipe}`;
}

function start(lab: Lab, args: string[]): Outcome {
  const ports: string[] = [];
  let bytes = CAPTURE_BYTES,
    snap = CAPTURE_SNAP;
  for (let i = 0; i < args.length; i++) {
    const a = args[i] ?? '';
    if (a === '-B' || a === '-s') {
      const n = Number(args[++i]);
      if (!Number.isInteger(n) || n < 1) return no(`${a} wants a number: ${a === '-B' ? 'KiB of memory' : 'bytes of a packet'}`);
      if (a === '-B') bytes = Math.min(CAPTURE_MOST, Math.ceil((n * 1024) / L.PAGE) * L.PAGE);
      else snap = Math.min(CAPTURE_SNAP, n);
      continue;
    }
    const name = adapterName(a);
    if (typeof name !== 'string') return no(name.error);
    if (!ports.includes(name)) ports.push(name);
  }
  if (!ports.length) return no('capture which ports? As in lab capture start vale0:1 vale1:2');
  if (ports.length > L.CAP_PORTS) return no(`at most ${L.CAP_PORTS} ports`);
  lab.deed({ k: 'capture', op: 'start', ports: ports.join(' '), bytes, snap, vm: '', file: '' });
  if (!lab.world.tree.capture) return no('the machine has no memory left for it');
  const open = lab.world.tree.host.adapters.map((a) => a.name),
    later = ports.filter((x) => !open.includes(x));
  return ok(`capturing ${ports.join(', ')}${later.length ? `; not open yet: ${later.join(', ')}` : ''}`);
}

function save(lab: Lab, word: string | undefined): Outcome {
  const { world: w } = lab,
    c = w.tree.capture;
  if (!c) return no('nothing was captured');
  if (!word) return no('save it in which file? As in lab capture save /root/a.pcapng, or netmapvm:/root/a.pcapng on a guest');
  const [, vm = '', name = ''] = /^(?:([A-Za-z0-9_.-]+):)?(.*)$/.exec(word) ?? [],
    file = pathOf(name);
  if (!filesOf(w, vm)) return no(`no VM "${vm}" is running`);
  if (file === '/' || name.endsWith('/')) return no(`"${word}" is a directory`);
  const size = toPcapng(w.m, c).length;
  if (size > FILE_MAX)
    return no(`it has ${size} bytes; a file of the machine may have ${FILE_MAX}. The page and --capture give all of it.`);
  lab.deed({ k: 'capture', op: 'save', ports: '', bytes: 0, snap: 0, vm, file });
  return ok(`${size} bytes in ${word}`);
}

function say(lab: Lab): string {
  const { m, tree } = lab.world,
    c = tree.capture;
  if (!c) return 'nothing is captured';
  const lines = captureCounts(m, c).map(({ port, seen, dropped }) => `  ${port}: ${seen - dropped} packets captured, ${dropped} dropped`);
  const used = m.ld32(c.addr + L.CAP_USED);
  return [`${c.on ? 'capturing' : 'stopped'}; ${used} of ${m.ld32(c.addr + L.CAP_SIZE)} bytes used`, ...lines].join('\n');
}

export const CAPTURE: Command = {
  name: 'capture',
  args: '[start [-B KIB] [-s BYTES] PORT… | stop | save FILE | clear]',
  help: 'copy what passes the rings of ports, as pcapng; without a word: how much there is. Takes no lab time and no access',
  run(lab, [op, ...args]) {
    const c = lab.world.tree.capture;
    const plain = { ports: '', bytes: 0, snap: 0, vm: '', file: '' };
    if (op === undefined) return ok(say(lab));
    if (op === 'start') return start(lab, args);
    if (op === 'save') return save(lab, args[0]);
    if (op === 'stop') {
      if (!c?.on) return no('nothing is being captured');
      lab.deed({ k: 'capture', op, ...plain });
      return ok(say(lab));
    }
    if (op === 'clear') {
      if (!c) return no('nothing was captured');
      lab.deed({ k: 'capture', op, ...plain });
      return ok('');
    }
    return no(`no "lab capture ${op}"; there are start, stop, save and clear`);
  },
};
