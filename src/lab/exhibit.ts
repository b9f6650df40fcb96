// The exhibit: the example command of the mail of August 2015 as it was printed, what is wrong with it, and the stages in which it
// is repaired, each with what sh and bhyve of 2015 answer (facts bhyve 1.5). The words of its two comments are the lab's; that each
// has one typographic hyphen is the mail's. Data only.

import { BHYVELOAD, GOLDEN, GOLDEN_FIRST, READY, type Ready } from './boot_lines.ts';

/** The -s options in the mail's order. */
export const SLOTS: readonly string[] = [
  '0,hostbridge',
  '1,lpc',
  '2:1,virtio-net,vale0:1',
  '2:2,ptnetmap-memdev',
  '2:3,virtio-net,ptvale1:1',
  '2:2,ptnetmap-memdev',
  '2:3,virtio-net,ptvale2{1',
  '3,ptnetmap-memdev',
  '4,virtio-net,ptnetmap:ix0',
];
const COMMENTS: Record<number, string> = { 2: 'plain netmap back-end', 4: 'VALE port, pass-through' };
const END = '-l com1,stdio -A -H -P -m 2G netmapvm';
const hyphens = (s: string) => s.replaceAll('-', '\u2010');

/** As printed: ten lines with 23 times U+2010 HYPHEN. */
export const MAIL: readonly string[] = [
  ...SLOTS.map((s, i) => hyphens(`${i ? ' ' : 'bhyve'} -s ${s} \\${COMMENTS[i] ? `   /* ${COMMENTS[i]} */` : ''}`)),
  hyphens(`  ${END}`),
];

const command = (slots: readonly string[]) => `bhyve ${slots.map((s) => `-s ${s}`).join(' ')} ${END}`;
const at = (from: readonly string[], changes: Record<number, string>) => from.map((s, i) => changes[i] ?? s);
const ONCE = at(SLOTS, { 5: '2:4,ptnetmap-memdev' });
const UNIQUE = at(ONCE, { 6: '2:5,virtio-net,ptvale2{1' });

export interface Defect {
  /** Its row in the dissection. */
  n: number;
  /** What is printed there. */
  printed: string;
  /** What it does. */
  does: string;
  /** What to do; nothing where nothing is wrong. */
  fix: string;
}

export const DEFECTS: readonly Defect[] = [
  {
    n: 0,
    printed: '\u2010s, virtio\u2010net, …: 23 dashes are U+2010 HYPHEN',
    does: 'A man page rendered in UTF-8 was pasted into a mail. getopt(3) knows the ASCII "-" only: the first such word is an argument, parsing stops there, and too many arguments give the usage, status 1. With the option dashes repaired only, virtio\u2010net is an unknown device.',
    fix: 'type every dash again.',
  },
  {
    n: 1,
    printed: '\\   /* … */ at the end of a line',
    does: 'The backslash is not the last character, so it quotes a space, and the command ends with the line. sh has no such comments: /* is a pattern that becomes /bin, /boot and so on. The lines that follow are commands of their own, named \u2010s, which are not found (csh, root\u2019s shell then: Command not found).',
    fix: 'take the comments out; nothing may stand behind a backslash.',
  },
  { n: 2, printed: '2:1,virtio-net,vale0:1', does: 'Port 1 of the switch vale0, opened by bhyve, which copies each packet.', fix: '' },
  { n: 3, printed: '2:2,ptnetmap-memdev', does: 'The first memory device.', fix: '' },
  {
    n: 4,
    printed: '2:3,virtio-net,ptvale1:1',
    does: 'Port 1 of vale1, passed through; the man page of the same tree writes ptvale1:2.',
    fix: '',
  },
  {
    n: 5,
    printed: '2:2,ptnetmap-memdev again',
    does: 'The function is taken. All -s are checked while options are read, so it is said even where the VM does not exist: pci slot 2:2 already occupied!, status 1.',
    fix: 'another function: 2:4.',
  },
  {
    n: 6,
    printed: '2:3,virtio-net,ptvale2{1 again',
    does: 'The same once more: pci slot 2:3 already occupied!. It is not reached before row 5 is repaired.',
    fix: 'another function: 2:5.',
  },
  {
    n: 7,
    printed: 'ptvale2{1',
    does: 'sh takes the brace as it is. csh, root\u2019s shell on FreeBSD 10, says "Missing }." (the lab has sh only).',
    fix: "quote it: '2:5,virtio-net,ptvale2{1'.",
  },
  {
    n: 8,
    printed: '3,ptnetmap-memdev and 4,virtio-net,ptnetmap:ix0',
    does: 'The third memory device carries the global allocator, to which the NIC belongs.',
    fix: '',
  },
  {
    n: 9,
    printed: '"three network ports"',
    does: 'The mail announces three and lists four: the sentence is the man page\u2019s, which has three.',
    fix: '',
  },
  {
    n: 10,
    printed: 'no disk',
    does: 'Legal: bhyveload can load a kernel with its root in memory. A guest whose root is on a disk would stop at mountroot>.',
    fix: '',
  },
  {
    n: 11,
    printed: 'slot 2 has functions 1, 2, 3 and no function 0',
    does: 'bhyve accepts it and says nothing. The guest reads the header of function 0, gets ones, and passes over the whole slot: none of its devices is there.',
    fix: 'function 0 in every slot.',
  },
  {
    n: 12,
    printed: 'ptnetmap:ix0 with the default memory of netmap',
    does: 'The global allocator has 343,019,520 bytes; its BAR needs 512 MiB, which fit below 4 GB beside nothing else: ptnetmap_memdev: membar allocation error -1, and bhyve goes on. 32768 buffers make 128 MiB; behind two VALE ports these end where the window ends, and the MSI-X BAR of ix0\u2019s port is lost without a word.',
    fix: 'sysctl dev.netmap.buf_num=32768 before the first use, and the largest memory in the lowest slot.',
  },
];

