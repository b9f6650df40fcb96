// What both bands share: the input of a picture, boxes with words, threads with their silhouette, the host's end. Pure.
import type { CsbView, LabState, PictureEnd, PicturePort, PictureView, ThreadView } from '../../lab/protocol';
import { machineWords as words } from './machine_words';
import { choose, type Hue, type Pen, type Place, type Text, widthOf, wrap } from './scene';
import type { Frame } from './frame';

/** Packets and signals a second of a port, while the machine runs. */
export interface Rates {
  tx: number;
  rx: number;
  kicks: number;
  interrupts: number;
}
export interface Shown {
  view: PictureView;
  /** The ports drawn, one a band, from top to bottom. */
  ports: PicturePort[];
  threads: ThreadView[];
  csbs: CsbView[];
  rates: ReadonlyMap<string, Rates>;
  running: boolean;
  touched: LabState['touched'];
  /** Id of the ring in whose words that is, '': none. */
  touchedRing: string;
  /** A terminal takes a line: the guest's, the host's. */
  guestPrompt: boolean;
  hostPrompt: boolean;
}

export const threadOf = (s: Shown, id: number): ThreadView | undefined => (id < 0 ? undefined : s.threads.find((t) => t.id === id));

export const stateOf = (t: ThreadView): string =>
  words.asleepOn(words.states[t.state], t.state === 'asleep' || t.state === 'blocked' ? (t.wmesg ?? t.wchan ?? '') : '');

/** The word that the last step touched, when it is within these bytes. */
export function touchIn(s: Shown, from: number, bytes: number): { hue: Hue; read: boolean } | undefined {
  const t = s.touched;
  if (!t || s.running || !from || t.addr < from || t.addr >= from + bytes) return undefined;
  return { hue: t.side, read: t.kind === 'ld' };
}

/** A thread: silhouette, name, state. Takes 36 px, or 20 in one line. */
export function drawThread(pen: Pen, s: Shown, id: number, name: string, note: string, box: Place, y: number, tall: boolean): void {
  const t = threadOf(s, id),
    pad = box.w < 130 ? 8 : 14,
    x = box.x + pad,
    room = box.w - 2 * pad;
  if (!t) {
    pen.text(x, y + 14, name, room, { mono: true, hue: 'ink2' });
    if (tall) pen.text(x, y + 31, words.threadGone, room, { hue: 'ink2' });
    return;
  }
  const lit = s.view.signals.some((g) => g.thread === id || g.to === id);
  pen.place({
    id: `${box.id}.thread${id}`,
    zone: box.zone,
    hue: 'off',
    form: 'half',
    on: box.id,
    x: box.x + 3,
    y: y - 2,
    w: box.w - 6,
    h: tall ? 40 : 24,
    act: { t: 'thread', thread: id },
    label: words.thread(t.name, stateOf(t)),
    ...(lit ? { lit: t.side } : {}),
  });
  const noteWide = note ? widthOf(note, 12) + 8 : 0,
    shown = room - 20 > noteWide + 60;
  if (shown && note) pen.text(x + room, y + 14, note, noteWide, { anchor: 'end', hue: 'ink2' });
  if (tall) {
    pen.text(
      x,
      y + 14,
      choose(room - (shown ? noteWide : 0), 12, true, name, name.replace('nm-kthread', 'kthread')),
      room - (shown ? noteWide : 0),
      { mono: true, bold: true },
    );
    pen.sign(t.state, x, y + 20, t.side);
    pen.text(x + 20, y + 32, choose(room - 20, 12, false, stateOf(t), words.states[t.state]), room - 20, { hue: 'ink2' });
  } else {
    pen.sign(t.state, x, y + 2, t.side);
    const left = room - 20 - (shown ? noteWide : 0),
      both = `${name} ${stateOf(t)}`;
    pen.text(x + 20, y + 14, widthOf(both, 12, true) <= left ? both : name, left, { mono: true, bold: true });
  }
}

