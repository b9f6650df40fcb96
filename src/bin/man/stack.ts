// Pages of programs that send and answer: ping, arp, the lab's own labtap, nmreplay.

import type { Page } from './page.ts';

export const STACK_PAGES: readonly Page[] = [
  {
    name: 'ping',
    section: 8,
    about: 'ask a host for an echo',
    synopsis: ['`ping` [`-oqn`] [`-c` ~count~] [`-i` ~wait~] [`-s` ~packetsize~] [`-t` ~timeout~] [`-W` ~waittime~] ~host~'],
    body: [
      [
        'DESCRIPTION',
        'Sends ICMP echo requests to an IPv4 address and prints each answer with its time; at the end how many were lost, and the least, mean and greatest time.',
        {
          list: [
            ['`-c` ~count~', 'Ends after so many.'],
            ['`-i` ~wait~', 'Seconds from one to the next: 1.'],
            ['`-s` ~packetsize~', 'Bytes of data: 56.'],
            ['`-t` ~timeout~', 'Ends after so many seconds.'],
            ['`-W` ~waittime~', 'Milliseconds for which an answer is waited for.'],
            ['`-o`', 'Ends with the first answer.'],
            ['`-q`', 'Only the summary.'],
            ['`-n`', 'No names; there are none here.'],
          ],
        },
      ],
      ['EXIT STATUS', '0 if something answered, 2 if nothing did.'],
      ['EXAMPLES', { sh: ['ifconfig em0 inet 10.0.0.1/24', 'ping -c 3 10.0.0.2'] }],
      [
        'IN THIS LAB',
        'At the other end of em0 a modelled station answers for every address: see em(4). A guest is reached over a tap(4) in an if_bridge(4), or over a netmap(4) port: `labs/virtio-tap.lab`.',
      ],
    ],
    see: ['arp(8)', 'ifconfig(8)', 'em(4)'],
  },
  {
    name: 'arp',
    section: 8,
    about: 'addresses of neighbours',
    synopsis: ['`arp` [`-n`] `-a`'],
    body: [['DESCRIPTION', 'Lists the IPv4 addresses of neighbours with the Ethernet addresses that were learnt for them.']],
    see: ['ping(8)', 'ifconfig(8)'],
  },
  {
    name: 'labtap',
    section: 8,
    about: 'somebody at the other end of a tap',
    synopsis: [
      '`labtap` [`-q`] [`-n` ~count~] ~tap~',
      '`labtap` `-f` `tx` `-n` ~count~ [`-l` ~size~] [`-D` ~mac~] [`-S` ~mac~] ~tap~',
      '`labtap` `-f` `answer` `-s` ~address~ [`-S` ~mac~] ~tap~',
    ],
    body: [
      [
        'DESCRIPTION',
        "A program of the lab's own that opens /dev/tap~N~, as bhyve(8) does for a back-end. It shows what the stack or a bridge sends on the tap, or sends frames into it, or is a station that answers ARP and ping.",
      ],
      [
        'EXAMPLES',
        { sh: ['ifconfig tap0 create', 'ifconfig tap0 inet 10.0.0.1/24', 'labtap -f answer -s 10.0.0.2 tap0 &', 'ping -c 3 10.0.0.2'] },
      ],
      ['EXIT STATUS', '0, or 1 if the tap could not be opened.'],
    ],
    see: ['tap(4)', 'if_bridge(4)', 'ifconfig(8)', 'ping(8)'],
  },
  {
    name: 'nmreplay',
    section: 8,
    about: 'send the packets of a capture file into a port',
    synopsis: ['`nmreplay` `-f` ~file~ `-i` ~port~ [`-b` ~burst~] [`-n` ~loops~] [`-T` ~speed~|`asap`] [`-v`]'],
    body: [
      [
        'DESCRIPTION',
        'Sends the packets of a file of tcpdump(1), in pcap or pcapng, into a netmap port, with the times between them that the file has.',
        {
          list: [
            ['`-f` ~file~', 'The capture.'],
            ['`-i` ~port~', 'Where to, as for pkt-gen(8).'],
            ['`-b` ~burst~', 'Most packets at once: 512.'],
            ['`-n` ~loops~', 'How often: 1; 0 is for ever.'],
            ['`-T` ~speed~', 'So many times as fast as it was captured; asap: as fast as it goes.'],
            ['`-v`', 'Accepted.'],
          ],
        },
      ],
      ['EXIT STATUS', '0, or 1 if the file or the port could not be opened.'],
      [
        'EXAMPLES',
        { sh: ['tcpdump -i vale0:1 -c 100 -w out.pcap &', 'pkt-gen -i vale0:2 -f tx -n 100', 'nmreplay -f out.pcap -i vale0:3 -T asap'] },
      ],
      ['IN THIS LAB', "-B, -D, -L, -C and -w of netmap's program are not made. -n and -T are the lab's own."],
    ],
    see: ['tcpdump(1)', 'pkt-gen(8)'],
  },
];
