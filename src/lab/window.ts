// The window in which a guest's console is shown, told to the guest as by resizewin(1): a serial line would not tell it,
// and a pager must know.

import type { VmEntry } from '../host/kernel/vmm.ts';
import type { World } from './world.ts';

export function tellWindow(w: World, vm: VmEntry) {
  const window = w.host.os.tty(w.consoleOf(vm) ?? '')?.window,
    tty = w.tree.guests[vm.name]?.os.ttys[0];
  if (tty && window && (tty.window?.cols !== window.cols || tty.window.rows !== window.rows)) tty.window = { ...window };
}