/** Lines of text from the top of a box on, long ones broken; what does not fit below is left out. */
export function lines(pen: Pen, box: Place, all: ([string, Partial<Text>] | undefined)[], from = 8): void {
  const pad = box.w < 130 ? 8 : 14,
    room = box.w - 2 * pad;
  let y = box.y + from;
  for (const line of all) {
    if (!line?.[0]) continue;
    const [text, o] = line,
      size = o.size ?? 12,
      step = size === 22 ? 28 : 17,
      parts = wrap(text, room, size, o.mono === true, o.bold === true),
      fits = Math.floor((box.y + box.h - y) / step);
    if (fits < 1) return;
    // what is cut is marked: the rest stands in the last line that there is room for
    const shown = parts.length > fits ? [...parts.slice(0, fits - 1), parts.slice(fits - 1).join(' ')] : parts;
    for (const part of shown) {
      pen.text(box.x + pad, y + (size === 22 ? 21 : 13), part, room, o);
      y += step;
    }
  }
}

/** The program's figure: packets a second while it runs, packets so far while it stands. */
export function rateWords(s: Shown, p: PicturePort, dir: 'tx' | 'rx' | 'both'): [string, string] | string {
  const r = s.rates.get(p.id),
    total = dir === 'both' ? p.counts.tx + p.counts.rx : p.counts[dir];
  if (s.running && r) {
    const rate = dir === 'both' ? r.tx + r.rx : r[dir];
    return words.rate(rate);
  }
  return words.packets(total);
}

export const programsOf = (p: { programs: PicturePort['programs'] }): string[] => p.programs.map((x) => x.line);

/** The command that would fill an empty box, as its words. */
export function offer(pen: Pen, box: Place, about: string, line: string, can: boolean, side: 'guest' | 'host'): void {
  const pad = box.w < 130 ? 8 : 14;
  pen.text(box.x + pad, box.y + 20, about, box.w - 2 * pad, { hue: 'ink2' });
  if (box.h >= 44)
    pen.text(box.x + pad, box.y + 38, line, box.w - 2 * pad, { mono: true, bold: can, ...(can ? {} : { hue: 'ink2' as const }) });
  if (!can) return;
  box.act = { t: 'type', side, line };
  box.label = words.types(line);
}

