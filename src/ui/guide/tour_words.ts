// The words of the first sixty seconds. What stands between backticks is a key, or the name of a button.

export interface Card {
  strong: string;
  rest: string;
  act: string;
}

/** The cards in their order. `host`: the number of the host's thread in the row; touch: there is no keyboard to press. */
export function cards(host: number, touch: { stop: string; back: string } | null): readonly Card[] {
  return [
    {
      strong: 'A virtual machine, left, is sending packets to its host, right.',
      rest: 'Between them nothing is copied: both see the same memory, in the middle.',
      act: touch ? `Stop it: tap \`${touch.stop}\`.` : 'Stop it: press `Space`.',
    },
    {
      strong: 'Stopped, between two memory accesses.',
      rest: 'Nothing moves until you say so. Below are the threads that could go next.',
      act: `Let the guest’s CPU go: ${touch ? 'tap' : 'press'} \`1\`.`,
    },
    {
      strong: 'vCPU 0 read host_need_txkick and found 0, so it sent no kick.',
      rest: 'The host has not asked for one.',
      act: touch ? `Take that back: tap \`${touch.back}\`.` : 'Take that back: press `←`.',
    },
    {
      strong: 'Undone, to the last bit.',
      rest: 'Now the other order.',
      act: `Let the host go first: ${touch ? 'tap' : 'press'} \`${host}\`, then \`1\`.`,
    },
    {
      strong: 'This time it found 1 and had to kick: an exit from the VM.',
      rest: 'Same code, other order, other cost. In some orders the kick is lost, and both sides sleep while packets wait. Finding those orders is what this lab is for.',
      act: '',
    },
  ];
}

export const tourWords = {
  title: 'The first sixty seconds',
  skip: 'Skip',
  close: 'Close',
  of: 'of',
  away: 'Tour put away. Help brings it back.',
  lost: 'The tour could not be opened here.',
  ends: {
    lesson: 'Start lesson 1',
    boot: 'Boot it yourself',
    full: 'Let it run at full speed',
  },
} as const;
