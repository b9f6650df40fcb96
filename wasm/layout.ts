// Every offset, size and number that two rooms must agree on, once.
// Plain constants: compiled by asc into the data plane and by tsc into the control plane.
// Names are netmap's and bhyve's where they exist; sources: netmap(4) ABI, facts 1.2-1.12 and 5A.

// ── the machine's memory ─────────────────────────────────────────────────────────────────────────
export const PAGE = 4096;
/** Words of the machine as a whole. */
export const MACHINE = 8192;
export const M_MAGIC = 0;
export const M_VERSION = 4;
export const M_CURTHREAD = 8; // step build: block of the running thread
export const M_NTHREADS = 12; // blocks ever used
export const M_CLOCK = 16; // u64, lab clock, ns
export const M_STEPS = 24; // u64, shared accesses executed by the step build
export const M_PARK = 32; // free build: 1 asks every thread to stop at its next boundary
export const M_BUDGET = 36; // step build: accesses that may still go by without unwinding
export const M_LIMIT = 40; // u64, step build: virtual time that the running thread may not pass
export const M_TSO = 48; // stores that a store buffer holds until drained, at most SB_MAX; 0: none wait
export const M_SLEEP_BOUND = 52; // kthread sleep bound: SB_*
export const M_DOUBLE_CHECK = 56; // 0 removes the host's re-check (H1)
export const M_BARRIER = 60; // 1 adds the store-load barriers of 2019 (H2)
export const M_VIOLATIONS = 64; // own(): accesses to slots that the thread did not own
export const M_VIOLATION_THREAD = 68;
export const M_VIOLATION_SLOT = 72;
export const M_CTL_DEADLINE = 80; // u64, earliest deadline of the host's control plane, 0 none
export const M_REQUESTS = 88; // free build: bumped and notified when a thread files a request
export const M_RESUMING = 92; // step build: 1 while a saved stack is being restored
export const M_SEED = 96; // u32, state of the scheduler's random numbers
export const M_POLICY = 100; // POLICY_*
export const M_LAST_THREAD = 104;
export const M_FRAMES = 108; // frames in use
export const M_FRAMES_MAX = 112; // most frames ever in use
export const M_END_FRAME = 116; // first frame beyond the memory's present size
export const M_BRIDGE_BATCH = 120; // dev.netmap.bridge_batch
export const M_DOORBELL = 124; // 1: the guest's kick takes the worker's lock and counts (ours; 2015 is a bare wakeup, H4)
export const M_BASE_NS = 128; // u64, free build: lab time at M_EPOCH
export const M_EPOCH = 136; // f64, free build: wall clock in ms when the present stretch began
export const M_DONE_POINT = 144; // step build: the last access that was made, 0 after an action of the control plane
export const M_DONE_KIND = 148;
export const M_DONE_ADDR = 152;
export const M_DONE_VAL = 156; // a store's value; what a load or an exchange found
export const M_DONE_THREAD = 160;
/** Where the driver wants to stop: not state, set for one run and cleared after it. */
export const M_STOP_HIT = 164; // 1: the last access was one of those below
export const M_STOP_WATCH = 168; // 4 words: addresses whose change stops
export const M_STOP_WATCHES: u32 = 4;
export const M_STOP_POINTS = 192; // 256 bits: pause points that stop
export const M_NO_TIMESTAMP = 224; // dev.netmap.no_timestamp
export const M_FWD = 228; // dev.netmap.fwd
export const M_NO_PENDINTR = 232; // dev.netmap.no_pendintr
export const M_GENERIC_MIT = 236; // dev.netmap.generic_mit, ns
export const M_TXSYNC_RETRY = 240; // dev.netmap.txsync_retry
export const M_MBUFS = 244; // the host's mbuf pool (MBP_*), 0 until somebody needs one
export const M_VERSION_VALUE = 1;
export const M_MAGIC_VALUE = 0x52494e47;

export const SB_ABSOLUTE = 0; // 2015: an absolute time already past; modelled as one callout tick
export const SB_1S = 1; // 2016: one second
export const SB_NONE = 2; // no bound: a lost kick is a hang that one can look at
export const CALLOUT_TICK_NS = 1000000;

export const POLICY_STUDENT = 0;
export const POLICY_RR = 1;
export const POLICY_RANDOM = 2;
export const POLICY_LVT = 3;

