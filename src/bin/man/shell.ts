// sh(1) with its built-in commands, kill(1), sleep(1), ls(1), cat(1).

import type { Page } from './page.ts';

export const SHELL_PAGES: readonly Page[] = [
  {
    name: 'sh',
    section: 1,
    also: [':', 'builtin', 'cd', 'clear', 'echo', 'exit', 'false', 'fg', 'bg', 'history', 'jobs', 'pwd', 'true', 'wait'],
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
            ['( ~a~ ; ~b~ ), { ~a~ ; ~b~ ; }', 'a list as one command'],
            ['~a~ | ~b~', 'what the first writes, the second reads'],
            ['> ~file~, >> ~file~', 'output into a file, at its end'],
            ['< ~file~', 'input from a file'],
            ['\'...\', "...", \\', 'quoting: all as it is, all but $, the next character'],
            ['$~name~, ${~name~}, $?, $$, $!', 'a variable, the last status, this shell, the last background process'],
            ['~name~=~value~', 'sets a variable'],
            ['# ...', 'a comment'],
          ],
        },
        'A name of a pipe, as vale2{1, is safe in quotes. A line that ends within a quote, in an operator or in a backslash goes on in the next.',
      ],
      [
        'BUILT IN',
        {
          list: [
            ['`bg` [`%`~n~]', 'Lets a stopped job go on in the background.'],
            ['`cd`, `pwd`', 'The working directory.'],
            ['`clear`', 'Clears the screen.'],
            ['`echo` [`-n`] ~words~', 'Prints them; with -n without a new line.'],
            ['`exit` [~n~]', 'Ends the shell. On a terminal a new one begins.'],
            ['`fg` [`%`~n~]', 'Brings a job into the foreground, where Control-C reaches it.'],
            ['`history`', 'The lines that were typed.'],
            ['`jobs`', 'Jobs in the background.'],
            ['`kill`', 'See kill(1).'],
            ['`true`, `:`, `false`', 'Status 0, 0 and 1.'],
            ['`wait` [`%`~n~|~pid~]', 'Waits for a job, or for all.'],
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
            ['Control-A, -E, Alt-B, -F', 'beginning, end, a word back, forward'],
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
        'What of the above is not built says so in a line that begins with lab:, and nothing is run. There are no if, for, while or case, and no functions. cd goes nowhere: there is one directory, /root.',
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
            ['STOP, TSTP, CONT', '17, 18, 19', 'stop, Control-Z, go on'],
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
