// The lab worker: the lab behind Comlink, and the loop that runs it. Never blocks.

import * as Comlink from 'comlink';
import freeUrl from '../../build/free.wasm?url';
import stepUrl from '../../build/step.wasm?url';
import { spawnBrowser } from '../sim/spawn_browser.ts';
import { placesOf } from './breaks.ts';
import { compile, explain } from './expr.ts';
import { addressOf, anyFields, listFields } from './expr_fields.ts';
import { exported } from './exports.ts';
import { opened, saved } from './files.ts';
import { compare } from './compare.ts';
import { ALWAYS, COMMANDS, labCommand } from './control.ts';
import { BHYVE, BHYVELOAD } from './boot_lines.ts';
import { readyLines } from './exhibit.ts';
import { deedKind, deedWords } from './deeds.ts';
import { explorerApi } from './explore/explorer_api.ts';
import { buildName } from './keep.ts';
import { Keeper } from './keeper.ts';
import { Lab } from './lab.ts';
import { panelsApi } from './panels.ts';
import { lifeOf, wordAt, writtenAt } from './past.ts';
import type { LabApi, LabEvent, RingRef, Started, StripQuery } from './protocol.ts';
import { sampleRing } from './sample.ts';
import { serve } from './serve.ts';
import { fromFragment, toFragment } from './share.ts';
import { isBad } from './share_schema.ts';
import { EVENTS, type EventKind } from './stops.ts';
import { nearPlace, nearest, strip } from './trace_view.ts';

const STATE_MS = 250,
  SLICE_MS = 8,
  FRAME_MS = 16,
  OPEN_MS = 20_000,
  DEEDS = 300;

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
  const end = performance.now() + SLICE_MS;
  const wait = lab.pump(() => performance.now() < end, performance.timeOrigin + performance.now()),
    now = performance.now();
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

const delay = (ms: number) =>
  new Promise((r) => {
    setTimeout(r, ms);
  });
/** Parks whichever engine runs; bounded by the turns of sleeping threads. */
async function parked() {
  if (searching) searching.cancelled = true;
  while (searching) await delay(1);
  while (!lab.park()) {
    lab.pump(() => false, 0);
    await delay(1);
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

const api: LabApi = {
  ...panelsApi(() => lab),
  ...explorerApi({ lab: () => lab, build: () => build, emit: (event) => emit(event), act, parked, shown, patience }),
  async start(options, onEvent) {
    emit = onEvent;
    const [step, free] = await Promise.all([fetchBytes(stepUrl), fetchBytes(freeUrl)]);
    shared = options.shared && typeof SharedArrayBuffer !== 'undefined';
    lab = new Lab({ step, free }, { shared, seed: 1, slots: 1024 }, shared ? spawnBrowser : undefined);
    build = buildName(step);
    keeper = new Keeper(build);
    await keeper.start();
    listen();
    let link: Started['opened'];
    if (options.fragment) {
      const r = await fromFragment(options.fragment);
      const why = isBad(r) ? r.error : lab.open(r, patience());
      link =
        why === undefined
          ? { ok: true, text: `Opened at step ${lab.world.m.steps}.`, ...(isBad(r) ? {} : { layout: r.layout }) }
          : { ok: false, text: why };
    }
    if (link?.ok) {
      for (const t of lab.world.tree.host.os.ttys) emit({ t: 'tty-reset', tty: t.id, data: t.out });
      sendState();
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
      kept,
    };
  },
  async input(tty, data) {
    await act();
    lab.typing.input(tty, data);
    kick();
  },
  async resize(tty, cols, rows) {
    await act();
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
  async strip(query: StripQuery) {
    const t = lab.timeline.trace;
    if (!t) throw new Error('nothing is recorded');
    t.rename();
    const view = strip(t, query),
      { entries } = lab.timeline;
    const among = entries.filter((e) => e.at >= query.from && e.at < query.to && e.k !== 'clock');
    view.deeds = among.length > DEEDS ? [] : among.map((e) => ({ step: e.at + 1, kind: deedKind(e), words: deedWords(lab.world, e) }));
    return view;
  },
  async near(query, step, by) {
    return lab.timeline.trace && nearest(lab.timeline.trace, query, step, by);
  },
  async nearPlace(place, step, by) {
    return lab.timeline.trace && nearPlace(lab.timeline.trace, placesOf(place), step, by);
  },
  async writtenAt(tty, text) {
    await parked();
    return lab.ask((w, t) => writtenAt(w, t, tty, text), undefined);
  },
  async word(addr, bytes) {
    const still = lab.run === 'stopped';
    return lab.ask((w, t) => wordAt(w, t, addr, bytes, still), undefined);
  },
  async life(buf, ring) {
    await parked();
    return lab.ask((w, t) => lifeOf(w, t, buf, ring), undefined);
  },
  async compare(branch, after) {
    await parked();
    return lab.ask((w, t) => compare(w, t, branch, after), undefined);
  },
  async fields() {
    return listFields(lab.world).map((f) => f.path);
  },
  async address(path) {
    const f = addressOf(lab.world, path);
    return f.ok ? { addr: f.addr, bytes: f.bytes === 2 ? 2 : 4 } : undefined;
  },
  async check(condition) {
    const c = compile(condition, anyFields, 'bool');
    return c.ok ? '' : explain(c);
  },
  async keep(layout) {
    keeper.layout = layout;
    const before = acts;
    if (lab.engine !== 'free' || lab.run === 'stopped') return keepSoon(true);
    // a free stretch is kept only by stopping for a moment; whoever did something meanwhile has the last word
    await parked();
    const step = lab.world.m.steps,
      root = lab.timeline.first;
    await keepSoon(true);
    const run: string = lab.run;
    if (run !== 'stopped' || lab.world.m.steps !== step || lab.timeline.first !== root || acts !== before) return;
    lab.start('free');
    kick();
  },
  async resume(which) {
    await act();
    await parked();
    const why = keeper.resume(lab, which);
    if (why !== undefined) {
      sendState();
      return { ok: false, text: why };
    }
    newMachine();
    return { ok: true, text: `Opened at step ${lab.world.m.steps}.`, layout: keeper.found[which]?.kept.layout };
  },
  async forget() {
    await keeper.forget();
  },
  async takeBack() {
    await act();
    await parked();
    lab.takeBack();
    newMachine();
  },
  async reset(engine) {
    await act();
    await parked();
    lab.reset();
    newMachine();
    lab.start(engine);
    sendState();
    kick();
  },
};
Comlink.expose(api);
