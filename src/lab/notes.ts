// What a person wrote down at steps of the recording. Plain text beside the machine: kept, saved and shared with the recording, shown in
// the histories that the step is part of. Nothing of it is believed when it comes from elsewhere.

import type { Outcome } from './control.ts';
import type { Lab } from './lab.ts';
import type { Answer } from './protocol.ts';
import type { History } from './timeline.ts';

export interface Note {
  at: number;
  /** Number of the history in which it was written. */
  history: number;
  text: string;
}
/** As it is shown and shared: of the present history. */
export type NoteView = Pick<Note, 'at' | 'text'>;

/** Notes of a recording, characters of one. */
export const MOST_NOTES = 200,
  MOST_NOTE = 2000;

/** Text and nothing else: no character that a terminal or a page would take for an order. */
export const noteText = (s: string): string =>
  s
    .slice(0, MOST_NOTE)
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{C}\n]/gu, ' ')
    .trim();

interface Where {
  present: History;
  branches: readonly History[];
}

export class Notes {
  list: Note[] = [];
  constructor(private readonly t: Where) {}

  /** Those of the present history, by step: its own, and its ancestors' up to where it parted from them. */
  get here(): Note[] {
    const out: Note[] = [];
    let h: History | undefined = this.t.present,
      until = Number.POSITIVE_INFINITY;
    for (let i = 0; h && i <= this.t.branches.length; i++) {
      const { id, parent, parted }: History = h,
        most = until;
      out.push(...this.list.filter((n) => n.history === id && n.at <= most));
      until = Math.min(until, parted);
      h = this.t.branches.find((b) => b.id === parent);
    }
    return out.sort((a, b) => a.at - b.at);
  }

  /** One note a step; an empty text takes it away. A sentence when that is not possible. */
  set(at: number, text: string): string | undefined {
    const words = noteText(text),
      was = this.here.find((n) => n.at === at),
      rest = this.list.filter((n) => n !== was);
    if (!words && !was) return `there is no note at step ${at}`;
    if (words && rest.length >= MOST_NOTES) return `${MOST_NOTES} notes are the most of a recording`;
    this.list = words ? [...rest, { at, history: was?.history ?? this.t.present.id, text: words }] : rest;
    return undefined;
  }
}

/** What the page asks. */
export interface NotesApi {
  /** Writes down a note at a step of the present history, or takes it away: ''. */
  note(at: number, text: string): Promise<Answer>;
}

interface Host {
  lab(): Lab;
  parked(): Promise<void>;
  sendState(): void;
}

export function notesApi(h: Host): NotesApi {
  return {
    async note(at, text) {
      await h.parked();
      const { timeline: t } = h.lab();
      const why = at < t.rootStep || at > t.end ? `the recording has no step ${at}` : t.notes.set(at, text);
      h.sendState();
      return { ok: why === undefined, text: why ?? '' };
    },
  };
}

const ok = (text = ''): Outcome => ({ ok: true, text });

const listed = (lab: Lab): string =>
  lab.timeline.notes.here.map((n) => `${n.at} ${n.text.replaceAll('\n', '\n    ')}`).join('\n') || 'no note';

export const NOTES = [
  {
    name: 'note',
    args: 'TEXT',
    help: 'write down a note at this step',
    run(lab: Lab, words: string[]): Outcome {
      if (!words.length) return { ok: false, text: 'which text?' };
      const why = lab.timeline.notes.set(lab.world.m.steps, words.join(' '));
      return why === undefined ? ok(`note at step ${lab.world.m.steps}`) : { ok: false, text: why };
    },
  },
  { name: 'notes', args: '', help: 'the notes of this history', run: (lab: Lab) => ok(listed(lab)) },
  {
    name: 'unnote',
    args: 'STEP',
    help: 'take a note away',
    run(lab: Lab, [word = '']: string[]): Outcome {
      const why = /^\d{1,15}$/.test(word) ? lab.timeline.notes.set(Number(word), '') : `"${word}" is not a step`;
      return why === undefined ? ok() : { ok: false, text: why };
    },
  },
];
