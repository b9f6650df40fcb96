// The lab worker: the lab behind Comlink, and the loop that runs it. Never blocks.

import './trusted.ts';
import * as Comlink from 'comlink';
import freeUrl from '../../build/free.wasm?url';
import stepUrl from '../../build/step.wasm?url';
import { spawnBrowser } from '../sim/spawn_browser.ts';
import { exported } from './exports.ts';
import { opened, saved } from './files.ts';
import { chartsApi } from './charts.ts';
import { ALWAYS, COMMANDS, labCommand } from './control.ts';
import { BHYVE, BHYVELOAD } from './boot_lines.ts';
import { readyLines } from './exhibit.ts';
import { PARKED_BROKEN, Parks } from './explore/stress.ts';
import { explorerApi } from './explore/explorer_api.ts';
import { buildName } from './keep.ts';
import { Keeper } from './keeper.ts';
import { Lab } from './lab.ts';
import { panelsApi } from './panels.ts';
import { notesApi } from './notes.ts';
import { predictApi } from './predict.ts';
import type { LabApi, LabEvent, Posted, RingRef, Started } from './protocol.ts';
import { sampleRing } from './sample.ts';
import { Quiet, rescued, robustApi, troubles } from './robust.ts';
import { readingApi } from './reading_api.ts';
import { serve } from './serve.ts';
import { fromFragment, toFragment, unopened } from './share.ts';
import { isBad } from './share_schema.ts';
import { EVENTS, type EventKind } from './stops.ts';
import { delay } from './turns.ts';
import { tourApi } from './tour.ts';

const STATE_MS = 250,
  SLICE_MS = 8,
  FRAME_MS = 16,
  OPEN_MS = 20_000,
  PARK_MS = 10_000;

let lab: Lab,
  keeper: Keeper,
  build: string,
  emit: (event: LabEvent) => void = () => {};
let timer: ReturnType<typeof setTimeout> | undefined,
  lastState = 0,
  lastSample = 0,
  shared = false;
/** The search that is under way. */
let searching: { kind: EventKind; cancelled: boolean } | undefined;
let watched: { id: string; first: number; ref?: RingRef } = { id: '', first: -1 };

const fetchBytes = async (url: string) => new Uint8Array(await (await fetch(new URL(url, import.meta.url))).arrayBuffer());

function sendState() {
  lastState = performance.now();
  const state = lab.state();
  if (keeper.limit) state.limits.push(keeper.limit);
  state.troubles = troubles(lab, keeper);
  const looked = parks.view(lab.world);
  if (looked) state.parks = looked;
  robust.tell();
  void keepSoon();
  const ref = state.rings.find((r) => r.id === watched.id) ?? state.rings[0];
  if (ref) watched.ref = ref;
  else delete watched.ref;
  emit({ t: 'state', state });
  sendSample();
}
function sendSample() {
  if (shared || !watched.ref) return;
  lastSample = performance.now();
  emit({ t: 'sample', sample: sampleRing(lab.world.m.u32, watched.ref, watched.first) });
}

/** Keeps the lab, where it stands still or is recorded as it goes. */
async function keepSoon(now = false) {
  if (lab.engine === 'step') await keeper.store(lab, performance.timeOrigin + performance.now(), now);
}

function loop() {
  timer = undefined;
  const end = performance.now() + SLICE_MS,
    before = lab.world;
  const wait = lab.pump(() => performance.now() < end, performance.timeOrigin + performance.now()),
    now = performance.now();
  if (lab.world !== before) newMachine();
  if (lab.world.asked.length) void answer();
  if (now - lastState >= STATE_MS || wait === Number.POSITIVE_INFINITY) sendState();
  else if (now - lastSample >= FRAME_MS) sendSample();
  if (wait !== Number.POSITIVE_INFINITY) timer = setTimeout(loop, wait);
}
/** What was asked for since the beginning: who waits for something can see that another came. */
let acts = 0;
/** Before what changes the lab: a search gives way to it. */
async function act() {
  acts++;
  await giveWay();
}
async function giveWay() {
  if (searching) searching.cancelled = true;
  while (searching) await delay(1);
}

let answering = false;
/** What was asked in terminals. */
async function answer() {
  if (answering) return;
  answering = true;
  const before = lab.world;
  try {
    while (await serve(lab, parked, (answer) => void answer.then(kick)));
  } finally {
    answering = false;
  }
  shown(before);
  kick();
}

