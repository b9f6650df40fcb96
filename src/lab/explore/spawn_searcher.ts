// Workers of the explorer's pool in a browser, and how many this device can have.
import type { FromSearcher } from './job.ts';
import type { Channel } from './pool.ts';

const MOST = 4;

export function spawnSearcher(): Channel {
  const w = new Worker(new URL('./explore.worker.ts', import.meta.url), { type: 'module', name: 'explorer' });
  const c: Channel = {
    post: (m) => {
      w.postMessage(m);
    },
    onMessage: () => {},
    onError: () => {},
    terminate: () => {
      w.terminate();
    },
  };
  w.onmessage = (e: MessageEvent<FromSearcher>) => {
    c.onMessage(e.data);
  };
  w.onerror = (e) => {
    e.preventDefault();
    c.onError(e.message || 'it could not be started');
  };
  w.onmessageerror = () => {
    c.onError('what it said could not be read');
  };
  return c;
}

/** Searches side by side: a CPU is left to the lab, and a small device has one at a time. */
export function poolSize(): number {
  const { hardwareConcurrency: cpus, deviceMemory: gib }: { hardwareConcurrency?: number; deviceMemory?: number } = navigator;
  return gib !== undefined && gib < 4 ? 1 : Math.max(1, Math.min(MOST, (cpus || 2) - 1));
}
