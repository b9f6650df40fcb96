// Where the explorer's tests begin: pkt-gen of a guest is about to send into a pipe that nobody empties, sleeps without bounds.

import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { booted, type } from './booted.ts';

/** `doorbell` 0: a kick is a bare wakeup (H4). `look` 0: the host looks once only (H1). */
export function aboutToSend(slots: number, { doorbell = 1, look = 1 } = {}): World {
  const w = booted(slots),
    { m } = w,
    set = (word: number, v: number) => {
      m.st32(L.MACHINE + word, v);
    };
  set(L.M_SLEEP_BOUND, L.SB_NONE);
  type(w, 'netmapvm', 'pkt-gen -i vtnet1 -f tx -w 0 -b 2');
  const guest = () => w.tree.guests.netmapvm?.threads[0];
  for (let i = 0; i < 100_000 && !guest(); i++) w.advance(1);
  const vm = w.tree.host.vms[0],
    th = guest();
  if (!vm || !th) throw new Error('pkt-gen did not start');
  const targ = w.host.vmm.hostAddress(vm, th.targ) ?? 0;
  for (let i = 0; i < 1000 && m.ld32(targ + L.TARG_STATE) === 0; i++) w.advance(1);
  for (let i = 0; i < m.threads; i++) m.wasm.to_boundary(m.block(i));
  set(L.M_DOORBELL, doorbell);
  set(L.M_DOUBLE_CHECK, look);
  return w;
}

/** Every byte of the machine that is state, as one text. */
export const bytesOf = ({ m }: World): string =>
  m
    .statePages()
    .map((p) => Buffer.from(m.u8.slice(p * L.PAGE, (p + 1) * L.PAGE)).toString('base64'))
    .join();
