// Starts the lab's worker. A frame in a sandbox has an origin of its own and may start no worker from an address: there a worker
// is a few lines that import the real one.
import { allow } from '../trusted';

/** The build finds workers by how they are made, and puts the address of what it built in here. */
class Worker {
  constructor(
    readonly address: URL,
    readonly options: { type: 'module'; name: string },
  ) {}
}

/** What that worker runs first: what is said to it before the real one is there waits. It may use nothing from around it. */
function first(address: string): void {
  const early: MessageEvent[] = [],
    keep = (e: MessageEvent) => early.push(e);
  addEventListener('message', keep);
  void import(/* @vite-ignore */ address).then(() => {
    removeEventListener('message', keep);
    for (const e of early) dispatchEvent(new MessageEvent('message', { data: e.data, ports: [...e.ports] }));
  });
}

export function startWorker(): globalThis.Worker {
  const { address, options } = new Worker(new URL('../../lab/worker.ts', import.meta.url), { type: 'module', name: 'lab' });
  try {
    return new globalThis.Worker(address, options);
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== 'SecurityError') throw error;
    const url = URL.createObjectURL(new Blob([`(${first.toString()})(${JSON.stringify(address.href)})`], { type: 'text/javascript' }));
    return new globalThis.Worker(allow(url), { name: options.name });
  }
}
