// The words of notes at steps.
import { count } from '../format';

export const noteWords = {
  title: 'Notes',
  command: 'Note at this step',
  key: 'M',
  here: (step: number) => `Note at step ${count(step)}`,
  change: (step: number) => `Change the note at step ${count(step)}`,
  keep: 'Keep the note',
  leave: 'Leave it',
  list: 'Notes of this history',
  none: 'No note yet. A note stands at a step of the recording, and goes with it into files and links.',
  free: 'What runs freely is not recorded, so nothing can be noted there. Park first.',
  go: (step: number) => `step ${count(step)}`,
  now: 'you are here',
  edit: (step: number) => `Change the note at step ${count(step)}`,
  remove: (step: number) => `Take away the note at step ${count(step)}`,
  removed: (step: number) => `The note at step ${count(step)} was taken away.`,
  back: 'Take that back',
  sign: (n: number, step: number, text: string) =>
    n === 1 ? `Note at step ${count(step)}: ${text}` : `${n} notes, the first at step ${count(step)}`,
  keys: 'Ctrl+Enter keeps it, Esc leaves the field.',
} as const;
