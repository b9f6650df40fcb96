// pkt-gen(8): the generator and receiver of netmap, as of 2015.

import type { Page } from './page.ts';

export const PKT_GEN_PAGES: readonly Page[] = [
  {
    name: 'pkt-gen',
    section: 8,
    about: 'send and receive packets through netmap, and measure it',
    synopsis: ['`pkt-gen` `-i` ~port~ [`-f` ~function~] [~options~]'],
    body: [
      [
        'DESCRIPTION',
        'Opens a netmap port and moves packets as fast as it can, or as it is told to. The options are those of 2015; times are lab time.',
        {
          list: [
            [
              '`-i` ~port~',
              'The port: a name of netmap(4), as in vale1:2, vale2}1 or netmap:vtnet0. A name without `netmap:`, `vale` or `tap` in front gets `netmap:`. Required.',
            ],
            ['`-f` ~function~', 'What to do, below; the default is rx.'],
            ['`-n` ~count~', 'Packets to send, or transactions of ping; 0, the default, is without end.'],
            ['`-l` ~size~', 'Length of a packet without its CRC, 60 by default, 16 to 1536.'],
            ['`-b` ~burst~', 'Most packets that one visit to a ring moves: 512; ping and pong: 1.'],
            ['`-s` ~addresses~', 'Source, `ip[:port[-ip:port]]`; 10.0.0.1:1234.'],
            ['`-d` ~addresses~', 'Destination; 10.1.0.1:1234.'],
            ['`-S` ~mac~', "Source address of the frame; the interface's own."],
            ['`-D` ~mac~', 'Destination address of the frame; ff:ff:ff:ff:ff:ff.'],
            ['`-T` ~ms~', 'Time between reports, 1000.'],
            ['`-w` ~seconds~', 'Time to wait for the link before it begins: 2, and 0 for VALE ports.'],
            ['`-W`', 'A receiver ends when nothing came for a second, once it has received something. Without it, it waits for ever.'],
            [
              '`-R` ~rate~',
              'Packets a second. The burst becomes a three hundredth of that, at least 1 and at most -b; it begins on a full second, two from now.',
            ],
            ['`-p` ~threads~', 'Threads, each with a ring pair; 1.'],
            ['`-c` ~cpus~, `-a` ~cpu~', 'CPUs to use; the CPU of the first thread.'],
            ['`-o` ~bits~', 'Options as a number: 1 prefetch, 2 access, 4 copy, 8 memcpy, 16 timestamp, 32 indirect, 64 dump.'],
            ['`-X`', 'Prints the packets that it moves.'],
            ['`-I`', 'Sends with NS_INDIRECT: the payload is not in the buffer (see netmap(4)). On VALE ports only.'],
            ['`-F` ~n~', 'Sends each packet in ~n~ fragments, 1 to 63.'],
            ['`-H` ~length~', 'Puts a virtio-net header of 0, 10 or 12 bytes before each packet.'],
            ['`-C` ~tx~,~rx~,~txr~,~rxr~', 'Slots and rings to ask for when the port is created.'],
            ['`-e` ~n~', 'Extra buffers to ask for.'],
            ['`-E` ~n~', 'Accepted; not used in 2015.'],
            ['`-r`', 'Rubbish: the payload is not written.'],
            ['`-v`', 'Says more.'],
          ],
        },
      ],
      [
        'FUNCTIONS',
        {
          list: [
            ['`tx`', 'Sends UDP packets. Every buffer is filled once; after that only those that came back changed, unless -o says copy.'],
            ['`rx`', 'Receives and counts.'],
            [
              '`ping`',
              'Sends packets with a sequence number (at offset 42) and a time, and measures how long each reply takes. Its reports are of count, least and mean in nanoseconds, then a histogram by powers of two.',
            ],
            ['`pong`', 'Sends every packet back, with the addresses exchanged. What does not fit into its ring is dropped.'],
            ['`txseq`, `rxseq`', 'Of later pkt-gens, not of 2015: packets with sequence numbers, and a receiver that reports holes.'],
          ],
        },
      ],
      [
        'OUTPUT',
        'Each period, and at the end:',
        {
          out: [
            '<pps>pps (<n>pkts <bits>bps in <usec> usec) <batch> avg_batch',
            'Sent <n> packets <n> bytes <n> events <size> bytes each in <s.ss> seconds.',
            'Speed: <x>pps Bandwidth: <y>bps (raw <z>bps). Average batch: <f> pkts',
            'Sent nothing.',
          ],
        },
        'A receiver says Received. An ~event~ is a visit to a ring that moved a packet. The raw bandwidth counts 24 bytes more for each packet: preamble, CRC and gap. Lines of progress begin with seconds, microseconds, function and source line.',
        'ping says each second, and at its end:',
        { out: ['count <n> RTT: min <ns> av <ns> ns', 'RTT over <n> packets: min <ns> av <ns> ns'] },
      ],
      [
        'LOOPS',
        'A sender waits in poll(2) for room, at most 2 seconds at a time; fills up to a burst of slots, of which the last gets NS_REPORT; moves head and cur. At its end it calls NIOCTXSYNC until nothing is pending. A receiver waits 1 second at a time. POLLERR ends both.',
      ],
      ['EXIT STATUS', '0, or 1 after a mistake in the options, a port that cannot be opened, or POLLERR.'],
      [
        'EXAMPLES',
        {
          sh: [
            'pkt-gen -i vale1:2 -f rx',
            "pkt-gen -i 'vale2}1' -f tx -n 100000",
            'pkt-gen -i vtnet0 -f tx -R 1000 -w 1',
            'pkt-gen -i vale1:2 -f pong -S 00:00:00:00:00:02 &',
            'pkt-gen -i vale1:1 -f ping -n 10 -S 00:00:00:00:00:01 -D 00:00:00:00:00:02',
          ],
        },
      ],
      [
        'IN THIS LAB',
        'Pipes and passed-through vtnet interfaces have one ring pair, so one thread; a VALE port has as many as -C asked for when it was created. On which CPU a thread runs is not modelled. txseq and rxseq print a digest of what passed, equal at both ends when nothing was lost, changed or came in another order, as it may over several rings. On the free engine times have the grain of the clock of the computer, so a round trip may read 0 ns. A port that a virtual machine has cannot be opened beside it: `Device busy`. In the guest, an interface must be up first.',
      ],
    ],
    see: ['netmap(4)', 'vale(4)', 'bridge(8)', 'nmsh(8)', 'tcpdump(1)'],
  },
];
