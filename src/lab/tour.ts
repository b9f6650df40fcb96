// The marked moment of the first sixty seconds (labs/first-sixty.lab): the guest stands before its look at host_need_txkick and
// would find 0, the host before storing 1 there. Found by going on under the policy, so it is true whenever it is asked for.

import { P_GTX_KICK, P_PTN_TX_ST_KICK1 } from '../../wasm/points.ts';
import type { Lab } from './lab.ts';
import type { Orders, GuideApi } from './guide_types.ts';
import { situation } from './situation.ts';
import { threads } from './view.ts';

/** Steps after which it is given up. */
const MOST = 2000;

/** The two threads, if this is such a moment. */
export function ordersHere(lab: Lab): Orders | undefined {
  const can = threads(lab.world, false).filter((t) => t.runnable && t.next),
    guest = can.find((t) => t.next?.point === P_GTX_KICK && t.next.value === 0),
    host = can.find((t) => t.next?.point === P_PTN_TX_ST_KICK1 && t.next.addr === guest?.next?.addr);
  return guest && host && { guest: guest.id, host: host.id };
}

function ahead(lab: Lab): Orders | undefined {
  for (let i = 0; i < MOST; i++) {
    const found = ordersHere(lab);
    if (found) return found;
    const before = lab.world.m.steps;
    lab.step();
    if (lab.world.m.steps === before) return undefined;
  }
  return undefined;
}

/** The next such moment, or, where none comes soon, the first one after `from`. */
export function toOrders(lab: Lab, from: number): Orders | undefined {
  const found = ahead(lab);
  if (found) return found;
  lab.goto(from);
  return ahead(lab);
}

interface Host {
  lab(): Lab;
  act(): Promise<void>;
  parked(): Promise<void>;
  shown(was: Lab['world']): void;
  keeper(): { own: boolean };
}

export function tourApi(h: Host): GuideApi {
  return {
    async toOrders(from) {
      await h.act();
      await h.parked();
      const found = toOrders(h.lab(), from);
      h.shown(h.lab().world);
      return found;
    },
    async situation() {
      return situation(h.lab());
    },
    async own(yes) {
      h.keeper().own = yes;
    },
  };
}
