// The programs that look at a machine and end it: pciconf, vmstat, procstat, kenv, uname, hostname, date, uptime, mount, df, pgrep,
// shutdown, reboot.

import type { Page } from './page.ts';

export const MACHINE_PAGES: readonly Page[] = [
  {
    name: 'pciconf',
    section: 8,
    about: 'PCI devices and their registers',
    synopsis: [
      '`pciconf` `-l` [`-bcv`] [~device~]',
      '`pciconf` `-a` ~device~',
      '`pciconf` `-r` [`-b` | `-h`] ~device~ ~register~[:~last~]',
      '`pciconf` `-w` [`-b` | `-h`] ~device~ ~register~ ~value~',
    ],
    body: [
      [
        'DESCRIPTION',
        {
          list: [
            ['`-l`', 'Lists the functions of the bus, or one. A function without a driver is called none0, none1 and so on.'],
            ['`-v`', 'Also the names of vendor, device and class. The vendor of a ptnetmap-memdev(4), 0x3333, has no name.'],
            ['`-b`', 'With -l also the base address registers: kind, address, size, and whether the function answers there.'],
            ['`-c`', 'Also the capabilities: MSI-X with the places of its table, MSI, PCI Express.'],
            ['`-a`', 'Says whether a driver is attached.'],
            ['`-r`', 'Reads a register, or all from one to another, in words of 4 bytes; with -b in bytes, with -h in halves of a word.'],
            ['`-w`', 'Writes a register.'],
          ],
        },
        'A ~device~ is a driver with its unit, as `virtio_pci0`, or a selector: `pci`, domain, bus, slot and function, as in `pci0:0:2:1`. With three numbers the domain is 0, with two the function too.',
      ],
      [
        'OUTPUT',
        {
          out: [
            'ptnetmap-memdev0@pci0:0:2:1:    class=0x020000 card=0x00013333 chip=0x00013333 rev=0x00 hdr=0x00',
            '    class      = network',
            '    subclass   = ethernet',
            '    bar   [10] = type I/O Port, range 32, base 0x2040, size 16, enabled',
            '    bar   [14] = type Memory, range 32, base 0xc4000000, size 67108864, enabled',
          ],
        },
        '`chip` is device and vendor, `card` subdevice and subvendor. A size is that of the register, a power of two: the allocator behind it may be smaller.',
      ],
      ['EXIT STATUS', '0, or 1: a device that is not there, a register that is not on a multiple of its width.'],
      ['EXAMPLES', { sh: ['pciconf -lvbc', 'pciconf -r -h pci0:0:2:1 0x10', 'pciconf -lb ptnetmap-memdev0'] }],
      [
        'IN THIS LAB',
        'Of guests only. Each register is read by a configuration cycle: an OUT to 0xCF8 and an IN from 0xCFC, two exits to bhyve(8), which can be seen in the counters of bhyvectl(8). The names of vendors are those that a guest can meet. -B, -e and -V are taken and show nothing.',
      ],
    ],
    see: ['bhyve(8)', 'ptnetmap-memdev(4)', 'vmstat(8)'],
  },
  {
    name: 'vmstat',
    section: 8,
    about: 'interrupts since the machine was booted',
    synopsis: ['`vmstat` `-i` [`-a`]'],
    body: [
      [
        'DESCRIPTION',
        'Prints how many interrupts each source has sent, and how many a second that is over the whole uptime. With -a also sources that never interrupted.',
        {
          table: [
            ['source', 'what it is'],
            ['irq4: uart0', 'the console'],
            ['cpu0:timer', 'the timer of the local APIC'],
            ['irq264: virtio_pci0', 'the first device, its configuration'],
            ['irq265: virtio_pci0', 'its receive queue'],
            ['irq266: virtio_pci0', 'its transmit queue'],
            ['irq267: virtio_pci1', 'the next device, and so on'],
          ],
        },
        'Interrupts of MSI are numbered from 256; the HPET has the first eight. A device without MSI-X has one. While a port is passed through, the two of its queues are sent by the kernel threads of the host.',
      ],
      ['EXIT STATUS', '0, or 1.'],
      [
        'IN THIS LAB',
        'All counts are interrupts that were taken. The guest has no periodic tick: its timer interrupts when somebody has asked for a time. The console interrupts for what is typed; its output is polled. On the host the interrupts of ixgbe(4) are counted. Other reports of vmstat are not built.',
      ],
    ],
    see: ['pciconf(8)', 'vtnet(4)', 'sysctl(8)'],
  },
  {
    name: 'procstat',
    section: 1,
    about: 'processes, their threads and what these wait for',
    synopsis: ['`procstat` [`-h`] [`-t` | `-k` | `-kk`] [`-a` | ~pid~ ...]'],
    body: [
      [
        'DESCRIPTION',
        {
          list: [
            ['`-a`', 'All processes.'],
            ['`-t`', 'A line a thread, with its name, its state and what it sleeps on.'],
            [
              '`-k`',
              'A line a thread, with the functions on its stack in the kernel, the innermost first; `<running>` has none. -kk adds the offsets.',
            ],
            ['`-h`', 'No head.'],
          ],
        },
        'A bhyve(8) has the threads `mevent` and `vcpu` ~n~, one `vtnet-`~slot~:~function~` tx` for each network interface, one `netmap-evloop` for each netmap(4) back-end, and for each port that is passed through the kernel threads `nm-kthread-0` (receive) and `nm-kthread-1` (transmit).',
      ],
      ['EXIT STATUS', '0; 1 when there is no such process; 64 for options that are wrong or not built.'],
      ['EXAMPLES', { sh: ['procstat -t $(pgrep bhyve)', 'procstat -kk $(pgrep bhyve)'] }],
      [
        'IN THIS LAB',
        'Where a thread sleeps is what the kernel knows; the functions above follow from the place, and offsets are made up, since there is no machine code. The threads of bhyve that do nothing during passthrough are shown where they would sleep. CPU and priority are -.',
      ],
    ],
    see: ['ps(1)', 'top(1)', 'pgrep(1)', 'bhyve(8)'],
  },
  {
    name: 'pgrep',
    section: 1,
    about: 'processes by name',
    synopsis: ['`pgrep` [`-flnvx`] ~pattern~'],
    body: [
      [
        'DESCRIPTION',
        'Prints the numbers of the processes whose name matches a regular expression.',
        {
          list: [
            ['`-f`', 'Looks at all words of the command.'],
            ['`-l`', 'Prints the name too.'],
            ['`-n`', 'Only the newest.'],
            ['`-v`', 'Those that do not match.'],
            ['`-x`', 'The whole name must match.'],
          ],
        },
      ],
      ['EXIT STATUS', '0, 1 when there is none, 2 for a mistake.'],
    ],
    see: ['ps(1)', 'procstat(1)', 'kill(1)'],
  },
  {
    name: 'kenv',
    section: 1,
    about: "the environment of the guest's kernel",
    synopsis: ['`kenv` [`-Nqv`] [~name~]'],
    body: [
      [
        'DESCRIPTION',
        'Prints what the loader left for the kernel, all of it or one variable. In this lab bhyveload(8) sets it, with -e.',
        {
          table: [
            ['variable', 'what it does'],
            ['boot_verbose', 'set at all: a verbose boot, with the features of each virtio device'],
            ['boot_mute', 'set at all: the kernel says nothing on the console'],
            ['hw.virtio.pci.disable_msix', '1: virtio devices use MSI, one vector each'],
            ['hw.vtnet.*', 'tunables of vtnet(4), which are shown by sysctl(8) and do nothing here'],
          ],
        },
      ],
      ['EXIT STATUS', '0, or 1 when there is no such variable.'],
      ['EXAMPLES', { sh: ['bhyveload -m 2G -d mfsroot.img -e boot_verbose=1 netmapvm'] }],
    ],
    see: ['bhyveload(8)', 'sysctl(8)', 'dmesg(8)'],
  },
  {
    name: 'uname',
    section: 1,
    about: 'what system this is',
    synopsis: ['`uname` [`-aiKmnoprsUv`]'],
    body: [
      [
        'DESCRIPTION',
        'Prints the name of the operating system (`-s`), of the machine (`-n`), the release (`-r`), the version (`-v`), the platform (`-m`, `-p`), the kernel (`-i`), the numbers of kernel and user space (`-K`, `-U`); with `-a` the first five, in that order.',
      ],
      ['IN THIS LAB', 'The version is that of the tree of 2015 in which ptnetmap was made.'],
    ],
    see: ['sysctl(8)', 'dmesg(8)'],
  },
  {
    name: 'hostname',
    section: 1,
    about: "the machine's name",
    synopsis: ['`hostname` [`-fs`] [~name~]'],
    body: [['DESCRIPTION', 'Prints the name, with -s only to its first dot; or sets it. It is the variable kern.hostname of sysctl(8).']],
    see: ['sysctl(8)', 'uname(1)'],
  },
  {
    name: 'date',
    section: 1,
    about: 'the date and the time',
    synopsis: ['`date` [`-u`] [`-r` ~seconds~] [`+`~format~]'],
    body: [
      [
        'DESCRIPTION',
        'Prints the time, or the one that is `-r` ~seconds~ after 1970. In a format, %F is the date, %T the time, %s the seconds.',
      ],
      ['IN THIS LAB', "The lab's clock begins on 14 August 2015 at 09:00 UTC, and goes when the lab goes. It cannot be set."],
    ],
    see: ['uptime(1)', 'lab(1)'],
  },
  {
    name: 'uptime',
    section: 1,
    about: 'how long the machine has been up',
    synopsis: ['`uptime`'],
    body: [
      ['DESCRIPTION', 'Prints the time, how long the machine has been running, and how many terminals are used.'],
      ['IN THIS LAB', 'Load averages are not modelled: -.'],
    ],
    see: ['date(1)', 'top(1)'],
  },
  {
    name: 'mount',
    section: 8,
    about: 'file systems',
    synopsis: ['`mount`'],
    body: [
      ['DESCRIPTION', 'Prints what is mounted where.'],
      ['IN THIS LAB', "A guest's root is the image that was loaded with its kernel, the host's a disk; nothing else can be mounted."],
    ],
    see: ['df(1)', 'bhyveload(8)'],
  },
  {
    name: 'df',
    section: 1,
    about: 'room in the file systems',
    synopsis: ['`df` [`-h`]'],
    body: [
      ['DESCRIPTION', 'Prints size and use of each file system, in blocks of 1024 bytes, or with -h in units that are easy to read.'],
      ['IN THIS LAB', 'Sizes are modelled; what files of yours take is counted.'],
    ],
    see: ['mount(8)', 'ls(1)'],
  },
  {
    name: 'shutdown',
    section: 8,
    also: ['poweroff'],
    about: 'stop the machine at a given time',
    synopsis: ['`shutdown` [`-h` | `-p` | `-r` | `-k`] ~time~ [~message~ ...]', '`poweroff`'],
    body: [
      [
        'DESCRIPTION',
        'Tells everybody, ends the processes, and then does what reboot(8) does.',
        {
          list: [
            ['`-p`', 'Powers off. `poweroff` is `shutdown -p now`.'],
            ['`-r`', 'Restarts.'],
            ['`-h`', 'Halts.'],
            ['`-k`', 'Only tells everybody.'],
          ],
        },
        'A ~time~ is `now`, `+`~minutes~, or an hour and minutes as in 0930.',
      ],
      ['EXIT STATUS', '0, or 1 for a mistake.'],
      ['IN THIS LAB', 'Of guests only: the host cannot be stopped from inside (`lab reset` starts over). There is no single-user mode.'],
    ],
    see: ['reboot(8)', 'bhyve(8)', 'lab(1)'],
  },
  {
    name: 'reboot',
    section: 8,
    also: ['halt'],
    about: 'restart, halt or power off the machine',
    synopsis: ['`reboot` [`-pq`]', '`halt` [`-pq`]'],
    body: [
      [
        'DESCRIPTION',
        'Ends all processes, writes what is to be written, and asks the kernel to go down. With -q processes are not told first.',
        {
          table: [
            ['command', 'what the kernel does', 'status of bhyve'],
            ['reboot', 'a write to the reset port', '0'],
            ['halt -p, reboot -p', 'a write to the power management port of ACPI', '1'],
            ['halt', 'waits for a key at the console, then restarts', '0 after the key'],
            ['halt, with a muted console', 'HLT with interrupts off: the hypervisor suspends the machine', '2'],
          ],
        },
        'A kernel that has halted waits for a key as long as it has a console. Only one that was booted with boot_mute set (kenv(1)) has none, and stops its CPU. That the hypervisor notices needs -H of bhyve(8): otherwise HLT is no exit, and the machine stays as it is until bhyvectl(8) ends it.',
      ],
      ['EXIT STATUS', '1 for a mistake in the options; otherwise there is nobody to be told.'],
      ['IN THIS LAB', 'Of guests only.'],
    ],
    see: ['shutdown(8)', 'bhyve(8)', 'bhyvectl(8)', 'kenv(1)'],
  },
];
