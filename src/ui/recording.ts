// The recording as a whole: files saved and opened, exports, what the browser keeps, starting over and taking that back.
import type { ExportKind, Saved } from '../lab/protocol';
import { arrange, arrangement } from './arrangement';
import { ask } from './call';
import { lab, page } from './store';
import { FIRST_TTY, typeBoot } from './link';
import { rest } from './safe';
import { once } from './seen';
import { say } from './words';

const MOST_EXPORTED = 50_000;
const TYPES: Record<string, string> = {
  pcapng: 'application/vnd.tcpdump.pcap',
  json: 'application/json',
  txt: 'text/plain',
  vcd: 'text/plain',
  ringside: 'application/json',
};

export function notice(words: string, remedy: { words: string; act: () => void } | null = null): void {
  lab.set({ notice: words, remedy });
}

const download = ({ text, bytes, name }: Saved): void =>
  give(new Blob([bytes ?? text], { type: TYPES[name.split('.').at(-1) ?? ''] ?? 'text/plain' }), name);

/** Gives the browser a file to save. */
export function give(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  once(10_000, () => URL.revokeObjectURL(url));
}

export async function saveFile(): Promise<void> {
  const saved = await ask((api) => api.save(arrangement()));
  if (saved?.ok) download(saved);
  else if (saved) notice(saved.text);
}

/** The last stretch of the recording, or the terminals. */
export async function exportAs(kind: ExportKind): Promise<void> {
  const { state } = lab.get();
  if (!state) return;
  await ask((api) => api.park());
  const now = lab.get().state ?? state;
  const saved = await ask((api) => api.export(kind, Math.max(now.rootStep, now.step - MOST_EXPORTED), now.step));
  if (saved?.ok) download(saved);
  else if (saved) notice(saved.text);
}

export const undoOpening = { words: say.top.takeBack, act: () => void takeBack() };
/** Whether the bhyve line stood at a prompt before the present lab was opened. */
let lineStood = false;
export const leave = () => {
  lineStood = lab.get().lineTyped;
};

export async function openFile(file: File): Promise<void> {
  leave();
  const text = await file.text().catch(() => '');
  const answer = await ask((api) => api.open(text));
  if (!answer) return;
  if (answer.ok) {
    page.set({ engine: 'step', comparing: -1 });
    arrange(answer.layout);
    notice(`${file.name}: ${answer.text}`, undoOpening);
  } else notice(`${file.name}: ${answer.text}`);
}

export type Lesson = typeof import('virtual:lessons')['lessons'][number];

/** A lesson, opened at the moment that it is about; what was there can be had back. */
export async function openLesson(l: Lesson): Promise<void> {
  leave();
  await ask((api) => api.park());
  const answer = await ask((api) => api.open(l.recording));
  if (answer?.ok) page.set({ engine: 'step', comparing: -1, phone: 'ring' });
  if (answer) notice(answer.ok ? `${l.title}. ${innerWidth < 720 ? '' : `${l.about} `}(${l.file})` : answer.text, undoOpening);
}

/** Asks the browser for a file. */
export function chooseFile(): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = '.ringside,.json,application/json';
  input.addEventListener('change', () => {
    const [file] = input.files ?? [];
    if (file) void openFile(file);
  });
  input.click();
}

/** Files dropped anywhere on the page are opened. */
export function startDrops(): void {
  const has = (e: DragEvent) => e.dataTransfer?.types.includes('Files') ?? false;
  window.addEventListener('dragover', (e) => {
    if (has(e)) e.preventDefault();
  });
  window.addEventListener('drop', (e) => {
    if (!has(e)) return;
    e.preventDefault();
    const [file] = e.dataTransfer?.files ?? [];
    if (file) void openFile(file);
  });
}

/** A fresh host with nothing at its prompt. */
export async function startFresh(setup?: { seed: number; slots: number }): Promise<void> {
  leave();
  await ask((api) => api.reset(page.get().engine ?? undefined, setup));
  history.replaceState(null, '', location.pathname + location.search);
  page.set({ comparing: -1, word: { addr: 0, bytes: 4 }, phone: 'ring' });
  lab.set({ lineTyped: false, badLink: null });
}

/** The scenario of a link whose moment could not be read: a host that is set up as that one was. */
export async function openScenario(setup: { seed: number; slots: number }): Promise<void> {
  await startFresh(setup);
  await typeBoot(FIRST_TTY);
}

/** A fresh host, at once: it can be taken back. */
export async function startOver(): Promise<void> {
  await startFresh();
  await typeBoot(FIRST_TTY);
  notice(say.top.startedOver, undoOpening);
}

export async function takeBack(): Promise<void> {
  await ask((api) => api.takeBack());
  lab.set({ lineTyped: lineStood });
  notice('');
}

export async function resume(which: number): Promise<void> {
  leave();
  const answer = await ask((api) => api.resume(which));
  if (!answer) return;
  if (answer.ok) {
    page.set({ engine: 'step', comparing: -1 });
    arrange(answer.layout);
    notice(answer.text, undoOpening);
  } else notice(answer.text);
  forgetOffer();
}

/** The offer to go on is over. */
function forgetOffer(): void {
  const { started } = lab.get();
  if (!started) return;
  lab.set({ started: { ...started, kept: [] } });
}
export async function forget(): Promise<void> {
  await ask((api) => api.forget());
  forgetOffer();
}

/** A tab that goes into the background is kept first; one that comes back goes on. */
export function startKeeping(): void {
  document.addEventListener('visibilitychange', () => {
    if (!lab.get().started) return; // it rests when it has started, if it is hidden then
    if (document.hidden) rest();
    else void ask((api) => api.wake());
  });
}