/** Op table: one word an op, filled by ops_setup() with function indices. */
export const OPS = 12288;
export const OP_PKTGEN_SENDER = 0;
export const OP_PKTGEN_RECEIVER = 1;
export const OP_PROGRAM = 2;
export const OP_KTHREAD = 3;
export const OP_VCPU = 4;
export const OP_VCPU_INTR = 5;
export const OP_PTN_TX_WORKER = 6;
export const OP_PTN_RX_WORKER = 7;
export const OP_PTN_TX_NOTIFY = 8;
export const OP_PTN_RX_NOTIFY = 9;
export const OP_KRING_NOTIFY = 10;
export const OP_VALE_TXSYNC = 11;
export const OP_VALE_RXSYNC = 12;
export const OP_PIPE_TXSYNC = 13;
export const OP_PIPE_RXSYNC = 14;
export const OP_NULL_SYNC = 15;
export const OP_HOST_WAKEUP = 16;
export const OP_GUEST_WAKEUP = 17;
export const OP_PTNET_TXSYNC = 18;
export const OP_PTNET_RXSYNC = 19;
export const OP_VTNET_RX_INTR = 20;
export const OP_VTNET_TX_INTR = 21;
export const OP_VM_INOUT = 22;
export const OP_IDLE = 23;
export const OP_COUNT = 24;

/** Thread blocks: one page each; what a thread is, where it sleeps, its store buffer, its saved stack. */
export const THREADS = 16384;
export const THREAD_MAX = 64;
export const THREAD_SIZE = 4096;
export const T_STATUS = 0; // TS_*
export const T_KIND = 4; // TK_*
export const T_FN = 8; // table index of its iteration
export const T_ARG = 12;
export const T_WCHAN = 16;
export const T_WMESG = 20;
export const T_DEADLINE = 24; // u64, ns; 0 none
export const T_VTIME = 32; // u64, ns
export const T_REASON = 40; // why it woke: 0 wakeup, 1 time-out
export const T_POINT = 44; // the access it is about to make
export const T_PADDR = 48;
export const T_PVAL = 52;
export const T_UNWOUND = 56; // 1: parked inside an iteration, stack saved
export const T_REQ = 60; // REQ_*
export const T_REQ_ARG = 64; // 4 words
export const T_REQ_RESULT = 80;
export const T_SINCE = 88; // u64: when it fell asleep
export const T_SB_COUNT = 96;
export const T_PEER = 100; // a vCPU's interrupt context and back
export const T_LOCK = 104; // lock it is blocked on
export const T_ID = 108;
export const T_STAT_ITER = 112; // u64 iterations
export const T_STAT_SLEEP = 120; // u64 sleeps
export const T_STAT_WAKE = 128; // u64 wake-ups received
export const T_STAT_TIMEOUT = 136; // u64 sleeps ended by their bound
export const T_PKIND = 144; // ACC_* of the access it is about to make
export const T_EPOCH = 148; // free build: generation, tells a worker that its block was reused
export const T_PARKED = 152; // free build: its driver has stopped at a boundary
export const T_SB = 160; // 8 × (addr, value), oldest first
export const SB_MAX: u32 = 8;
export const T_STACK = 256; // Asyncify's (current, end), then the stack
export const T_STACK_END = 3840; // then zeros to the end of the page: the guard

export const TS_FREE = 0;
export const TS_READY = 1;
export const TS_ASLEEP = 2;
export const TS_BLOCKED = 3;
export const TS_REQUEST = 4;
export const TS_DEAD = 5;

export const TK_PROGRAM = 1;
export const TK_KTHREAD = 2;
export const TK_VCPU = 3;
export const TK_INTR = 4;

export const WM_NONE = 0;
export const WM_SELECT = 1; // poll
export const WM_NMK_EVENT = 2; // nm-kthread
export const WM_VMIDLE = 3; // HLT
export const WM_NANSLP = 4; // usleep

export const REQ_NONE = 0;
export const REQ_GUEST = 1; // the guest kernel's control plane has work
export const REQ_INOUT = 2; // an exit to bhyve: port, size, value
export const REQ_DONE = 3; // a program's thread has finished

