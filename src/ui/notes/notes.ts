// Notes at steps of the recording: written, changed and taken away through the lab, which keeps them with it. Always shown as text.
import { ask } from '../call';
import { createStore, lab, page } from '../store';
import { refuse } from '../travel';
import { noteWords as words } from './notes_words';

/** The step whose note is being written, -1: the present one's. asked: the field shall take focus. */
export const writing = createStore<{ at: number; asked: boolean }>({ at: -1, asked: false });

const showPanel = () =>
  page.set({ panel: 'notes', drawer: true, phone: document.documentElement.clientWidth < 720 ? 'more' : page.get().phone });

/** Where the focus was before the field asked for it. */
let before: Element | null = null;
/** Escape gives the focus back; what was typed stays in the field. */
export const leaveNote = (): void => {
  const back = before instanceof HTMLElement && before.isConnected && before.checkVisibility() ? before : undefined;
  (back ?? document.querySelector<HTMLElement>('.stage'))?.focus({ preventScroll: true });
};

/** Opens the field for a note, at this step if none is named; a lab that runs is parked first. */
export async function openNote(at = -1): Promise<void> {
  before = document.activeElement;
  if (lab.get().state?.run !== 'stopped') await ask((api) => api.park());
  writing.set({ at, asked: true });
  showPanel();
}

export async function keepNote(at: number, text: string): Promise<boolean> {
  const answer = await ask((api) => api.note(at, text));
  if (answer && !answer.ok) refuse(answer.text);
  return answer?.ok ?? false;
}

export async function removeNote(at: number, text: string): Promise<void> {
  if (!(await keepNote(at, ''))) return;
  lab.set({
    notice: words.removed(at),
    remedy: { words: words.back, act: () => void keepNote(at, text).then(() => lab.set({ notice: '', remedy: null })) },
  });
}
