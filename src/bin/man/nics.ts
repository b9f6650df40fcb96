// Network interfaces: ixgbe(4), em(4), vtnet(4), tap(4), if_bridge(4), as far as the lab's machines have them.

import type { Page } from './page.ts';

export const NIC_PAGES: readonly Page[] = [
  {
    name: 'ixgbe',
    section: 4,
    also: ['ix'],
    about: 'Ethernet of 10 gigabits, with native netmap support',
    synopsis: ['`device ixgbe`'],
    body: [
      [
        'DESCRIPTION',
        'Interfaces ix0, ix1 and so on. A queue is a TX ring and an RX ring of the hardware; with several, received packets are spread over them by a hash of their addresses.',
        'A frame of 64 bytes takes 67.2 ns on the wire, with preamble and gap: at most 14.88 million packets a second.',
      ],
      [
        'NETMAP',
        'txsync writes a descriptor for each slot from hwcur to head, and the tail register once. Of the slots, those with NS_REPORT, the first and the middle one of the ring ask the hardware to report: that is how few interrupts there are. What was sent is reclaimed when a sync is forced to (NIOCTXSYNC), or when no slot is left and half a ring is done; so room comes back half a ring at a time. rxsync takes what the hardware has filled, then re-arms what the program gave back, one descriptor short of all.',
        'The rings and buffers are in the global allocator of netmap(4), id 1.',
      ],
      [
        'LOADER TUNABLES',
        {
          list: [
            [
              '`hw.ix.num_queues`',
              'Queues of each interface, 1 to 16; 2 here. An interface that is passed through must have 1: the guest of 2015 works out where the RX rings are as if there were one TX ring, and uses the first pair only. Its memory must fit below 4 GB of the guest, too: see dev.netmap.buf_num in ptnetmap-memdev(4).',
            ],
            ['`hw.ix.txd`, `hw.ix.rxd`', 'Descriptors, and so slots, of a ring: 64 to 4096; 1024.'],
            [
              '`hw.ix.max_interrupt_rate`',
              'Interrupts a second at most; 62500 here, so that half a ring of 64-byte frames never waits for one. FreeBSD 10 starts with 31250 and adapts.',
            ],
          ],
        },
        'Here they can be set at any time, and count from the next time on that an interface enters netmap mode.',
      ],
      [
        'IN THIS LAB',
        "The host has ix0 and ix1, an 82599 as a driver sees it: rings, descriptors, registers, address filter, the hash of its published key, interrupts and their moderation, and its time on the wire. What is at the other end of the cable is chosen with sysctls that are the lab's own, here for ix0:",
        {
          table: [
            ['variable', 'default', 'meaning'],
            [
              'dev.lab.ix.0.partner',
              'ix1',
              'the name of the other interface: a cable between the two. loop: what is sent is received again. sink: takes everything. source: sends without end. none: no link',
            ],
            ['dev.lab.ix.1.partner', 'ix0', 'the same for ix1'],
            ['dev.lab.ix.0.source_len, dev.lab.ix.1.source_len', '60', 'bytes of a frame of the source, without CRC'],
            ['dev.lab.ix.0.source_pps, dev.lab.ix.1.source_pps', '0', 'frames a second of the source; 0: back to back'],
            ['dev.lab.ix.0.source_flows, dev.lab.ix.1.source_flows', '1', 'UDP source ports that it walks through'],
            [
              'dev.lab.ix.explore',
              '0',
              'for explore, where time stands still: 4, 8, 16, 32 or 64 are the slots of rings smaller than a driver has, from the next time on that an interface enters netmap mode; frames and interrupts then take no time, and a source sends nothing',
            ],
          ],
        },
        'dev.ix.0.mac_stats has the counters of the hardware, dev.lab.ix.0.filtered and .interrupts what it does not count so. Frames to another address are not received, unless the interface is promiscuous (ifconfig ix0 promisc). Offloads, VLAN filters and flow control are not modelled, nor is a packet mode of the driver: the stack sends and receives on ix0 only while it is in netmap mode, through its host rings (netmap:ix0^, bridge(8), vale-ctl -h); what comes while it is not is counted as rx_missed_packets and lost.',
      ],
    ],
    see: ['netmap(4)', 'ptnetmap(4)', 'em(4)', 'ifconfig(8)', 'sysctl(8)'],
  },
  {
    name: 'em',
    section: 4,
    about: 'Ethernet of 1 gigabit',
    synopsis: ['`device em`'],
    body: [
      [
        'DESCRIPTION',
        "Interfaces em0 and so on, of one queue. A frame of 64 bytes takes 672 ns on the wire: at most 1.488 million packets a second. bhyve of 2015 does not emulate it; QEMU's e1000 is one.",
      ],
      [
        'IN THIS LAB',
        "The host has em0, and netmap's support for it is emulated (netmap(4), admode). What is at the other end of its cable is chosen with a sysctl that is the lab's own:",
        {
          table: [
            ['variable', 'default', 'meaning'],
            [
              'dev.lab.em.0.partner',
              'echo',
              'echo: a station that answers ARP and ping for every address. loop: what is sent is received again. sink: takes everything. none: no link',
            ],
          ],
        },
      ],
    ],
    see: ['ixgbe(4)', 'netmap(4)', 'ifconfig(8)'],
  },
  {
    name: 'vtnet',
    section: 4,
    about: 'the network interface of a virtual machine (virtio)',
    synopsis: ['`device vtnet`'],
    body: [
      [
        'DESCRIPTION',
        'Interfaces vtnet0 and so on in a guest: one for each virtio-net of bhyve(8), in the order of PCI slots. Device 1af4:1000; BAR 0 has 64 bytes of I/O ports, BAR 1 the MSI-X table. Three vectors: configuration, RX, TX. Two virtqueues of 1024 entries: 0 is RX, 1 is TX.',
        "In ordinary use packets are in the guest's memory, and descriptors of the virtqueues say where. The driver writes the number of a queue to QNOTIFY (16) unless the host said NO_NOTIFY; each such write is an exit to bhyve.",
        'The host writes NO_NOTIFY while its thread is at the queue, and the driver NO_INTERRUPT while its own is: under load there are few exits and interrupts a packet, but each packet is copied, and in bhyve it is a system call. Queue 0 is kicked once, when the interface comes up. netmap(4) uses an interface that is not passed through by its emulated adapter, and its packets are then counted in netstat(1) as all others.',
      ],
      [
        'PASSTHROUGH',
        'If the device offers feature bit 25 (0x2000000), the driver takes the part of a ptnetmap(4) guest: it writes PTFEAT, reads HOSTMEMID, gives the host a page for the CSB, and has one TX and one RX ring, whose memory is that of the ptnetmap-memdev(4) with the same id. The virtqueues then carry no packets; of virtio remain QNOTIFY, two vectors, the address and the link.',
        'Opening the port sends CONFIG and REGIF, closing it UNREGIF. An interface that is not up fails with `Operation not permitted`, after REGIF was sent. A passed-through port cannot be attached to a switch of the guest.',
        'ifconfig(8) does not show that an interface is passed through, and the packets of netmap programs are not counted in netstat(1).',
      ],
      [
        'DIAGNOSTICS',
        {
          list: [
            ['`ptnetmap memdev not attached`', 'There is no memdev with the memory of this port. See ptnetmap-memdev(4).'],
            ['`ptnetmap support: base`, `ptnetmap supported`', 'The bit is there, and the host accepted.'],
          ],
        },
      ],
      [
        'IN THIS LAB',
        'Interfaces are up after the boot, as with ifconfig_DEFAULT="up". An interface whose back-end failed has `status: no carrier`.',
      ],
    ],
    see: ['ptnetmap(4)', 'ptnetmap-memdev(4)', 'bhyve(8)', 'netmap(4)'],
  },
  {
    name: 'tap',
    section: 4,
    also: ['if_tap'],
    about: 'an Ethernet interface whose other end is a program',
    synopsis: ['`device tap`'],
    body: [
      [
        'DESCRIPTION',
        'What the network stack sends to tap~N~ is read from /dev/tap~N~, a frame at a time, and what is written there is received by the stack. bhyve(8) opens it for a back-end `tap`~N~; ifconfig(8) then says `Opened by PID` ~n~. Usually it is a member of an if_bridge(4), beside a real interface.',
        'Every packet costs a system call and a copy in each direction: what netmap(4) and ptnetmap(4) save.',
      ],
      ['SYSCTL', { list: [['`net.link.tap.up_on_open`', '1: opening the device brings the interface up. 0 by default.']] }],
      [
        'IN THIS LAB',
        'A back-end that is not built says so, and its interface has no link. `ifconfig` lists the interfaces that a machine has.',
      ],
    ],
    see: ['if_bridge(4)', 'bhyve(8)', 'ifconfig(8)', 'vale(4)'],
  },
  {
    name: 'if_bridge',
    section: 4,
    about: 'a switch of network interfaces in the kernel',
    synopsis: ['`device if_bridge`'],
    body: [
      [
        'DESCRIPTION',
        'bridge~N~ joins interfaces to one Ethernet: `ifconfig bridge0 create`, `ifconfig bridge0 addm ix0 addm tap0 up`. It learns addresses, which age, and passes packets of the network stack, one at a time. It has nothing to do with bridge(8), a program, nor with the switches of vale(4), which have no interface and copy in batches.',
      ],
      [
        'IN THIS LAB',
        'Whether ifconfig(8) can create one here, it says itself: what is not built is refused with a line that begins with lab:.',
      ],
    ],
    see: ['tap(4)', 'ifconfig(8)', 'vale(4)', 'bridge(8)'],
  },
];
