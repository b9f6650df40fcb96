// The glossary: each word of the subject in a sentence or two. `as`: other spellings under which it stands in prose.

export interface GlossaryWord {
  word: string;
  as?: readonly string[];
  means: string;
  /** The index, or the field of the CSB, that lights while the word is looked at. */
  lights?: string;
}

export const glossary: readonly GlossaryWord[] = [
  {
    word: 'netmap',
    means:
      'A way for programs to send and receive packets through rings of memory that they share with the kernel, without a copy and with few system calls.',
  },
  {
    word: 'ptnetmap',
    as: ['passthrough'],
    means: 'netmap passed through to a guest: guest and host use the very same rings and buffers. Only indices and signals cross.',
  },
  {
    word: 'netmap ring',
    as: ['TX ring', 'RX ring', 'ring'],
    means: 'A circle of slots in shared memory, with three indices: head, cur and tail. One for sending (TX), one for receiving (RX).',
  },
  {
    word: 'slot',
    as: ['slots'],
    means: '16 bytes of a ring: which buffer (buf_idx), how many bytes in it (len), flags, and a pointer that is rarely used.',
  },
  { word: 'buf_idx', means: 'The number of the buffer that a slot names. Zero copy means exchanging this number between two slots.' },
  {
    word: 'head',
    as: ['tx_ring.head', 'rx_ring.head'],
    means: 'TX: the first slot that the program has not yet submitted. RX: the first that it has not yet released. The program writes it.',
    lights: 'head',
  },
  {
    word: 'cur',
    as: ['tx_ring.cur', 'rx_ring.cur'],
    means:
      'Where the program wants to be woken: poll returns when there is something beyond cur. The program writes it; it is head or beyond.',
    lights: 'cur',
  },
  {
    word: 'tail',
    means: 'The first slot that is not the program’s: it may use those from head up to tail. The kernel writes it, in a sync.',
    lights: 'hwtail',
  },
  {
    word: 'hwcur',
    as: ['nr_hwcur', 'tx_ring.hwcur', 'rx_ring.hwcur'],
    means: 'How far the kernel has taken what the program handed over: head as of the last sync that looked.',
    lights: 'hwcur',
  },
  {
    word: 'hwtail',
    as: ['nr_hwtail', 'tx_ring.hwtail', 'rx_ring.hwtail'],
    means: 'How far slots are done, and are the program’s again once it is told.',
    lights: 'hwtail',
  },
  {
    word: 'rhead',
    means: 'The kernel’s own copy of head, taken when a sync begins, so that a program cannot change it in the middle.',
    lights: 'head',
  },
  {
    word: 'kring',
    as: ['krings'],
    means: 'The kernel’s half of a ring: its own indices, its lock, its sync function. The program does not see it.',
  },
  {
    word: 'CSB',
    as: ['communication status block'],
    means:
      'One page of guest memory that the host maps too. The guest writes head and cur there, the host hwcur and hwtail, and each says whether it wants a signal.',
  },
  {
    word: 'host_need_txkick',
    means: 'A word of the CSB, written by the host’s TX thread: 1 when it is about to sleep and wants a kick, 0 while it works.',
    lights: 'host_need_txkick',
  },
  {
    word: 'host_need_rxkick',
    means: 'The same for receiving: 1 when the host’s RX thread waits for free slots and wants a kick.',
    lights: 'host_need_rxkick',
  },
  {
    word: 'guest_need_txkick',
    means:
      'A word of the CSB: 1 when the guest’s TX ring is full and it wants an interrupt. In revision 2015 the host clears it before it interrupts.',
    lights: 'guest_need_txkick',
  },
  {
    word: 'guest_need_rxkick',
    means: 'A word of the CSB: 1 when the guest waits for packets and wants an interrupt.',
    lights: 'guest_need_rxkick',
  },
  {
    word: 'kick',
    as: ['kicks'],
    means:
      'The guest’s signal to the host: a write to a port of the device, which is an exit from the VM. With ptnetmap it ends in vmm.ko, which wakes a kernel thread.',
  },
  {
    word: 'suppressed kick',
    as: ['suppressed'],
    means: 'A kick that was not sent, because the other side’s flag said that it is awake and looks by itself.',
  },
  {
    word: 'lost kick',
    as: ['lost wake-up'],
    means: 'A schedule in which one side goes to sleep just as the other sees that no signal is wanted. Both then wait for ever.',
  },
  {
    word: 'notification',
    as: ['notify', 'notifications'],
    means:
      'What a sync function calls when there is news for the other end of a port. For a passed-through port it wakes a kernel thread instead of a program.',
  },
  {
    word: 'ptnetmap-memdev',
    means: 'The PCI device through which a guest sees the host’s netmap memory, as a BAR. Each allocator needs one.',
  },
  {
    word: 'BAR',
    as: ['BAR1', 'BARs'],
    means: 'Base address register: a range of guest addresses that belongs to a PCI device. The rings lie behind BAR1 of ptnetmap-memdev.',
  },
  {
    word: 'VALE',
    as: ['VALE switch'],
    means:
      'A software switch in the kernel, with netmap ports. It copies each packet once, into the receiver’s buffer, and drops what finds no room.',
  },
  {
    word: 'pipe',
    as: ['netmap pipe'],
    means: 'Two netmap ports back to back. It exchanges the slots of its two ends and copies nothing; a full pipe holds its sender back.',
  },
  {
    word: 'prologue',
    as: ['nm_txsync_prologue', 'nm_rxsync_prologue'],
    means:
      'The check of head, cur and tail before a sync. If they are impossible, netmap resets the ring. The host of 2015 runs none on what a guest says.',
  },
  {
    word: 'txsync',
    means: 'The function of a port that takes what was handed over for sending, from hwcur up to head, and says what is done.',
  },
  { word: 'rxsync', means: 'The function of a port that shows what has come, up to hwtail, and takes back what was released.' },
  {
    word: 'msleep',
    means:
      'The kernel’s way to sleep on a channel: the thread gives up its CPU until somebody calls wakeup on that channel, or a time-out passes.',
  },
  {
    word: 'wakeup',
    means: 'Wakes every thread that sleeps on a channel. If nobody sleeps yet, nothing happens, and it is not remembered.',
  },
  { word: 'nmk_event', means: 'The name under which a ptnetmap kernel thread sleeps while it waits for a kick or a notification.' },
  {
    word: 'nm-kthread',
    as: ['nm-kthread-0', 'nm-kthread-1', 'kernel thread', 'kernel threads'],
    means: 'A thread of the host’s kernel that serves one direction of a passed-through port: 1 runs txsync, 0 rxsync.',
  },
  {
    word: 'exit',
    as: ['VM exit', 'exits'],
    means:
      'The CPU leaves the guest because it did something that the host must handle. One that vmm.ko handles is short; one that goes down to bhyve is long.',
  },
  {
    word: 'vmm.ko',
    means: 'The hypervisor: the module of the host’s kernel that runs virtual CPUs and handles their exits, or hands them to bhyve.',
  },
  {
    word: 'bhyve',
    means:
      'The program that is a virtual machine: its devices, its console, one thread a virtual CPU. Packets pass it by when a port is passed through.',
  },
  { word: 'vCPU', as: ['vCPU 0'], means: 'A virtual CPU: a thread of bhyve that is inside the guest whenever it can be.' },
  { word: 'MSI', means: 'An interrupt that is sent as a write to memory. The host injects one to tell the guest that there is news.' },
  {
    word: 'EPT',
    as: ['EPT fault', 'EPT faults'],
    means:
      'The tables by which the CPU translates guest addresses to host memory. A first touch of a page is an EPT fault, and the page is then mapped.',
  },
  {
    word: 'store buffer',
    as: ['store buffers'],
    means: 'Stores wait here, in each CPU, before they reach memory. Until then the other CPUs see the old value.',
  },
  {
    word: 'barrier',
    as: ['full barrier', 'fence'],
    means: 'An instruction that keeps accesses in order. A full one also waits until the store buffer is empty.',
  },
  {
    word: 'lease',
    as: ['leases'],
    means:
      'Slots of a receiver that a sender of a VALE switch has reserved and still copies into; they are shown in the order in which they were reserved.',
  },
  {
    word: 'allocator',
    means: 'A region of netmap memory with its rings and buffers. Ports of one allocator can exchange buffers; each VALE port has its own.',
  },
  {
    word: 'virtio-net',
    as: ['virtio'],
    means:
      'The ordinary device of a VM for packets: descriptors in guest memory, which bhyve reads and copies. vtnet0 is the guest’s driver for it.',
  },
  {
    word: 'virtqueue',
    as: ['virtqueues'],
    means: 'The ring of descriptors of a virtio device: what the guest offers (avail), what the host has used (used).',
  },
  {
    word: 'tap',
    means: 'A network interface of the host whose other end is a file: the classic back-end of a VM, one system call a packet.',
  },
  { word: 'TDH', means: 'Transmit descriptor head, a register of the NIC: how far it has sent.' },
  { word: 'TDT', means: 'Transmit descriptor tail: how far the driver has handed over.' },
  { word: 'pkt-gen', means: 'netmap’s traffic generator: -f tx sends, -f rx receives and counts.' },
  { word: 'deadlock', means: 'A state in which work waits and everybody sleeps, each for a signal that nobody will send.' },
  { word: 'step', as: ['steps'], means: 'One access to shared memory by one thread, or one deed of yours. Every step can be undone.' },
  {
    word: 'branch',
    as: ['branches'],
    means: 'A history that was left when something else was done in its past. It is kept, and one can change over to it.',
  },
];

export const glossaryWords = {
  title: 'Words',
  about: 'Words that are underlined in dots say what they mean when they are pointed at or have focus. Esc puts that away.',
  palette: 'Word',
} as const;