export interface Stage {
  words: string;
  /** Rows that it repairs. */
  rows: readonly number[];
  /** Typed before it; then its lines. */
  first: readonly string[];
  lines: readonly string[];
  /** What the last command of it says, without the usage's lines; its status. Empty and null: the VM boots. */
  says: readonly string[];
  usage: boolean;
  status: number | null;
}

const stage = (
  words: string,
  rows: number[],
  lines: readonly string[],
  says: string[],
  status: number | null,
  more: Partial<Stage> = {},
): Stage => ({ words, rows, first: [], lines, says, usage: false, status, ...more });

export const STAGES: readonly Stage[] = [
  stage('as printed', [], MAIL, ['sh: \u2010s: not found'], 127),
  stage('the comments taken out', [1], [hyphens(command(SLOTS))], [], 1, { usage: true }),
  stage('the dashes of the options repaired', [], [command(SLOTS.map(hyphens))], ['pci slot 2:1: unknown device "virtio\u2010net"'], 1),
  stage('every dash repaired', [0], [command(SLOTS)], ['pci slot 2:2 already occupied!'], 1),
  stage('the second 2:2 moved to 2:4', [5], [command(ONCE)], ['pci slot 2:3 already occupied!'], 1),
  stage('the second 2:3 moved to 2:5, and quoted', [6, 7], [quoted(UNIQUE)], ['vm_open: No such file or directory'], 1),
  stage(
    'the VM loaded: it boots, without slot 2, and ix0 has no memory',
    [10],
    [quoted(UNIQUE)],
    ['ptnetmap_memdev: membar allocation error -1', 'ptnetmap_memdev: configure error'],
    null,
    { first: [BHYVELOAD] },
  ),
  stage('function 0 in every slot, the largest memory first, memory that fits', [11, 12], [GOLDEN], [], null, {
    first: [...GOLDEN_FIRST, BHYVELOAD],
  }),
];

function quoted(slots: readonly string[]) {
  return command(slots.map((s) => (s.includes('{') ? `'${s}'` : s)));
}

/** All command lines that the lab has ready: those of boot_lines.ts, then the stages of the mail's. */
export const readyLines = (): readonly Ready[] => [
  ...READY,
  ...STAGES.slice(0, -1).map((s, i) => ({
    words: `the 2015 mail, step ${i}: ${s.words}`,
    first: [...s.first, ...s.lines.slice(0, -1)],
    line: s.lines.at(-1) ?? '',
  })),
];