/** After something changed: go on if there is anything to do, and show it. */
function kick() {
  if (lab.run !== 'stopped') {
    if (timer === undefined) timer = setTimeout(loop, 0);
  } else {
    sendState();
    if (lab.world.asked.length) void answer();
  }
}

/** Parks whichever engine runs; bounded by the turns of sleeping threads. */
async function parked() {
  await giveWay();
  const end = performance.now() + PARK_MS,
    before = lab.world,
    free = lab.engine === 'free';
  while (!lab.park()) {
    lab.pump(() => false, 0);
    await delay(1);
    if (performance.now() > end) lab.late(`it did not stop for ${PARK_MS / 1000} seconds`);
  }
  if (lab.world !== before) newMachine();
  else if (free && !lab.failure) {
    const broken = parks.look(lab.world);
    if (broken) lab.sentence = `${PARKED_BROKEN} ${broken.why}`;
  }
}

/** Another machine is in place of the one before: its terminals anew, its memory for whoever reads it. */
function newMachine() {
  listen();
  emit({ t: 'machine', ...(shared ? { memory: lab.world.m.memory } : {}) });
  for (const t of lab.world.tree.host.os.ttys) emit({ t: 'tty-reset', tty: t.id, data: t.out });
  sendState();
}

/** The search for an event, in slices, so that the page can give it up. */
async function search(kind: EventKind) {
  const s = lab.search(kind);
  searching = { kind, cancelled: false };
  const mine = searching;
  for (;;) {
    const r = s.slice();
    if (r !== 'more') {
      searching = undefined;
      sendState();
      return r === 'found'
        ? { ok: true, text: `step ${lab.world.m.steps}: ${lab.sentence}` }
        : { ok: false, text: lab.failure || `no ${EVENTS[kind].name} comes` };
    }
    await delay(0);
    if (mine.cancelled) {
      s.giveUp();
      searching = undefined;
      sendState();
      return { ok: false, text: `The search for the next ${EVENTS[kind].name} was given up.` };
    }
  }
}

function listen() {
  lab.onTty = (tty, data) => {
    emit({ t: 'tty', tty, data });
  };
  lab.onReset = (tty, data) => {
    emit({ t: 'tty-reset', tty, data });
  };
}

/** Whether a replay may go on: not for ever. */
function patience() {
  const end = performance.now() + OPEN_MS;
  return () => performance.now() < end;
}
const shown = (was: Lab['world']) => (lab.world === was ? sendState() : newMachine());

const quiet = new Quiet(),
  parks = new Parks();
