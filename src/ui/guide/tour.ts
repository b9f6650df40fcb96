// The first sixty seconds: a prepared checkpoint that runs slowly, and cards that wait for acts, never for a timer. Any other
// act puts the tour away. Whether it was seen is kept for the next visit.
import type { LabState, Started } from '../../lab/protocol';
import { ask, byPage, onAct } from '../call';
import { canRunFree, FIRST_TTY, toFront } from '../link';
import { leave, notice, openLesson, startFresh } from '../recording';
import { createStore, lab, page, useStore } from '../store';
import { terminalFor } from '../term/sessions';
import { after, cardOf, type Orders, type TourAt } from './tour_steps';
import { tourWords } from './tour_words';

const KEY = 'ringside-tour';
const SPEED = 6;
/** The state that an answer came with is on the page by then: what the card asks for can be done. */
const SHOWN_MS = 80;
/** Addresses that want something else first. */
const OTHERWISE = ['bare', 'embed', 'present'];

function seen(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}
function remember(): void {
  try {
    localStorage.setItem(KEY, 'seen');
  } catch {
    /* storage refused: the next visit begins with it again */
  }
}

/** Whether this visit may begin with the tour: `?tour` asks for it, `?tour=0` and `?bare` for the empty lab. */
function wanted(): boolean {
  const asked = new URLSearchParams(location.search);
  if (location.hash.length > 1 || OTHERWISE.some((k) => asked.has(k))) return false;
  return asked.has('tour') ? asked.get('tour') !== '0' : !seen();
}

interface TourView {
  at: TourAt;
  orders: Orders;
}
export const tour = createStore<TourView>({ at: wanted() ? 'opening' : 'off', orders: { guest: -1, host: -1 } });
export const useTour = <R>(select: (v: TourView) => R): R => useStore(tour, select);
export const cardNow = (v: TourView): number => cardOf(v.at);

/** The step at which its recording opens. */
let from = 0;
let notOwn = false;

/** The lab is the visitor's from now on. */
function theirs(): void {
  if (!notOwn) return;
  notOwn = false;
  void ask((api) => api.own(true));
}

const quietly = <T>(f: Parameters<typeof ask<T>>[0]): Promise<T | undefined> => byPage(() => ask(f));

function over(): void {
  const was = tour.get().at;
  if (was === 'off') return;
  tour.set({ at: 'off' });
  remember();
  void quietly((api) => api.command('speed full'));
}

/** Skip, or another act. */
export function putAway(): void {
  const { at } = tour.get();
  over();
  if (at !== 'end' && at !== 'off') notice(tourWords.away);
}

const txRing = (state: LabState | null) => state?.rings.find((r) => r.dir === 'TX' && r.csbRing !== 0);

/** The stopped machine, at the ring and at the moment at which two orders differ. */
async function find(): Promise<void> {
  const orders = await quietly((api) => api.toOrders(from));
  await new Promise((shown) => {
    setTimeout(shown, SHOWN_MS);
  });
  if (tour.get().at !== 'finding') return;
  const ring = txRing(lab.get().state);
  if (!orders || !ring) return putAway();
  page.set({ ring: ring.id, phone: 'ring', twin: false, drawer: false });
  tour.set({ at: 'stopped', orders });
}

/** The card changes when what it says has happened: with the state that the act made. */
function afterState(at: TourAt): void {
  const step = lab.get().state?.step;
  const stop = lab.subscribe(() => {
    if (lab.get().state?.step === step) return;
    stop();
    if (tour.get().at !== 'off') tour.set({ at });
    if (at === 'end') remember();
  });
}

/** Where a card waits for its act. */
const WAITS: readonly TourAt[] = ['running', 'stopped', 'looked', 'undone', 'other'];

