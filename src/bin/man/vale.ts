// vale(4), and the programs for it: vale-ctl(8), bridge(8).

import type { Page } from './page.ts';

export const VALE_PAGES: readonly Page[] = [
  {
    name: 'vale',
    section: 4,
    about: 'a software switch between netmap ports',
    synopsis: ['`device netmap`'],
    body: [
      [
        'DESCRIPTION',
        'Opening a port named vale~X~:~Y~ makes the switch vale~X~ and its port ~Y~, if they are not there; the last to close removes them. Letters, digits and _ make a name. There are 8 switches, of 254 ports each, and a port has rings of 1024 slots and a memory of its own, so that no program sees the packets of another.',
        'A switch has no thread. A sender forwards its own packets, in its own txsync: each is copied once, into a buffer of the receiving ring.',
      ],
      [
        'FORWARDING',
        {
          list: [
            [
              '1.',
              'The sender takes the switch as a reader and walks its slots from hwcur to head. What it needs to know of each packet goes into a table; at 1024 entries (dev.netmap.bridge_batch), at the end of a packet, the table is flushed.',
            ],
            [
              '2.',
              'Each packet gets a destination. A frame below 14 bytes is dropped. The destination is a list for each receiving ring, and one for broadcast.',
            ],
            [
              '3.',
              "For each destination: under that ring's queue lock as many slots are leased as are free, and needed. Without the lock the packets are copied, in the order of sending, rounded up to 64 bytes. Under the lock again, they are committed, and the receiver is notified.",
            ],
            [
              '4.',
              'What does not fit is dropped, silently. The sender always gets all its slots back: a switch never holds its sender back.',
            ],
          ],
        },
        'Several senders copy into one ring at the same time: the lock is held to lease and to commit only. Leases that are committed out of order wait until those before them are.',
      ],
      [
        'LEARNING',
        'A table of 1024 entries, found by a hash of the address. The source of a packet is entered unless it is multicast, or the same as the last source of that port. A destination that is multicast, or not in the table, goes to all ports.',
        {
          list: [
            ['-', 'Entries never age.'],
            ['-', 'Two stations with the same hash put each other out. 02:00:00:00:00:01 (entry 92) meets 02:00:00:00:07:e7.'],
            [
              '-',
              'A station that was put out is not learned again while its port goes on with the same source; its packets go to all ports.',
            ],
            ['-', 'A packet to 00:00:00:00:00:00 finds an entry that was never written, and goes to port 0.'],
          ],
        },
      ],
      [
        'INTERFACES',
        'vale-ctl(8) attaches a network interface to a switch, with or without its host stack, and makes persistent ports. A packet for a port with another length of virtio-net header (0, 10 or 12 bytes) has it added or taken off, and is cut into frames of at most 1514 bytes.',
      ],
      [
        'IN THIS LAB',
        'Ports, learning, leases and drops are as above. Drops are counted, which 2015 did not: with the other counters of the port, as at the end of `ringside run`. hw.lab.bridge_ringsize is the number of slots of a ring, 2 to 1024, chosen at the start.',
      ],
    ],
    see: ['netmap(4)', 'vale-ctl(8)', 'bridge(8)', 'if_bridge(4)', 'pkt-gen(8)'],
  },
  {
    name: 'vale-ctl',
    section: 8,
    about: 'ports of VALE switches',
    synopsis: [
      '`vale-ctl` [`-l` ~port~ | `-g` ~if~ | `-a` ~port~ | `-h` ~port~ | `-d` ~port~ | `-n` ~if~ | `-r` ~if~ | `-p` ~port~ | `-P` ~port~] [`-C` ~config~] [`-m` ~memid~]',
    ],
    body: [
      [
        'DESCRIPTION',
        'Without options it lists the ports of all switches, one a line, with the numbers of switch and port.',
        {
          list: [
            ['`-a` ~valeX:if~', 'Attaches an interface to a switch. Its host stack is disconnected.'],
            ['`-h` ~valeX:if~', 'Attaches an interface and its host stack: two ports.'],
            ['`-d` ~valeX:if~', 'Detaches it.'],
            ['`-l` ~valeX:port~', 'Lists one port.'],
            ['`-g` ~if~', 'Rings, slots and memory of a port.'],
            ['`-n` ~if~', 'Makes a persistent virtual interface.'],
            ['`-r` ~if~', 'Removes it.'],
            [
              '`-C` ~txd~,~rxd~,~txr~,~rxr~',
              'Slots and rings for -n. For -p: 0, CPU (one thread for all rings, the default), or 1, first CPU and ring, number of them (a thread a ring).',
            ],
            ['`-m` ~memid~', 'The allocator for -n.'],
            [
              '`-p` ~valeX:if~',
              'Lets kernel threads poll the RX rings of an attached interface, in place of its interrupts. They are nm-kthread-0 and so on of the process kernel, in top -SH. At least one CPU must be left without.',
            ],
            ['`-P` ~valeX:if~', 'Ends that. Until then the interface cannot be detached.'],
          ],
        },
      ],
      ['OUTPUT', { out: ['<sec>.<usec> bdg_ctl [150] bridge:0 port:0 vale1:1'] }],
      ['EXIT STATUS', '0, or 1 after a mistake or for a port that is not there.'],
      [
        'IN THIS LAB',
        'An option that is not built says so in a line that begins with lab:. A port that a virtual machine has is listed as any other.',
      ],
    ],
    see: ['vale(4)', 'netmap(4)', 'bridge(8)'],
  },
  {
    name: 'bridge',
    section: 8,
    about: 'forward packets between two netmap ports',
    synopsis: ['`bridge` [`-v`] [`-c`] `-i` ~port~ [`-i` ~port~] [`-b` ~burst~] [`-w` ~seconds~] [`-L`]'],
    body: [
      [
        'DESCRIPTION',
        "A program, not a kernel's bridge: it opens both ports and moves every packet that one receives to the other's TX ring, in both directions.",
        {
          list: [
            ['`-i` ~port~', 'A port; given twice. With one interface only, the other is its host stack (^).'],
            ['`-b` ~burst~', 'Most packets moved at a time, 1024.'],
            ['`-c`', 'Copies each packet, also where buffers could be exchanged.'],
            ['`-w` ~seconds~', 'Waits for the link.'],
            ['`-v`', 'Says more.'],
            ['`-L`', 'Of later bridges: loopback of a host ring.'],
          ],
        },
        'If both ports use the same memory (the same allocator id), nothing is copied: the buffers of the two slots are exchanged, and both get NS_BUF_CHANGED. Otherwise each packet is copied.',
        'It waits in poll(2), at most 2500 ms at a time: for POLLIN on a port whose other side has room, for POLLOUT where there is something to move and no room.',
      ],
      ['EXAMPLES', { sh: ['bridge -i vale1:2 -i vale2:1', "bridge -i 'vale3}1' -i 'vale3{2'"] }],
      [
        'IN THIS LAB',
        'Every VALE port has a memory of its own, so the first example copies; both ends of the second have the memory of vale3, so it exchanges buffers.',
      ],
    ],
    see: ['netmap(4)', 'vale(4)', 'if_bridge(4)', 'pkt-gen(8)'],
  },
];
