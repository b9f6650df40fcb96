// The commands of the page: one list behind keys, their help and the palette. Each says where it acts, its key, how it is
// typed after `lab`, and in which modes it is likely.
import { commandWords as words } from './command_words';
import { helpWords } from './guide/help_words';
import { openGallery, openPalette, showKeys, showWords } from './guide/open';
import { beginTour } from './guide/tour';
import { dockWords } from './dock/dock_words';
import { closePanel, PLACES, place, placeOf, showPanel } from './dock/docks';
import { resetLayout } from './dock/sizes';
import { cycle, drainOf, leaveOpen, letNext, packet, stopHere } from './key_acts';
import { back, bootVm, forward, toggleRun, typeBoot } from './link';
import { setLetters } from './letters';
import { openNote } from './notes/notes';
import { noteWords } from './notes/notes_words';
import { predict, setPredict } from './predict/predict';
import { predictWords } from './predict/predict_words';
import { keepPicture } from './picture/PictureMenu';
import { pictureWords } from './picture/picture_words';
import { picturesNow } from './picture/pictures';
import { panelOf } from './panels/registry';
import { takeOf } from './ring/edit';
import { ringShown } from './ring/useRing';
import { copyLink } from './Share';
import { lab, page } from './store';
import { centreOrFit, nearMark, panBy, zoomBy } from './time/strip_act';
import { first, jump, jumpBack, last, nextUnit, redo, undo } from './travel';
import { consoleTty, hostTty, typeAt } from './term/type_at';
import { commands as lines, say } from './words';

/** empty: no VM. up: a VM without traffic in view. */
export type Mode = 'empty' | 'up' | 'running' | 'stopped';
export interface Command {
  words: string;
  /** Where it acts. */
  where?: string;
  /** Its key as it is shown, and the chords that press it. */
  key?: string;
  press?: readonly string[];
  /** As it is typed after `lab`. */
  command?: string;
  likely?: readonly Mode[];
  /** It is no row of the palette: others there say it better. */
  keyOnly?: boolean;
  /** Waits its turn while the lab works. hold: a held key's repeats count, as far as the lab keeps up. */
  queued?: 'once' | 'hold';
  /** The key is the focused control's where that uses it. */
  yields?: 'arrows' | 'press';
  /** Also from terminals and text fields. */
  everywhere?: boolean;
  act(chord: string): unknown;
}

const digits = (before: string): string[] => Array.from({ length: 9 }, (_, i) => `${before}${i + 1}`);

export function mode(): Mode {
  const { state } = lab.get();
  if (!state?.vms.some((v) => v.state === 'running')) return 'empty';
  if (!state.rings.length) return 'up';
  return state.run === 'stopped' ? 'stopped' : 'running';
}

