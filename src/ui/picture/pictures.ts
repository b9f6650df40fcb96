// Which pictures are on the page now: each with its element, its name, its words. Buttons, the palette and keys ask here.
import { panelOf } from '../panels/registry';
import { twinText } from '../ring/twin';
import { ringShown } from '../ring/useRing';
import { lastLook } from '../samples';
import { PICTURES } from '../show/address';
import { showWords } from '../show/show_words';
import { lab, page } from '../store';
import { say } from '../words';
import { machineWords } from '../machine/machine_words';
import { pictureWords as words } from './picture_words';

/** stage: whatever level it shows. */
export type PictureId = 'stage' | 'who' | 'timeline' | 'panel' | 'second' | 'guest' | 'host' | 'page';
const IDS: readonly PictureId[] = ['stage', 'who', 'timeline', 'panel', 'second', 'guest', 'host', 'page'];

export interface Found {
  id: PictureId;
  title: string;
  /** For the file's name. */
  name: string;
  element: HTMLElement | SVGElement;
  /** The same in words. */
  words(): string;
}

const find = (what: string): HTMLElement | SVGElement | null => document.querySelector<HTMLElement | SVGElement>(what);
const shown = (el: Element | null): boolean => el?.checkVisibility({ visibilityProperty: true }) ?? false;
const spoken = (el: Element | null): string => (el instanceof HTMLElement ? el.innerText : (el?.textContent ?? ''));

function ringTitle(): { title: string; name: string; sampled: string } {
  const { state } = lab.get(),
    ring = ringShown();
  const named = /^(\w+) ring (\d+) of (\S+)/.exec(ring?.title ?? '');
  const name = named ? `${named[3]}-${named[1]}${named[2]}` : (ring?.id ?? '');
  // while the machine runs the canvas says only its title: what was painted last has its words
  const seen = ring && state?.run === 'running' ? lastLook(ring.id) : undefined;
  return { title: ring?.title ?? say.regions.stage, name: `ring-${name}`, sampled: ring && seen ? twinText(ring, seen.sample) : '' };
}

function stage(): Omit<Found, 'id'> | undefined {
  const level = find('.stage')?.dataset.level,
    { title, name, sampled } = ringTitle();
  const compared = find('.stage .compare');
  if (compared) return { title: words.compare, name: 'histories', element: compared, words: () => spoken(compared) };
  const twin = find('.stage .twin');
  if (twin && level !== 'slot')
    return { title, name: `${level === 'ring' ? name : 'machine'}-words`, element: twin, words: () => spoken(twin) };
  if (level === 'ring') {
    const canvas = find('.ring-box canvas');
    return canvas ? { title, name, element: canvas, words: () => sampled || (canvas.getAttribute('aria-label') ?? '') } : undefined;
  }
  if (level === 'slot') {
    const element = find('.stage .slot'),
      at = page.get().slot;
    return element
      ? { title: `${say.ring.slot} ${at}, ${title}`, name: `slot-${name.slice(5)}-${at}`, element, words: () => spoken(element) }
      : undefined;
  }
  const drawn = find('svg.machine'),
    room = find('.m-room .m-figures') ? find('.m-room') : drawn;
  return room && drawn
    ? {
        title: machineWords.picture,
        name: 'machine',
        element: room,
        words: () => document.getElementById('machine-words')?.textContent ?? '',
      }
    : undefined;
}

/** What a frame in another page shows. */
function embedTitle(): string {
  const asked = find('.embed')?.dataset.picture,
    known = PICTURES.find((p) => p === asked);
  return known ? showWords.views[known] : '';
}

function of(id: PictureId): Omit<Found, 'id'> | undefined {
  const { panel, second } = page.get();
  const part = (what: string, title: string, name: string, text?: () => string): Omit<Found, 'id'> | undefined => {
    const element = find(what);
    return element ? { title, name, element, words: text ?? (() => spoken(element)) } : undefined;
  };
  const terminal = (side: 'guest' | 'host') => {
    const rows = [...document.querySelectorAll(`[data-region="${side}"] [data-tty]:not([hidden]) .xterm-rows > div`)];
    return rows.map((r) => (r.textContent ?? '').replaceAll('\u00a0', ' ').trimEnd()).join('\n');
  };
  switch (id) {
    case 'stage':
      return stage();
    case 'who':
      return part('.know', `${words.who}, ${ringTitle().title}`, `who-${ringTitle().name.slice(5)}`);
    case 'timeline':
      return part('.strip-body:not([hidden])', words.timeline, 'timeline', () => spoken(find('.strip-line')));
    case 'panel':
      return part('#panel', panelOf(panel).title, panel) ?? part('.embed-body > *', embedTitle(), embedTitle());
    case 'second':
      return second ? part('.second > .panel', panelOf(second).title, second) : undefined;
    case 'guest':
    case 'host':
      return part(`[data-region="${id}"] [data-tty]:not([hidden])`, say.regions[id], `${id}-terminal`, () => terminal(id));
    case 'page':
      return part('#root', words.pageTitle, 'page', () => `${lab.get().state?.sentence ?? ''} ${spoken(find('main'))}`);
  }
}

export function pictureOf(id: PictureId): Found | undefined {
  const found = of(id);
  return found && shown(found.element) ? { id, ...found } : undefined;
}

export const picturesNow = (): Found[] => IDS.flatMap((id) => pictureOf(id) ?? []);

/** Where it is from: the rules, the machine's seed and step, and how the figures were got. */
export function origin(id: PictureId): string[] {
  const { state } = lab.get(),
    w = words.foot;
  if (!state) return [w.name];
  const revision = state.counters.flatMap((g) => g.rows).find((r) => r.name === w.revision)?.value,
    badge = id === 'stage' || id === 'page' ? spoken(find('.stage .badge')) : '',
    running = state.run === 'running';
  return [
    w.name,
    ...(revision ? [`${w.revision} ${revision}`] : []),
    `${w.seed} ${state.seed}`,
    `${w.step} ${state.step.toLocaleString('en-US')}`,
    w.engine[state.engine],
    badge || (running ? w.sampled : w.exact),
  ];
}
