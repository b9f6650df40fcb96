// The guest's column: its kernel beside the indices, its program beside slots and bytes. Pure.
import type { PicturePort } from '../../lab/protocol';
import type { Frame } from './frame';
import { machineWords as words } from './machine_words';
import { lines, offer, rateWords, type Shown } from './parts';
import { choose, type Pen, type Place } from './scene';

/** The guest's kernel beside the indices, its program beside slots and bytes. */
export function guestSide(pen: Pen, s: Shown, f: Frame, p: PicturePort | undefined, key: string, copying = false): Place {
  const { guest: g } = f,
    alive = p !== undefined && p.name !== '',
    kernel = pen.place({
      id: `${key}.kernel`,
      zone: 'guest',
      hue: 'guest',
      form: 'kernel',
      x: g.x,
      y: f.indices.y,
      w: g.w,
      h: f.indices.h,
      ...(alive ? {} : { empty: true }),
    });
  lines(
    pen,
    kernel,
    alive
      ? [
          [
            choose(g.w - 28, 12, false, copying ? words.guestKernelCopy : words.guestKernel, copying ? words.guestKernelCopy : 'if_vtnet'),
            { bold: true },
          ],
          [p.name, { mono: true, hue: 'ink2' }],
          copying ? [words.stack, { hue: 'ink2' }] : [choose(g.w - 28, 12, false, words.guestStores, ''), { hue: 'ink2' }],
          copying ? undefined : [choose(g.w - 28, 12, false, words.guestLoads, ''), { hue: 'ink2' }],
        ]
      : [[words.empty.kernel, { hue: 'ink2' }]],
  );
  const all = p?.programs ?? [],
    program = pen.place({
      id: `${key}.program`,
      zone: 'guest',
      hue: 'guest',
      form: 'program',
      x: g.x,
      y: f.memory.y,
      w: g.w,
      h: f.memory.h,
      ...(all.length ? {} : { empty: true }),
    });
  if (!all.length) {
    offer(pen, program, words.empty.program, p?.name ? words.commands.send(p.name) : words.commands.tx, s.guestPrompt, 'guest');
    return program;
  }
  const rate = p ? rateWords(s, p, 'both') : '';
  lines(pen, program, [
    [all[0]?.line ?? '', { mono: true, bold: true }],
    all[1] ? [all[1].line, { mono: true }] : undefined,
    all.length > 2 ? [words.more(all.length - 2), { hue: 'ink2' }] : undefined,
    typeof rate === 'string'
      ? [rate, { hue: 'ink2' }]
      : program.h > 84
        ? [`${rate[0]} ${rate[1]}`, { size: g.w < 130 ? 13 : 22, mono: true }]
        : [`${rate[0]} ${rate[1]}`, { mono: true }],
    f.second ? [words.fills, { hue: 'ink2' }] : undefined,
  ]);
  return program;
}
