// Worker thread of the free engine in node: the same driver.
import { parentPort, workerData } from 'node:worker_threads';
import { driveThread } from './free_drive.ts';

const { memory, module } = workerData as { memory: WebAssembly.Memory; module: WebAssembly.Module };
parentPort?.on('message', (block: number) => {
  driveThread(memory, module, block);
  parentPort?.postMessage('idle');
});
