// What the data plane offers to its drivers. ops first: it fixes the numbering of function values.
export { ops_setup } from "./ops";
export { drive, drain_nth, drain_one, naps, run_free, runnable, step_thread, timeout, to_boundary } from "./sim/thread";
export { drain, drains, trace_changes } from "./sim/shared";
// The explorer, for the step build.
export { ex_after_act, ex_before_act, ex_begin, ex_eyed, ex_move, ex_run, ex_settle } from "./sim/explore";
export { ex_move_of, ex_parent, ex_restore } from "./sim/states";
export { slots_keep } from "./sim/promises";
export { watched_move, watched_state } from "./sim/watch";
export { wakeup_now } from "./sim/sleepq";
export { vmm_ioreg_lookup } from "./host/vmm_ioport";
export { lapic_msi } from "./host/vmm_lapic";
export { nm_bridge_rthash } from "./net/netmap_vale";
export { rss, toeplitz } from "./hw/nic";
export { va } from "./net/mmu";
// For the guest's control plane, when it sets a device up: nothing pauses in it.
export { vq_ring_init } from "./net/virtio";
// For tests of the prologues, poll and the sync ioctls against their model: driven directly in the free build, where nothing pauses.
export { netmap_ioctl_sync, netmap_poll_one as netmap_poll } from "./net/netmap_poll";
export { netmap_ring_reinit, nm_rxsync_prologue, nm_txsync_prologue } from "./net/netmap_kern";
