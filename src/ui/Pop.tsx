// A small list that a sign opens and that closes by Escape, by leaving it, or by pressing elsewhere.
import { useEffect, useRef } from 'react';

interface Props {
  className: string;
  /** Of the sign, where its own words are not enough. */
  label?: string;
  sign: React.ReactNode;
  title?: string;
  at?: number;
  children: (close: () => void) => React.ReactNode;
}

export function Pop({ className, label, sign, title, at, children }: Props) {
  const box = useRef<HTMLDetailsElement>(null);
  const close = () => {
    if (box.current) box.current.open = false;
  };
  useEffect(() => {
    const elsewhere = (e: PointerEvent) => {
      if (box.current?.open && e.target instanceof Node && !box.current.contains(e.target)) box.current.open = false;
    };
    document.addEventListener('pointerdown', elsewhere);
    return () => document.removeEventListener('pointerdown', elsewhere);
  }, []);
  return (
    <details
      ref={box}
      className={className}
      data-at={at}
      onKeyDown={(e) => {
        if (e.key !== 'Escape' || !box.current?.open) return;
        e.stopPropagation();
        close();
        box.current.querySelector('summary')?.focus();
      }}
      onBlur={(e) => {
        if (e.relatedTarget && !e.currentTarget.contains(e.relatedTarget)) close();
      }}
    >
      <summary aria-label={label} title={title}>
        {sign}
      </summary>
      {children(close)}
    </details>
  );
}
