// The tap back-end: opening and closing /dev/tapN. Mirrors tap_init and tap_cleanup of net_backends.c (facts bhyve 2.1). Its event is
// EVF_READ in the mevent thread; frames are wasm/host/net_backend_tap.ts.

import * as L from '../../../wasm/layout.ts';
import type { NetBackend } from './net_backends.ts';
import { slotKey } from './ctx.ts';

export const tapBackend: NetBackend = {
  name: 'tap',
  kind: 'tap',
  init(c, be, f) {
    const sc = c.taps.open(be.name, c.pid);
    if (typeof sc !== 'number') {
      c.out(`open of tap device /dev/${be.name} failed`);
      c.out(
        sc.errno === 16
          ? `lab: /dev/${be.name} is open already; a tap has one reader.`
          : `lab: there is no ${be.name}; make it first: ifconfig ${be.name} create`,
      );
      return false;
    }
    if (Object.entries(c.st.backends).filter(([k, b]) => b.kind === 'tap' && k !== slotKey(f)).length >= L.VT_DEV_MAX) {
      c.out('Could not register event');
      c.taps.close(be.name);
      return false;
    }
    c.m.st32(f.page + L.VN_BE_PRIV, sc);
    return true;
  },
  cleanup: (k, be) => k.taps.close(be.name),
  send: L.OP_BE_TAP_SEND,
  recv: L.OP_BE_TAP_RECV,
  get_features: () => 0,
  set_features: () => {},
  get_ptnetmap: () => false,
};
