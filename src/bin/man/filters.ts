// The small filters: grep, head, tail, wc, sort, uniq, cut, tr, tee, sed, seq, yes.

import type { Page } from './page.ts';

const READS = 'Without files, or for the file `-`, it reads what the command before | writes.';
const OTHERS = 'Options that are not on this page are not made.';

export const FILTER_PAGES: readonly Page[] = [
  {
    name: 'grep',
    section: 1,
    also: ['egrep', 'fgrep'],
    about: 'lines that match a pattern',
    synopsis: ['`grep` [~options~] ~pattern~ [~file~ ...]'],
    body: [
      [
        'DESCRIPTION',
        `Prints the lines in which the regular expression is found. ${READS}`,
        {
          list: [
            ['`-i`', 'Small and capital letters are the same.'],
            ['`-v`', 'The lines that do not match.'],
            ['`-c`', 'How many lines, not which.'],
            ['`-n`', 'With the numbers of the lines.'],
            ['`-E`', 'Extended expressions, as egrep: | + ? ( ) without a backslash.'],
            ['`-F`', 'The pattern as it stands, as fgrep.'],
          ],
        },
      ],
      ['EXIT STATUS', '0 if a line was found, 1 if none, 2 after a mistake.'],
      ['EXAMPLES', { sh: ["dmesg | egrep 'virtio|vtnet|ptn|netmap'", 'sysctl -a | grep lab'] }],
      ['IN THIS LAB', OTHERS],
    ],
    see: ['sh(1)', 'sort(1)', 'wc(1)'],
  },
  {
    name: 'head',
    section: 1,
    about: 'the first lines',
    synopsis: ['`head` [`-n` ~lines~] [~file~ ...]'],
    body: [
      ['DESCRIPTION', `Prints the first 10 lines, or as many as -n says. ${READS}`],
      ['IN THIS LAB', OTHERS],
    ],
    see: ['tail(1)', 'more(1)'],
  },
  {
    name: 'tail',
    section: 1,
    about: 'the last lines',
    synopsis: ['`tail` [`-n` ~lines~] [~file~ ...]'],
    body: [
      ['DESCRIPTION', `Prints the last 10 lines, or as many as -n says; with -n +~n~, all from line ~n~ on. ${READS}`],
      ['IN THIS LAB', OTHERS],
    ],
    see: ['head(1)', 'more(1)'],
  },
  {
    name: 'wc',
    section: 1,
    about: 'count lines, words and bytes',
    synopsis: ['`wc` [`-lwc`] [~file~ ...]'],
    body: [
      [
        'DESCRIPTION',
        `Prints the numbers of lines, words and bytes, and the name. ${READS}`,
        {
          list: [
            ['`-l`', 'Lines only.'],
            ['`-w`', 'Words only.'],
            ['`-c`', 'Bytes only.'],
          ],
        },
      ],
      ['IN THIS LAB', OTHERS],
    ],
    see: ['grep(1)', 'sort(1)'],
  },
  {
    name: 'sort',
    section: 1,
    about: 'sort lines',
    synopsis: ['`sort` [`-nru`] [~file~ ...]'],
    body: [
      [
        'DESCRIPTION',
        `Prints all lines in order. ${READS}`,
        {
          list: [
            ['`-n`', 'By the number at the beginning.'],
            ['`-r`', 'The other way round.'],
            ['`-u`', 'Lines that are equal once only.'],
          ],
        },
      ],
      ['IN THIS LAB', OTHERS],
    ],
    see: ['uniq(1)', 'grep(1)'],
  },
  {
    name: 'uniq',
    section: 1,
    about: 'lines that follow an equal one, once only',
    synopsis: ['`uniq` [`-c`] [~file~]'],
    body: [
      ['DESCRIPTION', `Of lines that are equal and follow each other, it prints the first; with \`-c\`, after their number. ${READS}`],
      ['IN THIS LAB', OTHERS],
    ],
    see: ['sort(1)'],
  },
  {
    name: 'cut',
    section: 1,
    about: 'columns of lines',
    synopsis: ['`cut` `-c` ~list~ [~file~ ...]', '`cut` `-f` ~list~ [`-d` ~character~] [~file~ ...]'],
    body: [
      [
        'DESCRIPTION',
        `Prints the characters (\`-c\`) or the fields (\`-f\`) of each line that the list names, as in 1,3-5. Fields are separated by a tab, or by what \`-d\` says. ${READS}`,
      ],
      ['IN THIS LAB', OTHERS],
    ],
    see: ['tr(1)', 'grep(1)'],
  },
  {
    name: 'tr',
    section: 1,
    about: 'exchange or take out characters',
    synopsis: ['`tr` ~these~ ~those~', '`tr` `-d` ~these~'],
    body: [
      [
        'DESCRIPTION',
        'Writes what it reads, each character of the first set replaced by the one of the second at the same place; with `-d`, without the characters of the set. A set may have ranges, as in a-z.',
      ],
      ['IN THIS LAB', OTHERS],
    ],
    see: ['cut(1)'],
  },
  {
    name: 'tee',
    section: 1,
    about: 'into files and on',
    synopsis: ['`tee` [`-a`] ~file~ ...'],
    body: [
      ['DESCRIPTION', 'Writes what it reads, and writes it into the files too; with `-a` at their ends.'],
      ['IN THIS LAB', OTHERS],
    ],
    see: ['sh(1)', 'cat(1)'],
  },
  {
    name: 'sed',
    section: 1,
    about: 'edits lines as they pass',
    synopsis: ['`sed` [`-En`] ~script~ [~file~ ...]', '`sed` [`-En`] [`-e` ~script~] [`-f` ~file~] [~file~ ...]'],
    body: [
      [
        'DESCRIPTION',
        `Applies the commands of the script to each line and prints it. ${READS}`,
        {
          list: [
            [
              '`s/re/new/`',
              'Replaces the first match; with g all of them, with p the line is printed, with i case does not matter. & in the new text is the match, \\1 its first group.',
            ],
            ['`p`', 'Prints the line.'],
            ['`d`', 'The line is not printed, and the script ends for it.'],
          ],
        },
        'Before a command may stand a line number, $ for the last line, /re/, or two of them with a comma; ! turns it round.',
        {
          list: [
            ['`-n`', 'Only what p prints.'],
            ['`-E`', 'Extended expressions.'],
            ['`-e`', 'A script; several are taken together.'],
          ],
        },
      ],
      ['EXAMPLES', { sh: ["dmesg | sed -n '/netmap/p'"] }],
      ['IN THIS LAB', 'Of the commands only these are made; the others say so.'],
    ],
    see: ['grep(1)', 'tr(1)'],
  },
  {
    name: 'seq',
    section: 1,
    about: 'numbers in a row',
    synopsis: ['`seq` [`-w`] [`-f` ~format~] [`-s` ~text~] [~first~ [~step~]] ~last~'],
    body: [
      [
        'DESCRIPTION',
        'Prints the numbers from first (1) to last, a line each. -s gives another separator, -w makes them equally wide, -f a format of printf.',
      ],
      ['EXAMPLES', { sh: ['for i in $(seq 3); do pkt-gen -i vale0:1 -f tx -n $i; done'] }],
    ],
    see: ['sh(1)'],
  },
  {
    name: 'yes',
    section: 1,
    about: 'the same line, over and over',
    synopsis: ['`yes` [~text~]'],
    body: [
      ['DESCRIPTION', 'Prints y, or the text, until nobody reads it any more.'],
      ['EXAMPLES', { sh: ['yes | head -3'] }],
    ],
    see: ['head(1)'],
  },
];
