// The rows of the palette: each with its words, its key, and how it is typed after `lab`.
import { COMMANDS, mode, presentCommands } from './commands';
import { showPanel } from './dock/docks';
import { openScene } from './guide/scenes';
import { scenes } from './guide/gallery_words';
import { glossary, glossaryWords } from './guide/glossary_words';
import { showWords } from './guide/open';
import { typeReady } from './link';
import { chooseFile, exportAs, type Lesson, openLesson, saveFile, startOver } from './recording';
import { panelIds, panelOf } from './panels/registry';
import { EVENT_KINDS, lab, page } from './store';
import { present as presentPage } from './show/mode';
import { showWords as shown } from './show/show_words';
import { ringShown } from './ring/useRing';
import { setTheme } from './theme';
import { shownThreads } from './time/threads';
import { goTo, jump, order, orderTyped, setPolicy, showWord, toBranch } from './travel';
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
  /** A word of the glossary: after what does something, unless it is the very word. */
  word?: boolean;
  /** Made from what was typed. */
  always?: boolean;
  /** Choosing it writes this, instead of doing anything. */
  complete?: string;
  act(): void;
}

/** `about`: words in which it is found besides. */
type Row = Omit<PaletteEntry, 'id' | 'find' | 'act'> & { about?: string; act: () => unknown };
const made = ({ about, ...r }: Row): PaletteEntry => ({
  ...r,
  id: `${r.words} ${r.where ?? ''} ${r.command ?? ''}`,
  find: `${r.words} ${r.where ?? ''} ${r.command ?? ''} ${about ?? ''}`.toLowerCase(),
  act: () => void r.act(),
});

const SHOWN = 60,
  LIKELY = 6;

/** What is there only now: events, histories, threads. */
function present(): Row[] {
  const { state } = lab.get();
  return [
    ...EVENT_KINDS.map((k) => ({
      words: `${say.palette.next} ${kindWords[k]}`,
      command: `next ${k}`,
      likely: k === 'kick' && mode() === 'stopped',
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
  const now = mode();
  return [
    { words: shown.presentHint, likely: true, act: () => presentPage(true) },
    { words: say.file.save, act: saveFile },
    { words: say.file.open, likely: now === 'empty', act: chooseFile },
    { words: say.file.trace, act: () => exportAs('trace') },
    { words: say.file.vcd, act: () => exportAs('vcd') },
    { words: say.file.capture, act: () => exportAs('capture') },
    { words: say.file.transcript, act: () => exportAs('transcript') },
    { words: say.top.reset, command: 'reset', act: startOver },
    ...(lab.get().started?.ready ?? []).map((r, i) => ({
      words: `${say.noVm.type}: ${r.words}`,
      where: say.regions.host,
      likely: i === 0 && now === 'empty',
      act: () => typeReady(i),
    })),
    ...panelIds().map((p) => ({
      words: `${say.palette.show} ${panelOf(p).title}`,
      where: say.regions.inspector,
      likely: p === 'counters' && now === 'running',
      act: () => showPanel(p),
    })),
    ...(['light', 'dark', 'auto'] as const).map((t) => ({ words: `${say.top.theme}: ${say.top[t]}`, act: () => setTheme(t) })),
    ...scenes.map((s) => ({ words: `${say.palette.scene} ${s.title}`, where: s.file, about: s.about, act: () => openScene(s.file) })),
    ...glossary.map((g) => ({ words: g.word, where: glossaryWords.palette, about: g.means, word: true, act: () => showWords(g.word) })),
  ];
}

/** The page's own commands. */
function own(): Row[] {
  const now = mode();
  return [...presentCommands(), ...COMMANDS.filter((c) => !c.keyOnly)].map(({ words, where, key, command, likely, act }) => ({
    words,
    ...(where === undefined ? {} : { where }),
    ...(key === undefined ? {} : { key }),
    ...(command === undefined ? {} : { command }),
    likely: likely?.includes(now) ?? false,
    act: () => act(''),
  }));
}

/** Everything one can do, with the lab's commands as they are typed, and the words that have names. */
export function entries(
  commands: readonly { name: string; args: string; help: string }[],
  fields: readonly string[],
  lessons: readonly Lesson[],
): PaletteEntry[] {
  const mine = [...own(), ...present(), ...things()];
  const had = new Set(mine.map((r) => r.command));
  return [
    ...mine.map(made),
    ...lessons.map((l) => made({ words: `${say.palette.lesson} ${l.title}`, where: l.file, about: l.about, act: () => openLesson(l) })),
    ...commands
      .filter((c) => !had.has(`${c.name} ${c.args}`.trim()))
      .map((c) => {
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
  const ring = ringShown();
  if (slot && ring && Number(slot[1]) < ring.slots)
    add({ words: `${say.ring.slot} ${slot[1]} · ${ring.title}`, act: () => showWord(slotPlaces(ring, Number(slot[1])).buf) });
  const line = text.replace(/^lab\s+/, '');
  const kind = EVENT_KINDS.find((k) => line === `next ${k}`);
  if (commands.some((c) => line === c.name || line.startsWith(`${c.name} `)))
    add({ words: say.palette.command, command: line, act: () => (kind ? jump(kind) : orderTyped(line)) });
  return out;
}

/** At most six at first; then what was typed itself means, then what begins with it, then what has it anywhere. */
export function matching(all: readonly PaletteEntry[], text: string): PaletteEntry[] {
  const typed = text.trim().toLowerCase();
  if (!typed) return all.filter((e) => e.likely).slice(0, LIKELY);
  const words = typed.split(/\s+/),
    found = all.filter((e) => e.always || words.every((w) => e.find.includes(w)));
  const rank = (e: PaletteEntry): number => {
    const name = e.words.toLowerCase();
    if (e.always) return 0;
    if (e.word) return name === typed ? 2 : 4;
    return name.startsWith(typed) ? 1 : 3;
  };
  return found.toSorted((a, b) => rank(a) - rank(b)).slice(0, SHOWN);
}
