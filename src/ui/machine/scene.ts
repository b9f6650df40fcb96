// What a picture is made of before it is SVG: places, words, arrows, bars and signs, as plain data. Who makes them is pure, so that
// tests can ask where things lie and whether every word fits.
import type { MarkKind, ThreadView } from '../../lab/protocol';

export type Hue = 'guest' | 'host' | 'shared' | 'hw' | 'ink' | 'off';
/** program: rounded. kernel: square. hardware: notched. slab and card: shared memory. band: vmm.ko. */
export type Form = 'program' | 'kernel' | 'hardware' | 'slab' | 'card' | 'band' | 'half';
export type Act =
  | { t: 'ring'; ring: string }
  | { t: 'csb' }
  | { t: 'thread'; thread: number }
  | { t: 'word'; addr: number }
  | { t: 'type'; side: 'guest' | 'host'; line: string }
  | { t: 'boot' }
  | { t: 'port'; port: string };

export interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}
/** Where a place belongs, for the first rule: the guest's lie left of the middle, the host's right of it. */
export type Zone = 'guest' | 'middle' | 'host' | 'below';
export interface Place extends Box {
  id: string;
  zone: Zone;
  hue: Hue;
  form: Form;
  /** Not there yet. */
  empty?: boolean;
  /** Whose memory it is: the thick edge. */
  lends?: 'left' | 'right';
  /** It lies on another place, on purpose. */
  on?: string;
  act?: Act;
  label?: string;
  /** Touched by the last step. */
  lit?: Hue;
  read?: boolean;
}
export interface Text {
  x: number;
  y: number;
  text: string;
  /** Free width for it, from x on (to the left of it when it ends there). */
  room: number;
  size: 11 | 12 | 13 | 22;
  mono?: boolean;
  bold?: boolean;
  hue?: Hue | 'ink2' | 'paper';
  anchor?: 'middle' | 'end';
}
export interface Arrow {
  points: [number, number][];
  hue: Hue;
  width: 2 | 3;
  head?: boolean;
  dashed?: boolean;
  /** It happened at the last step. */
  lit?: boolean;
}
export interface Run extends Box {
  fill: 'user-guest' | 'user-host' | 'host' | 'kept';
  hatch?: 'toHost' | 'toGuest';
}
export interface Bar extends Box {
  id: string;
  runs: Run[];
}
export type SignName = MarkKind | ThreadView['state'] | 'copy' | 'swap' | 'one-tile' | 'two-tiles';
export interface Sign {
  name: SignName;
  x: number;
  y: number;
  size: number;
  hue: Hue;
}
export interface Tile extends Box {
  full: boolean;
  hue: Hue;
}
export interface Scene {
  width: number;
  height: number;
  places: Place[];
  texts: Text[];
  arrows: Arrow[];
  bars: Bar[];
  signs: Sign[];
  tiles: Tile[];
  rules: { x1: number; y1: number; x2: number; y2: number; hue: Hue }[];
}

/** How wide a text is at most, in the fonts that a page may get. */
export function widthOf(text: string, size: number, mono = false, bold = false): number {
  return text.length * size * (mono ? 0.605 : bold ? 0.62 : 0.57);
}
/** A text as it fits, cut with an ellipsis; '' where not even that is possible. */
export function cut(t: Pick<Text, 'text' | 'room' | 'size' | 'mono' | 'bold'>): string {
  if (widthOf(t.text, t.size, t.mono, t.bold) <= t.room) return t.text;
  const one = widthOf('x', t.size, t.mono, t.bold),
    n = Math.floor(t.room / one) - 1;
  return n < 2 ? '' : `${t.text.slice(0, n).trimEnd()}…`;
}
/** A text in lines of a width, broken at spaces; a word that is wider is cut by who draws it. */
export function wrap(text: string, room: number, size: number, mono: boolean, bold: boolean): string[] {
  const out: string[] = [];
  for (const word of text.split(' ')) {
    const last = out.at(-1);
    if (last !== undefined && widthOf(`${last} ${word}`, size, mono, bold) <= room) out[out.length - 1] = `${last} ${word}`;
    else out.push(word);
  }
  return out;
}
/** The first of several wordings that fits whole, else the last one. */
export function choose(room: number, size: number, mono: boolean, ...wordings: string[]): string {
  return wordings.find((w) => widthOf(w, size, mono, true) <= room) ?? wordings.at(-1) ?? '';
}

/** A scene under construction. */
export class Pen {
  readonly scene: Scene;
  constructor(width: number, height: number) {
    this.scene = { width, height, places: [], texts: [], arrows: [], bars: [], signs: [], tiles: [], rules: [] };
  }
  place(p: Place): Place {
    this.scene.places.push(p);
    return p;
  }
  /** A text that begins, ends or is centred at x; it is cut where there is no more room. */
  text(x: number, y: number, text: string, room: number, o: Partial<Omit<Text, 'x' | 'y' | 'text' | 'room'>> = {}): number {
    const t: Text = { x, y, text, room, size: 12, ...o };
    t.text = cut(t);
    if (t.text) this.scene.texts.push(t);
    return widthOf(t.text, t.size, t.mono, t.bold);
  }
  arrow(points: [number, number][], hue: Hue, o: Partial<Omit<Arrow, 'points' | 'hue'>> = {}): void {
    this.scene.arrows.push({ points, hue, width: 2, head: true, ...o });
  }
  sign(name: SignName, x: number, y: number, hue: Hue, size = 16): void {
    this.scene.signs.push({ name, x, y, size, hue });
  }
}
