// bhyve(8), bhyveload(8), bhyvectl(8): the hypervisor of the GSoC tree of August 2015.

import type { Page } from './page.ts';

export const BHYVE_PAGES: readonly Page[] = [
  {
    name: 'bhyve',
    section: 8,
    about: 'run a virtual machine',
    synopsis: [
      '`bhyve` [`-abehwxACHIPWY`] [`-c` ~vcpus~] [`-g` ~gdbport~] [`-l` ~lpcdev~[,~conf~]] [`-m` ~size~] [`-p` ~vcpu~:~hostcpu~] [`-s` ~slot~,~emulation~[,~conf~]] [`-U` ~uuid~] ~vmname~',
    ],
    body: [
      [
        'DESCRIPTION',
        'Runs the machine that bhyveload(8) created and loaded under that name, until it resets, is powered off, halts, or crashes. One word must be left after the options: the name.',
        {
          list: [
            ['`-A`', 'Makes ACPI tables; FreeBSD on amd64 needs them.'],
            [
              '`-H`',
              'HLT of the guest is an exit, so that an idle CPU sleeps on the host. Without it, an idle guest keeps a CPU of the host busy.',
            ],
            ['`-P`', 'PAUSE of the guest is an exit.'],
            ['`-c` ~vcpus~', 'CPUs, 1 by default, at most 16.'],
            ['`-m` ~size~', 'Memory, with K, M, G or T; 256M by default. The same as was given to bhyveload.'],
            [
              '`-l` ~com1~|~com2~[,~conf~]',
              'A serial port of the LPC bridge; `com1,stdio` is this terminal. It is only remembered: without `-s` ~n~`,lpc` there is no console, and no message.',
            ],
            ['`-s` ~slot~,~emulation~[,~conf~]', 'A PCI function, below.'],
            ['`-p` ~vcpu~:~hostcpu~', 'Ties a CPU of the guest to one of the host.'],
            ['`-W`', 'virtio devices have one MSI vector in place of MSI-X. Passthrough needs MSI-X.'],
            ['`-e`', 'Ends when the guest touches a port that nothing emulates.'],
            ['`-w`', 'Ignores unknown model-specific registers.'],
            ['`-x`, `-a`', 'The local APIC in x2APIC mode; in xAPIC mode, the default.'],
            ['`-Y`', 'No MP table.'],
            ['`-b`, `-g` ~port~', "bhyve's own console device; a port for gdb."],
            ['`-C`', "The guest's memory is part of a core file."],
            ['`-I`', 'Accepted; there is always an I/O APIC.'],
            ['`-U` ~uuid~', 'The UUID in the SMBIOS tables.'],
            ['`-h`', 'The usage.'],
          ],
        },
      ],
      [
        'PCI FUNCTIONS',
        'A slot is ~slot~, ~slot~:~function~ or ~bus~:~slot~:~function~, in decimal: buses to 255, slots to 31, functions to 7. Each can be used once. A slot that has functions needs function 0: FreeBSD looks there first, and passes over a slot whose function 0 is missing.',
        {
          table: [
            ['emulation', 'configuration', 'what it is'],
            ['hostbridge', '', '1275:1275'],
            ['amd_hostbridge', '', '1022:7432'],
            ['lpc', '', '8086:7000, the bridge with the serial ports; bus 0, one only'],
            ['virtio-net', '~backend~[,mac=~address~]', '1af4:1000, a network interface'],
            ['ptnetmap-memdev', '', '3333:0001, see ptnetmap-memdev(4)'],
            ['virtio-blk', '~file~', 'a disk'],
            ['virtio-rnd', '', 'random numbers'],
            ['ahci-hd, ahci-cd', '~file~', 'disks of an AHCI controller'],
            ['uart', '~device~', 'a serial port on PCI'],
            ['passthru', '~bus/slot/function~', 'a device of the host'],
            ['dummy', '', '10dd:0001, for tests'],
          ],
        },
        'The address of an interface without mac= is 00:a0:98 and the first three bytes of the MD5 of ~slot~-~function~-~vmname~.',
      ],
      [
        'NETWORK BACK-ENDS',
        {
          list: [
            ['`tap`~N~', 'An interface of tap(4). Packets are copied, a system call each.'],
            [
              '`vale`~X~:~Y~, `netmap:`~interface~',
              'A port of netmap(4), opened by bhyve. Each packet is copied between the virtqueue and a netmap buffer.',
            ],
            [
              '`ptvale`~X~:~Y~, `ptnetmap:`~interface~',
              'Passthrough: the port is opened with NR_PTNETMAP_HOST, and a memdev brings its memory into the guest.',
            ],
          ],
        },
        'A pipe is written after the name, as in `ptvale2{1`; quote it for the shell. If a back-end cannot be opened, bhyve says `net backend initialization failed` and goes on: the interface has no link.',
      ],
      [
        'PASSTHROUGH',
        'A passed-through port needs two functions: virtio-net with a pt back-end, and one ptnetmap-memdev for each allocator among such ports.',
        {
          sh: [
            'bhyve -s 0,hostbridge -s 1,lpc -s 2:0,virtio-net,vale0:1 -s 2:1,ptnetmap-memdev -s 2:2,virtio-net,ptvale1:1 -s 3,ptnetmap-memdev -s 4,virtio-net,ptnetmap:ix0 -l com1,stdio -A -H -P -m 2G netmapvm',
          ],
        },
        {
          table: [
            ['ports', 'memdevs'],
            ['ptnetmap:ix0 and ptnetmap:ix1', '1: interfaces share the global allocator'],
            ['ptvale1:1 and ptvale1:2', '2: every VALE port has its own'],
            ['ptvale2{1 and ptvale2}1', "1: a pipe has its parent's"],
            ['ptnetmap:ix0 and ptvale1:1', '2'],
            ['vale0:1', '0: it is not passed through'],
          ],
        },
        'While bhyve has a port, nobody else can open it: `Device busy`. With -W, or without ring memory that fits below 4 GB, passthrough does not work: see ptnetmap-memdev(4). A network interface must have one ring pair (hw.ix.num_queues=1): the guest uses the first only. For the example above, dev.netmap.buf_num is set to 32768 on the host before the interface is first used.',
      ],
      [
        'EXIT STATUS',
        {
          list: [
            ['0', 'The guest asked for a reset: load and run it again.'],
            ['1', 'It was powered off. Also: a mistake in the options or a device that failed.'],
            ['2', 'It halted.'],
            ['3', 'A triple fault.'],
            ['64', 'A bad argument of -m, -p or -l.'],
          ],
        },
      ],
      [
        'DIAGNOSTICS',
        {
          list: [
            ['`pci slot` ~s~:~f~ `already occupied!`', 'Two -s with the same function. Said before the virtual machine is looked for.'],
            ['`pci slot` ~s~:~f~: `unknown device "`~x~`"`', 'No such emulation; perhaps a typographic hyphen from a pasted text.'],
            ['`Invalid PCI slot info field "`~x~`"`', 'No comma, or a number that is too large.'],
            ['`vm_open: No such file or directory`', 'There is no virtual machine of that name: bhyveload(8).'],
            ['`ptnetmap_memdev: membar allocation error -1`', 'The memory of a port does not fit: ptnetmap-memdev(4).'],
          ],
        },
      ],
      [
        'IN THIS LAB',
        'The guest has one CPU, whatever -c says. Of the emulations, hostbridge, amd_hostbridge, lpc, virtio-net, ptnetmap-memdev and dummy are made; the others are known by name, and a line with lab: says that they are not built. A back-end that is not built says so too, and leaves the interface without a link. In the background the console gets a terminal of its own.',
        'The options A, H, P, p, b, g, I, U, C, a, x, w and Y are read and change nothing: the guest is not made of instructions. Its CPU sleeps in HLT when there is nothing to do, with -H and without.',
      ],
    ],
    see: ['bhyveload(8)', 'bhyvectl(8)', 'ptnetmap(4)', 'ptnetmap-memdev(4)', 'vale(4)', 'tap(4)', 'vtnet(4)'],
  },
  {
    name: 'bhyveload',
    section: 8,
    about: 'create a virtual machine and load a kernel into it',
    synopsis: ['`bhyveload` [`-c` ~device~] [`-d` ~disk~] [`-e` ~name~=~value~] [`-h` ~path~] [`-m` ~size~] ~vmname~'],
    body: [
      [
        'DESCRIPTION',
        'Creates the virtual machine, if there is none of that name, and loads a FreeBSD kernel into its memory. bhyve(8) then runs it. After a reset it must be loaded again.',
        {
          list: [
            ['`-d` ~disk~', "The guest's disk image."],
            ['`-m` ~size~', 'Memory, with K, M, G or T; 256M by default.'],
            ['`-c` ~device~', "The loader's console, as in stdio."],
            ['`-e` ~name~=~value~', "A variable for the kernel's environment, see kenv(1): boot_verbose=1 makes it tell more."],
            ['`-h` ~path~', 'A directory of the host that is the root of the loader.'],
          ],
        },
      ],
      ['EXIT STATUS', '0, 1 after a mistake, 64 for a bad -m.'],
      ['EXAMPLES', { sh: ['bhyveload -m 2G -d mfsroot.img netmapvm'] }],
      [
        'IN THIS LAB',
        'There is one image, mfsroot.img, and -d must name it. A guest has 128M to 3G. -c and -h are accepted and change nothing; the lines of the loader are printed at once, without its menu.',
      ],
    ],
    see: ['bhyve(8)', 'bhyvectl(8)', 'kenv(1)'],
  },
  {
    name: 'bhyvectl',
    section: 8,
    about: 'look at virtual machines, and destroy them',
    synopsis: ['`bhyvectl` `--vm=`~vmname~ [`--cpu=`~n~] [`--get-stats`] [`--destroy`]'],
    body: [
      [
        'DESCRIPTION',
        {
          list: [
            ['`--vm=`~vmname~', 'The virtual machine.'],
            ['`--cpu=`~n~', 'The CPU, 0 by default.'],
            ['`--get-stats`', 'Counters of its exits.'],
            ['`--destroy`', 'Ends it and gives its memory back.'],
          ],
        },
        'Worth looking at during a run over ptnetmap(4): the `number of times in/out was intercepted` grows with the kicks, the `number of vm exits handled in userspace` does not. With a back-end that is not passed through, both grow.',
      ],
      ['EXIT STATUS', '0, or 1: the usage, or a virtual machine that is not there.'],
      [
        'IN THIS LAB',
        'Of the counters, those that the lab counts are shown: all exits, external interrupts, HLT, in/out, nested page faults, emulated instructions, and those handled in userspace. --destroy of a running machine ends its bhyve first.',
      ],
    ],
    see: ['bhyve(8)', 'bhyveload(8)', 'ptnetmap(4)'],
  },
];