export const ACC_LD = 1;
export const ACC_ST = 2;
export const ACC_RMW = 3;
export const ACC_FENCE = 4;
export const ACC_SLEEP = 5;
export const ACC_WAKEUP = 6;
export const ACC_LOCK = 7;
export const ACC_UNLOCK = 8;
export const ACC_PLAIN = 9;

/** Frame allocator: a bit a page, reserved (address space) and used (touched). */
export const FRAMES_RESERVED = 278528;
export const FRAMES_USED = 311296;
export const FRAMES_BYTES = 32768; // 262,144 pages: 1 GiB

/** What the step build did since the driver last looked: for pictures and questions, never state. */
export const TRACE = 344064;
export const TRACE_SIZE = 65536;
export const TR_ON = 0; // 1: every step leaves a record
export const TR_COUNT = 4; // records now
export const TR_LOST = 8; // records for which there was no room
export const TR_NWATCH = 12; // words whose changes leave a record
export const TR_WATCH = 16; // TR_WATCHES × (address, value when last looked at)
export const TR_WATCHES: u32 = 24;
export const TR_REC = 256;
export const TR_REC_SIZE = 32;
export const TR_MAX: u32 = 2040;
export const R_STEP = 0; // u64
export const R_TIME = 8; // u64, virtual time of the thread
export const R_WHAT = 16; // kind, thread << 8 (255: the control plane), point << 16
export const R_ADDR = 20;
export const R_VAL = 24;
export const R_OTHER = 28; // woke: the thread woken; changed: the value before
export const TR_SLEPT = 16; // besides ACC_*: fell asleep on channel addr, val is WM_*
export const TR_WOKE = 17;
export const TR_TIMEOUT = 18;
export const TR_BLOCKED = 19; // found a lock taken
export const TR_CHANGED = 20; // a watched word is another now
export const TR_ENDED = 22; // the thread is dead
export const TR_STORED = 21; // a watched word was stored, perhaps to the same value
export const FIRST_FREE = 409600;

// ── netmap ABI ───────────────────────────────────────────────────────────────────────────────────
export const SLOT_SIZE = 16;
export const SLOT_BUF_IDX = 0;
export const SLOT_LEN = 4; // u16
export const SLOT_FLAGS = 6; // u16
export const SLOT_PTR = 8; // u64
export const NS_BUF_CHANGED = 1;
export const NS_REPORT = 2;
export const NS_FORWARD = 4;
export const NS_NO_LEARN = 8;
export const NS_INDIRECT = 16;
export const NS_MOREFRAG = 32;

export const RING_BUF_OFS = 0; // i64
export const RING_NUM_SLOTS = 8;
export const RING_NR_BUF_SIZE = 12;
export const RING_RINGID = 16; // u16
export const RING_DIR = 18; // u16: RX 0, TX 1 as the kernel stores it
export const RING_HEAD = 20;
export const RING_CUR = 24;
export const RING_TAIL = 28;
export const RING_FLAGS = 32;
export const NR_TIMESTAMP = 2;
export const NR_FORWARD = 4;
export const RING_TS = 40;
export const RING_SLOT = 256;

export const NIF_NAME = 0;
export const NIF_VERSION = 16;
export const NIF_FLAGS = 20;
export const NIF_TX_RINGS = 24;
export const NIF_RX_RINGS = 28;
export const NIF_BUFS_HEAD = 32;
export const NIF_RING_OFS = 56; // i64 each

export const NMS_FEATURES = 56; // u64: BUF_POOL 1, MEMSIZE 2
export const NMS_BUF_POOL_OFFSET = 64;
export const NMS_BUF_POOL_OBJTOTAL = 68;
export const NMS_BUF_POOL_OBJSIZE = 72;
export const NMS_TOTALSIZE = 76;

export const NR_RX = 0;
export const NR_TX = 1;

export const POLLIN = 1;
export const POLLOUT = 4;
export const POLLERR = 8;
export const NAF_FORCE_READ = 1;
export const NAF_FORCE_RECLAIM = 2;

