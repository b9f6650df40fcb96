// What the lab says about limits of this browser (src/lab/keeper.ts), as they are recognised here, and what can be done.
export const limitWords = {
  refused: 'This browser does not let the lab save. Your work lives until you close the tab.',
  elsewhere: 'This lab is open in another tab, and that one saves.',
  here: 'Save here instead',
  why: 'Why?',
  isolation:
    'Several CPUs can share one memory only in a page that is isolated from others (COOP and COEP headers). The server sent none, and a service worker that would add them is not allowed here. Private windows and plain files are such places.',
} as const;
