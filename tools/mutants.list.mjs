// candidates
const V='test/mutants/';
export const ASKS = {
  'tx-full': { file: 'test/mutants/tx-full2.lab' },
  'tx-full-tso': { file: 'test/mutants/tx-full2.lab', model: 'tso' },
  'tx-inf': { file: 'test/mutants/tx-inf.lab' },
  'tx-inf-tso': { file: 'test/mutants/tx-inf.lab', model: 'tso' },
  'tx-pipe': { file: 'labs/explore/tx-pipe.lab' },
  'tx-pipe-tso': { file: 'labs/explore/tx-pipe.lab', model: 'tso' },
  'rx-pipe': { file: 'labs/explore/rx-pipe.lab' },
  'rx-pipe-tso': { file: 'labs/explore/rx-pipe.lab', model: 'tso' },
  'rx-inf': { file: 'test/mutants/rx-inf.lab' },
  'rx-inf-tso': { file: 'test/mutants/rx-inf.lab', model: 'tso' },
  'txv-inf': { file: 'test/mutants/txv-inf.lab' },
  'txv-inf-tso': { file: 'test/mutants/txv-inf.lab', model: 'tso' },
  'txv': { file: 'labs/explore/tx-vale.lab' },
  'txv-tso': { file: 'labs/explore/tx-vale.lab', model: 'tso' },
  'rxv': { file: 'labs/explore/rx-vale.lab' },
  'rxv-tso': { file: 'labs/explore/rx-vale.lab', model: 'tso' },
  'leases': { file: 'test/mutants/leases.lab' },
  'leases-tso': { file: 'test/mutants/leases.lab', model: 'tso' },
  'leases2': { file: 'test/mutants/leases2.lab' },
  'leases2-tso': { file: 'test/mutants/leases2.lab', model: 'tso' },
  'three': { file: 'labs/explore/vale-three.lab' },
  'three-tso': { file: 'labs/explore/vale-three.lab', model: 'tso' },
  'both': { file: 'labs/explore/both-pipe.lab' },
  'both-tso': { file: 'labs/explore/both-pipe.lab', model: 'tso' },
};
export const MUTANTS = [
 {
  "name": "tx-one-look",
  "file": "wasm/host/ptnetmap.ts",
  "find": "head = ld(ptr + PTR_HEAD, P_PTN_TX_HEAD2);",
  "put": "head = load<u32>(kr, KR_RHEAD);",
  "breaks": "The TX worker asks for a kick and does not look again.",
  "ask": "tx-pipe"
 },
 {
  "name": "tx-flag-after-look",
  "file": "wasm/host/ptnetmap.ts",
  "find": "      st(csb + CSB_HOST_NEED_TXKICK, 1, P_PTN_TX_ST_KICK1);\n      if (!(hz & HZ_H1)) {\n        if (!(hz & HZ_H2)) fence(P_PTN_TX_BARRIER); // nm_stld_barrier\n        head = ld(ptr + PTR_HEAD, P_PTN_TX_HEAD2);",
  "put": "      if (!(hz & HZ_H1)) {\n        if (!(hz & HZ_H2)) fence(P_PTN_TX_BARRIER); // nm_stld_barrier\n        head = ld(ptr + PTR_HEAD, P_PTN_TX_HEAD2);\n        st(csb + CSB_HOST_NEED_TXKICK, 1, P_PTN_TX_ST_KICK1);",
  "breaks": "The TX worker looks again before it asks for a kick, not after.",
  "ask": "tx-pipe"
 },
 {
  "name": "tx-flag-0",
  "file": "wasm/host/ptnetmap.ts",
  "find": "st(csb + CSB_HOST_NEED_TXKICK, 1, P_PTN_TX_ST_KICK1);",
  "put": "st(csb + CSB_HOST_NEED_TXKICK, 0, P_PTN_TX_ST_KICK1);",
  "breaks": "The TX worker goes to sleep with kicks off.",
  "ask": "tx-pipe"
 },
 {
  "name": "tx-no-barrier",
  "file": "wasm/host/ptnetmap.ts",
  "find": "if (!(hz & HZ_H2)) fence(P_PTN_TX_BARRIER); // nm_stld_barrier",
  "put": "",
  "breaks": "No store-load barrier before the second look of the TX worker.",
  "ask": "tx-pipe-tso"
 },
 {
  "name": "tx-hwcur-as-hwtail",
  "file": "wasm/host/ptnetmap.ts",
  "find": "st(ptr + PTR_HWTAIL, t, P_PTN_TX_L_ST_HWTAIL);",
  "put": "st(ptr + PTR_HWTAIL, c, P_PTN_TX_L_ST_HWTAIL);",
  "breaks": "The host publishes hwcur where hwtail belongs: no slot ever comes back.",
  "ask": "tx-pipe"
 },
 {
  "name": "tx-hwtail-too-far",
  "file": "wasm/host/ptnetmap.ts",
  "find": "st(ptr + PTR_HWTAIL, t, P_PTN_TX_L_ST_HWTAIL);",
  "put": "st(ptr + PTR_HWTAIL, t == n - 1 ? 0 : t + 1, P_PTN_TX_L_ST_HWTAIL);",
  "breaks": "The host gives the guest one slot more than there is.",
  "ask": "tx-pipe"
 },
 {
  "name": "tx-hwtail-too-short",
  "file": "wasm/host/ptnetmap.ts",
  "find": "st(ptr + PTR_HWTAIL, t, P_PTN_TX_L_ST_HWTAIL);",
  "put": "st(ptr + PTR_HWTAIL, nm_prev(t, n - 1), P_PTN_TX_L_ST_HWTAIL);",
  "breaks": "The host gives the guest one slot less than there is.",
  "ask": "tx-pipe"
 },
 {
  "name": "tx-hwtail-first",
  "file": "wasm/host/ptnetmap.ts",
  "find": "      st(ptr + PTR_HWCUR, c, P_PTN_TX_L_ST_HWCUR);\n      nm_order();\n      st(ptr + PTR_HWTAIL, t, P_PTN_TX_L_ST_HWTAIL);",
  "put": "      st(ptr + PTR_HWTAIL, t, P_PTN_TX_L_ST_HWTAIL);\n      nm_order();\n      st(ptr + PTR_HWCUR, c, P_PTN_TX_L_ST_HWCUR);",
  "breaks": "hwtail before hwcur: the guest sees a new hwtail with an old hwcur.",
  "ask": "tx-pipe"
 },
 {
  "name": "tx-no-work",
  "file": "wasm/host/ptnetmap.ts",
  "find": "store<u32>(kr, t, KR_RTAIL); work = true; }",
  "put": "store<u32>(kr, t, KR_RTAIL); work = false; }",
  "breaks": "Slots came back, and the guest is not told.",
  "ask": "tx-pipe"
 },
 {
  "name": "tx-irq-inverted",
  "file": "wasm/host/ptnetmap.ts",
  "find": "if (work && ld(csb + CSB_GUEST_NEED_TXKICK, P_PTN_TX_NEED)) {",
  "put": "if (work && !ld(csb + CSB_GUEST_NEED_TXKICK, P_PTN_TX_NEED)) {",
  "breaks": "An interrupt exactly when none is wanted.",
  "ask": "tx-pipe"
 },
 {
  "name": "tx-irq-wrong-flag",
  "file": "wasm/host/ptnetmap.ts",
  "find": "if (ld(csb + CSB_GUEST_NEED_TXKICK, P_PTN_TX_NEED_END)) {",
  "put": "if (ld(csb + CSB_GUEST_NEED_RXKICK, P_PTN_TX_NEED_END)) {",
  "breaks": "",
  "ask": "tx-pipe"
 },
 {
  "name": "tx-leaves-with-work",
  "file": "wasm/host/ptnetmap.ts",
  "find": "if (t == load<u32>(kr, KR_RHEAD)) break; // ring full",
  "put": "if (t != load<u32>(kr, KR_RHEAD)) break; // ring full",
  "breaks": "The TX worker leaves with packets pending and kicks off.",
  "ask": "tx-pipe"
 },
 {
  "name": "tx-kring-kept",
  "file": "wasm/host/ptnetmap.ts",
  "find": "  nm_kr_put(kr);\n  if (work) {\n    if (ld(csb + CSB_GUEST_NEED_TXKICK, P_PTN_TX_NEED_END)) {",
  "put": "  if (work) {\n    if (ld(csb + CSB_GUEST_NEED_TXKICK, P_PTN_TX_NEED_END)) {",
  "breaks": "The TX worker never gives its kring back.",
  "ask": "tx-pipe"
 },
 {
  "name": "tx-other-flag",
  "file": "wasm/host/ptnetmap.ts",
  "find": "st(csb + CSB_HOST_NEED_TXKICK, 0, P_PTN_TX_ST_KICK0);",
  "put": "st(csb + CSB_GUEST_NEED_TXKICK, 0, P_PTN_TX_ST_KICK0);",
  "breaks": "The host clears the guest's flag instead of its own.",
  "ask": "tx-pipe"
 },
 {
  "name": "tx-clears-guest-flag",
  "file": "wasm/host/ptnetmap.ts",
  "find": "if (!late) st(csb + CSB_GUEST_NEED_TXKICK, 0, P_PTN_TX_ST_NEED);",
  "put": "st(csb + CSB_GUEST_NEED_TXKICK, 0, P_PTN_TX_ST_NEED);",
  "breaks": "The host clears the guest's flag, as 2015 did.",
  "ask": "tx-pipe"
 },
 {
  "name": "tx-rhead-old",
  "file": "wasm/host/ptnetmap.ts",
  "find": "    store<u32>(kr, head, KR_RHEAD);\n    store<u32>(kr, cur, KR_RCUR);\n    if (nm_sync(kr, flags)) {",
  "put": "    store<u32>(kr, cur, KR_RCUR);\n    if (nm_sync(kr, flags)) {",
  "breaks": "",
  "ask": "tx-pipe"
 },
 {
  "name": "tx-notify-rx",
  "file": "wasm/host/ptnetmap.ts",
  "find": "PTN_TX_KTH));",
  "put": "PTN_RX_KTH));",
  "breaks": "The peer of the pipe has made room, and the wrong worker is woken.",
  "ask": "tx-pipe"
 },
 {
  "name": "tx-stale-tail",
  "file": "wasm/host/ptnetmap.ts",
  "find": "const t = ld(kr + KR_NR_HWTAIL, P_PTN_TX_HWTAIL2), c",
  "put": "const t = load<u32>(kr, KR_RTAIL), c",
  "breaks": "",
  "ask": "tx-pipe"
 },
 {
  "name": "rx-one-look",
  "file": "wasm/host/ptnetmap.ts",
  "find": "head = ld(ptr + PTR_HEAD, P_PTN_RX_HEAD2);",
  "put": "head = load<u32>(kr, KR_RHEAD);",
  "breaks": "The RX worker asks for a kick and does not look again.",
  "ask": "rx-pipe"
 },
 {
  "name": "rx-flag-0",
  "file": "wasm/host/ptnetmap.ts",
  "find": "st(csb + CSB_HOST_NEED_RXKICK, 1, P_PTN_RX_ST_KICK1);",
  "put": "st(csb + CSB_HOST_NEED_RXKICK, 0, P_PTN_RX_ST_KICK1);",
  "breaks": "The ring is full, and the RX worker asks for no kick.",
  "ask": "rx-pipe"
 },
 {
  "name": "rx-no-barrier",
  "file": "wasm/host/ptnetmap.ts",
  "find": "if (!(hz & HZ_H2)) fence(P_PTN_RX_BARRIER);",
  "put": "",
  "breaks": "No store-load barrier before the second look of the RX worker.",
  "ask": "rx-pipe-tso"
 },
 {
  "name": "rx-hwcur-as-hwtail",
  "file": "wasm/host/ptnetmap.ts",
  "find": "st(ptr + PTR_HWTAIL, t, P_PTN_RX_L_ST_HWTAIL);",
  "put": "st(ptr + PTR_HWTAIL, c, P_PTN_RX_L_ST_HWTAIL);",
  "breaks": "The guest is never shown a packet.",
  "ask": "rx-pipe"
 },
 {
  "name": "rx-hwtail-too-far",
  "file": "wasm/host/ptnetmap.ts",
  "find": "st(ptr + PTR_HWTAIL, t, P_PTN_RX_L_ST_HWTAIL);",
  "put": "st(ptr + PTR_HWTAIL, t == n - 1 ? 0 : t + 1, P_PTN_RX_L_ST_HWTAIL);",
  "breaks": "The guest is shown a slot too many.",
  "ask": "rx-pipe"
 },
 {
  "name": "rx-hwtail-first",
  "file": "wasm/host/ptnetmap.ts",
  "find": "      st(ptr + PTR_HWCUR, c, P_PTN_RX_L_ST_HWCUR);\n      nm_order();\n      st(ptr + PTR_HWTAIL, t, P_PTN_RX_L_ST_HWTAIL);",
  "put": "      st(ptr + PTR_HWTAIL, t, P_PTN_RX_L_ST_HWTAIL);\n      nm_order();\n      st(ptr + PTR_HWCUR, c, P_PTN_RX_L_ST_HWCUR);",
  "breaks": "hwtail before hwcur: the guest sees a new hwtail with an old hwcur.",
  "ask": "rx-pipe"
 },
 {
  "name": "rx-no-work",
  "file": "wasm/host/ptnetmap.ts",
  "find": "work = true; dry = 0; } else dry++;",
  "put": "work = false; dry = 0; } else dry++;",
  "breaks": "Packets came, and the guest is not told.",
  "ask": "rx-pipe"
 },
 {
  "name": "rx-full-unseen",
  "file": "wasm/host/ptnetmap.ts",
  "find": "if (t == nm_prev(head, n - 1)) { // no room",
  "put": "if (t == head) { // no room",
  "breaks": "A full ring is not seen as full.",
  "ask": "rx-pipe"
 },
 {
  "name": "rx-kring-kept",
  "file": "wasm/host/ptnetmap.ts",
  "find": "  nm_kr_put(kr);\n  if (work) {\n    if (ld(csb + CSB_GUEST_NEED_RXKICK, P_PTN_RX_NEED_END)) {",
  "put": "  if (work) {\n    if (ld(csb + CSB_GUEST_NEED_RXKICK, P_PTN_RX_NEED_END)) {",
  "breaks": "The RX worker never gives its kring back.",
  "ask": "rx-pipe"
 },
 {
  "name": "rx-notify-tx",
  "file": "wasm/host/ptnetmap.ts",
  "find": "PTN_RX_KTH));",
  "put": "PTN_TX_KTH));",
  "breaks": "Packets have come, and the wrong worker is woken.",
  "ask": "rx-pipe"
 },
 {
  "name": "rx-head-1",
  "file": "wasm/host/ptnetmap.ts",
  "find": "let head = ld(ptr + PTR_HEAD, P_PTN_RX_HEAD0);",
  "put": "let head = ld(ptr + PTR_HWCUR, P_PTN_RX_HEAD0);",
  "breaks": "",
  "ask": "rx-pipe"
 },
 {
  "name": "rx-dry-early",
  "file": "wasm/host/ptnetmap.ts",
  "find": "if (t == load<u32>(kr, KR_RHEAD) || dry >= dry_max) break;",
  "put": "if (t != load<u32>(kr, KR_RHEAD)) break;",
  "breaks": "",
  "ask": "rx-pipe"
 },
 {
  "name": "gtx-head-first",
  "file": "wasm/guest/if_vtnet_netmap.ts",
  "find": "  st(ptr + PTR_CUR, rcur, P_GTX_ST_CUR);\n  // cur before head: the host may see a newer cur with an older head, not the other way\n  if (late) nm_order(); else fence(P_GTX_MB);\n  const sent = rhead - load<u32>(ptr, PTR_HEAD); // of this sync, for the counters\n  st(ptr + PTR_HEAD, rhead, P_GTX_ST_HEAD);",
  "put": "  const sent = rhead - load<u32>(ptr, PTR_HEAD); // of this sync, for the counters\n  st(ptr + PTR_HEAD, rhead, P_GTX_ST_HEAD);\n  if (late) nm_order(); else fence(P_GTX_MB);\n  st(ptr + PTR_CUR, rcur, P_GTX_ST_CUR);",
  "breaks": "head before cur: the host sees a new head with an old cur.",
  "ask": "tx-pipe"
 },
 {
  "name": "gtx-flag-before-head",
  "file": "wasm/guest/if_vtnet_netmap.ts",
  "find": "  st(ptr + PTR_HEAD, rhead, P_GTX_ST_HEAD);\n  store<u64>(kr, load<u64>(kr, KR_STAT_PACKETS) + ((sent as i32) < 0 ? sent + n : sent), KR_STAT_PACKETS);\n  const send = rhead != hwcur || (!(hz & HZ_H8) && rcur == load<u32>(kr, KR_NR_HWTAIL)); // later: also when it would block\n  if (!(hz & HZ_H2)) fence(P_GTX_BARRIER); // nm_stld_barrier: head, then the look at the host's flag\n  if ((send && ld(csb + CSB_HOST_NEED_TXKICK, P_GTX_KICK)) ||",
  "put": "  const need = ld(csb + CSB_HOST_NEED_TXKICK, P_GTX_KICK);\n  st(ptr + PTR_HEAD, rhead, P_GTX_ST_HEAD);\n  store<u64>(kr, load<u64>(kr, KR_STAT_PACKETS) + ((sent as i32) < 0 ? sent + n : sent), KR_STAT_PACKETS);\n  const send = rhead != hwcur || (!(hz & HZ_H8) && rcur == load<u32>(kr, KR_NR_HWTAIL)); // later: also when it would block\n  if (!(hz & HZ_H2)) fence(P_GTX_BARRIER); // nm_stld_barrier: head, then the look at the host's flag\n  if ((send && need) ||",
  "breaks": "The guest looks at the host's flag before it publishes head.",
  "ask": "tx-pipe"
 },
 {
  "name": "gtx-no-barrier",
  "file": "wasm/guest/if_vtnet_netmap.ts",
  "find": "if (!(hz & HZ_H2)) fence(P_GTX_BARRIER); // nm_stld_barrier: head, then the look at the host's flag",
  "put": "",
  "breaks": "No store-load barrier between head and the look at the host's flag.",
  "ask": "tx-pipe-tso"
 },
 {
  "name": "gtx-kick-inverted",
  "file": "wasm/guest/if_vtnet_netmap.ts",
  "find": "if ((send && ld(csb + CSB_HOST_NEED_TXKICK, P_GTX_KICK)) ||",
  "put": "if ((send && !ld(csb + CSB_HOST_NEED_TXKICK, P_GTX_KICK)) ||",
  "breaks": "A kick exactly when none is wanted.",
  "ask": "tx-pipe"
 },
 {
  "name": "gtx-no-kick",
  "file": "wasm/guest/if_vtnet_netmap.ts",
  "find": "    vtnet_notify(sc, VQ_TX);",
  "put": "",
  "breaks": "The guest counts a kick and makes none.",
  "ask": "tx-pipe"
 },
 {
  "name": "gtx-wrong-queue",
  "file": "wasm/guest/if_vtnet_netmap.ts",
  "find": "    vtnet_notify(sc, VQ_TX);",
  "put": "    vtnet_notify(sc, VQ_RX);",
  "breaks": "The guest rings the other queue's doorbell.",
  "ask": "tx-pipe"
 },
 {
  "name": "gtx-send-inverted",
  "file": "wasm/guest/if_vtnet_netmap.ts",
  "find": "const send = rhead != hwcur ||",
  "put": "const send = rhead == hwcur ||",
  "breaks": "The guest thinks of kicking only when it has sent nothing.",
  "ask": "tx-pipe"
 },
 {
  "name": "gtx-flag-0",
  "file": "wasm/guest/if_vtnet_netmap.ts",
  "find": "st(csb + CSB_GUEST_NEED_TXKICK, 1, P_GTX_ST_NEED1);",
  "put": "st(csb + CSB_GUEST_NEED_TXKICK, 0, P_GTX_ST_NEED1);",
  "breaks": "The guest waits and asks for no interrupt.",
  "ask": "tx-pipe"
 },
 {
  "name": "gtx-one-look",
  "file": "wasm/guest/if_vtnet_netmap.ts",
  "find": "t = ld(ptr + PTR_HWTAIL, P_GTX_L_HWTAIL3);",
  "put": "t = load<u32>(kr, KR_NR_HWTAIL);",
  "breaks": "The guest asks for an interrupt and does not look again.",
  "ask": "tx-pipe"
 },
 {
  "name": "gtx-no-barrier2",
  "file": "wasm/guest/if_vtnet_netmap.ts",
  "find": "if (late && !(hz & HZ_H2)) fence(P_GTX_L_BARRIER); // nm_stld_barrier; in 2015 the mb below happens to stand there",
  "put": "",
  "breaks": "No store-load barrier before the second look of the guest.",
  "ask": "tx-pipe-tso"
 },
 {
  "name": "gtx-block-inverted",
  "file": "wasm/guest/if_vtnet_netmap.ts",
  "find": "if (rcur == t) { // the program would block",
  "put": "if (rcur != t) { // the program would block",
  "breaks": "The guest asks for an interrupt exactly when it does not wait.",
  "ask": "tx-pipe"
 },
 {
  "name": "gtx-takes-back",
  "file": "wasm/guest/if_vtnet_netmap.ts",
  "find": "if (rcur != t) st(csb + CSB_GUEST_NEED_TXKICK, 0, P_GTX_ST_NEED2);",
  "put": "if (rcur == t) st(csb + CSB_GUEST_NEED_TXKICK, 0, P_GTX_ST_NEED2);",
  "breaks": "The guest takes back its wish for an interrupt and waits.",
  "ask": "tx-pipe"
 },
 {
  "name": "gtx-hwcur-as-hwtail",
  "file": "wasm/guest/if_vtnet_netmap.ts",
  "find": "st(kr + KR_NR_HWTAIL, t, P_GTX_ST_KR_HWTAIL3);",
  "put": "st(kr + KR_NR_HWTAIL, c, P_GTX_ST_KR_HWTAIL3);",
  "breaks": "The guest takes hwcur for hwtail after its second look.",
  "ask": "tx-pipe"
 },
 {
  "name": "gtx-hwcur-first",
  "file": "wasm/guest/if_vtnet_netmap.ts",
  "find": "      t = ld(ptr + PTR_HWTAIL, P_GTX_L_HWTAIL2);\n      nm_order();\n      c = ld(ptr + PTR_HWCUR, P_GTX_L_HWCUR2);",
  "put": "      c = ld(ptr + PTR_HWCUR, P_GTX_L_HWCUR2);\n      nm_order();\n      t = ld(ptr + PTR_HWTAIL, P_GTX_L_HWTAIL2);",
  "breaks": "",
  "ask": "tx-pipe"
 },
 {
  "name": "grx-head-first",
  "file": "wasm/guest/if_vtnet_netmap.ts",
  "find": "    st(ptr + PTR_CUR, rcur, P_GRX_ST_CUR);\n    if (late) nm_order(); else fence(P_GRX_MB2);\n    st(ptr + PTR_HEAD, rhead, P_GRX_ST_HEAD);",
  "put": "    st(ptr + PTR_HEAD, rhead, P_GRX_ST_HEAD);\n    if (late) nm_order(); else fence(P_GRX_MB2);\n    st(ptr + PTR_CUR, rcur, P_GRX_ST_CUR);",
  "breaks": "head before cur: the host sees a new head with an old cur.",
  "ask": "rx-pipe"
 },
 {
  "name": "grx-keeps-slots",
  "file": "wasm/guest/if_vtnet_netmap.ts",
  "find": "st(ptr + PTR_HEAD, rhead, P_GRX_ST_HEAD);",
  "put": "st(ptr + PTR_HEAD, hwcur, P_GRX_ST_HEAD);",
  "breaks": "The guest gives no slot back.",
  "ask": "rx-pipe"
 },
 {
  "name": "grx-release-inverted",
  "file": "wasm/guest/if_vtnet_netmap.ts",
  "find": "  if (rhead != hwcur) {\n    st(ptr + PTR_CUR, rcur, P_GRX_ST_CUR);",
  "put": "  if (rhead == hwcur) {\n    st(ptr + PTR_CUR, rcur, P_GRX_ST_CUR);",
  "breaks": "The guest gives slots back only when there are none.",
  "ask": "rx-pipe"
 },
 {
  "name": "grx-kick-inverted",
  "file": "wasm/guest/if_vtnet_netmap.ts",
  "find": "const kick = ld(csb + CSB_HOST_NEED_RXKICK, P_GRX_L_KICK) != 0;",
  "put": "const kick = ld(csb + CSB_HOST_NEED_RXKICK, P_GRX_L_KICK) == 0;",
  "breaks": "A kick exactly when none is wanted.",
  "ask": "rx-pipe"
 },
 {
  "name": "grx-no-barrier",
  "file": "wasm/guest/if_vtnet_netmap.ts",
  "find": "if (!(hz & HZ_H2)) fence(P_GRX_L_BARRIER2);",
  "put": "",
  "breaks": "No store-load barrier between head and the look at the host's flag.",
  "ask": "rx-pipe-tso"
 },
 {
  "name": "grx-flag-0",
  "file": "wasm/guest/if_vtnet_netmap.ts",
  "find": "st(csb + CSB_GUEST_NEED_RXKICK, 1, P_GRX_ST_NEED1);",
  "put": "st(csb + CSB_GUEST_NEED_RXKICK, 0, P_GRX_ST_NEED1);",
  "breaks": "The guest waits and asks for no interrupt.",
  "ask": "rx-pipe"
 },
 {
  "name": "grx-look-inverted",
  "file": "wasm/guest/if_vtnet_netmap.ts",
  "find": "if (blocks) look_again(kr",
  "put": "if (!blocks) look_again(kr",
  "breaks": "The guest asks for an interrupt exactly when it does not wait.",
  "ask": "rx-pipe"
 },
 {
  "name": "grx-one-look",
  "file": "wasm/guest/if_vtnet_netmap.ts",
  "find": "t = ld(ptr + PTR_HWTAIL, P_GRX_L_HWTAIL3);",
  "put": "t = load<u32>(kr, KR_NR_HWTAIL);",
  "breaks": "The guest asks for an interrupt and does not look again.",
  "ask": "rx-pipe"
 },
 {
  "name": "grx-no-barrier2",
  "file": "wasm/guest/if_vtnet_netmap.ts",
  "find": "if (late && !(hz & HZ_H2)) fence(P_GRX_L_BARRIER);",
  "put": "",
  "breaks": "No store-load barrier before the second look of the guest.",
  "ask": "rx-pipe-tso"
 },
 {
  "name": "grx-takes-back",
  "file": "wasm/guest/if_vtnet_netmap.ts",
  "find": "if (rcur != t) st(csb + CSB_GUEST_NEED_RXKICK, 0, P_GRX_ST_NEED2);",
  "put": "if (rcur == t) st(csb + CSB_GUEST_NEED_RXKICK, 0, P_GRX_ST_NEED2);",
  "breaks": "The guest takes back its wish for an interrupt and waits.",
  "ask": "rx-pipe"
 },
 {
  "name": "grx-hwcur-as-hwtail",
  "file": "wasm/guest/if_vtnet_netmap.ts",
  "find": "hwtail = ld(ptr + PTR_HWTAIL, P_GRX_L_HWTAIL);",
  "put": "hwtail = ld(ptr + PTR_HWCUR, P_GRX_L_HWTAIL);",
  "breaks": "The guest takes hwcur for hwtail.",
  "ask": "rx-pipe"
 },
 {
  "name": "grx-hwcur-first",
  "file": "wasm/guest/if_vtnet_netmap.ts",
  "find": "    hwtail = ld(ptr + PTR_HWTAIL, P_GRX_L_HWTAIL);\n    nm_order();\n    hwcur = ld(ptr + PTR_HWCUR, P_GRX_L_HWCUR);",
  "put": "    hwcur = ld(ptr + PTR_HWCUR, P_GRX_L_HWCUR);\n    nm_order();\n    hwtail = ld(ptr + PTR_HWTAIL, P_GRX_L_HWTAIL);",
  "breaks": "",
  "ask": "rx-pipe"
 },
 {
  "name": "gtx-intr-other-ring",
  "file": "wasm/guest/if_vtnet_netmap.ts",
  "find": "load<u32>(load<u32>(sc, VTN_NA), NA_TX_RINGS);",
  "put": "load<u32>(load<u32>(sc, VTN_NA), NA_RX_RINGS);",
  "breaks": "The TX interrupt wakes who waits for the RX ring.",
  "ask": "tx-pipe"
 },
 {
  "name": "grx-intr-other-ring",
  "file": "wasm/guest/if_vtnet_netmap.ts",
  "find": "load<u32>(load<u32>(sc, VTN_NA), NA_RX_RINGS);",
  "put": "load<u32>(load<u32>(sc, VTN_NA), NA_TX_RINGS);",
  "breaks": "The RX interrupt wakes who waits for the TX ring.",
  "ask": "rx-pipe"
 },
 {
  "name": "pipe-room-too-much",
  "file": "wasm/net/netmap_pipe.ts",
  "find": "let limit = (lim as i32) - busy;",
  "put": "let limit = (lim as i32) + 1 - busy;",
  "breaks": "A pipe fills the slot that has to stay empty.",
  "ask": "tx-pipe"
 },
 {
  "name": "pipe-room-too-little",
  "file": "wasm/net/netmap_pipe.ts",
  "find": "let limit = (lim as i32) - busy;",
  "put": "let limit = (lim as i32) - 1 - busy;",
  "breaks": "A pipe leaves two slots empty.",
  "ask": "tx-pipe"
 },
 {
  "name": "pipe-limit-max",
  "file": "wasm/net/netmap_pipe.ts",
  "find": "if (m < limit) limit = m;",
  "put": "if (m > limit) limit = m;",
  "breaks": "A pipe moves the larger of what there is and what has room.",
  "ask": "tx-pipe"
 },
 {
  "name": "pipe-busy-no-wrap",
  "file": "wasm/net/netmap_pipe.ts",
  "find": "if (busy < 0) busy += lim + 1;",
  "put": "",
  "breaks": "The used slots of a ring that has wrapped are miscounted.",
  "ask": "tx-pipe"
 },
 {
  "name": "pipe-pending-no-wrap",
  "file": "wasm/net/netmap_pipe.ts",
  "find": "if (m < 0) m += lim + 1;",
  "put": "",
  "breaks": "The pending slots of a ring that has wrapped are miscounted.",
  "ask": "tx-pipe"
 },
 {
  "name": "pipe-tx-silent",
  "file": "wasm/net/netmap_pipe.ts",
  "find": "  call_indirect<u32>(load<u32>(rxkr, KR_NM_NOTIFY), rxkr, 0 as u32);\n",
  "put": "",
  "breaks": "A pipe does not tell the receiver.",
  "ask": "tx-pipe"
 },
 {
  "name": "pipe-rx-silent",
  "file": "wasm/net/netmap_pipe.ts",
  "find": "  if (old != head) {",
  "put": "  if (old == head) {",
  "breaks": "A pipe tells the sender of room exactly when there is none.",
  "ask": "tx-pipe"
 },
 {
  "name": "pipe-hwtail-hwcur",
  "file": "wasm/net/netmap_pipe.ts",
  "find": "st(txkr + KR_NR_HWTAIL, nm_prev(k, lim), P_PIPE_TX_ST_HWTAIL);",
  "put": "st(txkr + KR_NR_HWTAIL, k, P_PIPE_TX_ST_HWTAIL);",
  "breaks": "A pipe gives back one slot too many.",
  "ask": "tx-pipe"
 },
 {
  "name": "pipe-no-swap",
  "file": "wasm/net/netmap_pipe.ts",
  "find": "    store<u64>(ts, lo);\n",
  "put": "",
  "breaks": "A pipe gives a buffer away and keeps it.",
  "ask": "tx-pipe"
 },
 {
  "name": "pipe-same-slot",
  "file": "wasm/net/netmap_pipe.ts",
  "find": "    j = nm_next(j, lim);\n",
  "put": "",
  "breaks": "A pipe puts every packet into the same slot.",
  "ask": "tx-pipe"
 },
 {
  "name": "pipe-same-packet",
  "file": "wasm/net/netmap_pipe.ts",
  "find": "    k = nm_next(k, lim);\n",
  "put": "",
  "breaks": "A pipe sends the same packet again.",
  "ask": "tx-pipe"
 },
 {
  "name": "pipe-notify-first",
  "file": "wasm/net/netmap_pipe.ts",
  "find": "  st(rxkr + KR_NR_HWTAIL, j, P_PIPE_TX_ST_RX_HWTAIL);\n  st(txkr + KR_NR_HWCUR, k, P_PIPE_TX_ST_HWCUR);\n  st(txkr + KR_NR_HWTAIL, nm_prev(k, lim), P_PIPE_TX_ST_HWTAIL);\n  call_indirect<u32>(load<u32>(rxkr, KR_NM_NOTIFY), rxkr, 0 as u32);",
  "put": "  st(txkr + KR_NR_HWCUR, k, P_PIPE_TX_ST_HWCUR);\n  st(txkr + KR_NR_HWTAIL, nm_prev(k, lim), P_PIPE_TX_ST_HWTAIL);\n  call_indirect<u32>(load<u32>(rxkr, KR_NM_NOTIFY), rxkr, 0 as u32);\n  st(rxkr + KR_NR_HWTAIL, j, P_PIPE_TX_ST_RX_HWTAIL);",
  "breaks": "A pipe tells the receiver before there is anything.",
  "ask": "tx-pipe"
 },
 {
  "name": "pipe-release-late",
  "file": "wasm/net/netmap_pipe.ts",
  "find": "  st(rxkr + KR_NR_HWCUR, head, P_PIPE_RX_ST_HWCUR);\n  fence(P_PIPE_RX_FENCE);\n  if (old != head) {\n    const txkr: usize = load<u32>(rxkr, KR_PIPE);\n    call_indirect<u32>(load<u32>(txkr, KR_NM_NOTIFY), txkr, 0 as u32);\n  }",
  "put": "  if (old != head) {\n    const txkr: usize = load<u32>(rxkr, KR_PIPE);\n    call_indirect<u32>(load<u32>(txkr, KR_NM_NOTIFY), txkr, 0 as u32);\n  }\n  st(rxkr + KR_NR_HWCUR, head, P_PIPE_RX_ST_HWCUR);\n  fence(P_PIPE_RX_FENCE);",
  "breaks": "A pipe tells the sender of room before there is any.",
  "ask": "tx-pipe"
 },
 {
  "name": "pipe-hwcur-old",
  "file": "wasm/net/netmap_pipe.ts",
  "find": "st(txkr + KR_NR_HWCUR, k, P_PIPE_TX_ST_HWCUR);",
  "put": "st(txkr + KR_NR_HWCUR, j, P_PIPE_TX_ST_HWCUR);",
  "breaks": "",
  "ask": "tx-pipe"
 },
 {
  "name": "vale-unpublished",
  "file": "wasm/net/netmap_vale.ts",
  "find": "if (update == start) { // mine",
  "put": "if (update != start) { // mine",
  "breaks": "The first open lease is never published.",
  "ask": "tx-vale"
 },
 {
  "name": "vale-silent",
  "file": "wasm/net/netmap_vale.ts",
  "find": "if (still && j != start) call_indirect",
  "put": "if (still && j == start) call_indirect",
  "breaks": "A switch does not tell the receiver.",
  "ask": "tx-vale"
 },
 {
  "name": "vale-room-too-much",
  "file": "wasm/net/netmap_vale.ts",
  "find": "let howmany = lim - (busy as u32);",
  "put": "let howmany = lim + 1 - (busy as u32);",
  "breaks": "A switch fills the slot that has to stay empty.",
  "ask": "tx-vale"
 },
 {
  "name": "vale-busy-no-wrap",
  "file": "wasm/net/netmap_vale.ts",
  "find": "if (busy < 0) busy += lim + 1;",
  "put": "",
  "breaks": "The used slots of a ring that has wrapped are miscounted.",
  "ask": "tx-vale"
 },
 {
  "name": "vale-lease-no-wrap",
  "file": "wasm/net/netmap_vale.ts",
  "find": "if (lease_end > lim) lease_end -= lim + 1;",
  "put": "",
  "breaks": "A lease goes beyond the end of the ring.",
  "ask": "tx-vale"
 },
 {
  "name": "vale-no-lease",
  "file": "wasm/net/netmap_vale.ts",
  "find": "store<u32>(dkr, lease_end, KR_HWLEASE);",
  "put": "",
  "breaks": "Slots are given to a sender and not marked as given.",
  "ask": "tx-vale"
 },
 {
  "name": "vale-hwtail-hwcur",
  "file": "wasm/net/netmap_vale.ts",
  "find": "st(kr + KR_NR_HWTAIL, nm_prev(done, lim), P_VALE_TX_ST_HWTAIL);",
  "put": "st(kr + KR_NR_HWTAIL, done, P_VALE_TX_ST_HWTAIL);",
  "breaks": "The sender gets back one slot too many.",
  "ask": "tx-vale"
 },
 {
  "name": "vale-no-copy",
  "file": "wasm/net/netmap_vale.ts",
  "find": "else pkt_copy(nmb(dkr, slot), load<u32>(e, FT_BUF), (len + 63) & ~63);",
  "put": "",
  "breaks": "A packet is forwarded and its bytes are not.",
  "ask": "tx-vale"
 },
 {
  "name": "vale-same-slot",
  "file": "wasm/net/netmap_vale.ts",
  "find": "      copies++;\n      j = nm_next(j, lim);",
  "put": "      copies++;",
  "breaks": "",
  "ask": "tx-vale"
 },
 {
  "name": "vale-rx-keeps",
  "file": "wasm/net/netmap_vale.ts",
  "find": "st(kr + KR_NR_HWCUR, head, P_VALE_RX_ST_HWCUR);",
  "put": "",
  "breaks": "",
  "ask": "tx-vale"
 },
 {
  "name": "vale-tx-same",
  "file": "wasm/net/netmap_vale.ts",
  "find": "st(kr + KR_NR_HWCUR, done, P_VALE_TX_ST_HWCUR);",
  "put": "st(kr + KR_NR_HWCUR, hwcur, P_VALE_TX_ST_HWCUR);",
  "breaks": "What was forwarded is forwarded again.",
  "ask": "tx-vale"
 },
 {
  "name": "lease-lock-free",
  "file": "wasm/net/netmap_vale.ts",
  "find": "lock_word(dkr + KR_Q_LOCK, P_VALE_DST_LOCK);",
  "put": "",
  "breaks": "Slots are leased without the lock.",
  "ask": "leases"
 },
 {
  "name": "lease-commit-lock-free",
  "file": "wasm/net/netmap_vale.ts",
  "find": "lock_word(dkr + KR_Q_LOCK, P_VALE_DST_LOCK2);",
  "put": "",
  "breaks": "Leases are committed without the lock.",
  "ask": "leases"
 },
 {
  "name": "lease-open-taken",
  "file": "wasm/net/netmap_vale.ts",
  "find": "load<u32>(leases + p * 4) != NR_NOSLOT) {",
  "put": "load<u32>(leases + p * 4) == NR_NOSLOT) {",
  "breaks": "",
  "ask": "leases"
 },
 {
  "name": "lease-never-closed",
  "file": "wasm/net/netmap_vale.ts",
  "find": "  store<u32>(leases + lease_idx * 4, j);\n",
  "put": "",
  "breaks": "A finished lease is not marked as finished.",
  "ask": "leases"
 },
 {
  "name": "lease-never-open",
  "file": "wasm/net/netmap_vale.ts",
  "find": "  store<u32>(leases + lease_idx * 4, NR_NOSLOT);\n",
  "put": "",
  "breaks": "A new lease is not marked as open: it counts as finished.",
  "ask": "leases"
 },
 {
  "name": "lease-others-left",
  "file": "wasm/net/netmap_vale.ts",
  "find": "while (p != load<u32>(dkr, KR_LEASE_IDX) &&",
  "put": "while (p == load<u32>(dkr, KR_LEASE_IDX) &&",
  "breaks": "What others finished behind the first lease is not published.",
  "ask": "leases"
 },
 {
  "name": "lease-any-publishes",
  "file": "wasm/net/netmap_vale.ts",
  "find": "if (update == start) { // mine",
  "put": "if (true) { // mine",
  "breaks": "Whoever commits publishes, also slots that another has not filled.",
  "ask": "leases"
 },
 {
  "name": "lease-same-idx",
  "file": "wasm/net/netmap_vale.ts",
  "find": "store<u32>(dkr, nm_next(lease_idx, lim), KR_LEASE_IDX);",
  "put": "",
  "breaks": "",
  "ask": "leases"
 },
 {
  "name": "kern-prev-wrap",
  "file": "wasm/net/netmap_kern.ts",
  "find": "return i == 0 ? lim : i - 1; }",
  "put": "return i == 0 ? lim - 1 : i - 1; }",
  "breaks": "",
  "ask": "tx-pipe"
 },
 {
  "name": "kern-next-wrap",
  "file": "wasm/net/netmap_kern.ts",
  "find": "return i == lim ? 0 : i + 1; }",
  "put": "return i + 1 == lim ? 0 : i + 1; }",
  "breaks": "",
  "ask": "tx-pipe"
 },
 {
  "name": "kern-txpro-strict",
  "file": "wasm/net/netmap_kern.ts",
  "find": "if (head < rhead || head > rtail) return false;",
  "put": "if (head < rhead || head >= rtail) return false;",
  "breaks": "A ring filled to its end does not pass the prologue.",
  "ask": "tx-pipe"
 },
 {
  "name": "kern-rxpro-strict",
  "file": "wasm/net/netmap_kern.ts",
  "find": "if (head < hwcur || head > hwtail) return false;",
  "put": "if (head < hwcur || head >= hwtail) return false;",
  "breaks": "",
  "ask": "rx-pipe"
 },
 {
  "name": "kern-finalize-hwcur",
  "file": "wasm/net/netmap_kern.ts",
  "find": "const hwtail = ld(kr + KR_NR_HWTAIL, P_FIN_HWTAIL);",
  "put": "const hwtail = ld(kr + KR_NR_HWCUR, P_FIN_HWTAIL);",
  "breaks": "",
  "ask": "tx-pipe"
 },
 {
  "name": "kern-tail-early",
  "file": "wasm/net/netmap_kern.ts",
  "find": "store<u32>(kr, hwtail, KR_RTAIL);\n  st(kr_ring(kr) + RING_TAIL, hwtail, P_FIN_TAIL);",
  "put": "st(kr_ring(kr) + RING_TAIL, nm_prev(hwtail, load<u32>(kr, KR_NUM_SLOTS) - 1), P_FIN_TAIL);",
  "breaks": "",
  "ask": "tx-pipe"
 },
 {
  "name": "poll-tx-unrecorded",
  "file": "wasm/net/netmap_poll.ts",
  "find": "selrecord(td, si_of(fd, true));",
  "put": "selrecord(td, si_of(fd, false));",
  "breaks": "poll waits for the wrong queue of waiters.",
  "ask": "tx-pipe"
 },
 {
  "name": "poll-tx-one-look",
  "file": "wasm/net/netmap_poll.ts",
  "find": "if (revents != POLLERR) for (let pass: u32 = 0; pass < 2; pass++) {",
  "put": "if (revents != POLLERR) for (let pass: u32 = 0; pass < 1; pass++) {",
  "breaks": "poll puts the thread on the list and does not look again.",
  "ask": "tx-pipe"
 },
 {
  "name": "poll-rx-one-look",
  "file": "wasm/net/netmap_poll.ts",
  "find": "    for (let pass: u32 = 0; pass < 2; pass++) {\n      if (!(want & POLLIN)) break;",
  "put": "    for (let pass: u32 = 0; pass < 1; pass++) {\n      if (!(want & POLLIN)) break;",
  "breaks": "poll puts the thread on the list and does not look again.",
  "ask": "tx-pipe"
 },
 {
  "name": "poll-rx-record-late",
  "file": "wasm/net/netmap_poll.ts",
  "find": "      revents |= rx_pass(rxs, nrx);\n      if ((revents & POLLIN) || pass) break; // an error does not end the search\n      selrecord(td, si_of(fd, false));",
  "put": "      revents |= rx_pass(rxs, nrx);\n      if (revents & POLLIN) break; // an error does not end the search\n      if (pass) selrecord(td, si_of(fd, false));",
  "breaks": "poll puts the thread on the list after its last look.",
  "ask": "tx-pipe"
 },
 {
  "name": "poll-selpend",
  "file": "wasm/net/netmap_poll.ts",
  "find": "if (sim_ld(td + TD_SELPEND)) return;",
  "put": "",
  "breaks": "",
  "ask": "tx-pipe"
 },
 {
  "name": "notify-no-pend",
  "file": "wasm/net/netmap_poll.ts",
  "find": "sim_st(td + TD_SELPEND, 1);",
  "put": "",
  "breaks": "selwakeup has no memory.",
  "ask": "tx-pipe"
 },
 {
  "name": "bell-bare",
  "file": "wasm/host/vmm_ioport.ts",
  "find": "  else counted(arg);",
  "put": "  else bare(vm, arg);",
  "breaks": "The doorbell is a bare wakeup: no lock, no count.",
  "ask": "tx-pipe"
 },
 {
  "name": "bell-others",
  "file": "wasm/host/vmm_ioport.ts",
  "find": "load<u32>(nmk, NMK_COOKIE) != cookie) continue;",
  "put": "load<u32>(nmk, NMK_COOKIE) == cookie) continue;",
  "breaks": "The doorbell wakes every worker but its own.",
  "ask": "tx-pipe"
 },
 {
  "name": "bell-mask",
  "file": "wasm/host/vmm_ioport.ts",
  "find": "if ((val & mask) == (load<u32>(h, IOREGH_DATA) & mask)) return h;",
  "put": "if ((val & mask) != (load<u32>(h, IOREGH_DATA) & mask)) return h;",
  "breaks": "A write of one queue finds the handler of the other.",
  "ask": "tx-pipe"
 },
 {
  "name": "bell-first-skipped",
  "file": "wasm/host/vmm_ioport.ts",
  "find": "for (let i: u32 = 0; i < IOPORT_MAX_REG_HANDLER; i++) {",
  "put": "for (let i: u32 = 1; i < IOPORT_MAX_REG_HANDLER; i++) {",
  "breaks": "",
  "ask": "rx-pipe"
 },
 {
  "name": "kth-no-lock",
  "file": "wasm/host/netmap_freebsd.ts",
  "find": "  lock_word(nmk + NMK_LOCK, P_NMK_WAKE_LOCK);\n",
  "put": "",
  "breaks": "A worker is woken without its lock: between its test and its sleep.",
  "ask": "tx-pipe"
 },
 {
  "name": "kth-not-scheduled",
  "file": "wasm/host/netmap_freebsd.ts",
  "find": "  lock_word(nmk + NMK_LOCK, P_NMK_WAKE_LOCK);\n  sim_st(nmk + NMK_SCHEDULED, 1);",
  "put": "  lock_word(nmk + NMK_LOCK, P_NMK_WAKE_LOCK);\n  sim_st(nmk + NMK_SCHEDULED, 0);",
  "breaks": "A worker is woken and has nothing scheduled.",
  "ask": "tx-pipe"
 },
 {
  "name": "kth-clear-late",
  "file": "wasm/host/netmap_freebsd.ts",
  "find": "    sim_st(nmk + NMK_SCHEDULED, 0);\n    unlock_word(nmk + NMK_LOCK, P_NMK_UNLOCK_RUN);\n    store<u64>(nmk, load<u64>(nmk, NMK_STAT_RUN) + 1, NMK_STAT_RUN);\n    call_indirect<void>(load<u32>(nmk, NMK_FN), load<u32>(nmk, NMK_PRIV) as usize);",
  "put": "    unlock_word(nmk + NMK_LOCK, P_NMK_UNLOCK_RUN);\n    store<u64>(nmk, load<u64>(nmk, NMK_STAT_RUN) + 1, NMK_STAT_RUN);\n    call_indirect<void>(load<u32>(nmk, NMK_FN), load<u32>(nmk, NMK_PRIV) as usize);\n    sim_st(nmk + NMK_SCHEDULED, 0);",
  "breaks": "A worker forgets what was scheduled while it ran.",
  "ask": "tx-pipe"
 },
 {
  "name": "kth-no-wake",
  "file": "wasm/host/netmap_freebsd.ts",
  "find": "  wakeup_untold(load<u32>(nmk, NMK_COOKIE), P_NMK_WAKE);\n",
  "put": "",
  "breaks": "A worker has something scheduled and is not woken.",
  "ask": "tx-pipe"
 },
 {
  "name": "kth-unlock-early",
  "file": "wasm/host/netmap_freebsd.ts",
  "find": "  msleep_point(load<u32>(nmk, NMK_COOKIE), P_NMK_SLEEP);",
  "put": "  sim_st(nmk + NMK_LOCK, 0);\n  msleep_point(load<u32>(nmk, NMK_COOKIE), P_NMK_SLEEP);",
  "breaks": "msleep gives the lock up before the thread is on the queue.",
  "ask": "tx-pipe"
 },
 {
  "name": "wakeup-last-left",
  "file": "wasm/sim/sleepq.ts",
  "find": "for (let i: u32 = 0; i < n; i++) make_ready(",
  "put": "for (let i: u32 = 0; i < n - 1; i++) make_ready(",
  "breaks": "wakeup leaves out the last thread.",
  "ask": "tx-pipe"
 },
 {
  "name": "wakeup-other-chan",
  "file": "wasm/sim/sleepq.ts",
  "find": "if (sim_ld(t + T_STATUS) != TS_ASLEEP || sim_ld(t + T_WCHAN) != chan) return false;",
  "put": "if (sim_ld(t + T_STATUS) != TS_ASLEEP || sim_ld(t + T_WCHAN) == chan) return false;",
  "breaks": "wakeup wakes everybody else.",
  "ask": "tx-pipe"
 },
 {
  "name": "msi-no-irr",
  "file": "wasm/host/vmm_lapic.ts",
  "find": "rmw_or(vcpu + VCPU_IRR + (vector >> 5) * 4, 1 << (vector & 31), P_MSI_SET_IRR);",
  "put": "rmw_or(vcpu + VCPU_IRR + (vector >> 5) * 4, 0, P_MSI_SET_IRR);",
  "breaks": "An MSI sets no bit.",
  "ask": "tx-pipe"
 },
 {
  "name": "msi-other-bit",
  "file": "wasm/host/vmm_lapic.ts",
  "find": "1 << (vector & 31), P_MSI_SET_IRR);",
  "put": "1 << (vector & 30), P_MSI_SET_IRR);",
  "breaks": "Vectors of odd numbers arrive as the even ones before them.",
  "ask": "tx-pipe"
 },
 {
  "name": "msi-no-halt-wake",
  "file": "wasm/host/vmm_lapic.ts",
  "find": "  wake_block(b, vcpu as u32, now());\n",
  "put": "",
  "breaks": "A vCPU in HLT is not woken.",
  "ask": "tx-pipe"
 },
 {
  "name": "msi-no-exit",
  "file": "wasm/host/vmm_lapic.ts",
  "find": "if (sim_cas(intr + T_STATUS, TS_ASLEEP, TS_READY) == TS_ASLEEP) {",
  "put": "if (false) {",
  "breaks": "",
  "ask": "tx-pipe"
 },
 {
  "name": "msi-dest",
  "file": "wasm/host/vmm_lapic.ts",
  "find": ": dest == 0;",
  "put": ": dest != 0;",
  "breaks": "An MSI for vCPU 0 is taken for another CPU's.",
  "ask": "tx-pipe"
 },
 {
  "name": "intr-look-once",
  "file": "wasm/guest/sched.ts",
  "find": "  if (irr_pending(vcpu)) unsleep();\n}",
  "put": "}",
  "breaks": "An interrupt that comes while one is taken is left.",
  "ask": "tx-pipe"
 },
 {
  "name": "intr-lowest-only",
  "file": "wasm/guest/sched.ts",
  "find": "      bits &= bits - 1;",
  "put": "      bits = 0;",
  "breaks": "Of the interrupts that are pending only one is taken.",
  "ask": "both"
 },
 {
  "name": "hlt-no-look",
  "file": "wasm/guest/sched.ts",
  "find": "    if (sim_ld(t + TD_STATE) == TDS_RUN && !sim_ld(t + TD_STOP)) return;",
  "put": "    if (false) return;",
  "breaks": "The vCPU halts though an interrupt has just woken a thread.",
  "ask": "tx-pipe"
 },
 {
  "name": "intr-first-word",
  "file": "wasm/guest/sched.ts",
  "find": "for (let w: u32 = 0; w < 8; w++) {",
  "put": "for (let w: u32 = 0; w < 1; w++) {",
  "breaks": "Vectors from 32 on are not looked at.",
  "ask": "tx-pipe"
 }
];
