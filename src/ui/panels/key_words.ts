// What the keys do, in words.

/** Keys and what they do, as the help shows them. */
export const keyHelp: readonly (readonly [string, string])[] = [
  ['Space', 'run or park'],
  ['. or →', 'step: one unit, at first one shared access'],
  [', or ←', 'back: undo one shared access'],
  ['E', 'unit of a step: access, sync, packet, event'],
  ['Shift+.', 'next event of the chosen kind'],
  ['Shift+,', 'back to where that jump began'],
  ['G', 'go to step…'],
  ['Home / End', 'first / last step of the recording'],
  ['N / Shift+N', 'next / previous recorded mark of the chosen kind'],
  ['W S A D', 'timeline: zoom in, zoom out, left, right'],
  ['F, again', 'timeline: centre the playhead, show the whole recording'],
  ['1 … 9', 'let thread n make its next access'],
  ['Shift+1 … 9', 'let thread n’s oldest pending store reach memory'],
  ['B', 'stop point on the word that is looked at, or on the source’s line'],
  ['X', 'explore every schedule from this moment'],
  ['arrows, Enter', 'on a ring: along its slots, into the slot; on head or cur while parked: move it, write it'],
  ['Menu, Shift+F10', 'on a hand, slot or word: what can be done with it'],
  ['L', 'copy a link to this moment'],
  ['Ctrl+Z / Ctrl+Shift+Z', 'undo, redo a choice, an edit or what was typed'],
  ['Ctrl+K or /', 'find or do anything'],
  ['T', 'the ring in words, or as a picture'],
  ['?', 'these keys'],
  ['Esc', 'close what is open'],
  ['F6 / Shift+F6', 'next / previous region, also from terminals'],
  ['Ctrl+Shift+Space', 'run or park, also from terminals'],
  ['Ctrl+Shift+F', 'find in the terminal'],
  ['Ctrl+Shift+C', 'copy from the terminal'],
  ['Ctrl+M', 'in a terminal: Tab types, or moves focus'],
];
export const keyNote =
  'Single keys work only when no terminal or text field has focus. Space, Enter and arrows belong to the control that has focus; . and , always step.';
