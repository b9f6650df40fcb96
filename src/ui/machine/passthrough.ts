// A band of the picture: a port whose rings and buffers both sides map. Signals go through vmm.ko, indices through the CSB, slots
// and bytes do not cross at all. Pure.
import type { CsbView, PicturePort } from '../../lab/protocol';
import { commands } from '../words';
import type { Frame } from './frame';
import { machineWords as words } from './machine_words';
import { drawThread, hostEnd, lines, offer, programsOf, rateWords, type Shown, threadOf, touchIn } from './parts';
import { drawRing } from './rings';
import { choose, type Pen, type Place, widthOf } from './scene';

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
    drawThread(pen, s, t.id, words.vcpu, '', vcpu, b.y + 4, true);
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
  if (!deep) pen.text(right, up - 5, words.wakeup, half, { mono: true, anchor: 'end', hue: 'ink2' });
  pen.text(
    right - 18,
    down - 5,
    choose(half - 20, 12, false, `${words.msi} · ${words.interrupt} ${intr}`, `${words.interrupt} ${intr}`),
    half - 20,
    { hue: 'host', bold: true, anchor: 'end' },
  );
  pen.sign('interrupt', right - 14, down - 17, 'host', 14);
  if (f.second && p) pen.text(b.x + 12, down - 5, words.suppressed(p.counts.suppressed), half, { hue: 'ink2' });
}

const fieldOf = (csb: CsbView | undefined, name: string) => csb?.fields.find((x) => x.name === name);

/** The CSB card: the guest's words in its left half, the host's in its right one. */
function csbCard(pen: Pen, s: Shown, f: Frame, p: PicturePort | undefined, key: string): void {
  const b = f.indices,
    csb = p?.csb && p.open ? s.csbs.find((c) => c.id === p.csb) : undefined;
  const card = pen.place({
    id: `${key}.csb`,
    zone: 'middle',
    hue: 'shared',
    form: 'card',
    ...b,
    lends: 'left',
    ...(csb ? { act: { t: 'csb' as const }, label: words.open(csb.title) } : { empty: true }),
  });
  if (!csb) {
    pen.text(b.x + 14, b.y + 20, words.csb, b.w - 28, { bold: true, hue: 'shared' });
    pen.text(b.x + 14, b.y + 40, p ? words.csbNone : words.empty.csb, b.w - 28, { hue: 'ink2' });
    return;
  }
  const name = f.narrow ? 0 : 58,
    bodyY = b.y + 22,
    bodyH = b.h - 24,
    split = f.narrow ? b.x + b.w / 2 : b.x + name + (b.w - name) * 0.5;
  pen.place({
    id: `${key}.csb.guest`,
    zone: 'middle',
    hue: 'guest',
    form: 'half',
    on: card.id,
    x: b.x + 4,
    y: bodyY,
    w: split - b.x - 4,
    h: bodyH,
  });
  pen.place({
    id: `${key}.csb.host`,
    zone: 'middle',
    hue: 'host',
    form: 'half',
    on: card.id,
    x: split,
    y: bodyY,
    w: b.x + b.w - split - 1,
    h: bodyH,
  });
  const w1 = pen.text(b.x + 12, b.y + 16, words.csb, 40, { bold: true, hue: 'shared' });
  if (!f.narrow) pen.text(b.x + 22 + w1, b.y + 16, words.csbIs, b.w - w1 - 90, { hue: 'ink2' });
  const rings = f.second ? (['tx_ring', 'rx_ring'] as const) : ([p && p.counts.rx > p.counts.tx ? 'rx_ring' : 'tx_ring'] as const);
  pen.text(b.x + b.w - 10, b.y + 16, f.second ? '' : (rings[0] ?? ''), 60, { mono: true, size: 11, anchor: 'end', hue: 'ink2' });
  const gall = split - b.x - name - 8,
    hall = b.x + b.w - split - 6,
    gw = f.narrow ? gall : Math.min(58, gall * 0.29),
    hw = f.narrow ? hall : Math.min(58, hall * 0.29),
    gk = gall - 2 * gw,
    hk = hall - 2 * hw;
  type Col = [x: number, room: number, head: string, hue: 'guest' | 'host', field: (ring: string) => string];
  const kick = (ring: string, who: string) => `${who}_need_${ring.slice(0, 2)}kick`;
  const cols: Col[] = f.narrow
    ? [
        [b.x + 10, gw - 6, words.head, 'guest', (r) => `${r}.head`],
        [split + 6, hw - 6, words.hwtail, 'host', (r) => `${r}.hwtail`],
      ]
    : [
        [b.x + name + 8, gw - 6, words.head, 'guest', (r) => `${r}.head`],
        [b.x + name + 8 + gw, gw - 6, words.cur, 'guest', (r) => `${r}.cur`],
        [b.x + name + 8 + 2 * gw, gk - 6, choose(gk - 6, 11, true, words.guestNeed, words.needShort), 'guest', (r) => kick(r, 'guest')],
        [split + 8, hw - 6, words.hwcur, 'host', (r) => `${r}.hwcur`],
        [split + 8 + hw, hw - 6, words.hwtail, 'host', (r) => `${r}.hwtail`],
        [split + 8 + 2 * hw, hk - 6, choose(hk - 6, 11, true, words.hostNeed, words.needShort), 'host', (r) => kick(r, 'host')],
      ];
  for (const [x, room, head, hue] of cols) pen.text(x, bodyY + 14, head, room, { mono: true, size: 11, hue });
  const need = cols.find(([, , , , field]) => field('tx_ring') === 'guest_need_txkick');
  // in 2015 the host clears the guest's flag: its notch in the guest's half
  if (need)
    pen.place({
      id: `${key}.csb.notch`,
      zone: 'middle',
      hue: 'host',
      form: 'half',
      on: `${key}.csb.guest`,
      x: need[0] - 4,
      y: bodyY + 3,
      w: 2,
      h: bodyH - 6,
    });
  rings.forEach((ring, i) => {
    const y = bodyY + 33 + i * 24;
    if (!f.narrow && name) pen.text(b.x + 12, y, ring, name - 6, { mono: true, size: 11, hue: 'ink2' });
    for (const [x, room, , , field] of cols) {
      const v = fieldOf(csb, field(ring));
      if (!v) continue;
      const touch = touchIn(s, v.addr, 4);
      pen.place({
        id: `${key}.csb.${field(ring)}`,
        zone: 'middle',
        hue: 'off',
        form: 'half',
        on: card.id,
        x: x - 4,
        y: y - 16,
        w: Math.min(Math.max(widthOf(`${v.value}`, 13, true) + 8, 26), room + 6),
        h: 24,
        act: { t: 'word', addr: v.addr },
        label: words.open(`csb.${v.name} = ${v.value}`),
        ...(touch ? { lit: touch.hue, read: touch.read } : {}),
      });
      pen.text(x, y + 1, `${v.value}`, room, { mono: true, size: 13, bold: true });
    }
  });
}

