// How the visitor has arranged the page, as a link, a file or the browser's store carries it; and back, nothing believed.
import { layoutFrom, layoutNow } from './dock/sizes';
import { asPanel } from './panels/registry';
import { EVENT_KINDS, type Follow, type Level, type PageView, page, type Unit } from './store';

const LEVELS: readonly Level[] = ['machine', 'ring', 'slot'];
const UNITS: readonly Unit[] = ['access', 'sync', 'packet', 'event'];
const FOLLOWS: readonly Follow[] = ['head', 'cur', 'tail', 'hwcur', 'hwtail', 'fixed'];

/** `dock`: with the sizes and places of panels, which a link carries only if asked. */
export function arrangement(dock = false): Record<string, unknown> {
  const { panel, twin, ring, follow, lensFirst, unit, kind, word, looked, slot, port, second } = page.get();
  return {
    panel,
    second,
    twin,
    ring,
    follow,
    lensFirst,
    unit,
    kind,
    word,
    level: looked,
    slot,
    port,
    ...(dock ? { dock: layoutNow() } : {}),
  };
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
    level = among(LEVELS, o.level),
    slot = whole(o.slot, 16_383),
    first = whole(o.lensFirst, 1024);
  if (panel) patch.panel = panel;
  const second = asPanel(o.second);
  if (second) patch.second = second;
  if (unit) patch.unit = unit;
  if (kind) patch.kind = kind;
  if (follow) patch.follow = follow;
  if (first !== undefined) patch.lensFirst = first;
  if (level) Object.assign(patch, { level, looked: level });
  if (slot !== undefined) patch.slot = slot;
  if (typeof o.port === 'string' && o.port.length < 100) patch.port = o.port;
  if (typeof o.twin === 'boolean') patch.twin = o.twin;
  if (typeof o.ring === 'string' && o.ring.length < 100) patch.ring = o.ring;
  const word = o.word as { addr?: unknown; bytes?: unknown } | null | undefined,
    addr = whole(word?.addr, 0x7fffffff);
  if (addr !== undefined && (word?.bytes === 2 || word?.bytes === 4)) patch.word = { addr, bytes: word.bytes };
  page.set(patch);
  if (o.dock !== undefined) page.set(layoutFrom(o.dock));
}
