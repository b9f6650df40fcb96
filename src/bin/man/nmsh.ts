// nmsh(8): an interactive client of netmap, one transaction a command. All of its text is here.

import type { Page } from './page.ts';

export const NMSH_PAGES: readonly Page[] = [
  {
    name: 'nmsh',
    section: 8,
    about: 'talk to netmap by hand, one transaction a command',
    synopsis: ['`nmsh` [`-j`]', '`nmsh` [`-j`] ~file~', "`nmsh` [`-j`] `-c` '~command~; ~command~ ...'"],
    body: [
      [
        'DESCRIPTION',
        'A netmap program opens a port, fills slots, moves two indices and makes a system call. nmsh does each of these when it is told to, and nothing else: what stands in a ring between two commands stays there and can be looked at.',
        {
          list: [
            ['`-c` ~commands~', 'Commands in one word, separated by semicolons.'],
            ['`-j`', 'One JSON object a line instead of text.'],
            ['~file~', 'Commands from a file, one a line.'],
          ],
        },
      ],
      [
        'TUTORIAL',
        'A sender by hand, on a port of a switch. In another terminal, `pkt-gen -i vale1:2 -f rx` receives what is sent.',
        {
          out: [
            'open vale1:1',
            'info',
            'show ring TX0',
            'fill TX0 0 frame len=60 seq=1',
            'fill TX0 1 text hello',
            'len TX0 1 60',
            'show slot TX0 3',
            'adv TX0 2',
            'show kring TX0',
            'txsync',
            'show ring TX0',
            'close',
          ],
        },
        "Line by line: a descriptor is registered on a port; its rings and slots are counted; the ring has head, cur and tail; two buffers get their contents and lengths, and are still the program's; head and cur move over both, and still nobody knows of it: in the kring nothing has changed; txsync is the system call that makes the kernel look; then tail has moved.",
      ],
      [
        'COMMANDS',
        'RING is TX0, RX0 and so on: a direction and a number. SLOT is a number from 0.',
        { sub: 'Descriptors' },
        {
          list: [
            ['`open` ~name~', 'Opens a port and registers it with all its rings. It becomes the one that commands mean.'],
            ['`close` [~fd~]', 'Closes it, or another.'],
            ['`use` ~fd~', 'Another open descriptor is the one that commands mean.'],
            ['`info`', 'What the kernel says of the port: rings, slots, memory.'],
            [
              '`register` ~name~ [`ring=`~n~] [`mode=`~mode~] [`excl`]',
              'Opens a port with one ring pair, in a mode of netmap(4), or exclusively.',
            ],
          ],
        },
        { sub: 'Looking' },
        {
          list: [
            ['`show if`', 'The netmap_if.'],
            ['`show ring` ~ring~', 'A netmap_ring: head, cur, tail and its constants.'],
            ['`show slot` ~ring~ ~slot~', 'One slot: buf_idx, len, flags, ptr.'],
            [
              '`show kring` ~ring~',
              "The kernel's companion of the ring: nr_hwcur, nr_hwtail, rhead, rcur, rtail. A program cannot see these.",
            ],
            ['`show csb`', "The words of ptnetmap(4)'s shared page, for a passthrough port."],
            ['`show mem`', 'The allocator: its pools and where they begin.'],
            ['`dump` ~ring~ ~slot~', "The bytes of a slot's buffer."],
          ],
        },
        { sub: 'Filling' },
        {
          list: [
            ['`fill` ~ring~ ~slot~ ~hex~ ...', "Bytes, in hexadecimal, into the slot's buffer."],
            ['`fill` ~ring~ ~slot~ `text` ~text~', 'The characters of a text.'],
            [
              '`fill` ~ring~ ~slot~ `frame` [`len=`] [`src=`] [`dst=`] [`seq=`]',
              'A whole frame, with its length, its addresses and a sequence number.',
            ],
            ['`len` ~ring~ ~slot~ ~n~', 'The length of the packet.'],
            ['`flags` ~ring~ ~slot~ `+`~name~ `-`~name~ | ~n~', 'Sets and clears flags by name, or all of them by a number.'],
            ['`buf` ~ring~ ~slot~ ~index~', 'Another buffer. NS_BUF_CHANGED is not set by itself.'],
            ['`swap` ~ring~ ~slot~ ~ring~ ~slot~', 'Exchanges the buffers of two slots, as a zero-copy forwarder does.'],
          ],
        },
        { sub: 'Moving and calling' },
        {
          list: [
            ['`head` ~ring~ ~n~, `cur` ~ring~ ~n~', 'Stores an index as it is given, legal or not.'],
            ['`adv` ~ring~ ~n~', 'Moves both by ~n~ slots.'],
            ['`txsync`, `rxsync`', 'NIOCTXSYNC, NIOCRXSYNC.'],
            ['`poll` `in`|`out`|`inout` [~ms~]', 'poll(2), and what it answered. Without a time it waits.'],
          ],
        },
        { sub: 'Files' },
        {
          list: [
            ['`wait` ~ms~', 'Lab time goes by.'],
            ['`echo` ~words~', 'Prints them.'],
            ['`expect` ~expression~', 'Fails if the expression is not true: the rest of a file is judged by it.'],
            ['`help`, `quit`', 'The list of commands; the end.'],
          ],
        },
      ],
      [
        'EXIT STATUS',
        {
          list: [
            ['0', 'All commands did what they should.'],
            ['1', 'A command failed, or an `expect` was not true.'],
            ['2', 'Usage.'],
          ],
        },
      ],
      [
        'EXAMPLES',
        'What the kernel does with a head and a cur beyond the ring:',
        { out: ['open vale1:1', 'head TX0 5000', 'cur TX0 5000', 'poll out 0', 'show ring TX0'] },
        'poll answers POLLERR, and head and cur are back where they were. `txsync` in place of poll would have done the same and answered nothing: see netmap(4).',
      ],
      [
        'IN THIS LAB',
        "nmsh is the lab's own program; netmap has none like it. It uses nothing that another program could not, but for `show kring` and `show csb`.",
      ],
    ],
    see: ['netmap(4)', 'vale(4)', 'ptnetmap(4)', 'pkt-gen(8)'],
  },
];
