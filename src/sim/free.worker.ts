// Web worker of the free engine: drives the thread that it is given, then waits for the next.
import { driveThread } from './free_drive.ts';

let memory: WebAssembly.Memory, module: WebAssembly.Module;
addEventListener('message', (e: MessageEvent<{ memory?: WebAssembly.Memory; module?: WebAssembly.Module; block?: number }>) => {
  if (e.data.memory && e.data.module) {
    memory = e.data.memory;
    module = e.data.module;
  }
  if (e.data.block) {
    driveThread(memory, module, e.data.block);
    postMessage('idle');
  }
});
