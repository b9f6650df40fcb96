// The first lane of a port: the vCPU, and the signals that cross in vmm.ko or go on down to bhyve. Pure.
import type { PicturePort } from '../../lab/protocol';
import type { Frame } from './frame';
import { machineWords as words } from './machine_words';
import { drawThread, lines, programsOf, type Shown, threadOf } from './parts';
import { choose, type Pen, widthOf } from './scene';

/** The vCPU, and the signals that cross in vmm.ko. */
export function signalsLane(pen: Pen, s: Shown, f: Frame, p: PicturePort | undefined, key: string, deep = false): void {
  const b = f.signals,
    t = p ? threadOf(s, p.vcpu) : undefined,
    vcpu = pen.place({
      id: `${key}.vcpu`,
      zone: 'guest',
      hue: 'guest',
      form: 'kernel',
      x: f.guest.x,
      y: b.y,
      w: f.guest.w,
      h: b.h,
      ...(t ? {} : { empty: true }),
    });
  if (t) {
    drawThread(pen, s, t.id, t.name, '', vcpu, b.y + 4, true);
    const line = p ? programsOf(p)[0] : undefined;
    if (f.second && line && t.state !== 'asleep') lines(pen, vcpu, [[words.inProgram(line), { hue: 'ink2' }]], 42);
  } else
    lines(
      pen,
      vcpu,
      [
        [words.vcpu, { mono: true, hue: 'ink2' }],
        [words.empty.vcpu, { hue: 'ink2' }],
      ],
      6,
    );
  const band = pen.place({ id: `${key}.vmm`, zone: 'middle', hue: 'ink', form: 'band', ...b }),
    tab = 62;
  const rate = p && s.rates.get(p.id),
    on = (k: 'kick' | 'interrupt') => s.view.signals.some((g) => g.kind === k),
    kicks = p ? (s.running && rate ? words.perSecond(rate.kicks) : words.times(p.counts.kicks)) : '',
    intr = p ? (s.running && rate ? words.perSecond(rate.interrupts) : words.times(p.counts.interrupts)) : '';
  const up = b.y + Math.round(b.h * 0.44),
    down = b.y + b.h - Math.round(b.h * 0.16),
    live = p !== undefined && (p.open || p.queues.length > 0),
    edge = f.guest.x + f.guest.w,
    far = f.host.x;
  if (deep) {
    const at = b.x + Math.round(b.w / 2),
      bottom = f.bhyve.y - 3;
    pen.arrow(
      [
        [edge, up],
        [at - 14, up],
        [at - 14, bottom],
      ],
      'guest',
      { dashed: !live, lit: on('kick') },
    );
    pen.arrow(
      [
        [at + 14, bottom + 3],
        [at + 14, down],
        [edge + 4, down],
      ],
      'host',
      { dashed: !live, lit: on('interrupt') },
    );
  } else {
    pen.arrow(
      [
        [edge, up],
        [far - 4, up],
      ],
      'guest',
      { dashed: !live, lit: on('kick') },
    );
    pen.arrow(
      [
        [far, down],
        [edge + 4, down],
      ],
      'host',
      { dashed: !live, lit: on('interrupt') },
    );
  }
  const half = (b.w - (f.narrow ? 0 : tab)) / 2 - 12;
  if (f.narrow) {
    const tabX = b.x + b.w / 2;
    pen.place({ id: `${key}.vmmtab`, zone: 'middle', hue: 'ink', form: 'half', on: band.id, x: tabX - 28, y: b.y - 6, w: 56, h: 18 });
    pen.text(tabX, b.y + 7, words.vmm, 56, { mono: true, bold: true, hue: 'paper', anchor: 'middle', size: 11 });
    pen.text(b.x + 6, up + 13, `${words.kick} ${kicks}`, b.w - 12, { size: 11, hue: 'guest' });
    return;
  }
  const tabX = b.x + b.w / 2;
  pen.place({ id: `${key}.vmmtab`, zone: 'middle', hue: 'ink', form: 'half', on: band.id, x: tabX - tab / 2, y: b.y - 8, w: tab, h: 18 });
  pen.text(tabX, b.y + 5, words.vmm, tab, { mono: true, bold: true, hue: 'paper', anchor: 'middle' });
  const say = live || deep;
  if (!say) return;
  pen.sign('kick', b.x + 10, up - 17, 'guest', 14);
  pen.text(
    b.x + 28,
    up - 5,
    choose(half - 22, 12, false, `${words.kick} ${kicks} · ${words.outw(p?.doorbell ?? '')}`, `${words.kick} ${kicks}`),
    half - 22,
    { hue: 'guest', bold: true },
  );
  const right = b.x + b.w - 12;
  if (!deep && widthOf(words.wakeup, 12, true) <= half)
    pen.text(right, up - 5, words.wakeup, half, { mono: true, anchor: 'end', hue: 'ink2' });
  // the second line has no tab in its way
  const low = f.second ? half - 20 : Math.max(half - 20, b.w - 48);
  pen.text(
    right - 18,
    down - 5,
    choose(half - 20, 12, false, `${words.msi} · ${words.interrupt} ${intr}`, `${words.interrupt} ${intr}`),
    low,
    { hue: 'host', bold: true, anchor: 'end' },
  );
  pen.sign('interrupt', right - 14, down - 17, 'host', 14);
  if (f.second && p) pen.text(b.x + 12, down - 5, words.suppressed(p.counts.suppressed), half, { hue: 'ink2' });
}
