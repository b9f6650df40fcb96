// What a program says, and gives back, when a signal ends it: handlers run and report; a signal without one is silent.

import { expect, test } from 'vitest';
import * as L from '../wasm/layout.ts';
import { begin, finish, freshLab, pass, run } from './typed.ts';

const PROGRAMS = {
  'pkt-gen -i vale1:2 -f rx -w 0': { '-INT': [130, 'Received'], '-TERM': [143, ''], '-9': [137, ''] },
  'tcpdump -n -i vale1:2': { '-INT': [130, 'captured'], '-TERM': [143, 'captured'], '-9': [137, ''] },
} as const;

for (const [line, signals] of Object.entries(PROGRAMS))
  for (const [sig, [status, last]] of Object.entries(signals))
    test(`${line.split(' ')[0]}, kill ${sig}`, () => {
      const w = freshLab(16, 2),
        frames = () => w.m.ld32(L.MACHINE + L.M_FRAMES);
      run(w, 'ttyv0', 'pkt-gen -i vale1:2 -f tx -n 1 -w 0'); // a page of the pools' own stays
      const before = frames();
      const m = begin(w, 'ttyv1', `${line}; echo status $?`);
      pass(w, 0.1);
      run(w, 'ttyv0', `kill ${sig} $(pgrep ${line.split(' ')[0]})`);
      const text = finish(w, 'ttyv1', m),
        said = text;
      const own = Number(/status (\d+)/.exec(text)?.[1]);
      // a handler that ends the program by exit(3) leaves a status of its own
      expect([0, status]).toContain(own);
      if (last) expect(said).toContain(last);
      else {
        expect(own).toBe(status);
        expect(text).not.toMatch(/Received \d+ packets|packets captured/);
      }
      expect([w.tree.host.fds, w.tree.host.adapters, w.tree.host.mems]).toEqual([[], [], []]);
      expect(frames()).toBe(before);
    });
