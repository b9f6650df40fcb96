// A place of the source that is read, whatever is about to run: the panel shows it until the next step, or until it is left.
import { createStore, lab, page } from '../store';

interface Reading {
  file: string;
  /** The first line with this text. */
  find: string;
  step: number;
}
export const reading = createStore<{ at: Reading | null }>({ at: null });

export function readSource(file: string, find: string): void {
  reading.set({ at: { file, find, step: lab.get().state?.step ?? -1 } });
  page.set({ panel: 'source', drawer: true, phone: document.documentElement.clientWidth < 720 ? 'source' : page.get().phone });
}
export const leaveReading = (): void => reading.set({ at: null });
lab.subscribe(() => {
  const { at } = reading.get();
  if (at && lab.get().state?.step !== at.step) leaveReading();
});
