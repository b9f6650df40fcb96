// A manual page as data: sections of blocks, with two inline marks. `text` is bold, ~text~ is underlined; literal blocks
// have no marks. The words are the lab's own; numbers are netmap's, bhyve's and FreeBSD's of 2015 where nothing else is said.

/** A paragraph, a list of tags and their texts, a table whose first row is its head, commands, output, a subheading. */
export type Block =
  | string
  | { list: readonly (readonly [tag: string, ...text: Block[]])[] }
  | { table: readonly (readonly string[])[] }
  | { sh: readonly string[] }
  | { out: readonly string[] }
  | { sub: string };

export type Section = readonly [title: string, ...body: Block[]];

export interface Page {
  name: string;
  section: number;
  /** Other names under which it is found. */
  also?: readonly string[];
  about: string;
  synopsis?: readonly string[];
  body: readonly Section[];
  /** As in "netmap(4)". */
  see: readonly string[];
  /** A command of the shell's or of no machine: not looked for among the programs. */
  inside?: true;
}

export const MANUALS: Readonly<Record<number, string>> = {
  1: 'General Commands',
  4: 'Kernel Interfaces',
  5: 'File Formats',
  8: "System Manager's",
};

export const titleOf = (p: Page) => `${p.name}(${p.section})`;
