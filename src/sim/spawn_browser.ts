// Workers of the free engine in a browser.
import type { Spawn } from './free.ts';

export const spawnBrowser: Spawn = (memory, module) => {
  const w = new Worker(new URL('./free.worker.ts', import.meta.url), { type: 'module' });
  w.postMessage({ memory, module });
  const tw = {
    drive: (block: number) => {
      w.postMessage({ block });
    },
    onIdle: () => {},
    onError: (_message: string) => {},
    terminate: () => {
      w.terminate();
    },
  };
  w.onmessage = () => {
    tw.onIdle();
  };
  w.onerror = (e) => {
    tw.onError(e.message || 'the worker could not be started');
  };
  return tw;
};