/** Rings, bars and buffers in the one slab. */
export function slab(pen: Pen, s: Shown, f: Frame, p: PicturePort | undefined, key: string, user: 'guest' | 'host' = 'guest'): Place {
  const b = f.memory,
    has = p !== undefined && p.rings.length > 0,
    box = pen.place({
      id: `${key}.slab`,
      zone: 'middle',
      hue: 'shared',
      form: 'slab',
      ...b,
      lends: 'right',
      ...(has ? {} : { empty: true }),
    }),
    m = p?.memory;
  const pad = f.narrow ? 8 : 14,
    room = b.w - 2 * pad;
  if (!has) {
    pen.text(b.x + pad, b.y + 20, words.slab, room, { bold: true, hue: 'shared' });
    pen.text(b.x + pad, b.y + 40, words.empty.slab, room, { hue: 'ink2' });
    return box;
  }
  const third = room / 3;
  if (m && !f.narrow) {
    pen.text(b.x + pad, b.y + 17, m.guestAddress ? words.guestAt(m.guestAddress) : words.guestNone, third, {
      mono: true,
      size: 11,
      hue: m.guestAddress ? 'guest' : 'ink2',
    });
    pen.text(b.x + b.w - pad, b.y + 17, words.hostAt(m.id), third, { mono: true, size: 11, hue: 'host', anchor: 'end' });
  }
  pen.text(b.x + b.w / 2, b.y + 17, words.slab, f.narrow ? room : third, { bold: true, hue: 'shared', anchor: 'middle' });
  const first = p.rings.filter((r) => !r.id.includes('h')),
    busy = p.counts.rx > p.counts.tx ? 'RX' : 'TX',
    shown = f.both
      ? [first.find((r) => r.dir === 'TX'), first.find((r) => r.dir === 'RX'), ...p.peerRings.slice(0, 1)]
      : [first.find((r) => r.dir === busy)];
  let y = b.y + 30;
  const peer = p.peerRings.some((r) => shown.includes(r));
  shown
    .filter((r) => r !== undefined)
    .forEach((r) => {
      const other = p.peerRings.includes(r),
        touch = touchedIn(s, r.id);
      drawRing(pen, r, {
        x: b.x + pad,
        y,
        w: room,
        name: f.narrow ? 26 : peer ? 92 : 74,
        user: other ? 'host' : user,
        title: f.narrow ? words.ringShort(r.dir) : other ? words.otherEnd(r.id.split('.')[0] ?? '') : words.ring(r.dir),
        on: box.id,
        id: `${key}.ring.${r.id}`,
        ...(touch ? { touched: touch } : {}),
      });
      if (other) pen.sign('swap', b.x + b.w / 2 - 8, y - 17, 'host', 14);
      y += 34;
    });
  if (f.tiles && m) {
    const label = f.narrow ? 0 : 62,
      said = words.bufferCount(m.taken, m.buffers, m.bufferBytes),
      saidRoom = f.narrow ? 0 : Math.min(widthOf(said, 11), room * 0.5),
      n = Math.max(3, Math.floor((room - label - saidRoom - 16) / 21));
    if (label) pen.text(b.x + pad, y + 12, words.buffers, label, { bold: true });
    // one tile a slot of the busy ring from hwcur on: full where its length is not 0
    const ring = shown.find((r) => r !== undefined),
      slots = ring?.sample.slots ?? [];
    for (let i = 0; i < Math.min(n, slots.length); i++)
      pen.scene.tiles.push({ x: b.x + pad + label + i * 21, y: y + 1, w: 17, h: 15, full: (slots[i]?.len ?? 0) > 0, hue: 'shared' });
    if (saidRoom) pen.text(b.x + b.w - pad, y + 12, said, saidRoom + 4, { size: 11, hue: 'ink2', anchor: 'end' });
  }
  return box;
}

