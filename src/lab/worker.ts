// The lab worker: the lab behind Comlink, and the loop that runs it. Never blocks.

import * as Comlink from 'comlink';
import freeUrl from '../../build/free.wasm?url';
import stepUrl from '../../build/step.wasm?url';
import { spawnBrowser } from '../sim/spawn_browser.ts';
import { labCommand } from './control.ts';
import { BHYVE, BHYVELOAD, Lab } from './lab.ts';
import type { LabApi, LabEvent, RingRef } from './protocol.ts';
import { sampleRing } from './sample.ts';
import { fromFragment, toFragment } from './share.ts';
import { isBad } from './share_schema.ts';

const STATE_MS = 250,
  SLICE_MS = 8,
  FRAME_MS = 16,
  OPEN_MS = 20_000;

let lab: Lab,
  emit: (event: LabEvent) => void = () => {};
let timer: ReturnType<typeof setTimeout> | undefined,
  lastState = 0,
  lastSample = 0,
  shared = false;
let watched: { id: string; first: number; ref?: RingRef } = { id: '', first: -1 };

const fetchBytes = async (url: string) => new Uint8Array(await (await fetch(new URL(url, import.meta.url))).arrayBuffer());

function sendState() {
  lastState = performance.now();
  const state = lab.state();
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

function loop() {
  timer = undefined;
  const end = performance.now() + SLICE_MS;
  const wait = lab.pump(() => performance.now() < end, performance.timeOrigin + performance.now()),
    now = performance.now();
  if (now - lastState >= STATE_MS || wait === Number.POSITIVE_INFINITY) sendState();
  else if (now - lastSample >= FRAME_MS) sendSample();
  if (wait !== Number.POSITIVE_INFINITY) timer = setTimeout(loop, wait);
}
/** After something changed: go on if there is anything to do, and show it. */
function kick() {
  if (lab.run !== 'stopped') {
    if (timer === undefined) timer = setTimeout(loop, 0);
  } else sendState();
}

const delay = (ms: number) =>
  new Promise((r) => {
    setTimeout(r, ms);
  });
/** Parks whichever engine runs; bounded by the turns of sleeping threads. */
async function parked() {
  while (!lab.park()) {
    lab.pump(() => false, 0);
    await delay(1);
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

const api: LabApi = {
  async start(options, onEvent) {
    emit = onEvent;
    const [step, free] = await Promise.all([fetchBytes(stepUrl), fetchBytes(freeUrl)]);
    shared = options.shared && typeof SharedArrayBuffer !== 'undefined';
    lab = new Lab({ step, free }, { shared, seed: 1, slots: 1024 }, shared ? spawnBrowser : undefined);
    listen();
    let opened: { ok: boolean; text: string } | undefined;
    if (options.fragment) {
      const r = await fromFragment(options.fragment);
      const end = performance.now() + OPEN_MS;
      const why = isBad(r) ? r.error : lab.open(r, () => performance.now() < end);
      opened = why === undefined ? { ok: true, text: `Opened at step ${lab.world.m.steps}.` } : { ok: false, text: why };
    }
    if (opened?.ok) {
      for (const t of lab.world.tree.host.os.ttys) emit({ t: 'tty-reset', tty: t.id, data: t.out });
      sendState();
    } else {
      lab.start(options.engine);
      kick();
    }
    return {
      engine: lab.engine,
      bhyveload: BHYVELOAD,
      bhyve: BHYVE,
      ...(shared ? { memory: lab.world.m.memory } : {}),
      ...(opened ? { opened } : {}),
    };
  },
  async input(tty, data) {
    lab.input(tty, data);
    kick();
  },
  async resize(tty, cols, rows) {
    lab.resize(tty, cols, rows);
    kick();
  },
  async openTerminal() {
    const tty = lab.openTerminal();
    sendState();
    kick();
    return tty;
  },
  async typeLine(tty, line, enter) {
    lab.typeLine(tty, line, enter);
    kick();
  },
  async run(engine) {
    if (lab.run !== 'stopped' && engine && engine !== lab.engine) await parked();
    lab.start(engine);
    sendState();
    kick();
  },
  async park() {
    await parked();
    sendState();
  },
  async step(thread) {
    await parked();
    lab.step(thread);
    sendState();
  },
  async back(n) {
    await parked();
    lab.back(n);
    sendState();
  },
  async watch(ring, first) {
    watched = { id: ring, first };
    sendState();
  },
  async share() {
    await parked();
    sendState();
    const r = lab.record();
    return isBad(r) ? { ok: false, text: r.error } : { ok: true, text: await toFragment(r) };
  },
  async command(line) {
    if (!/^\s*(run|help|where)?\s*$/.test(line.split(/\s+/)[0] ?? '')) await parked();
    const r = labCommand(lab, line);
    sendState();
    kick();
    return r;
  },
  async reset() {
    await parked();
    lab.reset();
    listen();
    lab.start();
    sendState();
    kick();
  },
};
Comlink.expose(api);
