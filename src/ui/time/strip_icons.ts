// The timeline's icons: for its buttons as components, one import an icon; for its canvas as paths on the same 24 grid.
import type { MarkKind } from '../../lab/protocol';

export { default as ChevronDown } from 'lucide-react/icons/chevron-down';
export { default as ChevronLeft } from 'lucide-react/icons/chevron-left';
export { default as ChevronRight } from 'lucide-react/icons/chevron-right';
export { default as Clock } from 'lucide-react/icons/clock';
export { default as ListFilter } from 'lucide-react/icons/list-filter';
export { default as Fit } from 'lucide-react/icons/move-horizontal';
export { default as ZoomIn } from 'lucide-react/icons/zoom-in';
export { default as ZoomOut } from 'lucide-react/icons/zoom-out';

const MOON = 'M20.985 12.486a9 9 0 1 1-9.473-9.472c.405-.022.617.46.402.803a6 6 0 0 0 8.268 8.268c.344-.215.825-.004.803.401';

export const markPaths: Record<MarkKind, string> = {
  kick: 'M10.268 21a2 2 0 0 0 3.464 0M3.262 15.326A1 1 0 0 0 4 17h16a1 1 0 0 0 .74-1.673C19.41 13.956 18 12.499 18 8A6 6 0 0 0 6 8c0 4.499-1.411 5.956-2.738 7.326',
  suppressed:
    'M10.268 21a2 2 0 0 0 3.464 0M17 17H4a1 1 0 0 1-.74-1.673C4.59 13.956 6 12.499 6 8a6 6 0 0 1 .258-1.742M2 2l20 20M8.668 3.01A6 6 0 0 1 18 8c0 2.687.77 4.653 1.707 6.05',
  interrupt:
    'M15.914 4a1.5 1.5 0 00-2.474-1.561l-9 9A1.5 1.5 0 005.5 14h4.002a.5.5 0 01.471.666L8.086 20a1.5 1.5 0 002.475 1.56l9-9A1.5 1.5 0 0018.5 10h-3.997a.5.5 0 01-.472-.667z',
  exit: 'M2 7h6l4 10 4-10h6',
  sleep: MOON,
  wake: 'M12 20V4M5 11l7-7 7 7',
  timeout: 'M12 6v6l4 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z',
  prologue: 'M18 6 6 18M6 6l12 12',
  drop: 'M2 12h8M13 7l8 10M21 7l-8 10',
  wrap: 'M3 12a9 9 0 1 0 9-9 9.75 9.75 0 0 0-6.74 2.74L3 8M3 3v5h5',
};
export const moonPath = MOON;
export const deedPaths: Record<'typed' | 'edit' | 'choice' | 'other', string> = {
  typed: 'M4 17l6-6-6-6M12 19h8',
  edit: 'M21.174 6.812a1 1 0 0 0-3.986-3.987L3.842 16.174a2 2 0 0 0-.5.83l-1.321 4.352a.5.5 0 0 0 .623.622l4.353-1.32a2 2 0 0 0 .83-.497zM15 5l4 4',
  choice: 'M12 3l9 9-9 9-9-9z',
  other: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z',
};