/** Whether the last step touched a word of this ring. */
function touchedIn(s: Shown, id: string): { hue: 'guest' | 'host'; read: boolean } | undefined {
  const t = s.touched,
    at = t && !s.running ? s.touchedRing : '';
  return t && at === id ? { hue: t.side, read: t.kind === 'ld' } : undefined;
}

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
          copying ? [words.stack, { hue: 'ink2' }] : [words.guestStores, { hue: 'ink2' }],
          copying ? undefined : [words.guestLoads, { hue: 'ink2' }],
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
    offer(pen, program, words.empty.program, p?.name ? commands.send(p.name) : commands.tx, s.guestPrompt, 'guest');
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

export function passthroughBand(pen: Pen, s: Shown, f: Frame, p: PicturePort | undefined, key: string): void {
  signalsLane(pen, s, f, p, key);
  csbCard(pen, s, f, p, key);
  guestSide(pen, s, f, p, key);
  slab(pen, s, f, p, key);
  const top = f.signals.y,
    h = f.indices.y + f.indices.h - top,
    moving = p?.movers.filter((x) => threadOf(s, x.thread)) ?? [],
    threads = pen.place({
      id: `${key}.threads`,
      zone: 'host',
      hue: 'host',
      form: 'kernel',
      x: f.host.x,
      y: top,
      w: f.host.w,
      h,
      ...(moving.length ? {} : { empty: true }),
    });
  if (moving.length) {
    const each = h / moving.length;
    moving.forEach((x, i) => {
      const t = threadOf(s, x.thread),
        y = top + i * each;
      if (i) pen.scene.rules.push({ x1: f.host.x + 10, y1: y, x2: f.host.x + f.host.w - 10, y2: y, hue: 'host' });
      drawThread(pen, s, x.thread, t?.name.split(' ')[0] ?? '', x.dir, threads, y + 6, true);
      if (f.second && !f.narrow && each > 84)
        lines(
          pen,
          { ...threads, y: y + 44, h: each - 44 },
          [
            [words.hostLoads, { hue: 'ink2' }],
            [words.hostStores, { hue: 'ink2' }],
          ],
          2,
        );
    });
  } else
    lines(pen, threads, [
      [p ? words.noThreads : words.empty.threads, { hue: 'ink2' }],
      p ? [words.threadsStart, { hue: 'ink2' }] : undefined,
    ]);
  if (p) hostEnd(pen, s, f, p, key);
  else {
    const box = pen.place({
      id: `${key}.backend`,
      zone: 'host',
      hue: 'host',
      form: 'kernel',
      empty: true,
      x: f.host.x,
      y: f.memory.y,
      w: f.host.w,
      h: Math.floor(f.memory.h / 2) - 5,
    });
    lines(pen, box, [[words.empty.switch, { hue: 'ink2' }]], 6);
    const end = pen.place({
      id: `${key}.hostprogram`,
      zone: 'host',
      hue: 'host',
      form: 'program',
      empty: true,
      x: f.host.x,
      y: box.y + box.h + 10,
      w: f.host.w,
      h: f.memory.h - box.h - 10,
    });
    offer(pen, end, words.empty.hostEnd, commands.rx, s.hostPrompt, 'host');
  }
  between(pen, f, p);
  below(pen, s, f, p, key);
}

