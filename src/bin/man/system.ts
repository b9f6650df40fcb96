// The administrator's programs: ifconfig, sysctl, kldstat, kldload, netstat, dmesg, top, ps, tcpdump.

import type { Page } from './page.ts';

export const SYSTEM_PAGES: readonly Page[] = [
  {
    name: 'ifconfig',
    section: 8,
    about: 'network interfaces',
    synopsis: ['`ifconfig` [`-a`]', '`ifconfig` ~interface~ [`up` | `down`]'],
    body: [
      [
        'DESCRIPTION',
        'Without arguments, or with -a, it shows all interfaces: flags (also as a number), MTU, options, address, media and status. With a name it shows that one; `up` and `down` bring it up and down.',
        'Ports of a vale(4) switch are not interfaces. In netmap mode an interface looks as before, and so does one that is passed through.',
      ],
      ['EXIT STATUS', '0, or 1: `interface` ~x~ `does not exist`.'],
      ['EXAMPLES', { sh: ['ifconfig vtnet0', 'ifconfig vtnet0 down'] }],
      [
        'IN THIS LAB',
        "What FreeBSD's would do besides and this one does not is refused with a line that begins with lab:. lo0 has its address from the start.",
      ],
    ],
    see: ['netstat(1)', 'vtnet(4)', 'ixgbe(4)', 'tap(4)', 'if_bridge(4)'],
  },
  {
    name: 'sysctl',
    section: 8,
    about: 'variables of the kernel',
    synopsis: ['`sysctl` [`-deiNnq`] ~name~[`=`~value~] ...', '`sysctl` [`-deNn`] `-a`'],
    body: [
      [
        'DESCRIPTION',
        'Prints variables, and sets those that can be set: then the old value and the new. A name that is not a variable but the beginning of some prints them all.',
        {
          list: [
            ['`-a`', 'All variables, in the order of the tree.'],
            ['`-N`', 'Names only.'],
            ['`-q`', 'Says nothing of what was set.'],
            ['`-n`', 'Values only.'],
            ['`-d`', 'Descriptions in place of values.'],
            ['`-e`', 'name=value.'],
            ['`-i`', 'Unknown names are no mistake.'],
          ],
        },
      ],
      [
        'VARIABLES',
        "dev.netmap is described in netmap(4), dev.lab and hw.lab in lab(1), dev.lab.ix in ixgbe(4). kern.hostname is the machine's name.",
      ],
      ['EXIT STATUS', "0, or 1: `unknown oid '`~x~`'`, a value that is no number or out of its range, or a variable that is read only."],
      ['EXAMPLES', { sh: ['sysctl dev.lab', 'sysctl dev.netmap.bridge_batch=64'] }],
      [
        'IN THIS LAB',
        'Kernels of 2015 have many more variables. In the guest kern.hostname can be set, and those of dev.netmap that are not of its data plane; its hw.vtnet are tunables of the loader, see kenv(1). Not every variable has a description.',
      ],
    ],
    see: ['netmap(4)', 'lab(1)', 'ixgbe(4)'],
  },
  {
    name: 'kldstat',
    section: 8,
    about: 'kernel modules that are loaded',
    synopsis: ['`kldstat` [`-qv`] [`-i` ~id~ | `-n` ~file~ | `-m` ~module~]'],
    body: [
      [
        'DESCRIPTION',
        'A line for each file: its number, references, address, size and name. The kernel is the first. On the host, vmm.ko is what bhyve(8) needs.',
      ],
      [
        'IN THIS LAB',
        'There is no code in the modules: addresses and sizes are of the right shape and mean nothing. Of the modules in a file one is listed.',
      ],
    ],
    see: ['kldload(8)', 'dmesg(8)'],
  },
  {
    name: 'kldload',
    section: 8,
    also: ['kldunload'],
    about: 'load a kernel module',
    synopsis: ['`kldload` [`-nqv`] ~module~ ...', '`kldunload` [`-v`] [`-i`] ~module~ ...'],
    body: [
      [
        'DESCRIPTION',
        'Loads modules, as in `kldload vmm` before the first bhyve(8), or `kldload if_tap if_bridge`. One that is there already is refused: `module already loaded or in kernel`. kldunload takes one out, unless something uses it: `Device busy`.',
      ],
      ['EXIT STATUS', '0, or 1 if one could not be loaded.'],
      [
        'IN THIS LAB',
        'The host has vmm and netmap from the start; if_tap, if_bridge, bridgestp and nmdm can be loaded. Without vmm there is no bhyveload(8), without netmap no port.',
      ],
    ],
    see: ['kldstat(8)', 'tap(4)', 'if_bridge(4)'],
  },
  {
    name: 'netstat',
    section: 1,
    about: 'counters of network interfaces',
    synopsis: ['`netstat` `-i`'],
    body: [
      [
        'DESCRIPTION',
        {
          list: [['`-i`', 'A line for each interface: MTU, network, address, packets received and sent, errors, drops, collisions.']],
        },
        'What a netmap program sends and receives passes beside these counters: they do not move during a run of pkt-gen(8), also not those of a passed-through interface.',
      ],
      [
        'OUTPUT',
        {
          out: [
            'Name    Mtu Network       Address              Ipkts Ierrs Idrop    Opkts Oerrs  Coll',
            'vtnet0 1500 <Link#1>      00:a0:98:88:ac:bb     1042     0     0     1038     0     0',
          ],
        },
      ],
      ['IN THIS LAB', 'Only -i is made. There are no sockets to list.'],
    ],
    see: ['ifconfig(8)', 'vtnet(4)', 'netmap(4)'],
  },
  {
    name: 'dmesg',
    section: 8,
    about: "the kernel's messages",
    synopsis: ['`dmesg`'],
    body: [
      [
        'DESCRIPTION',
        'Prints the message buffer. In a guest: the boot, the devices in the order in which they were found, and what vtnet(4) and ptnetmap-memdev(4) say. On the host: what netmap says when a port is passed through, and where it refuses something.',
        'Lines of netmap begin with seconds modulo 1000, microseconds, the line of its source and the function.',
      ],
      ['IN THIS LAB', 'A guest keeps 500 lines. The lines in brackets are those of the sources of August 2015, not of the lab.'],
    ],
    see: ['kldstat(8)', 'ptnetmap(4)', 'vtnet(4)'],
  },
  {
    name: 'top',
    section: 1,
    about: 'processes and threads, those first that use most',
    synopsis: ['`top` [`-bHIS`] [`-d` ~count~] [`-o` ~field~] [`-s` ~seconds~] [~number~]'],
    body: [
      [
        'DESCRIPTION',
        {
          list: [
            ['`-S`', "The kernel's own processes too."],
            ['`-H`', 'A line for each thread: the command is followed by the thread in braces, as in bhyve{vcpu 0}.'],
            ['`-b`', 'Prints a screen and ends.'],
            ['`-I`', 'Not those that are idle.'],
            ['`-d` ~count~', 'Ends after so many screens.'],
            ['`-s` ~seconds~', 'From screen to screen, 2.'],
            ['`-o` ~field~', 'By cpu, time or pid.'],
          ],
        },
        'STATE is what a thread sleeps on, cut to 6 letters: nmk_ev for a kernel thread of ptnetmap(4) with nothing to do, vmidle for a CPU of a guest in HLT, select for a program in poll(2), nanslp for one that sleeps for a time; or RUN. Keys: q ends, a space shows a screen at once, H, S and I are as above.',
      ],
      [
        'IN THIS LAB',
        'Time is lab time for which a thread was not asleep, and every thread has a CPU; what is not modelled is shown as -. A guest keeps no account of the time of its threads.',
      ],
    ],
    see: ['ps(1)', 'ptnetmap(4)', 'bhyve(8)'],
  },
  {
    name: 'ps',
    section: 1,
    about: 'processes',
    synopsis: ['`ps` [`-acHlux`] [`-o` ~keywords~] [`-p` ~pids~] [`-t` ~ttys~]', '`ps` `-L`'],
    body: [
      [
        'DESCRIPTION',
        'A line for each process: its number, its terminal, its state (R runs, S sleeps for a time or in the kernel, I waits, T is stopped; + in the foreground), the time that it used, and its command. `-H` shows threads, `-x` those of the kernel too, `-u` and `-l` other columns, `-o` a list of them (`-L` names them all): `ps -axH -o pid,tdname,wchan`.',
      ],
      ['IN THIS LAB', "All processes are root's. Columns that are not modelled show -."],
    ],
    see: ['top(1)', 'kill(1)', 'sh(1)'],
  },
  {
    name: 'tcpdump',
    section: 1,
    about: 'show the packets that pass an interface',
    synopsis: ['`tcpdump` [`-AenqtvxX`] [`-c` ~count~] [`-i` ~interface~] [`-s` ~length~] [`-w` ~file~ | `-r` ~file~] [~expression~]'],
    body: [
      [
        'DESCRIPTION',
        'Prints a line for each packet that matches the expression: the time, addresses and ports, and what the packet is.',
        {
          list: [
            ['`-i` ~interface~', 'Where to look.'],
            ['`-c` ~count~', 'Ends after that many packets.'],
            ['`-n`', 'Addresses and ports as numbers.'],
            ['`-e`', 'The Ethernet header too.'],
            ['`-v`', 'Says more of each packet; again for more still.'],
            ['`-q`', 'Says less.'],
            ['`-t`', 'No time; -tt seconds, -ttt since the one before, -tttt with the date, -ttttt since the first.'],
            ['`-x`', 'The bytes in hexadecimal.'],
            ['`-X`', 'In hexadecimal and as text.'],
            ['`-A`', 'As text.'],
            ['`-s` ~length~', 'How many bytes of each packet are taken.'],
            ['`-w` ~file~', 'Writes the packets into a capture file and prints nothing.'],
            ['`-r` ~file~', 'Reads them from one.'],
          ],
        },
      ],
      [
        'EXPRESSIONS',
        'Primitives, joined by `and`, `or`, `not` and parentheses (quoted for the shell):',
        {
          table: [
            ['primitive', 'true for'],
            ['[src|dst] host ~address~', 'packets from or to it'],
            ['[src|dst] net ~address~/~bits~', 'packets of a network'],
            ['[src|dst] port ~number~', 'UDP and TCP packets of a port'],
            ['ether [src|dst] ~mac~', 'frames of an address'],
            ['arp, ip, ip6, udp, tcp, icmp', 'a protocol'],
            ['ether broadcast, ether multicast', 'frames for many'],
            ['less ~n~, greater ~n~', 'packets of at most, at least that length'],
          ],
        },
      ],
      ['EXAMPLES', { sh: ['tcpdump -i vale1:9 -n -c 10', "tcpdump -n -e -i vtnet0 'udp and port 1234'"] }],
      [
        'IN THIS LAB',
        'Which of the primitives are made, an expression with another says itself. A port of a switch sees what the switch sends to it: broadcasts and unknown destinations, not the packets between two other ports.',
      ],
    ],
    see: ['pkt-gen(8)', 'vale(4)', 'netmap(4)'],
  },
];
