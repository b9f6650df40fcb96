// A word that says what it means when it is pointed at or has focus. What it says stays while the pointer is on it, and Escape
// puts it away (WCAG 1.4.13). An index or a field also lights where it is shown.
import { useEffect, useId, useRef, useState } from 'react';
import { parts } from './glossary';
import type { GlossaryWord } from './glossary_words';
import { light } from './light';

const DELAY_MS = 150;
const MARGIN = 8;

export function Term({ of, children }: { of: GlossaryWord; children: string }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const word = useRef<HTMLElement>(null);
  const tip = useRef<HTMLSpanElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const later = (to: boolean) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setOpen(to || document.activeElement === word.current), DELAY_MS);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (!open) return;
    const at = word.current?.getBoundingClientRect(),
      box = tip.current;
    if (at && box) {
      box.showPopover();
      const { width, height } = box.getBoundingClientRect();
      const above = at.top - height - 2;
      box.style.left = `${Math.max(MARGIN, Math.min(at.left, innerWidth - width - MARGIN))}px`;
      box.style.top = `${above >= MARGIN ? above : at.bottom + 2}px`;
    }
    light(of.lights ?? '');
    const onEscape = (e: KeyboardEvent) => {
      if (e.key !== 'Escape') return;
      e.stopPropagation();
      e.preventDefault();
      clearTimeout(timer.current);
      setOpen(false);
    };
    window.addEventListener('keydown', onEscape, true);
    return () => {
      window.removeEventListener('keydown', onEscape, true);
      light('');
    };
  }, [open, of]);
  return (
    <span className="gloss-box" onPointerEnter={() => later(true)} onPointerLeave={() => later(false)}>
      <dfn
        ref={word}
        className="gloss"
        tabIndex={0}
        data-lights={of.lights}
        aria-describedby={open ? id : undefined}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
      >
        {children}
      </dfn>
      {open && (
        <span className="gloss-tip" role="tooltip" id={id} ref={tip} popover="manual">
          <b>{of.word}</b> {of.means}
        </span>
      )}
    </span>
  );
}

/** A text with its words explained. */
export function Glossed({ children }: { children: string }) {
  return parts(children).map((p, i) => {
    const key = `${i} ${p.text}`;
    return p.of ? (
      <Term key={key} of={p.of}>
        {p.text}
      </Term>
    ) : (
      p.text
    );
  });
}
