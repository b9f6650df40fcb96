// The menu of a word: by right-click, menu key or long press on anything that carries data-addr.
import { enter } from '../machine/level';
import { useEffect, useLayoutEffect, useRef } from 'react';
import { createPortal } from 'react-dom';
import { askPast } from '../call';
import { hex } from '../format';
import { showMemory } from '../panels/memory_at';
import { take } from '../ring/edit';
import { embedded } from '../show/mode';
import { createStore, lab, page, useLab, useStore } from '../store';
import { goTo, order, refuse, showWord } from '../travel';
import { startLighting } from './lit';
import { wordMenuWords as say } from './word_menu_words';

export interface MenuFor {
  addr: number;
  bytes: 2 | 4;
  title: string;
  x: number;
  y: number;
  /** A hand that may be moved, or a slot of the ring that is shown. */
  hand?: 'head' | 'cur';
  slot?: number;
  ring?: string;
  value?: number;
}
const menu = createStore<{ of: MenuFor | null; back: HTMLElement | null }>({ of: null, back: null });
export function openMenu(of: MenuFor): void {
  menu.set({ of, back: document.activeElement instanceof HTMLElement ? document.activeElement : null });
}
function close(): void {
  const { back } = menu.get();
  menu.set({ of: null, back: null });
  back?.focus({ preventScroll: true });
}

const LONG_MS = 550;

/** From an element's data: what its menu is about. */
function fromElement(e: Element, x: number, y: number): MenuFor | null {
  const at = e.closest<HTMLElement>('[data-addr]');
  const addr = Number(at?.dataset.addr ?? 0);
  if (!at || !addr) return null;
  const { bytes, hand, slot, ring, value, title } = at.dataset;
  const box = at.getBoundingClientRect();
  return {
    addr,
    bytes: bytes === '2' ? 2 : 4,
    title: title ?? at.textContent?.trim().slice(0, 40) ?? '',
    x: x || box.left,
    y: y || box.bottom,
    ...(hand === 'head' || hand === 'cur' ? { hand } : {}),
    ...(slot === undefined ? {} : { slot: Number(slot) }),
    ...(ring === undefined ? {} : { ring }),
    ...(value === undefined ? {} : { value: Number(value) }),
  };
}

/** A finger is never quite still. */
const STILL_PX = 10;

function useTriggers(): void {
  useEffect(() => {
    let press: ReturnType<typeof setTimeout> | undefined,
      from = { x: 0, y: 0 },
      lifts = false;
    const context = (e: MouseEvent) => {
      if (e.defaultPrevented || !(e.target instanceof Element)) return;
      const of = fromElement(e.target, e.clientX, e.clientY);
      if (!of) return;
      e.preventDefault();
      lifts = e instanceof PointerEvent && e.pointerType === 'touch';
      openMenu(of);
    };
    const down = (e: PointerEvent) => {
      clearTimeout(press);
      lifts = false;
      from = { x: e.clientX, y: e.clientY };
      const { target } = e;
      if (e.pointerType !== 'touch' || !(target instanceof Element)) return;
      press = setTimeout(() => {
        const of = fromElement(target, e.clientX, e.clientY);
        if (!of || menu.get().of) return;
        lifts = true;
        openMenu(of);
      }, LONG_MS);
    };
    const up = () => clearTimeout(press);
    const move = (e: PointerEvent) => {
      if (Math.hypot(e.clientX - from.x, e.clientY - from.y) > STILL_PX) up();
    };
    /** The finger that opened the menu is lifted: that presses nothing. */
    const lift = (e: Event) => {
      if (!lifts) return;
      if (e.cancelable) e.preventDefault();
      e.stopPropagation();
    };
    const stop = startLighting();
    document.addEventListener('contextmenu', context);
    document.addEventListener('pointerdown', down);
    document.addEventListener('pointermove', move);
    for (const type of ['touchend', 'click'] as const) document.addEventListener(type, lift, { capture: true, passive: false });
    for (const type of ['pointerup', 'pointercancel'] as const) document.addEventListener(type, up);
    return () => {
      stop();
      up();
      document.removeEventListener('contextmenu', context);
      document.removeEventListener('pointerdown', down);
      document.removeEventListener('pointermove', move);
      for (const type of ['touchend', 'click'] as const) document.removeEventListener(type, lift, true);
      for (const type of ['pointerup', 'pointercancel'] as const) document.removeEventListener(type, up);
    };
  }, []);
}

