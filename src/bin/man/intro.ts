// intro(1), man(1), more(1): for who arrives first.

import type { Page } from './page.ts';

export const INTRO_PAGES: readonly Page[] = [
  {
    name: 'intro',
    section: 1,
    also: ['ringside'],
    inside: true,
    about: 'what this lab is, and ten commands to type',
    body: [
      [
        'DESCRIPTION',
        'This is a computer that exists in a browser tab: a FreeBSD host of 2015, and the virtual machines that ~bhyve~ runs on it. It was made to look at one thing: `ptnetmap`, by which a program in a virtual machine sends and receives packets through the rings of a port of the host, without a copy of the packet and almost without leaving the virtual machine.',
        'Two machines have terminals. The `host` has the prompt root@host. A `guest`, once booted, has its console in the terminal in which bhyve was started. Both have the same small set of programs; `help` lists them, `man` ~name~ describes one.',
        'What the machine does can be stopped between two accesses to shared memory, gone through one at a time, and taken back: see `lab`(1).',
      ],
      [
        'TEN COMMANDS',
        {
          list: [
            ['`help`', 'On either machine: its commands.'],
            ['`bhyveload -m 2G -d mfsroot.img netmapvm`', 'On the host: creates a virtual machine and loads a kernel into it.'],
            [
              '`bhyve` ...',
              'On the host: runs it, with a port of the switch vale1 and one end of a pipe. The terminal becomes its console.',
              {
                sh: [
                  "bhyve -s 0,hostbridge -s 1,lpc -s 3:0,ptnetmap-memdev -s 3:1,virtio-net,ptvale1:1 -s 4:0,ptnetmap-memdev -s '4:1,virtio-net,ptvale2{1' -l com1,stdio -A -H -P -m 2G netmapvm",
                ],
              },
            ],
            ['`ifconfig`', 'In the guest: `vtnet0` is the switch port, `vtnet1` the pipe.'],
            ['`dmesg`', 'In the guest: how the drivers found the passthrough devices.'],
            ['`pkt-gen -i vale1:2 -f rx`', 'In another terminal of the host: receives on a second port of the switch.'],
            ['`pkt-gen -i vtnet0 -f tx`', 'In the guest: sends as fast as it can. Control-C ends it.'],
            [
              '`lab park`',
              'Stops everything between two accesses. `lab step`, `lab back` and `lab next kick` go on from there; `lab run` lets go.',
            ],
            ['`bhyvectl --get-stats --vm=netmapvm`', 'On the host: how often the guest left its CPU, and why.'],
            ['`man ptnetmap`', 'How all of this works together.'],
          ],
        },
      ],
      [
        'THE PAGES',
        "Sections are FreeBSD's: 1 programs, 4 devices and kernel interfaces, 5 files, 8 the administrator's programs. `man -k` ~word~ searches names and descriptions; `man -k .` lists all. A section IN THIS LAB says where the lab models something, leaves it out, or differs from the system of 2015.",
      ],
    ],
    see: ['man(1)', 'lab(1)', 'sh(1)', 'pkt-gen(8)', 'bhyve(8)', 'netmap(4)', 'vale(4)', 'ptnetmap(4)'],
  },
  {
    name: 'man',
    section: 1,
    also: ['apropos', 'whatis'],
    about: 'show manual pages, and search for them',
    synopsis: [
      '`man` [`-adhow`] [`-P` ~pager~] [`-S` ~sections~] [~section~] ~page~ ...',
      '`man -f` ~page~ ...',
      '`man -k` ~word~ ...',
      '`whatis` ~page~ ...',
      '`apropos` ~word~ ...',
    ],
    body: [
      [
        'DESCRIPTION',
        'Shows the page of that name, the one of the lowest section that has it. A name may carry its section, as in netmap(4).',
        {
          list: [
            ['`-a`', 'Shows the pages of that name in all sections.'],
            ['`-d`', 'Accepted: the program of FreeBSD says here where it searches.'],
            ['`-f`', 'As whatis: one line for each page of that name.'],
            ['`-h`', 'The usage.'],
            ['`-k`', 'As apropos: one line for each page that has the word in its names or its description. The word `.` finds all.'],
            ['`-o`', 'Accepted: pages of the locale only; there is one set of pages.'],
            ['`-P` ~pager~', 'With `cat`, the page is written at once. Any other pager is the one built in.'],
            ['`-S` ~sections~', 'Only these sections, separated by colons.'],
            ['`-w`', 'The place where the page would be, instead of the page.'],
            ['`-M`, `-m`, `-p`, `-t`', 'Other manual paths, architectures, preprocessors and a typesetter: refused here.'],
          ],
        },
        'Where the terminal is shown in a window and the page is longer than that, the page is shown a screen at a time, with the keys of more(1). Otherwise it is written at once: into a file, in a job in the background, and where nobody looks.',
      ],
      ['EXIT STATUS', '0, or 1 if a page was not found: `No manual entry for` ~name~.'],
      [
        'IN THIS LAB',
        "The pages are the lab's own text, not FreeBSD's, and are part of the program: nothing is in /usr/share/man. Lines are at most 78 cells wide. The guest knows the window of its console, which a serial line would not tell it.",
      ],
    ],
    see: ['more(1)', 'intro(1)', 'help(1)'],
  },
  {
    name: 'more',
    section: 1,
    also: ['less'],
    about: 'show a file a screen at a time',
    synopsis: ['`more` ~file~ ...', '`less` ~file~ ...'],
    body: [
      [
        'DESCRIPTION',
        'Shows the files one after the other. Keys:',
        {
          table: [
            ['key', 'does'],
            ['Space, f, Page Down', 'a screen forward'],
            ['b, Page Up', 'a screen back'],
            ['Enter, j, e, Down', 'a line forward'],
            ['k, y, Up', 'a line back'],
            ['d, u', 'half a screen forward, back'],
            ['g, G, < and >', 'the beginning, the end'],
            ['/text, ?text, Enter', 'search forward, back; small letters find capitals too'],
            ['n, N', 'the next match, the one in the other direction'],
            ['h', 'a line about the keys'],
            ['q, Control-C', 'the end'],
          ],
        },
      ],
      [
        'IN THIS LAB',
        'more and less are one program, the same that man(1) uses, and have no options: words that begin with a dash are passed over. The text of a search is found as it stands: there are no regular expressions. Where nobody looks, or when all fits into the window, the text is written at once.',
      ],
    ],
    see: ['man(1)', 'cat(1)', 'head(1)'],
  },
  {
    name: 'help',
    section: 1,
    about: "list this machine's commands",
    synopsis: ['`help`'],
    body: [
      ['DESCRIPTION', 'Prints the programs of this machine with a few words for each, and the commands that are built into the shell.'],
      ['IN THIS LAB', 'FreeBSD has no such program; its shell has none either.'],
    ],
    see: ['man(1)', 'intro(1)', 'sh(1)'],
  },
];
