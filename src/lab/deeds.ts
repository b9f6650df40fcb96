// What a person did, as entries of a recording, and each in words.

import * as L from '../../wasm/layout.ts';
import type { World } from './world.ts';
import { fieldAt } from './field_at.ts';
import { nameOf } from './view.ts';

export type Entry =
  | { at: number; k: 'input'; tty: string; data: string }
  | { at: number; k: 'line'; tty: string; text: string }
  | { at: number; k: 'open' }
  | { at: number; k: 'resize'; tty: string; cols: number; rows: number }
  | { at: number; k: 'thread'; block: number }
  /** A pending store reaches memory: the oldest, or one that `nth` older ones are before. */
  | { at: number; k: 'drain'; block: number; nth?: number }
  /** The control plane makes the action that is due. */
  | { at: number; k: 'act' }
  | { at: number; k: 'edit'; addr: number; bytes: 2 | 4; value: number }
  | { at: number; k: 'policy'; policy: number; seed: number }
  /** One of the lab's own sysctls is set without anybody typing it: what a search varied. */
  | { at: number; k: 'sysctl'; name: string; value: number }
  /** Lab time goes by without anything due. */
  | { at: number; k: 'clock'; ns: number }
  /** n iterations of a thread by the free build, between boundaries. */
  | { at: number; k: 'handover'; block: number; n: number }
  /** lab capture: ports as one text, sizes of the buffer and of a packet; the file of a machine, vm '' is the host. */
  | {
      at: number;
      k: 'capture';
      op: 'start' | 'stop' | 'save' | 'clear';
      ports: string;
      bytes: number;
      snap: number;
      vm: string;
      file: string;
    }
  /** What the lab answered to `lab …` typed in a terminal: the process that waits for it ends. vm: '' is the host. */
  | { at: number; k: 'answer'; vm: string; pid: number; text: string; status: number };
/** An entry before it has a place. */
export type Deed = Entry extends infer E ? (E extends { at: number } ? Omit<E, 'at'> : never) : never;

export const POLICIES = ['student', 'rr', 'random', 'lvt'] as const;

/** Where a thread's pending stores are in its buffer: barriers between them stand there too. */
export const pendingStores = (w: World, block: number): number[] =>
  Array.from({ length: w.m.ld32(block + L.T_SB_COUNT) }, (_, i) => i).filter((i) => w.m.ld32(block + L.T_SB + i * 8) !== L.SB_ORDER);
const rank = (w: World, block: number, nth: number) => pendingStores(w, block).filter((i) => i < nth).length;
const NTH = ['', 'second ', 'third ', 'fourth ', 'fifth ', 'sixth ', 'seventh ', 'eighth '] as const;

/** One line about a deed, as the sentence of its step. */
export function deedWords(w: World, e: Deed): string {
  switch (e.k) {
    case 'input':
      return e.data === '\r' ? `Enter was pressed at ${e.tty}.` : `Something was typed at ${e.tty}.`;
    case 'line':
      return `A line was put at the prompt of ${e.tty}.`;
    case 'open':
      return 'A host terminal was opened.';
    case 'resize':
      return `${e.tty} has ${e.cols} columns and ${e.rows} rows now.`;
    case 'drain':
      return `The ${NTH[rank(w, e.block, e.nth ?? 0)] ?? ''}oldest pending store of ${w.isBlock(e.block) ? nameOf(w, e.block).name : 'a thread'} reached memory.`;
    case 'edit':
      return `You wrote ${e.value} to ${fieldAt(w, e.addr)[0]?.path ?? `0x${e.addr.toString(16)}`}.`;
    case 'policy':
      return `Who goes next is chosen by ${POLICIES[e.policy & 3]} now${e.policy === L.POLICY_RANDOM ? `, seed ${e.seed}` : ''}.`;
    case 'sysctl':
      return `${e.name} is ${e.value} from here on.`;
    case 'clock':
      return 'Lab time went by; nothing was due.';
    case 'handover':
      return `The free build ran ${e.n} turns of ${w.isBlock(e.block) ? nameOf(w, e.block).name : 'a thread'}.`;
    case 'capture':
      return e.op === 'start'
        ? `What passes ${e.ports} is captured from here on.`
        : e.op === 'save'
          ? `What was captured was saved in ${e.file}.`
          : 'The capture ended.';
    case 'answer':
      return 'The lab answered in the terminal.';
    default:
      return '';
  }
}

/** What kind of deed it is, for pictures. */
export function deedKind(e: Entry): 'typed' | 'edit' | 'choice' | 'other' {
  if (e.k === 'input' || e.k === 'line' || e.k === 'answer') return 'typed';
  if (e.k === 'edit') return 'edit';
  return ['thread', 'drain', 'act', 'policy', 'sysctl'].includes(e.k) ? 'choice' : 'other';
}

/** Whether a person meant it: what undo goes back over. */
export const isChoice = (e: Entry): boolean => e.k !== 'resize' && e.k !== 'clock' && e.k !== 'answer';
/** The last choice before a step; the first one at it or after. */
export const lastChoice = (all: readonly Entry[], step: number) => all.findLast((e) => e.at < step && isChoice(e));
export const nextChoice = (all: readonly Entry[], step: number) => all.find((e) => e.at >= step && isChoice(e));