const TIME: readonly Command[] = [
  { words: words.run, key: 'Space', press: ['Space'], queued: 'once', yields: 'press', keyOnly: true, act: toggleRun },
  { words: words.step, key: '.', press: ['.'], queued: 'hold', keyOnly: true, act: forward },
  { words: words.step, key: '→', press: ['ArrowRight'], queued: 'hold', yields: 'arrows', keyOnly: true, act: forward },
  { words: words.back, key: ',', press: [','], queued: 'hold', keyOnly: true, act: () => back() },
  { words: words.back, key: '←', press: ['ArrowLeft'], queued: 'hold', yields: 'arrows', keyOnly: true, act: () => back() },
  { words: say.time.step, key: '.', command: 'step', likely: ['stopped'], act: forward },
  { words: say.time.back, key: ',', command: 'back', likely: ['stopped'], act: () => back() },
  { words: words.next, key: 'Shift+.', press: ['Shift+.'], queued: 'once', act: () => jump(page.get().kind) },
  { words: words.jumpBack, key: 'Shift+,', press: ['Shift+,'], queued: 'once', act: jumpBack },
  { words: words.near, key: 'N', press: ['N'], where: words.timeline, queued: 'once', act: () => nearMark(1) },
  { words: words.nearBack, key: 'Shift+N', press: ['Shift+N'], where: words.timeline, queued: 'once', act: () => nearMark(-1) },
  { words: words.packet, key: 'P', press: ['P'], command: 'next packet', queued: 'once', act: () => packet(1) },
  { words: words.packetBack, key: 'Shift+P', press: ['Shift+P'], queued: 'once', act: () => packet(-1) },
  { words: say.time.first, key: 'Home', press: ['Home'], queued: 'once', yields: 'arrows', act: first },
  { words: say.time.last, key: 'End', press: ['End'], queued: 'once', yields: 'arrows', act: last },
  {
    words: `${say.time.goto}…`,
    key: 'G',
    press: ['G'],
    command: 'goto STEP',
    act: () => page.set({ going: true, phone: 'ring' }),
  },
  { words: words.zoomIn, key: 'W', press: ['W'], where: words.timeline, act: () => zoomBy(1 / 1.5) },
  { words: words.zoomOut, key: 'S', press: ['S'], where: words.timeline, act: () => zoomBy(1.5) },
  { words: words.left, key: 'A', press: ['A'], where: words.timeline, act: () => panBy(-0.15) },
  { words: words.right, key: 'D', press: ['D'], where: words.timeline, act: () => panBy(0.15) },
  { words: words.stripTime, where: words.timeline, act: () => page.set({ stripTime: !page.get().stripTime, stripOpen: true }) },
  { words: words.fit, key: 'F', press: ['F'], where: words.timeline, act: centreOrFit },
  { words: words.thread, key: '1 … 9', press: digits(''), keyOnly: true, act: (chord) => letNext(Number(chord)) },
  { words: words.drain, key: 'Shift+1 … 9', press: digits('Shift+'), keyOnly: true, act: (chord) => drainOf(Number(chord.at(-1))) },
  { words: say.palette.unit, key: 'E', press: ['E'], act: nextUnit },
  { words: words.undo, key: 'Ctrl+Z', press: ['Ctrl+Z'], command: 'undo', queued: 'once', act: undo },
  { words: words.redo, key: 'Ctrl+Shift+Z', press: ['Ctrl+Shift+Z'], command: 'redo', queued: 'once', act: redo },
];

const OTHERS: readonly Command[] = [
  { words: words.stop, key: 'B', press: ['B'], command: 'break …', likely: ['stopped'], queued: 'once', act: stopHere },
  {
    words: noteWords.command,
    key: noteWords.key,
    press: [noteWords.key],
    command: 'note TEXT',
    likely: ['stopped'],
    act: () => openNote(),
  },
  {
    words: words.twin,
    key: 'T',
    press: ['T'],
    where: say.regions.stage,
    likely: ['running'],
    act: () => page.set({ twin: !page.get().twin, phone: 'ring' }),
  },
  {
    words: words.explore,
    key: 'X',
    press: ['X'],
    where: say.regions.inspector,
    likely: ['running', 'stopped'],
    act: () => showPanel('explore'),
  },
  {
    words: say.top.shareHint,
    key: 'L',
    press: ['L'],
    command: 'share',
    likely: ['running', 'up'],
    queued: 'once',
    act: () => copyLink(),
  },
  { words: words.picture, key: 'I', press: ['I'], keyOnly: true, act: () => keepPicture('stage', 'svg') },
  { words: words.pageShot, key: 'Shift+I', press: ['Shift+I'], keyOnly: true, act: () => keepPicture('page', 'png') },
  {
    words: words.find,
    key: 'Ctrl+K or /',
    press: ['/', 'Ctrl+K'],
    keyOnly: true,
    act: () => (page.get().palette ? page.set({ palette: false, asked: '' }) : openPalette()),
  },
  { words: words.keys, key: '?', press: ['?'], where: words.help, likely: ['empty', 'up', 'running'], act: showKeys },
  { words: helpWords.words, where: words.help, act: () => showWords() },
  { words: helpWords.tour, where: words.help, likely: ['empty'], act: () => beginTour() },
  { words: helpWords.gallery, where: words.help, likely: ['empty', 'up', 'running'], act: openGallery },
  { words: words.esc, key: 'Esc', press: ['Escape'], keyOnly: true, act: leaveOpen },
  { words: words.region, key: 'F6', press: ['F6'], everywhere: true, keyOnly: true, act: () => cycle(1) },
  { words: words.regionBack, key: 'Shift+F6', press: ['Shift+F6'], everywhere: true, keyOnly: true, act: () => cycle(-1) },
  {
    words: words.anywhere,
    key: 'Ctrl+Shift+Space',
    press: ['Ctrl+Shift+Space'],
    everywhere: true,
    queued: 'once',
    keyOnly: true,
    act: toggleRun,
  },
  // keys of the terminals themselves: said here, done there
  { words: words.termFind, key: 'Ctrl+Shift+F', where: words.anyTerminal, keyOnly: true, act: () => {} },
  { words: words.termCopy, key: 'Ctrl+Shift+C', where: words.anyTerminal, keyOnly: true, act: () => {} },
  { words: words.termTab, key: 'Ctrl+M', where: words.anyTerminal, keyOnly: true, act: () => {} },
];

