// Workers of the free engine in node. The worker file is bundled beside this one (node 20 reads no TypeScript).
import { Worker } from 'node:worker_threads';
import type { Spawn } from './free.ts';

/** `file`: URL of the bundled free.node.ts. */
export const spawnNode =
  (file: URL): Spawn =>
  (memory, module) => {
    const w = new Worker(file, { workerData: { memory, module } });
    const tw = {
      drive: (block: number) => {
        w.postMessage(block);
      },
      onIdle: () => {},
      onError: (_message: string) => {},
      terminate: () => {
        void w.terminate();
      },
    };
    w.on('message', () => {
      tw.onIdle();
    });
    w.on('error', (e) => {
      tw.onError(e.message);
    });
    w.unref();
    return tw;
  };