const robust = robustApi(
  {
    lab: () => lab,
    keeper: () => keeper,
    build: () => build,
    send: (event) => emit(event),
    act,
    acts: () => acts,
    parked,
    store: keepSoon,
    newMachine,
    sendState,
    kick,
  },
  quiet,
);
const api: LabApi = {
  ...robust,
  ...panelsApi(() => lab),
  ...chartsApi(() => lab),
  ...explorerApi({
    lab: () => lab,
    build: () => build,
    emit: (event) => emit(event),
    act,
    acts: () => acts,
    parked,
    parks,
    kick,
    shown,
    patience,
  }),
  ...tourApi({ lab: () => lab, act, parked, shown, keeper: () => keeper }),
  ...notesApi({ lab: () => lab, parked, sendState }),
  ...predictApi({ lab: () => lab, parked }),
  async start(options) {
    // the way that the answers go: what happened before an answer is heard before it
    emit = (event) => {
      if (quiet.hears(event)) postMessage({ event } satisfies Posted);
    };
    const [step, free] = await Promise.all([fetchBytes(stepUrl), fetchBytes(freeUrl)]);
    shared = options.shared && typeof SharedArrayBuffer !== 'undefined';
    lab = new Lab({ step, free }, { shared, seed: 1, slots: 1024 }, shared ? spawnBrowser : undefined);
    build = buildName(step);
    keeper = new Keeper(build);
    keeper.onLimit = sendState;
    if (!options.forget) await keeper.start();
    listen();
    let link: Started['opened'];
    if (options.rescue) {
      const why = rescued(lab, options.rescue, build, patience());
      link = why === undefined ? { ok: true, text: `Opened at step ${lab.world.m.steps}.` } : { ok: false, text: why };
    } else if (options.fragment) {
      const r = await fromFragment(options.fragment);
      const why = isBad(r) ? r.error : lab.open(r, patience());
      link =
        why === undefined
          ? { ok: true, text: `Opened at step ${lab.world.m.steps}.`, ...(isBad(r) ? {} : { layout: r.layout }) }
          : { ok: false, text: why, ...unopened(r) };
    }
    let prepared: Started['prepared'];
    if (options.prepared && !link && !keeper.found.length) {
      const { ok } = await opened(lab, options.prepared.recording, build, patience());
      prepared = { ok, step: lab.world.m.steps };
      if (ok) {
        keeper.own = false;
        lab.speed = options.prepared.speed;
        lab.start('step');
      }
    }
    if (link?.ok || prepared?.ok) {
      for (const t of lab.world.tree.host.os.ttys) emit({ t: 'tty-reset', tty: t.id, data: t.out });
      sendState();
      if (prepared) kick();
    } else {
      lab.start(options.engine);
      kick();
    }
    const kept = keeper.found.map(({ kept: k }) => ({ when: k.when, step: k.step, free: k.root > 0 }));
    return {
      engine: lab.engine,
      bhyveload: BHYVELOAD,
      bhyve: BHYVE,
      ready: readyLines(),
      ...(shared ? { memory: lab.world.m.memory } : {}),
      ...(link ? { opened: link } : {}),
      ...(prepared ? { prepared } : {}),
      kept,
    };
  },
  async input(tty, data) {
    await act();
    lab.typing.input(tty, data);
    kick();
  },
  async resize(tty, cols, rows) {
    await giveWay(); // the page's layout does it: nobody acted
    lab.typing.resize(tty, cols, rows);
    kick();
  },
  async openTerminal() {
    await act();
    const tty = lab.typing.openTerminal();
    sendState();
    kick();
    return tty;
  },
  async typeLine(tty, line, enter) {
    await act();
    lab.typing.typeLine(tty, line, enter);
    kick();
  },
  async run(engine) {
    await act();
    if (lab.run !== 'stopped' && engine && engine !== lab.engine) await parked();
    lab.start(engine);
    sendState();
    kick();
  },
  async park() {
    await act();
    await parked();
    sendState();
  },
  async step(thread) {
    await act();
    await parked();
    lab.step(thread);
    sendState();
  },
  async back(n) {
    await act();
    await parked();
    lab.back(n);
    sendState();
  },
  async watch(ring, first) {
    watched = { id: ring, first };
    sendState();
  },
  async share(layout) {
    await parked();
    sendState();
    const r = lab.record(layout);
    return isBad(r) ? { ok: false, text: r.error } : { ok: true, text: await toFragment(r) };
  },
  async save(layout) {
    await parked();
    sendState();
    return saved(lab, build, performance.timeOrigin + performance.now(), layout);
  },
  async open(text) {
    await act();
    await parked();
    const answer = await opened(lab, text, build, patience());
    if (answer.ok) newMachine();
    else sendState();
    return answer;
  },
  async ping() {},
  async export(kind, from, to) {
    await parked();
    const out = exported(lab, kind, from, to);
    sendState();
    return out;
  },
  async command(line) {
    await act();
    const [name = '', kind = ''] = line.trim().split(/\s+/);
    if (!ALWAYS.has(name) || name === 'park' || (name === 'run' && kind && kind !== lab.engine)) await parked();
    if (name === 'next' && Object.hasOwn(EVENTS, kind)) return search(kind as EventKind);
    const before = lab.world,
      r = labCommand(lab, line);
    shown(before);
    kick();
    return r.later ?? r;
  },
  async commands() {
    return COMMANDS.map(({ name, args, help }) => ({ name, args, help }));
  },
  async cancel() {
    if (searching) searching.cancelled = true;
  },
  ...readingApi({ lab: () => lab, parked }),
  async takeBack() {
    await act();
    await parked();
    lab.takeBack();
    newMachine();
  },
  async reset(engine, setup) {
    await act();
    await parked();
    lab.reset(setup);
    newMachine();
    lab.start(engine);
    sendState();
    kick();
  },
};
Comlink.expose(api);
