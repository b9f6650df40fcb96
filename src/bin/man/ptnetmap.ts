// ptnetmap(4) and ptnetmap-memdev(4): passthrough of netmap ports into virtual machines, as of August 2015.

import type { Page } from './page.ts';

export const PTNETMAP_PAGES: readonly Page[] = [
  {
    name: 'ptnetmap',
    section: 4,
    about: 'netmap ports of the host inside a virtual machine',
    body: [
      [
        'DESCRIPTION',
        "The rings and buffers of a port of the host are mapped into a virtual machine, as a memory BAR of a PCI device. The guest's kernel has a netmap of its own, and its port uses those very rings: no packet and no slot is copied or translated between guest and host. What the two kernels must tell each other are ring indices; they stand in one page of memory, the CSB.",
        'On the host, two kernel threads for each port do txsync and rxsync on behalf of the guest. A side notifies the other only when that has asked for it: the guest with a write to a port (a ~kick~), the host with an interrupt.',
        'A VALE port keeps virtual machines apart: each has a memory of its own. With a pipe or a network interface the guest sees all that shares the allocator.',
      ],
      [
        'THE PARTS',
        {
          table: [
            ['part', 'where'],
            ['a program, as pkt-gen(8)', 'the guest'],
            ['vtnet(4) with feature bit 25', "the guest's kernel: txsync and rxsync over the CSB"],
            ['ptnetmap-memdev(4)', "the guest's kernel: the memory"],
            ['virtio-net with a pt back-end', 'bhyve(8)'],
            ['VM_IO_REG_HANDLER (105), VM_MAP_USER_BUF (104), VM_LAPIC_MSI (36)', 'vmm.ko of the host'],
            ['nm-kthread-0 (RX), nm-kthread-1 (TX)', "netmap of the host, in bhyve's process"],
            ['the port, named ~port~-PTN meanwhile', 'netmap of the host'],
          ],
        },
      ],
      [
        'THE CSB',
        'A page that the guest allocates. Words of 32 bits; those that ptnetmap uses:',
        {
          table: [
            ['offset', 'word', 'written by', 'meaning'],
            ['4', 'guest_need_txkick', 'guest', 'interrupt me when slots come back; the host clears it as it does'],
            ['8', 'guest_need_rxkick', 'guest', 'interrupt me when packets come'],
            ['12', 'guest_csb_on', 'guest', '1'],
            ['68', 'host_need_txkick', 'host', 'the TX thread sleeps: kick it'],
            ['84', 'host_need_rxkick', 'host', 'the RX thread sleeps: kick it'],
            ['104', 'nifp_offset', 'host', 'where the netmap_if is in the memory'],
            ['108, 110', 'num_tx_rings, num_rx_rings', 'host', '2 bytes each'],
            ['112, 114', 'num_tx_slots, num_rx_slots', 'host', '2 bytes each'],
            ['116', 'tx_ring', 'both', 'head, cur (guest); hwcur, hwtail (host); sync_flags (guest)'],
            ['136', 'rx_ring', 'both', 'the same five words'],
          ],
        },
        'The guest stores cur, then head; the host reads head, then cur: a cur that is too new does no harm, a head that is too new would. The host stores hwtail, then hwcur; the guest reads hwcur, then hwtail. There is one ring of each kind.',
      ],
      [
        'THE GUEST',
        { sub: 'txsync' },
        {
          list: [
            ['1.', 'Clears guest_need_txkick; stores cur and head.'],
            [
              '2.',
              'If there is something to send and host_need_txkick is set, or the call was NIOCTXSYNC: kick. So every NIOCTXSYNC of a guest is an exit, and a sender that polls makes one only when it is asked for.',
            ],
            ['3.', 'Reads hwcur and hwtail. If the ring is full, sets guest_need_txkick and reads again: what came between is not missed.'],
          ],
        },
        'rxsync is alike: it reads what the host has received, gives back what the program released, kicks if host_need_rxkick is set, and asks for an interrupt when the ring is empty.',
        { sub: 'The kick' },
        'A write of 2 bytes, the number of the queue (0 RX, 1 TX), to QNOTIFY, 16 bytes into the I/O BAR of the vtnet device. The exit finds a handler in vmm.ko, which calls wakeup() on the channel given with it, and the guest goes on: bhyve is not run. A virtual machine has 16 handlers, two for each port, so at most 8 ports.',
      ],
      [
        'THE KERNEL THREADS',
        "A thread sleeps on its channel (`nmk_event`), at most a second of an absolute time that is long past: in effect it looks again at the next tick. Every wake-up runs the worker once. The back-end's own notification takes the thread's lock and counts; the kick of a guest is a bare wakeup(), and is lost when it comes between the last look and the sleep.",
        { sub: 'The TX worker' },
        {
          list: [
            [
              '1.',
              'Clears host_need_txkick, reads head and cur. At most half a ring is sent at a time. head and cur are not judged: the guest is trusted.',
            ],
            [
              '2.',
              'txsync of the port, in this thread; stores hwtail and hwcur. With half of the ring or less free it also reclaims what was sent.',
            ],
            ['3.', 'If slots came back and guest_need_txkick is set: clears it and sends an interrupt.'],
            [
              '4.',
              'If nothing is left: waits 1 microsecond, sets host_need_txkick, and reads head once more. If it moved: clears it and goes on.',
            ],
            ['5.', "If the port is full: returns with kicks off, for the port's own notification will wake it."],
          ],
        },
        'The RX worker is alike. It gives up after 10 rounds in which nothing came, with kicks off; and with host_need_rxkick set when the guest has no room left.',
      ],
      [
        'REGISTERS',
        'After the 10 bytes of configuration of the virtio-net device, 34 bytes into its I/O BAR:',
        {
          table: [
            ['offset', 'register', 'use'],
            ['+0', 'PTFEAT', 'features: the guest writes 1 (base) and reads what was accepted'],
            ['+4', 'PTCTL', 'a command; it is executed by the write'],
            ['+8', 'PTSTS', 'its result, of which 8 bits survive'],
            ['+12', 'CSBBAH', 'upper half of the address of the CSB'],
            ['+16', 'CSBBAL', 'lower half; this write maps it'],
          ],
        },
        'Commands: 1 CONFIG (fills in the CSB), 10 REGIF (starts the threads), 11 UNREGIF, 12 HOSTMEMID; 2, 3, 4 and 7 do nothing. Each access is made byte by byte, the highest first for a write: a command and its result are 8 exits.',
      ],
      [
        'REVISIONS',
        'The lab has two, chosen for each machine by `bhyve -o lab.protocol=`, and the screen says which.',
        {
          table: [
            ['', '2015', '2019'],
            ['the host stores', 'hwtail, barrier, hwcur', 'hwcur, then hwtail'],
            ['the guest reads', 'hwcur, barrier, hwtail, with a clamp', 'hwtail, then hwcur'],
            ['before a second look', 'nothing', 'a store-load barrier, on both sides'],
            ["the guest's head and cur", 'trusted', 'judged; a bad pair puts the ring in order'],
            ['at most a turn', 'half a ring', 'all there is'],
            ['the flags of a side', 'the host clears them', 'their owner writes them'],
            ['the doorbell', 'wakeup()', "the worker's lock, a count, and a signal (ours)"],
          ],
        },
        '2019 is no version that ever was: it is the sum of later fixes on the interface of 2015, with a doorbell of the lab.',
      ],
      [
        'HAZARDS',
        'What breaks, and how to see it. Each is a switch of the host, `sysctl dev.lab.hazard.`~name~: 1 has it whatever the revision, 0 has it not, -1 (the default) leaves it to the revision. The lab comes with schedules for several, labs/hazard-~name~.lab, and with moments from which `explore` finds others, labs/explore.',
        {
          table: [
            ['name', '2015', 'what happens'],
            ['H1', '-', 'a lost kick: the host does not look again after it asked for one, and what came meanwhile is seen by nobody'],
            [
              'H2',
              'yes',
              'a late store: the flag waits in the store buffer (dev.lab.tso) while head is read, and both sides look too early',
            ],
            ['H3', '-', 'a lost interrupt: the guest does not look again'],
            [
              'H4',
              'yes',
              'wakeup() without a lock: between the look and the sleep nobody hears it, and only the bound of the sleep ends it',
            ],
            ['H5', 'yes', 'torn indices: hwtail before hwcur, read the other way round; clamps hide most of it'],
            ['H6', 'yes', 'a bad head: the kernel thread leaves the ring, and the host panics'],
            ['H7', 'yes', 'a cut packet: half a ring may end between the fragments of one'],
            ['H8', 'yes', 'no kick when a ring looks empty, though the program would block'],
            ['H9', '-', 'a slow back-end: the host leaves on a full ring and never asks for completions'],
            ['H10', 'yes', 'a busy ring: the TX thread that finds it taken releases what it does not own (see -o lab.txpoll)'],
            ['H12', '-', 'cur ahead of head (pkt-gen -F): asked whether the ring is full, it says yes too early'],
            ['H13', 'yes', 'teardown: a notify that comes late wakes a thread that is no more (dev.lab.seen.H13)'],
            ['H17', 'yes', 'a vector that the guest moves after REGIF: interrupts go to the old one. 2019 has it too'],
            ['H19', 'yes', 'a poll that finds packets at once gives no slot back. Of netmap, not of a revision: 2019 has it too'],
            ['H20', '-', 'a port leaves a switch while a sender is inside, with its address in hand (dev.lab.seen.H20)'],
          ],
        },
        'With H6 a real host is down. Here the text of the panic goes to the message buffer and the terminals; the kernel thread alone dies, its port is dead until its bhyve ends (REGIF then fails with 5), and the rest goes on.',
        'Two more are chains of steps that can race. `sysctl dev.lab.vtnet.`~n~`.vector=`~v~ in the guest moves the MSI-X vectors of an open port, whose messages were copied at REGIF: its interrupts go where nobody is until it is opened again (H17). `sysctl dev.lab.regif_steps=1` on the host makes the actions of PT_HOST_CREATE and DELETE one by one, with everybody running in between (H13).',
      ],
      [
        'HISTORY',
        {
          table: [
            ['when', 'what changed'],
            ['August 2015', 'the system of these pages'],
            ['January 2016', 'the limit of half a ring was taken out'],
            ['July 2016', 'the sleep is bound to one second from now'],
            [
              'October 2016',
              'the guest is no longer trusted: head and cur are judged. Order of the indices: the host stores hwcur, then hwtail. New PCI ids: 1b36:000c for memdev, 1b36:000d for ptnet',
            ],
            [
              '2016',
              'ptnet, a network device of its own, in place of the words added to virtio-net; a kick register for each ring, 128 bytes into its I/O BAR; a vector for each ring',
            ],
            ['January 2018', 'the CSB is two arrays of 64-byte entries: one written by the guest, one by the host'],
            ['October 2018', 'the kernel threads are gone: the hypervisor calls into netmap and the loop runs in its thread (sync kloop)'],
            ['January 2019', 'store-load barriers on both sides'],
          ],
        },
        "None of the host's half ever came into FreeBSD: no memdev, no pt back-end, no VM_IO_REG_HANDLER.",
      ],
      [
        'IN THIS LAB',
        'The order of accesses to the CSB and the rings, the flags, the sleeps and the lost wake-up are those of 2015. Instructions of the CPU are not modelled, and times are costs given to accesses. The sleep with an absolute time is modelled as one tick of 1 ms. A head that is beyond the ring faults, as in the panic above; the original might also have written into what lies behind. A guest has one CPU.',
      ],
    ],
    see: ['ptnetmap-memdev(4)', 'vtnet(4)', 'netmap(4)', 'vale(4)', 'bhyve(8)', 'bhyvectl(8)', 'lab(1)'],
  },
  {
    name: 'ptnetmap-memdev',
    section: 4,
    also: ['memdev'],
    about: 'a PCI device whose memory is the netmap memory of the host',
    body: [
      [
        'DESCRIPTION',
        'One function for each ~allocator~ of the host that a virtual machine uses, not for each port: two interfaces share the global one, every VALE port has its own, a pipe has that of its parent.',
        {
          table: [
            ['', '2015', 'after October 2016'],
            ['vendor and device', '3333:0001', '1b36:000c'],
            ['subsystem', '3333:0001', ''],
            ['class', '0200', ''],
            ['BAR 0', 'I/O, 16 bytes', 'I/O, registers of 100 bytes'],
            ['BAR 1', 'memory of 32 bits: the size of the allocator rounded up to a power of two', 'memory'],
          ],
        },
        'Registers of 2015:',
        {
          table: [
            ['offset', 'bytes', 'register'],
            ['0', '4', 'FEATURES: not made; bhyve prints a line and answers 0'],
            ['4', '4', 'MEMSIZE: bytes of the allocator'],
            ['8', '2', 'HOSTID: its id on the host'],
          ],
        },
        'The first object of the memory is named nms_info and says where the buffers are; from that the guest builds its table of buffers.',
      ],
      [
        'PAIRING',
        'bhyve pairs a memdev without memory with a back-end without memdev, first come first served, in the order of slots. A memdev that gets none has no BARs, and the guest says `cannot map I/O space`. A back-end that gets none is not mentioned; in the guest, opening its port fails with `ptnetmap memdev not attached`, ENOMEM.',
        'BARs lie from 0xC0000000 to 0xE0000000, 512 MiB, each at a multiple of its size. A VALE port with room for two pipes is 42369024 bytes and takes 64 MiB. The global allocator with its defaults is 343019520 bytes and takes all of it, so that nothing else fits: `ptnetmap_memdev: membar allocation error -1`. Lower dev.netmap.buf_num on the host (32768 makes it 128 MiB) before its first use, and give the largest the lowest slot.',
      ],
      [
        'DIAGNOSTICS',
        {
          list: [
            ['`ptnetmap_memdev: already attched`', 'An allocator that has its memdev already; no mistake.'],
            ['`ptnentmap_memdev: read io reg unexpected`', 'A register that is not there. The spelling is that of 2015.'],
          ],
        },
      ],
    ],
    see: ['ptnetmap(4)', 'bhyve(8)', 'netmap(4)', 'vtnet(4)'],
  },
];
