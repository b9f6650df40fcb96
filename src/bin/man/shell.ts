// sh(1) with its built-in commands, kill(1), sleep(1), ls(1), cat(1).

import type { Page } from './page.ts';

export const SHELL_PAGES: readonly Page[] = [
  {
    name: 'sh',
    section: 1,
    also: [
      ...': . [ alias bg bind break builtin cd clear command continue echo eval exec exit export false fc fg getopts hash'.split(' '),
      ...'history jobs local printf pwd read readonly return set setvar shift test times trap true type ulimit umask'.split(' '),
      ...'unalias unset wait'.split(' '),
    ],
    about: 'the shell: what a line at the prompt means',
    synopsis: ['`sh` [`-c` ~commands~]'],
    body: [
      [
        'DESCRIPTION',
        'Reads lines and runs what they say. With `-c` ~commands~ it runs those and ends.',
        {
          table: [
            ['written', 'meaning'],
            ['~a~ ; ~b~', 'one after the other'],
            ['~a~ && ~b~, ~a~ || ~b~', 'the second if the first ended with 0, with something else'],
            ['! ~a~', 'its status turned round'],
            ['~a~ &', 'in the background: the prompt comes at once'],
            ['~a~ | ~b~', 'what the first writes, the second reads'],
            ['( ~list~ ), { ~list~; }', 'a list as one command; the first in a shell of its own'],
            ['> ~file~, >> ~file~', 'output into a file; at its end'],
            ['< ~file~, << ~word~', 'input from a file; from the lines up to the word'],
            ['2> ~file~, 2>&1', 'messages into a file; to where the output goes'],
            ['\'...\', "...", \\', 'quoting: all as it is; all but $; the next character'],
            ['$~name~, ${~name~}, $?, $$, $!', 'a variable, the last status, this shell, the last background process'],
            ['*, ?, [...]', 'names of files that match'],
            ['~name~=~value~', 'sets a variable'],
            ['# ...', 'a comment'],
          ],
        },
        {
          out: [
            'if list; then list; else list; fi',
            'while list; do list; done',
            'for name in words; do list; done',
            'case word in pattern) list;; esac',
            'name() { list; }',
          ],
        },
        'The name of a pipe, as in vale2{1, is quoted. A line that ends within a quote, in an operator, in a backslash or before the word that ends a command goes on in the next.',
      ],
      [
        'BUILT IN',
        {
          list: [
            [
              '`bg` [`%`~n~], `fg` [`%`~n~]',
              'A stopped job goes on in the background; a job comes into the foreground, where Control-C reaches it.',
            ],
            ['`cd`, `pwd`', 'The working directory.'],
            ['`clear`', 'Clears the screen.'],
            ['`echo` [`-n`] ~words~, `printf` ~format~ ~words~', 'Print; -n without a new line.'],
            ['`exit` [~n~]', 'Ends the shell. On a terminal a new one begins.'],
            ['`history`', 'The lines that were typed.'],
            ['`jobs`', 'Jobs in the background.'],
            ['`kill`', 'See kill(1).'],
            ['`true`, `:`, `false`', 'Status 0, 0 and 1.'],
            ['`test` ~expression~, `[` ~expression~ `]`', 'Status 0 if it is true: of files, texts and numbers.'],
            ['`wait` [`%`~n~|~pid~]', 'Waits for a job, or for all.'],
            ['`set`, `unset`, `export`, `readonly`, `local`, `shift`, `read`', 'Variables and options; a line of input into variables.'],
            [
              '`eval`, `.`, `exec`, `command`, `type`',
              'Text as a command; a file of commands; in place of the shell; a command though a function has its name; what a name is.',
            ],
            ['`break`, `continue`, `return`', 'Leave a loop, begin its next turn, leave a function.'],
          ],
        },
      ],
      [
        'KEYS',
        {
          table: [
            ['key', 'does'],
            ['Tab', 'completes a command, an option, a name'],
            ['Up, Down, Control-R', 'earlier lines; a search in them'],
            ['Control-A, Control-E', 'beginning and end of the line'],
            ['Alt-B, Alt-F', 'a word back, a word forward'],
            ['Control-W, -U, -K, -Y', 'rub out a word, the line, its rest; put it back'],
            ['Control-C', 'ends what runs in the foreground'],
            ['Control-D', 'the end of input'],
            ['Control-S, Control-Q', 'stop and go on with the output, while a program runs'],
          ],
        },
      ],
      [
        'EXIT STATUS',
        'That of the last command. 127: not found. 2: a mistake of syntax. A command ended by a signal has 128 and its number.',
      ],
      [
        'IN THIS LAB',
        "What this shell has not, of the above or of FreeBSD's, it says in a line that begins with lab:, and does not run that command. So it is with trap, getopts, alias, unalias, ulimit, umask, times, hash, fc, bind and setvar.",
      ],
    ],
    see: ['kill(1)', 'ps(1)', 'intro(1)', 'lab(5)'],
  },
  {
    name: 'kill',
    section: 1,
    about: 'send a signal to a process',
    synopsis: ['`kill` [`-s` ~signal~ | `-`~signal~] ~pid~ | `%`~job~ ...'],
    body: [
      [
        'DESCRIPTION',
        'Sends TERM, or the signal given by its name or number, to processes or jobs of this shell.',
        {
          table: [
            ['signal', 'number', 'of'],
            ['HUP', '1', ''],
            ['INT', '2', 'Control-C'],
            ['QUIT', '3', 'Control-\\'],
            ['KILL', '9', ''],
            ['TERM', '15', ''],
            ['STOP, TSTP, CONT', '17, 18, 19', 'stop; Control-Z; go on'],
          ],
        },
      ],
      ['EXIT STATUS', '0, 1 if there is no such process or job, 2 after a mistake.'],
      ['EXAMPLES', { sh: ['pkt-gen -i vale1:2 -f rx &', 'kill -INT %1'] }],
      [
        'IN THIS LAB',
        'kill is built into the shell. bhyve(8), when it is killed, gives its ports back, and its guest is gone. What is not built of stopped jobs is refused with a line that begins with lab:.',
      ],
    ],
    see: ['sh(1)', 'ps(1)'],
  },
  {
    name: 'sleep',
    section: 1,
    about: 'wait, in lab time',
    synopsis: ['`sleep` ~seconds~'],
    body: [
      ['DESCRIPTION', 'Waits so many seconds, of which there can be fractions, as in 0.5.'],
      [
        'IN THIS LAB',
        "The seconds are the machine's: parked, they do not go by; on the step engine they pass at once when nothing else is to be done.",
      ],
    ],
    see: ['sh(1)', 'lab(1)'],
  },
  {
    name: 'ls',
    section: 1,
    about: 'list files',
    synopsis: ['`ls`'],
    body: [
      ['DESCRIPTION', 'The names of the files in /root, sorted, one a line.'],
      [
        'IN THIS LAB',
        'There are files that were written with > and those of programs; no directories. Each machine has its own, and they are gone when a guest is.',
      ],
    ],
    see: ['cat(1)', 'sh(1)'],
  },
  {
    name: 'cat',
    section: 1,
    about: 'print files',
    synopsis: ['`cat` ~file~ ...'],
    body: [
      ['DESCRIPTION', 'Prints the files one after the other.'],
      ['EXIT STATUS', '0, or 1 if one is not there: `No such file or directory`.'],
      ['IN THIS LAB', 'Options are not looked at.'],
    ],
    see: ['more(1)', 'ls(1)', 'head(1)'],
  },
];