/** Arrows where a word crosses, bars where loads and stores go straight. */
function between(pen: Pen, f: Frame, p: PicturePort | undefined): void {
  const open = p?.open === true,
    has = p !== undefined && p.rings.length > 0,
    { indices: i, memory: m } = f,
    ge = f.guest.x + f.guest.w,
    he = f.host.x,
    ri = i.x + i.w,
    a = i.y + i.h * 0.4,
    b = i.y + i.h * 0.72;
  pen.arrow(
    [
      [ge, a],
      [i.x - 3, a],
    ],
    'guest',
    { dashed: !open },
  );
  pen.arrow(
    [
      [i.x, b],
      [ge + 4, b],
    ],
    'host',
    { dashed: !open },
  );
  pen.arrow(
    [
      [ri, a],
      [he - 4, a],
    ],
    'guest',
    { dashed: !open },
  );
  pen.arrow(
    [
      [he, b],
      [ri + 4, b],
    ],
    'host',
    { dashed: !open },
  );
  const y1 = m.y + 40,
    y2 = m.y + m.h - 16;
  for (const y of [y1, y2]) {
    pen.arrow(
      [
        [ge, y],
        [m.x, y],
      ],
      'guest',
      { width: 3, head: false, dashed: !open },
    );
    pen.arrow(
      [
        [he, y],
        [ri, y],
      ],
      'host',
      { width: 3, head: false, dashed: !has },
    );
  }
}

/** bhyve, off the path: a zero that can be watched. */
function below(pen: Pen, s: Shown, f: Frame, p: PicturePort | undefined, key: string): void {
  const b = f.bhyve,
    vm = p ? s.view.vms.find((v) => v.name === p.vm) : undefined,
    box = pen.place({ id: `${key}.bhyve`, zone: 'below', hue: 'off', form: 'program', empty: true, ...b });
  const pad = 14,
    y = b.y + b.h / 2 + 4;
  if (!p || !vm?.running) {
    pen.text(b.x + pad, y, choose(b.w - 2 * pad, 12, false, `${words.bhyve}: ${words.empty.bhyve}`, words.bhyve), b.w - 2 * pad, {
      hue: 'ink2',
    });
    if (s.hostPrompt) {
      box.act = { t: 'boot' };
      box.label = words.types(words.bhyveLine);
    }
    return;
  }
  const n = p.counts.bhyveExits,
    said = p.open
      ? choose(
          b.w - 2 * pad,
          12,
          false,
          `${words.bhyve}: ${words.bhyveSince(n)}, ${words.bhyveOther(p.counts.otherExits)}; ${words.bhyveOff}`,
          `${words.bhyve}: ${words.bhyveSince(n)}, ${words.bhyveOther(p.counts.otherExits)}`,
          `${words.bhyve}: ${words.bhyveSince(n)}`,
          words.bhyveShort(n),
        )
      : choose(b.w - 2 * pad, 12, false, `${words.bhyve}: ${words.bhyveBefore}`, words.bhyve);
  pen.text(b.x + b.w / 2, y, said, b.w - 2 * pad, { anchor: 'middle', hue: 'ink2' });
}