// ── kernel structures (both kernels compile the same) ────────────────────────────────────────────
export const KR_SIZE = 256;
export const KR_RING = 0; // address of the netmap_ring as this kernel sees it
export const KR_NR_HWCUR = 4;
export const KR_NR_HWTAIL = 8;
export const KR_RHEAD = 12;
export const KR_RCUR = 16;
export const KR_RTAIL = 20;
export const KR_NR_KFLAGS = 24;
export const KR_NUM_SLOTS = 28;
export const KR_NR_BUSY = 32;
export const KR_STOPPED = 36;
export const KR_NM_SYNC = 40;
export const KR_NM_NOTIFY = 44;
export const KR_NA = 48;
export const KR_RING_ID = 52;
export const KR_TX = 56; // NR_TX or NR_RX
export const KR_AS = 60; // address space of KR_RING: 0, or a VM's map
export const KR_PIPE = 64; // the peer kring of a pipe
export const KR_Q_LOCK = 68;
export const KR_HWLEASE = 72;
export const KR_LEASE_IDX = 76;
export const KR_LEASES = 80;
export const KR_FT = 84;
export const KR_MEM = 88; // allocator
export const KR_PRIV = 92; // ptnetmap: the worker; guest: the softc
export const KR_NM_NOTIFY_SAVED = 96; // an attached NIC's own notify, while a switch has it
export const KR_MON = 100; // who copies what passes (a capture), or 0
export const KR_MON_TAIL = 104; // TX: first slot that it has not seen
export const KR_BUDDY = 108; // an attached NIC: the kring of the other face of the same ring
export const KR_USERS = 112;
export const KR_HW = 116; // a NIC's queue, a generic port's packet queue
export const KR_STAT_SYNC = 120; // u64
export const KR_STAT_PACKETS = 128; // u64
export const KR_STAT_BYTES = 136; // u64
export const KR_STAT_DROPS = 144; // u64
export const KR_STAT_COPIES = 152; // u64 packets copied into this ring
export const KR_STAT_REINIT = 160; // u64 failed prologues
export const KR_STAT_KICK = 168; // u64 guest: kicks sent
export const KR_STAT_NOKICK = 176; // u64 guest: kicks suppressed
export const KR_STAT_NOTIFY = 184; // u64
export const KR_NAME = 192; // 24 bytes
export const KR_SI = 216; // threads recorded by selrecord
export const KR_SI_MAX: u32 = 8;
export const NKR_PENDINTR = 1;
export const NKR_EXCLUSIVE = 2;
export const NKR_FORWARD = 4;
export const NKR_FAKERING = 32;

export const NA_TYPE = 0;
export const NA_FLAGS = 4;
export const NA_NUM_TX_RINGS = 8;
export const NA_NUM_RX_RINGS = 12;
export const NA_NUM_TX_DESC = 16;
export const NA_NUM_RX_DESC = 20;
export const NA_MEM = 24;
export const NA_TX_RINGS = 28; // address of kring 0 of TX; host (fake) ring after the last
export const NA_RX_RINGS = 32;
export const NA_ACTIVE_FDS = 36;
export const NA_BDG = 40;
export const NA_BDG_PORT = 44;
export const NA_LAST_SMAC = 48; // u64
export const NA_PEER = 56;
export const NA_PARENT = 60;
export const NA_PTN = 64;
export const NA_PIPE_ID = 68;
export const NA_KRINGS_PAGES = 72;
export const NA_NAME = 96; // 32 bytes
export const NA_KRINGS = 256; // krings follow in the same allocation
/** One queue of waiting threads a direction, for descriptors of more than one ring: RX, TX. */
export const NA_SI = 128; // 2 × KR_SI_MAX words
export const NA_HW = 192; // the interface (IF_*) of a hardware or emulated port
export const NA_HWNA = 196; // an attached NIC: the NIC's own adapter
export const NA_MFS = 200; // VALE: largest frame to this port, without a virtio header
export const NA_VALE = 1;
export const NA_PIPE = 2;
export const NA_GUEST = 3;
export const NA_NIC = 4;
export const NA_GENERIC = 5;
export const NA_BWRAP = 6;
export const NAF_SKIP_INTR = 1;
export const NAF_SW_ONLY = 2;
export const NAF_BDG_MAYSLEEP = 4;
export const NAF_MEM_OWNER = 8;
export const NAF_NATIVE = 16;
export const NAF_NETMAP_ON = 32;
export const NAF_HOST_RINGS = 64;
export const NAF_BUSY = 0x80000000;
export const NAF_PTNETMAP_HOST = 256;

