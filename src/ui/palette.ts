// The rows of the palette: each with its words, its key, and how it is typed after `lab`.
import { copyLink } from './Share';
import { back, forward, toggleRun, typeReady } from './link';
import { chooseFile, exportAs, type Lesson, openLesson, saveFile, startOver } from './recording';
import { panelIds, panelOf } from './panels/registry';
import { EVENT_KINDS, lab, page, phoneTabOf } from './store';
import { setTheme } from './theme';
import { shownThreads } from './time/threads';
import { first, goTo, jump, last, nextUnit, order, orderTyped, redo, setPolicy, showWord, toBranch, undo } from './travel';
import { ask } from './call';
import { slotPlaces } from '../lab/sample';
import { kindWords, say } from './words';

export interface PaletteEntry {
  id: string;
  words: string;
  /** Where it acts. */
  where?: string;
  key?: string;
  command?: string;
  /** Lower-case text in which it is found. */
  find: string;
  /** Shown when nothing is typed yet. */
  likely?: boolean;
  /** Made from what was typed. */
  always?: boolean;
  /** Choosing it writes this, instead of doing anything. */
  complete?: string;
  act(): void;
}

type Row = Omit<PaletteEntry, 'id' | 'find' | 'act'> & { act: () => unknown };
const made = (r: Row): PaletteEntry => ({
  ...r,
  id: `${r.words} ${r.where ?? ''} ${r.command ?? ''}`,
  find: `${r.words} ${r.where ?? ''} ${r.command ?? ''}`.toLowerCase(),
  act: () => void r.act(),
});

function time(): Row[] {
  const { state } = lab.get();
  const stopped = state?.run === 'stopped';
  return [
    { words: stopped ? say.time.run : say.time.park, key: 'Space', command: stopped ? 'run' : 'park', likely: true, act: toggleRun },
    { words: say.time.step, key: '.', command: 'step', likely: true, act: forward },
    { words: say.time.back, key: ',', command: 'back', likely: true, act: () => back() },
    { words: say.time.first, key: 'Home', act: first },
    { words: say.time.last, key: 'End', act: last },
    { words: `${say.time.goto}…`, key: 'G', command: 'goto STEP', act: () => page.set({ going: true, phone: 'ring' }) },
    { words: say.time.undo, key: 'Ctrl+Z', command: 'undo', act: undo },
    { words: say.time.redo, key: 'Ctrl+Shift+Z', command: 'redo', act: redo },
    { words: say.palette.unit, key: 'E', act: nextUnit },
    ...EVENT_KINDS.map((k) => ({
      words: `${say.palette.next} ${kindWords[k]}`,
      command: `next ${k}`,
      likely: k === 'kick',
      act: () => jump(k),
    })),
    ...(['lvt', 'rr', 'random'] as const).map((p) => ({
      words: `${say.time.policy}: ${p}`,
      command: `policy ${p}`,
      act: () => setPolicy(p),
    })),
    ...(state?.branches ?? []).map((b) => ({
      words: `${say.palette.change} ${b.name}`,
      where: say.time.branches,
      command: `branches ${b.id}`,
      act: () => toBranch(b.id),
    })),
    ...(state?.branches ?? []).map((b) => ({
      words: `${say.compare.button}: ${b.name}`,
      where: say.time.branches,
      command: `compare ${b.id}`,
      act: () => page.set({ comparing: b.id }),
    })),
    ...shownThreads(state).map((t, i) => ({
      words: `${say.palette.letGo} ${t.name}`,
      where: say.regions.threads,
      key: String(i + 1),
      command: `step 1 ${t.id}`,
      act: () => order(`step 1 ${t.id}`),
    })),
  ];
}

function things(): Row[] {
  return [
    { words: say.top.shareHint, key: 'L', command: 'share', likely: true, act: copyLink },
    { words: say.file.save, act: saveFile },
    { words: say.file.open, act: chooseFile },
    { words: say.file.trace, act: () => exportAs('trace') },
    { words: say.file.vcd, act: () => exportAs('vcd') },
    { words: say.file.capture, act: () => exportAs('capture') },
    { words: say.file.transcript, act: () => exportAs('transcript') },
    { words: say.top.reset, command: 'reset', act: startOver },
    ...(lab.get().started?.ready ?? []).map((r, i) => ({
      words: `${say.noVm.type}: ${r.words}`,
      where: say.regions.host,
      act: () => typeReady(i),
    })),
    ...panelIds().map((p) => ({
      words: `${say.palette.show} ${panelOf(p).title}`,
      where: say.regions.inspector,
      likely: p === 'stops' || p === 'explore',
      ...(p === 'explore' ? { key: 'X' } : {}),
      act: () => page.set({ panel: p, drawer: true, phone: phoneTabOf(p) }),
    })),
    { words: say.ring.twin, key: 'T', where: say.regions.stage, act: () => page.set({ twin: !page.get().twin, phone: 'ring' }) },
    ...(['light', 'dark', 'auto'] as const).map((t) => ({ words: `${say.top.theme}: ${say.top[t]}`, act: () => setTheme(t) })),
  ];
}

/** Everything one can do, with the lab's commands as they are typed, and the words that have names. */
export function entries(
  commands: readonly { name: string; args: string; help: string }[],
  fields: readonly string[],
  lessons: readonly Lesson[],
): PaletteEntry[] {
  return [
    ...time().map(made),
    ...things().map(made),
    ...lessons.map((l) => made({ words: `${say.palette.lesson} ${l.title}`, where: l.file, act: () => openLesson(l) })),
    ...commands.map((c) => {
      const e = made({ words: c.help, command: `${c.name} ${c.args}`.trim(), act: () => orderTyped(c.name) });
      return c.args ? { ...e, complete: `lab ${c.name} ` } : e;
    }),
    ...fields.map((f) => made({ words: f, where: say.panels.word, command: `wrote ${f}`, act: () => openField(f) })),
  ];
}

async function openField(path: string): Promise<void> {
  const addr = await ask((api) => api.address(path));
  if (addr) showWord(addr.addr, addr.bytes);
}

/** What the typed text itself may mean: a step, a slot, a command with its words. */
export function typedEntries(text: string, commands: readonly { name: string }[]): PaletteEntry[] {
  const out: PaletteEntry[] = [];
  const add = (r: Row) => out.push({ ...made(r), id: `typed ${r.command ?? r.words}`, always: true });
  if (/^[\d,]+$/.test(text)) {
    const step = Number(text.replaceAll(',', ''));
    add({ words: `${say.time.goto} ${text}`, command: `goto ${step}`, act: () => goTo(step) });
  }
  const slot = /^slot\s+(\d+)$/i.exec(text);
  const { state } = lab.get(),
    ring = state?.rings.find((r) => r.id === page.get().ring) ?? state?.rings[0];
  if (slot && ring && Number(slot[1]) < ring.slots)
    add({ words: `${say.ring.slot} ${slot[1]} · ${ring.title}`, act: () => showWord(slotPlaces(ring, Number(slot[1])).buf) });
  const line = text.replace(/^lab\s+/, '');
  const kind = EVENT_KINDS.find((k) => line === `next ${k}`);
  if (commands.some((c) => line === c.name || line.startsWith(`${c.name} `)))
    add({ words: say.palette.command, command: line, act: () => (kind ? jump(kind) : orderTyped(line)) });
  return out;
}
