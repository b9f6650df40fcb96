// A worker of the explorer's pool: one search, then it is thrown away with its memory.

import type { FromSearcher, ToSearcher } from './job.ts';
import { Searcher } from './searcher.ts';

const SLICE_STATES = 4096,
  TELL_MS = 250,
  LISTEN_MS = 60;

const send = (m: FromSearcher) => {
  postMessage(m);
};
let stopped = false;

const run = async (task: Extract<ToSearcher, { t: 'begin' }>['task']) => {
  try {
    const s = new Searcher(task, send);
    let told = 0,
      listened = performance.now(),
      more = true;
    while (more && !stopped) {
      more = s.step(SLICE_STATES);
      const now = performance.now();
      if (now - told >= TELL_MS) {
        s.tell();
        told = now;
      }
      if (now - listened < LISTEN_MS) continue;
      await new Promise((r) => {
        setTimeout(r, 0);
      });
      listened = performance.now();
    }
    s.tell();
    s.end(stopped);
  } catch (e) {
    send({ t: 'failed', why: e instanceof Error ? e.message : String(e) });
  }
};

addEventListener('message', (e: MessageEvent<ToSearcher>) => {
  if (e.data.t === 'begin') void run(e.data.task);
  else stopped = true;
});
