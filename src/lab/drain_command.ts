// lab drain: one pending store of a thread reaches memory, as the memory model lets it. An entry of the recording.

import * as L from '../../wasm/layout.ts';
import type { Command, Outcome } from './control.ts';
import { pendingStores } from './deeds.ts';
import type { Lab } from './lab.ts';
import { nameOf } from './view.ts';

const no = (text: string): Outcome => ({ ok: false, text });

/** A thread by its number or by the beginning of its name. */
export function threadOf(lab: Lab, word: string): number | undefined {
  const { m } = lab.world;
  for (let i = 0; i < m.threads; i++) {
    const t = m.block(i);
    if (m.status(t) === L.TS_FREE) continue;
    if (String(i) === word || nameOf(lab.world, t).name.startsWith(word)) return i;
  }
  return undefined;
}

export const DRAIN: Command = {
  name: 'drain',
  args: 'THREAD [N]',
  help: "let a thread's oldest pending store reach memory, or its Nth (dev.lab.pso)",
  run(lab, [name, word = '1']) {
    const t = threadOf(lab, name ?? ''),
      { m } = lab.world;
    if (t === undefined) return no(`no thread "${name ?? ''}"`);
    const block = m.block(t),
      pending = pendingStores(lab.world, block),
      nth = /^[1-9]\d{0,3}$/.test(word) ? pending[Number(word) - 1] : undefined;
    if (!pending.length) return no('its store buffer is empty');
    if (!/^[1-9]\d*$/.test(word)) return no(`"${word}" is not the place of a pending store; 1 is the oldest`);
    if (nth === undefined) return no(`there is no such store: its buffer holds ${pending.length}`);
    if (!m.wasm.drains(block, nth))
      return no(
        m.ld32(L.MACHINE + L.M_DRAIN_ANY)
          ? 'an older store to the same word, or before a barrier, goes first'
          : 'stores drain in order (dev.lab.pso is 0)',
      );
    lab.deed(nth ? { k: 'drain', block, nth } : { k: 'drain', block });
    return { ok: true, text: '' };
  },
};
