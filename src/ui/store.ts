// What the page remembers: the lab's last state, and how the visitor has arranged the page. Nothing at frame rate.
import type { KeptSizes } from './dock/sizes';
import type { LayoutMode, PanelId } from './panels/registry';
import { useRef, useSyncExternalStore } from 'react';
import type { LabState, MarkKind, Started } from '../lab/protocol';

export interface Store<T> {
  get(): T;
  set(patch: Partial<T>): void;
  subscribe(listener: () => void): () => void;
}

export function createStore<T extends object>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(patch) {
      value = { ...value, ...patch };
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore<T extends object, R>(store: Store<T>, select: (value: T) => R): R {
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}

export interface LabView {
  phase: 'starting' | 'ready' | 'failed';
  failure: string;
  started: Started | null;
  state: LabState | null;
  /** True when the bhyve line stands typed at a host prompt. */
  lineTyped: boolean;
  /** The last command that failed on the way to the lab, or something else to know. */
  notice: string;
  /** The link by which the page was opened, when it brought no moment. */
  badLink: NonNullable<Started['opened']> | null;
  /** What can be done about the notice. */
  remedy: { words: string; act: () => void } | null;
  /** What the lab answered to the last command of time, when it could not do it: a sentence for the stage. */
  refusal: string;
  /** What is being looked for while a search runs. */
  looking: string;
  /** The step from which typing begins a branch: the visitor said so. */
  typeFrom: number;
  /** Counts the machines that there were: what was seen of one says nothing of the next. */
  machine: number;
}
export const lab = createStore<LabView>({
  phase: 'starting',
  failure: '',
  started: null,
  state: null,
  lineTyped: false,
  notice: '',
  refusal: '',
  looking: '',
  remedy: null,
  badLink: null,
  typeFrom: -1,
  machine: 0,
});

export type PanelTab = PanelId;
export type PhoneTab = 'ring' | 'guest' | 'host' | 'source' | 'explore' | 'more';
/** Which view of a phone a panel is in. */
export const phoneTabOf = (p: PanelTab): PhoneTab => (p === 'source' || p === 'explore' ? p : 'more');
/** How near the camera is: the machine, a ring, a slot. */
export type Level = 'machine' | 'ring' | 'slot';
export type Theme = 'auto' | 'light' | 'dark';
/** How far Step goes. */
export type Unit = 'access' | 'sync' | 'packet' | 'event';
export const EVENT_KINDS = ['kick', 'suppressed', 'interrupt', 'exit', 'sleep', 'wake', 'wrap', 'prologue', 'drop'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];
export type Follow = 'head' | 'cur' | 'tail' | 'hwcur' | 'hwtail' | 'fixed';

export interface PageView {
  theme: Theme;
  panel: PanelTab;
  /** On narrow pages the inspector is a drawer. */
  drawer: boolean;
  phone: PhoneTab;
  twin: boolean;
  ring: string;
  /** The level on screen, and the one that was looked at last while the lab stood; the slot of the third. */
  level: Level;
  looked: Level;
  slot: number;
  /** The port whose machine is shown; whether the other path stands below it. */
  port: string;
  paths: boolean;
  /** The terminal in front on each side, '' for the newest. */
  front: { guest: string; host: string };
  follow: Follow;
  lensFirst: number;
  /** Thread whose next access the source shows, -1: the one that ran last. */
  thread: number;
  /** Name of the thread that a story's step lights, '': none. */
  lit: string;
  engine: 'free' | 'step' | null;
  unit: Unit;
  /** The kind of event that Step as an event, and the event keys, go to. */
  kind: EventKind;
  /** The field for a step number is open. */
  going: boolean;
  /** The word that is looked at: its address and size; 0: none. */
  word: { addr: number; bytes: 2 | 4 };
  /** The branch that is compared with the present history, -1: none. */
  comparing: number;
  /** The list of everything one can do is open. */
  palette: boolean;
  /** Single keys do something. */
  letters: boolean;
  /** The ready-made scenarios are shown. */
  gallery: boolean;
  /** What is typed in it when it opens. */
  asked: string;
  /** The default layout that holds; a lesson or an experiment says itself that it is open. What the visitor resized, by layout. */
  mode: LayoutMode;
  room: '' | 'lesson' | 'experiment';
  sizes: KeptSizes;
  /** Of the window, and whether a phone's keyboard is up. */
  width: number;
  height: number;
  keyboard: boolean;
  /** The panel below the first and the one in the left drawer, '': none; tabs that were closed. */
  second: PanelTab | '';
  left: PanelTab | '';
  closed: readonly PanelTab[];
  /** The terminal that has all the width; the panel that is carried, and over which place. */
  wideTerm: '' | 'guest' | 'host';
  dragging: PanelTab | '';
  drop: '' | 'top' | 'bottom' | 'left';
  /** The timeline: whether its lanes are shown; which kinds of marks, null: all; text they have; lanes left out. */
  stripOpen: boolean;
  stripKinds: readonly MarkKind[] | null;
  stripText: string;
  /** The timeline's axis tells lab time instead of steps. */
  stripTime: boolean;
  stripHidden: readonly string[];
}
export const page = createStore<PageView>({
  theme: 'auto',
  panel: 'source',
  drawer: false,
  phone: 'ring',
  twin: false,
  ring: '',
  level: 'ring',
  looked: 'ring',
  slot: 0,
  port: '',
  paths: false,
  front: { guest: '', host: '' },
  follow: 'head',
  lensFirst: 0,
  thread: -1,
  lit: '',
  engine: null,
  unit: 'access',
  kind: 'kick',
  going: false,
  word: { addr: 0, bytes: 4 },
  comparing: -1,
  palette: false,
  letters: true,
  gallery: false,
  asked: '',
  mode: 'stopped',
  room: '',
  sizes: {},
  width: innerWidth,
  height: innerHeight,
  keyboard: false,
  second: '',
  left: '',
  closed: [],
  wideTerm: '',
  dragging: '',
  drop: '',
  stripOpen: true,
  stripKinds: null,
  stripText: '',
  stripTime: false,
  stripHidden: [],
});

export const openExplorer = (): void => page.set({ panel: 'explore', drawer: true, phone: 'explore' });

export const useLab = <R>(select: (value: LabView) => R): R => useStore(lab, select);
export const usePage = <R>(select: (value: PageView) => R): R => useStore(page, select);

/** Some of what the lab says: drawn again when one of these is another. */
export function useLabParts<R extends Record<string, unknown>>(select: (value: LabView) => R): R {
  const kept = useRef<R>(undefined);
  return useLab((v) => {
    const now = select(v),
      before = kept.current;
    if (before && Object.keys(now).every((k) => Object.is(now[k], before[k]))) return before;
    kept.current = now;
    return now;
  });
}
