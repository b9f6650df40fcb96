// Find or do anything: what buttons and keys do, the lab's own commands, steps, slots, threads and fields, in one list.
import { part } from './mend';
import { useEffect, useMemo, useRef, useState } from 'react';
import { ask } from './call';
import { entries, matching, type PaletteEntry, typedEntries } from './palette';
import type { Lesson } from './recording';
import { page, usePage } from './store';
import { say } from './words';

const NONE: { name: string; args: string; help: string }[] = [];

function List() {
  const [text, setText] = useState(page.get().asked);
  const [at, setAt] = useState(0);
  /** Until the lab has said them, Enter waits: what one means may be one of them. */
  const [told, setCommands] = useState<{ name: string; args: string; help: string }[]>();
  const commands = told ?? NONE;
  const [entered, setEntered] = useState(false);
  const [fields, setFields] = useState<string[]>([]);
  const [lessons, setLessons] = useState<readonly Lesson[]>([]);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    void ask((api) => api.commands()).then((c) => setCommands(c ?? []));
    void part(() => import('virtual:lessons')).then((m) => setLessons(m.lessons));
    void ask((api) => api.fields()).then((f) => setFields(f ?? []));
  }, []);
  const found = useMemo(() => {
    return matching([...typedEntries(text.trim(), commands), ...entries(commands, fields, lessons)], text);
  }, [text, commands, fields, lessons]);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  });
  const now = Math.min(at, Math.max(0, found.length - 1));
  const close = () => page.set({ palette: false, asked: '' });
  const act = (e: PaletteEntry | undefined) => {
    if (!e) return;
    if (e.complete !== undefined) {
      setText(e.complete);
      return;
    }
    close();
    e.act();
  };
  useEffect(() => {
    if (!told || !entered) return;
    setEntered(false);
    act(found[now]);
  });
  return (
    <>
      <input
        type="text"
        role="combobox"
        aria-label={say.palette.title}
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={found.length ? `palette-${now}` : undefined}
        placeholder={say.palette.hint}
        spellCheck={false}
        autoComplete="off"
        value={text}
        onChange={(e) => {
          setText(e.target.value);
          setAt(0);
          setEntered(false);
        }}
        onKeyDown={(e) => {
          const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[e.key];
          if (by !== undefined) setAt(Math.max(0, Math.min(found.length - 1, now + by)));
          else if (e.key === 'Enter') told ? act(found[now]) : setEntered(true);
          else return;
          e.preventDefault();
        }}
      />
      <div id="palette-list" className="palette-list" role="listbox" aria-label={say.palette.title} ref={list}>
        {found.map((e, i) => (
          <div
            key={e.id}
            id={`palette-${i}`}
            role="option"
            aria-selected={i === now}
            tabIndex={-1}
            onPointerMove={() => setAt(i)}
            onClick={() => act(e)}
            onKeyDown={() => {}}
          >
            <span>{e.words}</span>
            {e.where && <small>{e.where}</small>}
            {e.command && <code>lab {e.command}</code>}
            {e.key && <kbd>{e.key}</kbd>}
          </div>
        ))}
      </div>
      {told && !found.length && <p className="quiet pad">{say.palette.nothing}</p>}
    </>
  );
}

export function Palette() {
  const open = usePage((v) => v.palette);
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = box.current;
    if (!dialog) return;
    if (open && !dialog.open) {
      dialog.showModal();
      dialog.querySelector('input')?.focus();
    }
    if (!open && dialog.open) dialog.close();
  }, [open]);
  return (
    <dialog
      className="palette"
      ref={box}
      aria-label={say.palette.title}
      onClose={() => page.set({ palette: false, asked: '' })}
      onClick={(e) => {
        if (e.target === box.current) page.set({ palette: false, asked: '' });
      }}
      onKeyDown={(e) => {
        if (e.key === 'Escape') e.stopPropagation();
      }}
    >
      {open && <List />}
    </dialog>
  );
}