/** Allocator (struct netmap_mem_d): three pools in one region. */
export const MEM_ID = 0; // u16
export const MEM_FLAGS = 4;
export const MEM_BASE = 8; // address of the region
export const MEM_TOTALSIZE = 12;
export const MEM_REFS = 16;
export const MEM_POOL = 32; // three pools of MEM_POOL_SIZE: if, ring, buf
export const MEM_POOL_SIZE = 32;
export const POOL_OBJTOTAL = 0;
export const POOL_OBJSIZE = 4;
export const POOL_OFFSET = 8;
export const POOL_OBJFREE = 12;
export const POOL_BITMAP = 16;
export const POOL_HINT = 20;
export const POOL_IF = 0;
export const POOL_RING = 1;
export const POOL_BUF = 2;

// ── VALE ─────────────────────────────────────────────────────────────────────────────────────────
export const NM_BDG_MAXPORTS = 254;
export const NM_BDG_BROADCAST = 254;
export const NM_BDG_NOPORT = 255;
export const NM_BDG_MAXRINGS = 16;
export const NM_BDG_HASH = 1024;
export const NM_BDG_BATCH = 1024;
export const NM_BDG_BATCH_MAX = 1088;
export const NM_FT_NULL = 1088;
export const BDG_LOCK = 0; // readers in the low bits, writer 0x80000000
export const BDG_ACTIVE = 4;
export const BDG_PORTS = 16; // 254 words: adapters
export const BDG_PORT_INDEX = 1040; // 254 u16... the active ones, in order of attachment
export const BDG_HT = 4096; // 1024 × {u64 mac, u64 port}
export const BDG_SIZE = 20480;
/** Forwarding table of one sending ring. */
export const FT_SIZE = 16;
export const FT_BUF = 0;
export const FT_LEN = 4; // u16
export const FT_FLAGS = 6; // u16
export const FT_FRAGS = 8; // u16
export const FT_NEXT = 10; // u16
export const FT_DST = 17408; // 1088 × 16: then (254·16 + 1) queues {head u16, tail u16, len u32}
export const FT_DSTS = 49928; // touched destinations, u16 each
export const FT_TOTAL = 61440;
export const NR_NOSLOT = 0xffffffff;

// ── threads of programs (struct thread), both kernels ────────────────────────────────────────────
export const TD_SIZE = 256;
export const TD_STATE = 0; // TDS_*
export const TD_BODY = 4; // table index
export const TD_PRIV = 8; // the program's own memory
export const TD_SELPEND = 12; // selwakeup happened since selrecord
export const TD_DEADLINE = 16; // u64
export const TD_POLL_DEADLINE = 24; // u64: set while inside poll
export const TD_AS = 32; // address space of its mmap
export const TD_WAKEUP = 36; // table index: the kernel's wake function
export const TD_BLOCK = 40; // the thread block that carries it
export const TD_TX = 44; // kring it is bound to, or 0
export const TD_RX = 48;
export const TD_NIFP = 52; // in its address space
export const TD_TID = 56;
export const TD_NEXT = 60; // guest: next in the run list
export const TD_STAT_SYSCALLS = 64; // u64
export const TD_WMESG = 72;
export const TD_NAME = 80; // 32 bytes
export const TD_NTX = 112; // rings that it is bound to, from TD_TX and TD_RX on
export const TD_NRX = 116;
export const TD_NO_TX_POLL = 120; // NETMAP_NO_TX_POLL
export const TD_ERROR = 124; // errno of its last system call
export const TD_FREE_STATE = 0;
export const TDS_RUN = 1;
export const TDS_SLEEP = 2;
export const TDS_DONE = 3;

