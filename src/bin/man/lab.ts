// lab(1), the lab's own commands; lab(5), the files of ringside run; the switches under dev.lab and hw.lab.

import type { Page } from './page.ts';

export const LAB_PAGES: readonly Page[] = [
  {
    name: 'lab',
    section: 1,
    about: 'stop, step, go back in and ask about this machine',
    synopsis: ['`lab` ~command~ [~argument~ ...]'],
    body: [
      [
        'DESCRIPTION',
        'Everything that happens is an access of a thread to shared memory, or an action of a kernel or a program between two accesses. Each counts as one ~step~, and the number of a step names a moment exactly. `lab` asks the lab, which stands outside of the machine; it works in the terminals of both machines and in files (lab(5)).',
        'Two engines run the machine. The `step` engine lets one thread go at a time, in modelled time, and records everything from its first step. The `free` engine runs every kernel thread, CPU and program in parallel; it is not recorded, and the recording begins anew where it was parked. While it runs, only park, run, help, where, speed, break, breaks, unbreak and name work.',
      ],
      [
        'COMMANDS',
        { sub: 'Running' },
        {
          list: [
            ['`park`', 'Stops between two accesses, and says what each thread is about to do.'],
            ['`run` [`step`|`free`]', 'Goes on.'],
            [
              '`step` [~n~] [~thread~]',
              'Goes on by ~n~ steps: as the policy picks, or of one thread, given by its number or the beginning of its name.',
            ],
            [
              '`next` ~event~',
              'Goes to the next kick, suppressed (kick), interrupt, exit, sleep, wake, wrap, prologue (failure), drop, sync or packet.',
            ],
            ['`speed` ~n~|`full`', 'Steps a second while the step engine runs, as in 0.2.'],
            [
              '`policy` `student`|`rr`|`random`|`lvt` [~seed~]',
              'Who goes next when nobody chooses: nobody, round robin, at random, or the thread with the least virtual time.',
            ],
            ['`where`', 'Step, clock, and every thread with its state and next access.'],
          ],
        },
        { sub: 'The past' },
        {
          list: [
            ['`back` [~n~]', 'Takes ~n~ steps back.'],
            ['`goto` ~step~', 'Goes to a step, back or ahead.'],
            ['`undo`, `redo`', 'Before the last choice, edit or command; over it again.'],
            ['`wrote` ~field~|~address~', 'Who wrote a word last, and who before that.'],
            ['`written` ~terminal~ ~text~', 'The step at which a text came to stand in a terminal.'],
            ['`life` ~buffer~ [~ring~]', 'Every slot, ring and owner that a buffer passed through.'],
            [
              '`fork` [~name~]',
              'Begins a history of its own here; the present one is kept as a branch. Doing something else after going back does so too.',
            ],
            ['`branches` [~branch~]', 'Histories that were left; with a name or number, changes over to it.'],
            ['`name` ~branch~ ~name~', 'Names a history.'],
            ['`compare` ~branch~ [~n~]', 'Where a branch parts from the present history, and what differs ~n~ steps later.'],
          ],
        },
        { sub: 'Looking and changing' },
        {
          list: [
            [
              '`break` ~condition~ [`x`~n~]',
              'Stops when the condition becomes true, at the ~n~th time. `break at` ~file:line~, a function or a point stops after an access there.',
            ],
            ['`breaks`, `unbreak` ~n~', 'The stop points, and how often each was met; takes one away.'],
            [
              '`alone` ~thread~ [~place~]',
              'Only this thread goes, until it stands before a place (as `break at` takes it) or can go no further. Schedules are written with it: labs/hazard-*.lab.',
            ],
            ['`act`', 'The control plane makes the action that is due: what a thread asked for, or a process of the host that is ready.'],
            ['`stuck`', 'Who sleeps although there is work for him.'],
            ['`explore` [~option~ ...]', 'Tries every schedule from this moment, or many by lot: explore(1).'],
            ['`litmus` [~test~ ...]', 'What small programs may come to under each memory model: litmus(1).'],
            [
              '`counterexample` [~n~]',
              'Goes to the moment from which was explored, and makes the moves that were found, or the first ~n~, each an entry of the recording.',
            ],
            [
              '`edit` ~field~ ~value~',
              "Changes a word of memory, by a field's name or an address (then with 2 or 4, its bytes). It is a step of the recording.",
            ],
            [
              '`explain` [`mail` | ~row~ | `step` ~n~]',
              'The bhyve command line that a mail of 2015 printed: what is wrong with it, and its repair step by step. See bhyve(8).',
            ],
            [
              '`capture` [`start` ~port~ ... | `stop` | `save` ~file~ | `clear`]',
              'Copies what passes the rings of ports, each packet with its ring, slot and buffer, without an access or lab time; saves it as pcapng. -B is its room in KiB, -s the bytes of a packet. Without a word: how much there is.',
            ],
            [
              '`drain` ~thread~ [~n~]',
              "Lets a thread's oldest pending store reach memory (dev.lab.tso); with dev.lab.pso its ~n~th, 1 is the oldest, if no older one is to the same word.",
            ],
            [
              '`note` ~text~',
              'Writes down a note at this step: plain text that goes with the recording into files and links. A second one takes its place.',
            ],
            ['`notes`', 'Lists those of this history.'],
            ['`unnote` ~step~', 'Takes one away.'],
            [
              '`limit` [~MiB~]',
              'The most memory that checkpoints may take, 16 to 1024; 64 at first. Beyond it the oldest are further apart, and going back there takes longer.',
            ],
            ['`share`', 'The part of a link after # that leads to this moment.'],
            ['`reset` [`undo`]', 'Starts over; takes that back.'],
            ['`help`', 'The list of commands, with their arguments.'],
          ],
        },
      ],
      [
        'FIELDS',
        "Conditions compare named fields: `csb.`~name~ for the words of ptnetmap(4)'s shared page, as in csb.tx_ring.head; `tx.` and `rx.` for a ring (head, cur, tail) and the kring beside it (hwcur, hwtail, rhead, rcur, rtail, nr_busy); `tx[1].` for its second ring, the host's ring after the hardware's; `gkr.tx.` and `gkr.rx.` for the guest's krings; `tx.slot[`~i~`].buf_idx` and so on for a slot; `thread[`~i~`].status`, `clock` and `step`. Quote a condition in which the shell would see && or > as its own.",
      ],
      [
        'EXAMPLES',
        {
          sh: [
            'lab next suppressed',
            "lab break 'csb.host_need_txkick == 1 && tx.head != tx.hwcur'",
            'lab step 1 nm-kthread-1',
            'lab wrote csb.tx_ring.head',
            'lab edit csb.host_need_txkick 1',
          ],
        },
      ],
      [
        'SWITCHES',
        "Variables of the host's sysctl(8) that are the lab's own, to remove and add what keeps a wake-up from being lost:",
        {
          table: [
            ['variable', 'default', 'meaning'],
            [
              'dev.lab.sleep_bound',
              '0',
              "the bound of the kernel threads' sleep: 0 an absolute time that is past (2015, modelled as 1 ms), 1 one second (2016), 2 none",
            ],
            ['dev.lab.double_check', '1', "0 removes the host's second look after it asked for a kick"],
            ['dev.lab.barrier', '0', '1 adds the store-load barriers of 2019'],
            [
              'dev.lab.doorbell',
              '0',
              "1: the guest's kick takes the worker's lock and counts; 0: it is a bare wakeup, as in 2015, and can be lost",
            ],
            [
              'dev.lab.hazard.H1',
              '-1',
              'ptnetmap(4), HAZARDS: the host looks once only. 1 it is there, 0 it is not, -1 as the revision has it',
            ],
            ['dev.lab.hazard.H2', '-1', 'no store-load barrier'],
            ['dev.lab.hazard.H3', '-1', 'the guest looks once only'],
            ['dev.lab.hazard.H4', '-1', 'a kick is a bare wakeup'],
            ['dev.lab.hazard.H6', '-1', 'the indices of the guest are trusted'],
            ['dev.lab.hazard.H7', '-1', 'at most half a ring at a time'],
            ['dev.lab.hazard.H10', '-1', 'TX releases a ring that it found busy'],
            ['dev.lab.hazard.H5', '-1', 'indices the other way round'],
            ['dev.lab.hazard.H8', '-1', 'no kick when a ring looks empty'],
            ['dev.lab.hazard.H9', '-1', 'a slow back-end is not asked for its completions'],
            ['dev.lab.hazard.H12', '-1', 'cur decides whether a ring is full'],
            ['dev.lab.hazard.H13', '-1', 'a late notify does not ask whether its port is stopped'],
            ['dev.lab.hazard.H17', '-1', 'a moved vector is not noticed'],
            ['dev.lab.hazard.H19', '-1', 'a poll that finds something at once gives nothing back'],
            ['dev.lab.hazard.H20', '-1', 'a port leaves a switch while a sender is inside'],
            ['dev.lab.seen.H13', '', 'how often a late notify touched what was freed'],
            ['dev.lab.seen.H20', '', 'how often a sender had a port that has left'],
            ['dev.lab.vmx.halt_exit', '1', 'the CPU can make HLT of a guest an exit (hw.vmm.vmx.cap); bhyve -H needs it'],
            ['dev.lab.vmx.pause_exit', '1', 'the same of PAUSE; bhyve -P needs it'],
            ['dev.lab.regif_steps', '0', '1: PT_HOST_CREATE goes on one action at a time, with everybody running in between'],
            ['dev.lab.vm.~name~.protocol', '', "the revision of a machine's passthrough protocol; read only"],
            ['dev.lab.tso', '0', "stores that may wait in a CPU's store buffer, 0 to 8; on the step engine only"],
            [
              'dev.lab.pso',
              '0',
              "1: they reach memory in any order, those to one word in theirs (SPARC's partial store order); 0: the oldest first (x86)",
            ],
            ['hw.lab.bridge_ringsize', '1024', 'slots of a ring; set at the start only'],
            ['hw.lab.frames_used', '', 'pages of the machine in use; read only'],
          ],
        },
      ],
      [
        'MEMORY MODELS',
        "With dev.lab.tso a store waits in its CPU's buffer, and a load sees the newest pending store of its own CPU to the word, else memory. A fence, a locked instruction and a sleep drain the buffer; a store that finds it full drains the oldest. The oldest drains first, as on x86. With dev.lab.pso any store may drain that no older one to its word, and no store barrier, is before: SPARC's partial store order. Loads are never reordered. npx ringside litmus --all runs the published tests of these models.",
      ],
      ['EXIT STATUS', '0, or 1 if the command was refused; nothing was changed then. Of explore and counterexample: explore(1).'],
    ],
    see: ['explore(1)', 'lab(5)', 'intro(1)', 'ptnetmap(4)', 'sysctl(8)'],
  },
  {
    name: 'lab',
    section: 5,
    also: ['ringside.lab'],
    about: 'files of ringside run: a lab as a text',
    body: [
      [
        'DESCRIPTION',
        'The runner types the lines of a file into a machine without a screen, and prints what each command answered and the counters at the end:',
        { sh: ['npx ringside run FILE [--engine step|free] [--seed N] [--slots N] [--json]'] },
        {
          list: [
            ['`--engine`', 'step (the default): the same file, seed and slots give the same bytes. free: parallel, in real time.'],
            ['`--seed`', '0 to 4294967295, default 1: breaks ties between threads.'],
            ['`--slots`', 'Slots of a ring, 2 to 1024, the default.'],
            ['`--json`', 'One line of JSON instead of text.'],
          ],
        },
        'Each line is one of these:',
        {
          list: [
            [
              '`host#` ~command~',
              "Types it at a shell of the host and waits for its end; with & at its end it does not wait. A bhyve in the foreground counts as done when the guest's shell is at its prompt.",
            ],
            [
              '~vmname~`#` ~command~',
              'The same at the shell of the running virtual machine of that name. It waits 5 seconds of lab time for the prompt.',
            ],
            ['`sleep` ~seconds~', 'Lab time goes by, at most 1000000 seconds.'],
            [
              '`wait`',
              'Until every command in the background has ended that can end by itself: not a virtual machine, not a receiver without -W, not a sender without -n.',
            ],
            [
              '`lab` ~command~',
              'A command of lab(1). A file with such a line is recorded on the step engine; on the free engine only park and run work while it runs.',
            ],
            ['`#` ..., an empty line', 'Nothing.'],
          ],
        },
        'A run is given up when a line waits and nothing can happen any more, or when for 20 seconds of lab time no packet moved and no process came or went.',
      ],
      [
        'EXIT STATUS',
        {
          list: [
            ['0', 'Every command ended with status 0, or still runs.'],
            ['1', 'A command ended with another status (as bhyve does after a power-off), or the run was given up.'],
            ['2', 'Usage, a file that cannot be read, or a line that is none of the above; nothing was run.'],
          ],
        },
      ],
      [
        'EXAMPLES',
        {
          out: [
            '# a sender and a receiver on one switch',
            'host# pkt-gen -i vale1:2 -f rxseq -W &',
            'host# pkt-gen -i vale1:1 -f txseq -n 1000',
            'wait',
          ],
        },
      ],
    ],
    see: ['lab(1)', 'sh(1)', 'pkt-gen(8)'],
  },
];