let pending: TourAt | undefined;
onAct((act) => {
  const { at, orders } = tour.get();
  if (at === 'off') return theirs();
  const next = after(pending ?? at, act, orders);
  if (next === 'opening') return;
  if (next === 'away' || next === 'off') {
    pending = undefined;
    putAway();
    theirs();
  } else if (next === 'finding') {
    tour.set({ at: next });
    void find();
  } else {
    pending = next;
    afterState(next);
  }
});
/** What a visitor does to the page alone is an act too: the cards are about the machine as they left it. */
const looks = () => {
  const { palette, gallery, panel, twin, comparing } = page.get();
  return JSON.stringify([palette, gallery, panel, twin, comparing]);
};
let looked = looks();
page.subscribe(() => {
  const before = looked;
  looked = looks();
  if (looked !== before && WAITS.includes(tour.get().at)) putAway();
});

tour.subscribe(() => {
  if (tour.get().at === pending) pending = undefined;
});

/** How the page stands when it begins: the ring comes when it stops. */
const arranged = () =>
  page.set({
    engine: 'step',
    comparing: -1,
    phone: 'ring',
    drawer: false,
    ring: txRing(lab.get().state)?.id ?? '',
    level: 'machine',
    looked: 'ring',
    twin: false,
  });

/** Opens its recording in place of the lab that is there, and lets it run. */
export async function beginTour(): Promise<void> {
  tour.set({ at: 'opening' });
  const { recording } = await import('virtual:tour');
  notOwn = true;
  await ask((api) => api.own(false));
  leave();
  const answer = await quietly((api) => api.open(recording));
  if (!answer?.ok || (tour.get().at as TourAt) !== 'opening') {
    tour.set({ at: 'off' });
    if (!answer?.ok) notice(tourWords.lost);
    return;
  }
  from = lab.get().state?.step ?? 0;
  arranged();
  await quietly((api) => api.command(`speed ${SPEED}`));
  await quietly((api) => api.run('step'));
  page.set({ level: 'machine' });
  if ((tour.get().at as TourAt) === 'opening') tour.set({ at: 'running' });
}

/** How a first visit begins: the lab starts with the tour's recording (link.ts). */
export const firstVisit = {
  async prepared() {
    return tour.get().at === 'opening' ? { recording: (await import('virtual:tour')).recording, speed: SPEED } : undefined;
  },
  /** True when the lab is the tour's; otherwise the visit begins as ever. */
  begun(it: Started['prepared']): boolean {
    if (!it?.ok) {
      tour.set({ at: 'off' });
      if (it) notice(tourWords.lost);
      return false;
    }
    notOwn = true;
    from = it.step;
    if (tour.get().at === 'opening') {
      arranged();
      tour.set({ at: 'running' });
    } else {
      theirs(); // put away before it was there
      void quietly((api) => api.command('speed full'));
    }
    return true;
  },
};

// ── its three ends ────────────────────────────────────────────────────────────────────────────────────────────

export async function startLesson(): Promise<void> {
  over();
  const { lessons } = await import('virtual:lessons');
  const [first] = lessons;
  if (first) await openLesson(first);
}

/** A fresh host with bhyveload at its prompt, not run; the bhyve line follows when the VM is loaded. */
export async function bootYourself(): Promise<void> {
  over();
  await startFresh();
  const { started } = lab.get();
  if (!started) return;
  toFront('host', FIRST_TTY);
  page.set({ phone: 'host' });
  terminalFor(FIRST_TTY).focus();
  await ask((api) => api.typeLine(FIRST_TTY, started.bhyveload, false));
  const stop = lab.subscribe(() => {
    const { state } = lab.get();
    if (!state?.vms.length) return;
    stop();
    void ask((api) => api.typeLine(FIRST_TTY, started.bhyve, false)).then(() => lab.set({ lineTyped: true }));
  });
}

export async function fullSpeed(): Promise<void> {
  over();
  const engine = canRunFree() ? 'free' : 'step';
  page.set({ engine });
  await ask((api) => api.run(engine));
}
