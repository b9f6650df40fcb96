// Commands to the lab worker. A refusal becomes a notice on the page, never an unhandled rejection.
import type { Remote } from 'comlink';
import type { LabApi } from '../lab/protocol';
import { lab } from './store';
import { say } from './words';

let remote: Remote<LabApi> | undefined;

export function connect(api: Remote<LabApi>): void {
  remote = api;
}

export const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export async function ask<T>(command: (api: Remote<LabApi>) => Promise<T>): Promise<T | undefined> {
  if (!remote) return undefined;
  try {
    const answer = await command(remote);
    if (lab.get().notice && !lab.get().remedy) lab.set({ notice: '' });
    return answer;
  } catch (error) {
    lab.set({ notice: `${say.refused}: ${message(error)}`, remedy: null });
    return undefined;
  }
}
