// Which kernel's data plane this is: the running thread's. A kernel has a page of words (its sysctls, its mbuf pool and with it its
// stack): the host's are in MACHINE itself, a guest's in a page of its own RAM, at the same offsets.

import { MACHINE, T_KERN } from "../layout";
import { curthread } from "../sim/shared";

/** The words of the kernel that the running thread is in. */
export function kern(): usize {
  const k: usize = load<u32>(curthread(), T_KERN);
  return k ? k : MACHINE;
}
