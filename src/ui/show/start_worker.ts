// Starts the lab's worker. A frame in a sandbox has an origin of its own and may start no worker from an address: there a worker
// is one line that imports the real one.
import labUrl from '../../lab/worker.ts?worker&url';

const OPTIONS = { type: 'module', name: 'lab' } as const;

export function startWorker(): Worker {
  try {
    return new Worker(labUrl, OPTIONS);
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== 'SecurityError') throw error;
    const line = `import ${JSON.stringify(new URL(labUrl, import.meta.url).href)};`;
    return new Worker(URL.createObjectURL(new Blob([line], { type: 'text/javascript' })), OPTIONS);
  }
}
