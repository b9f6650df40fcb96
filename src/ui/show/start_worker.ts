// Starts the lab's worker. A frame in a sandbox has an origin of its own and may start no worker from an address: there a worker
// is one line that imports the real one.
/** The build finds workers by how they are made, and puts the address of what it built in here. */
class Worker {
  constructor(
    readonly address: URL,
    readonly options: { type: 'module'; name: string },
  ) {}
}

export function startWorker(): globalThis.Worker {
  const { address, options } = new Worker(new URL('../../lab/worker.ts', import.meta.url), { type: 'module', name: 'lab' });
  try {
    return new globalThis.Worker(address, options);
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== 'SecurityError') throw error;
    const line = `import ${JSON.stringify(address.href)};`;
    return new globalThis.Worker(URL.createObjectURL(new Blob([line], { type: 'text/javascript' })), options);
  }
}
