// Any words in any order, as a script and typed with Ctrl-C, Ctrl-D, Ctrl-Z: nothing throws, nothing runs for ever, and the tree
// stays plain data.

import { expect, it } from 'vitest';
import fc from 'fast-check';
import { commands } from '../bin/commands.ts';
import { filters } from '../bin/filters.ts';
import { Alone } from './alone.ts';

const WORDS =
  'echo a $x "$@" | && || ; & ( ) { } if then fi else while do done for\u0001i\u0001in case\u0001x\u0001in esac ;; >f <f <<E \nE\n 2>&1 cat true false ' +
  'read\u0001x x=1 $( ` $(( )) " \' f() f break continue return wait ! sleep\u00011 exit \n set\u0001-e shift eval .\u0001./f sh\u0001f yes head fg bg jobs ' +
  'kill\u0001$! kill\u0001$$ exec local\u0001x export\u0001x ${x:- ${x# test [\u0001a\u0001] wc sort tee\u0001g kill\u0001-STOP\u0001$!';
const soup = fc.array(fc.constantFrom(...WORDS.split(' ').map((w) => w.replaceAll('\u0001', ' '))), { maxLength: 12 });
const programs = { ...commands, ...filters };

it('a script of any words', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(soup, (words) => {
      const a = new Alone(programs),
        parent = a.os.spawn('wait', ['wait'], 'ttyv0', 1);
      a.os.spawn('sh', ['sh', '-c', words.join(' ')], 'ttyv0', parent.pid);
      a.settle(5e7);
      expect(JSON.parse(JSON.stringify(a.tree))).toEqual(a.tree);
    }),
    { numRuns: 300, seed: 1, endOnFailure: true },
  );
});

it('any words typed, and keys after them', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(soup, (words) => {
      const a = new Alone(programs, true);
      for (const keys of [`${words.join(' ').replaceAll('\n', '\r')}\r`, '\x03', '\x04', '\x03\'"\r', '\x03\x1a\x1c', '\x03'])
        a.type(keys, 2e7);
      a.reload();
      a.settle(a.clock + 2e7);
      expect(a.tree.procs.some((p) => p.prog === 'sh' && p.ppid === 1)).toBe(true);
    }),
    { numRuns: 300, seed: 2, endOnFailure: true },
  );
});