async function lastWrite({ addr, bytes }: MenuFor): Promise<void> {
  const word = await askPast((api) => api.word(addr, bytes)),
    writer = word?.writers[0];
  if (writer) await goTo(writer.step);
  else refuse(say.never);
}
async function stopWhen({ addr, bytes }: MenuFor): Promise<void> {
  const word = await askPast((api) => api.word(addr, bytes)),
    name = word?.names[0];
  if (!name) refuse(say.noName);
  else if (await order(`break changed(${name})`)) page.set({ panel: 'stops', drawer: true });
}
async function copy({ addr }: MenuFor): Promise<void> {
  try {
    await navigator.clipboard.writeText(hex(addr));
    lab.set({ notice: say.copied, remedy: null });
  } catch {
    lab.set({ notice: say.refused, remedy: null });
  }
}

export function WordMenu() {
  useTriggers();
  const of = useStore(menu, (v) => v.of);
  const stopped = useLab((v) => v.state?.run === 'stopped');
  const rings = useLab((v) => v.state?.rings);
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const e = box.current;
    if (!of || !e) return;
    const left = Math.max(4, Math.min(of.x, innerWidth - e.offsetWidth - 4)),
      top = Math.max(4, Math.min(of.y, innerHeight - e.offsetHeight - 4));
    e.style.setProperty('--x', `${left}px`);
    e.style.setProperty('--y', `${top}px`);
    e.querySelector<HTMLElement>('[role=menuitem]:not(:disabled)')?.focus();
  }, [of]);
  if (!of) return null;
  const ring = rings?.find((r) => r.id === of.ring);
  const { hand, slot } = of;
  const all: [string, boolean, () => void][] = [
    [say.last, stopped, () => void lastWrite(of)],
    [say.stop, true, () => void stopWhen(of)],
    hand && ring ? [say.move, stopped, () => take(ring, hand, of.value ?? 0)] : [say.edit, stopped, () => showWord(of.addr, of.bytes)],
    [say.show, true, () => showMemory(of.addr)],
    [say.copy, true, () => void copy(of)],
  ];
  if (slot !== undefined && slot >= 0) {
    all.push([say.enter, true, () => enter('slot', undefined, slot)]);
    all.push([say.follow, true, () => showWord(of.addr, 4)]);
  }
  const items = embedded ? all.filter(([words]) => words === say.last || words === say.copy || words === say.enter) : all;
  const keys = (e: React.KeyboardEvent) => {
    e.stopPropagation();
    const rows = [...(box.current?.querySelectorAll<HTMLElement>('[role=menuitem]:not(:disabled)') ?? [])],
      now = rows.indexOf(document.activeElement as HTMLElement);
    if (e.key === 'Escape' || e.key === 'Tab') close();
    else if (e.key === 'ArrowDown') rows[(now + 1) % rows.length]?.focus();
    else if (e.key === 'ArrowUp') rows[(now - 1 + rows.length) % rows.length]?.focus();
    else if (e.key === 'Home') rows[0]?.focus();
    else if (e.key === 'End') rows.at(-1)?.focus();
    else return;
    e.preventDefault();
  };
  // inside the page's main part, as all that can be read is
  return createPortal(
    <div
      ref={box}
      className="word-menu"
      role="menu"
      aria-label={`${say.title} ${of.title}`}
      tabIndex={-1}
      onKeyDown={keys}
      onBlur={(e) => {
        if (!e.currentTarget.contains(e.relatedTarget)) menu.set({ of: null, back: null });
      }}
    >
      <p className="mono quiet" aria-hidden="true">
        {of.title}
      </p>
      {items.map(([words, may, act]) => (
        <button
          type="button"
          role="menuitem"
          key={words}
          tabIndex={-1}
          disabled={!may}
          onClick={() => {
            close();
            act();
          }}
        >
          {words}
        </button>
      ))}
    </div>,
    document.querySelector('main') ?? document.body,
  );
}
