// The words of the layout: where panels can stand, what their borders move, what gives it all back.
import type { Where } from './docks';

export const dockWords = {
  left: 'Left drawer',
  leftOf: (title: string) => `Left drawer: ${title}`,
  rail: 'Panels',
  move: (title: string) => `Move ${title}`,
  to: { top: 'To the top of the inspector', bottom: 'To the bottom of the inspector', left: 'To the left drawer' } satisfies Record<
    Where,
    string
  >,
  zone: { top: 'Top', bottom: 'Bottom', left: 'Left drawer' } satisfies Record<Where, string>,
  close: (title: string) => `Close ${title}`,
  drag: 'Drag to move',
  leftBorder: 'Border between left drawer and stage',
  reset: 'Reset layout',
  resetAbout: 'Sizes and places of panels, in every mode',
  where: 'Layout',
  widen: (side: 'guest' | 'host') => (side === 'guest' ? 'Give the guest terminal all the width' : 'Give the host terminal all the width'),
  narrow: 'Both terminals',
  linkWith: 'Copy link, with this layout',
  verdict: 'Verdict',
  failing: 'Go to the failing state',
} as const;
