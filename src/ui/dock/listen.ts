// A listener on an element that is no control itself: what it does can also be done by a control beside it.
import { useCallback, useRef } from 'react';

export function useListen<K extends keyof HTMLElementEventMap>(type: K, act: (e: HTMLElementEventMap[K]) => void) {
  const latest = useRef(act);
  latest.current = act;
  return useCallback(
    (element: HTMLElement | null) => {
      if (!element) return;
      const on = (e: HTMLElementEventMap[K]) => latest.current(e);
      element.addEventListener(type, on);
      return () => element.removeEventListener(type, on);
    },
    [type],
  );
}