/** pkt-gen's per-thread arguments (struct targ): one page; the frame to send is in it. */
export const TARG_FN = 0; // PG_*
export const TARG_STATE = 4;
export const TARG_BURST = 8;
export const TARG_CANCEL = 12;
export const TARG_NPACKETS = 16; // u64, 0 = for ever
export const TARG_COUNT = 24; // u64 packets
export const TARG_EVENTS = 32; // u64 ring visits that moved a packet
export const TARG_BYTES = 40; // u64
export const TARG_TIC = 48; // u64 ns
export const TARG_TOC = 56; // u64 ns
export const TARG_LEN = 64;
export const TARG_SEQ = 68;
export const TARG_LOST = 72; // u64 holes seen by rxseq
export const TARG_DISORDER = 80; // u64
export const TARG_BAD = 88; // u64 frames whose content was wrong
export const TARG_DIGEST = 96; // u64 order-sensitive digest of what passed
export const TARG_OPTIONS = 104;
export const TARG_ERROR = 108;
export const TARG_WAIT_IDLE = 112; // -W
export const TARG_RATE_NS = 120; // u64 period of a burst, 0 = no limit
export const TARG_NEXT_NS = 128; // u64
export const TARG_FLUSH = 136; // tries left while waiting for pending transmissions
export const TARG_MINSPACE = 140;
export const TARG_SEQ_OK = 144; // rxseq: first sequence number seen
export const TARG_FRAME = 512;
export const TARG_SIZE = 4096;
export const PG_TX = 1;
export const PG_RX = 2;
export const PG_TXSEQ = 3;
export const PG_RXSEQ = 4;
export const PGO_COPY = 4;
export const PGO_MEMCPY = 8;
export const PGO_RUBBISH = 256;

// ── ptnetmap ─────────────────────────────────────────────────────────────────────────────────────
export const CSB_GUEST_NEED_TXKICK = 4;
export const CSB_GUEST_NEED_RXKICK = 8;
export const CSB_GUEST_CSB_ON = 12;
export const CSB_HOST_NEED_TXKICK = 68;
export const CSB_HOST_NEED_RXKICK = 84;
export const CSB_NIFP_OFFSET = 104;
export const CSB_NUM_TX_RINGS = 108; // u16
export const CSB_NUM_RX_RINGS = 110; // u16
export const CSB_NUM_TX_SLOTS = 112; // u16
export const CSB_NUM_RX_SLOTS = 114; // u16
export const CSB_TX_RING = 116;
export const CSB_RX_RING = 136;
export const PTR_HEAD = 0;
export const PTR_CUR = 4;
export const PTR_HWCUR = 8;
export const PTR_HWTAIL = 12;
export const PTR_SYNC_FLAGS = 16;

export const NET_PTN_FEATURES_BASE = 1;
export const PTN_PTFEAT = 0;
export const PTN_PTCTL = 4;
export const PTN_PTSTS = 8;
export const PTN_CSBBAH = 12;
export const PTN_CSBBAL = 16;
export const PTN_IO_SIZE = 20;
export const PTCTL_CONFIG = 1;
export const PTCTL_FINALIZE = 2;
export const PTCTL_IFNEW = 3;
export const PTCTL_IFDELETE = 4;
export const PTCTL_DEREF = 7;
export const PTCTL_REGIF = 10;
export const PTCTL_UNREGIF = 11;
export const PTCTL_HOSTMEMID = 12;
export const PTN_RX_NOWORK_CYCLE: u32 = 10;

/** Host state of one passthrough port (struct ptnetmap_state) and its two nm_kthreads. */
export const PTN_SIZE = 256;
export const PTN_CSB = 0; // host address of the guest's page
export const PTN_NA = 4;
export const PTN_STOPPED = 8;
export const PTN_TX_KTH = 12;
export const PTN_RX_KTH = 16;
export const PTN_SAVED_TX_NOTIFY = 20;
export const PTN_SAVED_RX_NOTIFY = 24;
export const NMK_SIZE = 128;
export const NMK_SCHEDULED = 0; // scheduled != last seen
export const NMK_SLEPT = 4;
export const NMK_LOCK = 8;
export const NMK_RUN = 12;
export const NMK_COOKIE = 16; // wait channel (ioeventfd)
export const NMK_FN = 20; // worker function, table index
export const NMK_PRIV = 24; // the ptnetmap_state
export const NMK_VM = 28; // irqfd: the VM
export const NMK_MSI_MSG = 32; // u64
export const NMK_MSI_ADDR = 40; // u64
export const NMK_BLOCK = 48;
export const NMK_STAT_IRQ = 56; // u64 interrupts sent
export const NMK_STAT_NOIRQ = 64; // u64 progress that the guest did not ask to hear of
export const NMK_STAT_RUN = 72; // u64 worker runs
export const NMK_STAT_SCHEDULED = 80; // u64 the counter `scheduled`, as far as notifies moved it

