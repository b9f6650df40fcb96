// Commands to the lab worker. A refusal becomes a notice on the page, never an unhandled rejection.
import type { Remote } from 'comlink';
import type { LabApi } from '../lab/protocol';
import type { Act } from './guide/tour_steps';
import { hold } from './samples';
import { once } from './seen';
import { lab } from './store';
import { say } from './words';

let remote: Remote<LabApi> | undefined;

/** Commands by which a visitor changes the lab, or its time. */
const ACTS: ReadonlySet<string> = new Set(
  'input openTerminal typeLine run park step back share save open export command explore showFound showHazard resume takeBack reset'.split(
    ' ',
  ),
);
let watcher: (act: Act) => void = () => {};
let mine = false;
/** Tells of each act, before the lab has it. */
export function onAct(listener: (act: Act) => void): void {
  watcher = listener;
}
/** What the page does of its own accord is nobody's act. */
export function byPage<T>(does: () => T): T {
  mine = true;
  try {
    return does();
  } finally {
    mine = false;
  }
}

export function connect(api: Remote<LabApi>): void {
  remote = new Proxy(api, {
    get: (to, name) => {
      const command: unknown = Reflect.get(to, name);
      if (typeof name !== 'string' || !ACTS.has(name) || typeof command !== 'function') return command;
      return (...args: unknown[]): unknown => {
        if (!mine) watcher({ name, args });
        return (command as (...a: unknown[]) => unknown)(...args);
      };
    },
  });
}

export const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A notice stands for a while, whatever is done meanwhile; longer when it offers something. */
const NOTICED_MS = 5000,
  OFFERED_MS = 15_000;
let noticed = { words: '', at: 0 };
lab.subscribe(() => {
  const { notice } = lab.get();
  if (notice === noticed.words) return;
  noticed = { words: notice, at: performance.now() };
  if (notice) once(OFFERED_MS + 100, fade);
});
function fade(): void {
  const { notice, remedy } = lab.get();
  if (notice && performance.now() - noticed.at > (remedy ? OFFERED_MS : NOTICED_MS)) lab.set({ notice: '', remedy: null });
}

export async function ask<T>(command: (api: Remote<LabApi>) => Promise<T>): Promise<T | undefined> {
  if (!remote) return undefined;
  try {
    const answer = await command(remote);
    fade();
    return answer;
  } catch (error) {
    lab.set({ notice: `${say.refused}: ${message(error)}`, remedy: null });
    return undefined;
  }
}

const frame = (): Promise<unknown> =>
  document.hidden
    ? Promise.resolve()
    : new Promise((r) => {
        requestAnimationFrame(r);
      });

/** Asks what is answered by running the recording again: first the present is looked at, then nothing until the answer has come. */
export async function askPast<T>(command: (api: Remote<LabApi>) => Promise<T>, wanted: () => boolean = () => true): Promise<T | undefined> {
  await frame();
  await frame();
  if (!wanted()) return undefined;
  const done = hold();
  const answer = await ask(command);
  done();
  return answer;
}