/** The host's end of a port: switch, pipe, NIC or tap; and the programs behind it. */
export function hostEnd(pen: Pen, s: Shown, f: Frame, p: PicturePort, key: string): Place {
  const { host, memory: m } = f,
    end: PictureEnd | undefined = p.ends.find((e) => e.programs.length) ?? p.ends.find((e) => e.vm && e.vm !== p.vm) ?? p.ends[0],
    programs = end?.programs ?? [],
    below = p.kind === 'vale' || p.kind === 'pipe' ? Math.min(56, Math.floor((m.h - 8) / 2)) : 0,
    form = p.kind === 'nic' ? ('hardware' as const) : ('kernel' as const),
    box = pen.place({
      id: `${key}.backend`,
      zone: 'host',
      hue: p.kind === 'nic' ? 'hw' : 'host',
      form,
      x: host.x,
      y: m.y,
      w: host.w,
      h: m.h - (below ? below + 8 : 0),
    }),
    pad = box.w < 130 ? 8 : 14,
    room = box.w - 2 * pad,
    tight = box.h < 60;
  const paired = p.kind === 'vale' || p.kind === 'pipe',
    title = p.kind === 'vale' ? `${words.kinds.vale} ${p.switch}` : words.kinds[p.kind],
    row = tight && paired && box.w >= 130,
    said = row ? Math.min(52, Math.floor(room * 0.3)) : room;
  pen.text(box.x + pad, row ? box.y + box.h / 2 + 4 : box.y + (tight ? 14 : 19), choose(said, 12, false, title, p.switch || title), said, {
    bold: true,
  });
  const y = row ? box.y + (box.h - 24) / 2 : tight ? box.y + 18 : box.y + 28,
    h = row ? 24 : Math.min(24, box.h - (tight ? 20 : 34)),
    from = box.x + pad + (row ? said + 8 : 0);
  if (paired) {
    const w = Math.min(64, Math.floor((box.x + box.w - pad - from) * 0.34)),
      ours = words.peerPort(p.backend.replace(/^vale\d*/, '')),
      theirs = end ? words.peerPort(end.name.replace(/^vale\d*/, '')) : '–';
    const mid = from + w,
      right = box.x + box.w - pad - w;
    if (h >= 14 && w >= 18) {
      pen.place({ id: `${key}.port`, zone: 'host', hue: 'host', form: 'card', on: box.id, x: from, y, w, h });
      pen.text(from + w / 2, y + h / 2 + 4, ours, w - 6, { anchor: 'middle', mono: true });
      pen.place({
        id: `${key}.end`,
        zone: 'host',
        hue: 'host',
        form: 'card',
        on: box.id,
        x: right,
        y,
        w,
        h,
        ...(end ? {} : { empty: true }),
      });
      pen.text(right + w / 2, y + h / 2 + 4, theirs, w - 6, { anchor: 'middle', mono: true });
      // the sign stands in the arrow, where there is room for one
      const at = (mid + right) / 2,
        line = y + h / 2;
      if (right - mid >= 56) {
        pen.arrow(
          [
            [mid + 3, line],
            [at - 11, line],
          ],
          'host',
          { head: false, dashed: !end },
        );
        pen.arrow(
          [
            [at + 11, line],
            [right - 3, line],
          ],
          'host',
          { dashed: !end },
        );
      }
      pen.sign(p.kind === 'pipe' ? 'swap' : 'copy', (mid + right) / 2 - 8, y + h / 2 - 8, 'host');
    }
    const under = p.kind === 'pipe' ? words.swapOf : `${words.copyOf}, ${words.times(p.counts.switched)}`;
    if (box.h > y - box.y + h + 18) pen.text(box.x + box.w / 2, y + h + 15, under, room, { anchor: 'middle', hue: 'ink2', size: 11 });
  } else if (p.kind === 'nic' && p.nic) {
    pen.text(box.x + pad, y + 12, `${p.nic.name} ${words.regs(p.nic.tdh, p.nic.tdt)}`, room, { mono: true, size: 11 });
    if (box.h > 64) pen.text(box.x + pad, y + 29, words.regsRx(p.nic.rdh, p.nic.rdt), room, { mono: true, size: 11 });
    if (box.h > 82) pen.text(box.x + pad, y + 46, `${words.wire}: ${words.packets(p.nic.sent)}`, room, { hue: 'ink2' });
  } else if (p.kind === 'tap') pen.text(box.x + pad, y + 12, [p.backend, p.switch].filter(Boolean).join(' – '), room, { mono: true });
  else pen.text(box.x + pad, y + 12, p.backend, room, { mono: true });
  if (!below) return box;
  const program = pen.place({
    id: `${key}.hostprogram`,
    zone: 'host',
    hue: 'host',
    form: 'program',
    x: host.x,
    y: m.y + m.h - below,
    w: host.w,
    h: below,
    ...(programs.length || end?.vm ? {} : { empty: true }),
  });
  const line =
    p.kind === 'pipe' ? `pkt-gen -i '${end?.name ?? p.backend.replace('{', '}')}' -f rx` : `pkt-gen -i ${p.switch || 'vale1'}:2 -f rx`;
  if (programs.length)
    lines(
      pen,
      program,
      [
        [programs[0]?.line ?? '', { mono: true, bold: true }],
        programs.length > 1 ? [words.more(programs.length - 1), { hue: 'ink2' }] : [words.program, { hue: 'ink2', size: 11 }],
      ],
      below < 46 ? 5 : 8,
    );
  else if (end?.vm) lines(pen, program, [[`${end.vm} ${end.name}`, { mono: true, bold: true }]], 6);
  else offer(pen, program, words.empty.hostEnd, line, s.hostPrompt, 'host');
  pen.arrow(
    [
      [program.x + program.w - 30, box.y + box.h],
      [program.x + program.w - 30, program.y],
    ],
    'host',
    { dashed: !programs.length },
  );
  return box;
}