// ── vmm ──────────────────────────────────────────────────────────────────────────────────────────
export const VM_SIZE = 4096;
export const VM_EPT = 0; // directory page: 1024 × 4 MiB
export const VM_VCPU = 4; // address of the vCPU
export const VM_IOREGH = 64; // 16 handlers
export const VM_IOREGH_SIZE = 24;
export const IOPORT_MAX_REG_HANDLER: u32 = 16;
export const IOREGH_TYPE = 0;
export const IOREGH_PORT = 4; // u16
export const IOREGH_IN = 6; // u16
export const IOREGH_MASK = 8;
export const IOREGH_DATA = 12;
export const IOREGH_ARG = 16;
export const VM_IO_REGH_DELETE = 0;
export const VM_IO_REGH_KWEVENTS = 1;
export const VM_STAT = 512; // u64 counters: STAT_*
export const STAT_EXITS = 0;
export const STAT_INOUT = 1;
export const STAT_USERSPACE = 2;
export const STAT_HLT = 3;
export const STAT_EPT_FAULT = 4;
export const STAT_EXTINT = 5;
export const STAT_INST_EMUL = 6;
export const STAT_KICK_KERNEL = 7; // INOUT ended inside vmm by wakeup()
export const STAT_INTR = 8; // interrupts injected
export const STAT_QNOTIFY_USER = 9; // exits to userspace whose port was a QNOTIFY
export const STAT_WAKEUP_LOST = 10; // wakeup() that found nobody asleep
export const STAT_INTR_TAKEN = 11;
export const STAT_GUEST_SYNC = 12; // syncs of the guest's passthrough ports
export const STAT_GUEST_KICK = 13; // kicks that the guest sent
export const STAT_GUEST_NOKICK = 14; // kicks that it could leave out
export const STAT_COUNT = 15;
export const VM_UNMAPPED_GPA = 640; // last unmapped access
export const VM_UNMAPPED_COUNT = 648; // u64
export const VM_NEXT_RAM = 656; // control plane: next free guest page

export const VCPU_SIZE = 1024;
export const VCPU_VM = 0;
export const VCPU_BLOCK = 4;
export const VCPU_INTR_BLOCK = 8;
export const VCPU_EXIT_FN = 12; // table index: the hypervisor's exit handler
export const VCPU_CTL_PENDING = 16; // the guest kernel's control plane wants the CPU
export const VCPU_CTL_DEADLINE = 24; // u64
export const VCPU_TDS = 32; // first thread of the guest
export const VCPU_NEXT_TD = 36;
export const VCPU_IRR = 64; // 8 words
export const VCPU_STAT_SWITCH = 96; // u64
export const VCPU_IDT = 256; // 32 entries from vector 0x30: {fn, arg}
export const IDT_FIRST: u32 = 48;
export const IDT_COUNT: u32 = 64;
export const VCPU_UP = 40;

// ── virtio ───────────────────────────────────────────────────────────────────────────────────────
export const VTCFG_R_QNOTIFY = 16;
export const VQ_RX = 0;
export const VQ_TX = 1;

/** Guest's vtnet softc in passthrough: what the data plane needs of it. */
export const VTN_SIZE = 256;
export const VTN_CSB = 0; // guest kernel address of the CSB page
export const VTN_IOBASE = 4;
export const VTN_VCPU = 8;
export const VTN_NA = 12;

/** bhyve's per-function page: configuration bytes, then the device's own registers. */
export const PCI_CFG_SIZE = 256;
export const VN_HOSTCAP = 256;
export const VN_GUESTCAP = 260;
export const VN_CURQ = 264;
export const VN_STATUS = 268;
export const VN_ISR = 272;
export const VN_CFGVEC = 276;
export const VN_MAC = 280; // virtio_net_config: mac 6, status 2, max_virtqueue_pairs 2
export const VN_PTN = 290; // the 20 bytes of ptnetmap registers follow at once
export const VN_CSB = 312; // host address of the guest's CSB page
export const VN_PTN_UP = 316;
export const VN_VQ = 320; // two vqueue_info; the address of one is its wait channel
export const VQ_SIZE = 64;
export const VQ_PFN = 0;
export const VQ_QSIZE = 4;
export const VQ_MSIX = 8;
export const VQ_LAST_AVAIL = 12;
export const VQ_USED_IDX = 16;
export const VN_MSIX_TABLE = 512; // 3 × 16
export const MEMDEV_SIZE = 256;
export const MEMDEV_ID = 260;
