// How the visitor has arranged the page, as a link, a file or the browser's store carries it; and back, nothing believed.
import { asPanel } from './panels/registry';
import { EVENT_KINDS, type Follow, type PageView, page, type Unit } from './store';

const UNITS: readonly Unit[] = ['access', 'sync', 'packet', 'event'];
const FOLLOWS: readonly Follow[] = ['head', 'cur', 'tail', 'hwcur', 'hwtail', 'fixed'];

export function arrangement(): Record<string, unknown> {
  const { panel, twin, ring, follow, lensFirst, unit, kind, word } = page.get();
  return { panel, twin, ring, follow, lensFirst, unit, kind, word };
}

const among = <T extends string>(list: readonly T[], v: unknown): T | undefined => list.find((x) => x === v);
const whole = (v: unknown, max: number): number | undefined =>
  typeof v === 'number' && Number.isInteger(v) && v >= 0 && v <= max ? v : undefined;

export function arrange(from: unknown): void {
  if (typeof from !== 'object' || from === null) return;
  const o = from as Record<string, unknown>;
  const patch: Partial<PageView> = {};
  const panel = asPanel(o.panel),
    unit = among(UNITS, o.unit),
    kind = among(EVENT_KINDS, o.kind),
    follow = among(FOLLOWS, o.follow),
    first = whole(o.lensFirst, 1024);
  if (panel) patch.panel = panel;
  if (unit) patch.unit = unit;
  if (kind) patch.kind = kind;
  if (follow) patch.follow = follow;
  if (first !== undefined) patch.lensFirst = first;
  if (typeof o.twin === 'boolean') patch.twin = o.twin;
  if (typeof o.ring === 'string' && o.ring.length < 100) patch.ring = o.ring;
  const word = o.word as { addr?: unknown; bytes?: unknown } | null | undefined,
    addr = whole(word?.addr, 0x7fffffff);
  if (addr !== undefined && (word?.bytes === 2 || word?.bytes === 4)) patch.word = { addr, bytes: word.bytes };
  page.set(patch);
}
