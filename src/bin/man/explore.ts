// explore(1): every schedule from a moment; litmus(1): every end of a litmus test. The numbers are those of src/lab/explore/explore_words.ts.

import type { Page } from './page.ts';

export const EXPLORE_PAGES: readonly Page[] = [
  {
    name: 'explore',
    section: 1,
    about: 'try every schedule from this moment: does one break a promise?',
    synopsis: [
      '`explore` [`--model` ~sc~|~tso~|~pso~] [`--buffer` ~n~] [`--limit` ~n~] [`--seconds` ~n~] [`--memory` ~mib~] [`--promise` ~expression~] [`--acts` ~exits~|~all~] [`--no-reduce`] [`--whole`] [`--story`]',
      '`explore` {`--random` ~n~ | `--pct` ~d~} [`--seed` ~s~] [`--moves` ~n~] [`--no-shrink`] ...',
      '`explore` `--take` [~n~]',
    ],
    body: [
      [
        'DESCRIPTION',
        'A schedule says who makes the next access to shared memory: a thread of the host, a CPU of a guest, hardware, or a store that leaves a store buffer. `explore` takes this machine as it is when the command is answered (park first, to choose the moment), and tries all schedules from there, the shortest first, on a machine of its own. This machine goes on meanwhile, and nothing of it is changed. `lab explore` is the same.',
        'Time stands still in the search: time-outs never come, so that a sleep ends by a wakeup only. What needs a program to run or a kernel to answer ends its thread there.',
        {
          list: [
            [
              '`--model` ~sc~|~tso~|~pso~',
              'The memory model. sc: every store is seen at once. tso: stores of a CPU wait in its buffer, in order, as on x86. pso: those to different words leave it in any order. Without the option: as dev.lab.tso and dev.lab.pso of the machine say.',
            ],
            ['`--buffer` ~n~', 'Stores that may wait in a buffer, 1 to 8; 2 where the machine has none.'],
            ['`--limit` ~n~', 'States at most, 1000000 without the option.'],
            ['`--seconds` ~n~', 'Time at most. What is found within a time depends on the computer.'],
            ['`--memory` ~mib~', "Memory for the search's tables at most, 512 without the option."],
            [
              '`--promise` ~expression~',
              'One more promise, in the language of `lab break`: it must be true in every state, the first included. Quote it. Can be given again.',
            ],
            [
              '`--acts` ~exits~|~all~',
              'Actions of the control plane are moves too: exits that bhyve handles, or all requests of threads and processes of the host. Then every access is a choice. Without it a thread that asks for one has come to the end of its part.',
            ],
            ['`--no-reduce`', 'Every access is a choice, also those that no other thread can notice: more states, the same verdict.'],
            ['`--whole`', 'Goes on after a finding, and counts.'],
            ['`--story`', 'What is found is told access by access; those that carry it have a star, the others are folded.'],
            [
              '`--random` ~n~',
              'Not all schedules but ~n~, 1000 where only --pct is given: each next access is drawn by lot, each as likely.',
            ],
            [
              '`--pct` ~d~',
              'By priorities drawn by lot, with ~d~ - 1 changes of them (PCT, Burckhardt et al., 2010): finds what takes ~d~ constraints on who is before whom far sooner than even lots do. A store buffer has a priority of its own.',
            ],
            ['`--seed` ~s~', 'The lots, 1 without the option: the same seed draws the same schedules.'],
            ['`--moves` ~n~', 'Accesses and drains of one drawn schedule at most, 20000 without the option.'],
            [
              '`--no-shrink`',
              'What is found is left as it is. Else it is made simpler: fewer changes of thread, then fewer accesses; each attempt is made on the machine, and kept if it breaks the same promise and is not longer.',
            ],
            ['`--take` [~n~]', 'As `lab counterexample` ~n~.'],
          ],
        },
        'Ctrl-C ends it; what was found until then is said. `lab counterexample` goes to the moment from which was explored and makes the moves that were found, or the first ~n~ of them, as choices of yours: lab(1) goes back over them step by step, links and files keep them.',
      ],
      [
        'PROMISES',
        {
          list: [
            ['no deadlock', 'Never does work wait while everybody sleeps or waits for a lock.'],
            [
              'no lost wakeup',
              'Nobody sleeps for whom there is work: each sleeper is woken for no reason, and if that leads on, a wakeup was lost.',
            ],
            ['ring indices in order', 'A ring at rest has hwcur, head, cur and hwtail in this order around it.'],
            ['buffers conserved', 'Every buffer stays in exactly one slot.'],
            ['packets whole, once each, in order', 'What pkt-gen -f rxseq counts.'],
            ['CSB written by its owners', 'ptnetmap(4).'],
            ['slots touched by their owners', 'Between head and tail a program, elsewhere a kernel.'],
            ['no prologue fails', "A well-behaved peer's indices always pass."],
          ],
        },
      ],
      [
        'EXIT STATUS',
        {
          list: [
            ['0', 'Every schedule was tried, and no promise is broken.'],
            ['1', 'A schedule breaks a promise.'],
            ['2', 'No promise is broken, and not every schedule was tried. After --random and --pct it is always one of these two.'],
            ['64', 'The words are no question; nothing was tried.'],
          ],
        },
      ],
      [
        'EXAMPLES',
        {
          sh: [
            'lab break at PG_TX_TAIL',
            'explore --story',
            'explore --model tso --buffer 2',
            'explore --pct 3 --random 5000 --seed 7',
            "explore --promise 'csb.tx_ring.head < 4'",
          ],
        },
      ],
      [
        'IN THIS LAB',
        'That nothing is found by lot says nothing of schedules that were not drawn. Under tso and pso a buffer holds at most 8 stores, which is less than a CPU has.',
      ],
    ],
    see: ['lab(1)', 'litmus(1)', 'lab(5)', 'ptnetmap(4)'],
  },
  {
    name: 'litmus',
    section: 1,
    about: 'what a few instructions of several threads may come to under each memory model',
    synopsis: ['`litmus`', '`litmus` {~test~ | ~file~} ...'],
    body: [
      [
        'DESCRIPTION',
        'A litmus test is two to four threads of a few loads, stores and barriers, and a condition on what registers and memory hold at the end. `litmus` tries every schedule of the threads and of their store buffers on a machine of its own, under sc, tso and pso, and says whether the condition can come true. `lab litmus` is the same.',
        'Without a name all tests of labs/litmus are run, a row each; a verdict that is not the published one says so. Of those that are named, by a test or by a file of this machine, every end is listed, and those that the condition asks for have a star.',
        "A file is in herd's format for x86: MOV, XCHG, MFENCE, SFENCE and LFENCE on words and registers, no branches. Lines SC=, TSO= and PSO= say what is published (Allowed or Forbidden).",
      ],
      [
        'EXIT STATUS',
        {
          list: [
            ['0', 'Every verdict is the published one, as far as one is.'],
            ['1', 'One is not.'],
            ['2', 'Usage, or a file that is none.'],
          ],
        },
      ],
      ['EXAMPLES', { sh: ['litmus', 'litmus SB SB+mfences', 'litmus MP | grep under'] }],
      [
        'IN THIS LAB',
        'The accesses are those that the data plane makes. No load is reordered, so LB and IRIW show nothing: as on x86, and unlike on ARM or POWER. A buffer holds 8 stores.',
      ],
    ],
    see: ['explore(1)', 'lab(1)', 'ptnetmap(4)'],
  },
];
