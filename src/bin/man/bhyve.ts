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
            [
              '`-m` ~size~',
              'Memory, with K, M, G or T; 256M by default. A bare number below 1048576 is megabytes. The same as was given to bhyveload: more is `Unable to setup memory (-1)`, less changes nothing for the guest.',
            ],
            [
              '`-l` ~com1~|~com2~[,~conf~]',
              'What is behind a serial port of the LPC bridge: `com1,stdio` is this terminal, `com2,/dev/nmdm0A` one end of a null modem (cu(1) opens the other). Nothing after the name is a port without anything behind it. One of the two can have stdio. It is only remembered, and a later -l of the same port replaces it: without `-s` ~n~`,lpc` there is no console, and no message.',
            ],
            ['`-s` ~slot~,~emulation~[,~conf~]', 'A PCI function, below.'],
            ['`-p` ~vcpu~:~hostcpu~', 'Ties a CPU of the guest to one of the host; can be given again.'],
            ['`-W`', 'virtio devices have one MSI vector in place of MSI-X. Passthrough needs MSI-X.'],
            [
              '`-e`',
              'Aborts when the guest touches a port that nothing emulates, as in `Unhandled inb 0x03fd`. Without it such a port reads as ones.',
            ],
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
        'A slot is ~slot~, ~slot~:~function~ or ~bus~:~slot~:~function~, in decimal: buses to 255, slots to 31, functions to 7. The numbers are read by the C library (sscanf), and what follows them is not looked at: `2:x` is slot 2. Each can be used once. Devices are made by bus, slot and function, whatever the order of the options. A slot that has functions needs function 0: FreeBSD looks there first, and passes over a slot whose function 0 is missing.',
        {
          table: [
            ['emulation', 'configuration', 'what it is'],
            ['hostbridge', '', '1275:1275'],
            ['amd_hostbridge', '', '1022:7432'],
            ['lpc', '', '8086:7000, the bridge with the serial ports; bus 0, one only'],
            ['virtio-net', '~backend~[,mac=~address~]', '1af4:1000, a network interface'],
            ['ptnetmap-memdev', '', '3333:0001, see ptnetmap-memdev(4)'],
            ['virtio-blk', '~file~[,nocache][,direct][,ro]', '1af4:1001, a disk; the file must be there'],
            ['virtio-rnd', '', '1af4:1005, random numbers'],
            ['ahci-hd, ahci-cd, ahci', '~file~', '8086:2821, an AHCI controller with one disk'],
            ['uart', 'stdio or ~device~', '131f:2000, a serial port on PCI'],
            ['passthru', '~bus/slot/function~', "a device of the host that loader.conf's pptdevs reserved"],
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
              'A port of netmap(4), opened by bhyve. Each packet is copied between the virtqueue and a netmap buffer, and sent by an ioctl of its own. A NIC has to be promiscuous (`ifconfig ix0 promisc`) to receive what is for the guest.',
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
        'OPTIONS OF THE LAB',
        'bhyve of 2015 has no -o, and its usage does not name it.',
        {
          list: [
            ['`-o` ~name~=~value~', 'One of the settings below, for this machine. It can be given again.'],
            [
              '`lab.protocol=`~2015~|~2019~',
              "The revision of the passthrough protocol, for this machine's two kernels; 2015 by default. 2019 is a composite of fixes that came later, see ptnetmap(4). `sysctl dev.lab.vm` shows it.",
            ],
            [
              '`lab.doorbell=`~kwevents~|~condsignal~|~fd~',
              "What a register handler of vmm.ko does on a kick. kwevents is 2015's wakeup(). The other two were named as possible in the report of 2015 and never written: condsignal takes the worker's lock, counts and signals; fd adds 1 to a descriptor that the worker reads. They lose no kick. By default kwevents with 2015, condsignal with 2019.",
            ],
            [
              '`lab.txpoll=`~0~|~1~',
              'With 1 a thread of bhyve syncs the TX ring of each passed-through port every 100 microseconds: the second owner of a ring without which hazard H10 cannot be seen.',
            ],
          ],
        },
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
            ['134', 'It aborted: an assertion, an unhandled exit.'],
          ],
        },
        'SIGTERM is the power button of a guest that has enabled ACPI (-A): it shuts down, and the status is 1. Any other signal ends bhyve and the machine at once. A console on stdio is a raw terminal: Ctrl-C is a byte for the guest.',
      ],
      [
        'DIAGNOSTICS',
        {
          list: [
            ['`pci slot` ~s~:~f~ `already occupied!`', 'Two -s with the same function. Said before the virtual machine is looked for.'],
            ['`pci slot` ~s~:~f~: `unknown device "`~x~`"`', 'No such emulation; perhaps a typographic hyphen from a pasted text.'],
            ['`Invalid PCI slot info field "`~x~`"`', 'No comma, or a number that is too large.'],
            ['`vm_open: No such file or directory`', 'There is no virtual machine of that name: bhyveload(8).'],
            [
              '`Assertion failed: (error == 0), function fbsdrun_addcpu`',
              'The CPU is active already: another bhyve runs this machine, or one has, and it was not loaded again since.',
            ],
            ["`Unable to initialize backend '`~x~`' for LPC device COM1`", 'The terminal cannot be opened, or stdio is taken.'],
            ['`Could not open backing file: No such file or directory`', 'The image of a disk is missing.'],
            ['`ptnetmap_memdev: already attched`', 'Two ports of one allocator (the spelling is the original). One memdev is enough.'],
            ['`ptnetmap_memdev: membar allocation error -1`', 'The memory of a port does not fit: ptnetmap-memdev(4).'],
          ],
        },
      ],
      [
        'IN THIS LAB',
        'The guest has one CPU, whatever -c says, and scans bus 0 only. Disks are found and have their size, but nothing is read from them: the root lies in memory. The images of this host are /root/mfsroot.img and /vm/netmapvm.img. No device is reserved for passthru, so that ends bhyve, as there: without a word of its own. virtio-rnd, uart, ahci and dummy have their identity, capabilities and BARs; behind them is nothing, except of uart.',
        'Messages of bhyve go to standard error; those of back-ends and memdevs to standard output. The line numbers that assertions print are left out. In the background the console gets a terminal of its own.',
        'The options p, b, g, I, C, a, x, w and Y are read and change nothing that one could see: the guest is not made of instructions, and it boots without -A too. Without -H its CPU, when idle, takes the time of a host CPU and makes no exit. Of PAUSE it makes use in one place, the second that a restart waits in DELAY(9): with -P each is an exit to userspace. Nothing in this guest leads to status 2 or 3: `halt` of FreeBSD waits for a key with interrupts on, and there is no documented way to a triple fault.',
        '`lab explain mail` takes the command line apart that a mail of 2015 printed, and `lab explain step` ~n~ repairs it.',
      ],
      [
        'HISTORY',
        'In later FreeBSD most options are names of a configuration tree too: `-l com1,stdio` is lpc.com1.path=stdio, `-s 2:1,virtio-net,vale0:1` is pci.0.2.1.device and pci.0.2.1.backend, -H is x86.vmexit_on_hlt, -e is x86.strictio. Mistakes of -s end with status 4 there, an occupied slot is named with its bus, and an unknown device is found before an occupied slot. Nothing named pt… is in FreeBSD: passthrough of 2015 lived in this tree only.',
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
      [
        'DIAGNOSTICS',
        {
          list: [
            ['`vm_create: No such file or directory`', 'vmm.ko is not loaded.'],
            ['`vm_create: Invalid argument`', 'The name has more than 31 characters.'],
            ['`vm_reinit: Device busy`', 'A bhyve runs the machine.'],
            ['`vm_setup_memory: Cannot allocate memory`', 'The host has not that much.'],
            ["`Could not open '`~x~`'`, `Invalid memsize '`~x~`'`", 'Status 64.'],
            ["`can't load 'kernel'`", 'There is no kernel on that disk, or no disk was given.'],
          ],
        },
      ],
      ['EXIT STATUS', '0, 1 after a mistake, 64 for a bad -m, -d or -c.'],
      ['EXAMPLES', { sh: ['bhyveload -m 2G -d mfsroot.img netmapvm'] }],
      [
        'IN THIS LAB',
        'The images are /root/mfsroot.img and /vm/netmapvm.img, and both hold the same kernel; `-h /` takes the kernel of the host. A guest has 128M to 3G. -c is read and changes nothing; the lines of the loader are printed at once, without its menu, and its OK prompt is left as with quit.',
      ],
    ],
    see: ['bhyve(8)', 'bhyvectl(8)', 'kenv(1)'],
  },
  {
    name: 'bhyvectl',
    section: 8,
    about: 'look at virtual machines, and destroy them',
    synopsis: ['`bhyvectl` `--vm=`~vmname~ [`--cpu=`~n~] [`--create`] [`--get-…`] [`--force-reset`|`--force-poweroff`] [`--destroy`]'],
    body: [
      [
        'DESCRIPTION',
        {
          list: [
            ['`--vm=`~vmname~', 'The virtual machine.'],
            ['`--cpu=`~n~', 'The CPU, 0 by default.'],
            ['`--create`', 'Makes it, without memory. A bhyve on it finds nothing to execute.'],
            ['`--get-stats`', 'Counters of its exits.'],
            ['`--get-lowmem`, `--get-highmem`', 'Its memory below and above 4 GB.'],
            ['`--getcap` [`--capname=`~name~]', 'Whether HLT and PAUSE exit, and so on.'],
            ['`--get-active-cpus`, `--get-suspended-cpus`', 'Its CPUs.'],
            ['`--get-all`', 'All of these.'],
            ['`--force-reset`, `--force-poweroff`', 'Ends it: bhyve(8) ends with 0, or with 1.'],
            ['`--destroy`', 'Ends it and gives its memory back. A bhyve that runs it says `vm_run error -1, errno 6`.'],
          ],
        },
        'A name may be cut short where only one option begins so. The actions are done in a fixed order, --destroy last. The same as --create and --destroy is written to the variables hw.vmm.create and hw.vmm.destroy; a machine is a node in /dev/vmm.',
        'Worth looking at during a run over ptnetmap(4): the `number of times in/out was intercepted` grows with the kicks, the `number of vm exits handled in userspace` does not. With a back-end that is not passed through, both grow.',
      ],
      ['EXIT STATUS', '0; 1: the usage, or a virtual machine that is not there; 255 after `errno = `~n~.'],
      [
        'IN THIS LAB',
        'All counters are shown, in the order of the original. Those of all exits, external interrupts, HLT, PAUSE, in/out, nested page faults, emulated instructions, exits handled in userspace and idle ticks (of 1 ms, counted when a sleep ends) are kept; the others stay 0. --destroy waits until the bhyve of a running machine has gone. Registers, descriptors and fields of the VMCS are known by name and not modelled: they are refused with a line of the lab.',
      ],
    ],
    see: ['bhyve(8)', 'bhyveload(8)', 'ptnetmap(4)'],
  },
  {
    name: 'cu',
    section: 1,
    about: 'a terminal at a serial line',
    synopsis: ['`cu` `-l` ~line~'],
    body: [
      [
        'DESCRIPTION',
        'Connects this terminal to a serial line: what is typed goes there, what comes from there is shown. A tilde and a dot at the beginning of a line end it.',
        'The lines of this host are null modems: after `kldload nmdm`, /dev/nmdm0A and /dev/nmdm0B are the ends of one, and there are as many as are opened. A virtual machine has one end by `-l com1,/dev/nmdm0A`:',
        { sh: ['kldload nmdm', 'bhyve -s 0,hostbridge -s 1,lpc -l com1,/dev/nmdm0A -A -H -P -m 2G netmapvm &', 'cu -l /dev/nmdm0B'] },
      ],
      ['EXIT STATUS', '0, 1 after a mistake, 3 when the line cannot be opened (`link down`).'],
      [
        'IN THIS LAB',
        "Speeds and the other escapes of FreeBSD's tip are not there. What is written while nobody reads waits, up to 64 kB.",
      ],
    ],
    see: ['bhyve(8)', 'kldload(8)'],
  },
];
