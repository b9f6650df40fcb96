// What a machine's protocol is protected by, in words, and the switches that put each protection back or take it away
// (facts 5C; src/host/kernel/hazards.ts). A search asks "what if" with them.

import * as L from '../../../wasm/layout.ts';
import { HAZARDS, hazardName } from '../../host/kernel/hazards.ts';
import type { World } from '../world.ts';
import type { Knob, Protection } from './job.ts';
import type { Question } from './question.ts';

const WORDS: Readonly<Record<string, string>> = {
  H1: 'the host’s second look',
  H2: 'the barrier before a second look',
  H3: 'the guest’s second look',
  H4: 'a doorbell that counts',
  H6: 'the host’s check of the indices',
  H7: 'turns of a whole ring',
  H5: 'order of the indices',
  H8: 'a kick also when a program would block',
  H9: 'asking the back-end for its completions',
  H12: 'asking head, not cur',
  H13: 'the question whether a port is stopped',
  H17: 'a message that follows its vector',
  H19: 'giving back in every poll',
  H20: 'waiting for senders before a port leaves',
  H10: 'release by the owner alone',
};

/** HZ_* that a machine has now: wasm/net/hazards.ts asks the same words. */
function hazardsNow(w: World): { mask: number; revision: 2015 | 2019 } {
  const { m } = w,
    g = L.MACHINE,
    late = w.tree.host.vms.some((v) => v.block && m.ld32(v.vm + L.VM_PROTOCOL) === L.PROTOCOL_2019);
  let mask: number = late ? L.HAZARDS_2019 : L.HAZARDS_2015;
  if (!m.ld32(g + L.M_DOUBLE_CHECK)) mask |= L.HZ_H1;
  if (m.ld32(g + L.M_BARRIER)) mask &= ~L.HZ_H2;
  return { mask: (mask | m.ld32(g + L.M_HAZARD_ON)) & ~m.ld32(g + L.M_HAZARD_OFF), revision: late ? 2019 : 2015 };
}

export function protections(w: World): Protection[] {
  const { mask, revision } = hazardsNow(w),
    one = HAZARDS.map(([id, bit, about]): Protection => {
      const on = (mask & bit) === 0;
      return { id, words: WORDS[id] ?? `the protection against ${id}`, about, on, knobs: [{ name: hazardName(id), value: on ? 1 : 0 }] };
    }),
    off = one.filter((p, i) => !p.on && !((HAZARDS[i]?.[1] ?? 0) & L.HAZARDS_2019)), // what 2019 has too is no repair of its
    early = HAZARDS.filter(([, bit]) => L.HAZARDS_2015 & bit & ~mask).map(([id]) => ({ name: hazardName(id), value: 1 }));
  if (off.length > 1)
    one.push({
      id: '2019',
      words: 'every repair that revision 2019 has',
      about: `${off.map((p) => p.id).join(', ')} are open`,
      on: false,
      knobs: off.flatMap((p) => p.knobs),
    });
  else if (revision === 2019 && early.length > 1)
    one.push({ id: '2015', words: 'every repair since revision 2015', about: 'as the code of 2015 was', on: true, knobs: early });
  return one;
}

/** The memory model of a question, as the machine's own switches have it. */
export function modelKnobs(w: World, q: Pick<Question, 'model' | 'buffer'>): Knob[] {
  const { m } = w,
    buffer = q.model === 'sc' ? 0 : q.buffer,
    loose = q.model === 'pso' ? 1 : 0,
    out: Knob[] = [];
  if (m.ld32(L.MACHINE + L.M_TSO) !== buffer) out.push({ name: 'dev.lab.tso', value: buffer });
  if (m.ld32(L.MACHINE + L.M_DRAIN_ANY) !== loose) out.push({ name: 'dev.lab.pso', value: loose });
  return out;
}