export const COMMANDS: readonly Command[] = [...TIME, ...OTHERS];

/** What an embedded picture has: time, and what needs no other part of the page. */
export const inFrames = (c: Command): boolean => TIME.includes(c) || c.words === words.twin || c.words === words.esc;

/** Those whose words depend on how things are. */
export function presentCommands(): Command[] {
  const { state, lineTyped } = lab.get(),
    stopped = state?.run === 'stopped',
    { letters, panel, wideTerm } = page.get();
  return [
    ...(state && mode() === 'empty'
      ? [
          lineTyped
            ? { words: say.noVm.boot, where: say.regions.host, likely: ['empty'] as const, act: bootVm }
            : { words: say.noVm.type, where: say.regions.host, likely: ['empty'] as const, act: () => typeBoot() },
        ]
      : []),
    {
      words: stopped ? say.time.run : say.time.park,
      key: 'Space',
      command: stopped ? 'run' : 'park',
      likely: ['up', 'running', 'stopped'],
      act: toggleRun,
    },
    ...(stopped && state.rings.length
      ? (['head', 'cur'] as const).map((hand) => ({
          words: words.hand(hand),
          where: ringShown()?.title ?? say.regions.stage,
          act: () => takeOf(hand),
        }))
      : []),
    ...(state && mode() !== 'empty'
      ? [
          { words: words.send, where: say.regions.guest, likely: ['up'] as const, act: () => typeAt(consoleTty(state), lines.tx) },
          { words: words.receive, where: say.regions.host, likely: ['up'] as const, act: () => typeAt(hostTty(state), lines.rx) },
        ]
      : []),
    { words: predict.get().on ? predictWords.off : predictWords.on, where: words.help, act: () => setPredict(!predict.get().on) },
    ...picturesNow().flatMap((p) =>
      (['svg', 'png', 'copy'] as const).map((form) => ({
        words: `${p.id === 'page' ? pictureWords.page : pictureWords.save}: ${pictureWords[form].toLowerCase()}`,
        where: p.title,
        act: () => keepPicture(p.id, form),
      })),
    ),
    ...PLACES.filter((p) => p !== placeOf(panel)).map((p) => ({
      words: `${dockWords.move(panelOf(panel).title)}: ${dockWords.to[p]}`,
      where: dockWords.where,
      act: () => place(panel, p),
    })),
    { words: dockWords.close(panelOf(panel).title), where: dockWords.where, act: () => closePanel(panel) },
    ...(['guest', 'host'] as const).map((side) => ({
      words: wideTerm === side ? dockWords.narrow : dockWords.widen(side),
      where: dockWords.where,
      act: () => page.set({ wideTerm: wideTerm === side ? '' : side }),
    })),
    { words: dockWords.reset, where: dockWords.where, act: resetLayout },
    { words: dockWords.linkWith, where: dockWords.where, act: () => copyLink(true) },
    { words: letters ? words.lettersOff : words.lettersOn, where: words.help, act: () => setLetters(!letters) },
  ];
}

/** The rows of the keys' help. */
export const keyRows = (): { key: string; words: string; where?: string | undefined }[] => {
  const out = new Map<string, { key: string; words: string; where?: string | undefined }>();
  for (const c of COMMANDS) {
    if (c.key === undefined || (!c.press && !c.keyOnly)) continue;
    const same = out.get(c.words);
    out.set(c.words, same ? { ...same, key: `${same.key} or ${c.key}` } : { key: c.key, words: c.words, where: c.where });
  }
  return [...out.values()];
};

/** The command that a chord presses; a letter with Shift is that letter where nothing else is bound to it. */
export function commandOf(chord: string): Command | undefined {
  const find = (c: string) => COMMANDS.find((x) => x.press?.includes(c));
  return find(chord) ?? (/^Shift\+[A-Z]$/.test(chord) ? find(chord.slice(6)) : undefined);
}
