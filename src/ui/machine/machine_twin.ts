// The picture of the machine in words, from the same values: for the toggle, for its description and for tests. Pure.
import type { PicturePort } from '../../lab/protocol';
import { machineWords as words } from './machine_words';
import { programsOf, type Shown, stateOf, threadOf } from './parts';
import { amounts } from './rings';

export interface TwinRow {
  place: string;
  side: string;
  what: string;
}
export interface MachineTwin {
  sentences: string[];
  rows: TwinRow[];
}

const csbOf = (s: Shown, p: PicturePort, ring: string): string => {
  const c = s.csbs.find((x) => x.id === p.csb),
    v = (n: string) => c?.fields.find((f) => f.name === `${ring}.${n}`)?.value ?? 0;
  return words.twin.csbRow(v('head'), v('cur'), v('hwcur'), v('hwtail'));
};

function ofPort(s: Shown, p: PicturePort): MachineTwin {
  const t = words.twin,
    name = p.name || p.backend,
    c = p.counts,
    user = p.vm && p.path === 'passthrough' ? 'guest' : 'host';
  const rows: TwinRow[] = [],
    row = (place: string, side: string, what: string) => {
      if (what) rows.push({ place, side, what });
    };
  const vcpu = threadOf(s, p.vcpu);
  if (vcpu) row(vcpu.name, 'guest', stateOf(vcpu));
  for (const line of programsOf(p)) row(words.program, p.vm ? 'guest' : 'host', line);
  for (const x of p.movers) {
    const th = threadOf(s, x.thread);
    if (th) row(th.name, 'host', stateOf(th));
  }
  row(words.kinds[p.kind], 'host', [p.switch, p.backend, ...p.ends.map((e) => e.name)].filter(Boolean).join(', '));
  for (const e of p.ends) for (const line of programsOf(e)) row(words.program, 'host', line);
  if (p.nic) row(p.nic.name, 'host', `${words.regs(p.nic.tdh, p.nic.tdt)}, ${words.regsRx(p.nic.rdh, p.nic.rdt)}`);
  const sentences = [p.vm ? t.title(name, words[p.path], p.backend) : t.hostTitle(p.name)];
  if (p.vm && !p.open) sentences.push(t.closed(name));
  if (p.path === 'copying') {
    sentences.push(t.queues, t.signals(c.kicks, c.suppressed, c.interrupts), t.bhyveCopies(c.bhyveExits, c.ferried));
    for (const q of p.queues)
      row(words.queueRow(q.dir), 'guest', `${words.avail} ${q.avail}, ${words.taken} ${q.lastAvail}, ${words.used} ${q.used}`);
  } else if (p.vm) {
    sentences.push(t.signals(c.kicks, c.suppressed, c.interrupts));
    if (p.open) sentences.push(t.csb(csbOf(s, p, 'tx_ring'), csbOf(s, p, 'rx_ring')), t.bhyve(c.bhyveExits, c.otherExits));
  }
  if (p.memory && p.path === 'passthrough') sentences.push(t.memory(p.memory.id, p.memory.guestAddress, p.memory.hostAddress));
  for (const r of p.rings.filter((x) => !x.id.includes('h'))) sentences.push(t.ring(r.dir, r.sample.n, amounts(r, user)));
  sentences.push(t.packets(c.tx, c.rx));
  return { sentences, rows };
}

export function machineTwin(s: Shown): MachineTwin {
  if (!s.ports.length)
    return { sentences: [words.twin.none], rows: s.threads.map((t) => ({ place: t.name, side: t.side, what: words.states[t.state] })) };
  const all = s.ports.map((p) => ofPort(s, p)),
    happened = s.view.signals.map((g) => words.happened[g.kind]);
  return {
    sentences: [...all.flatMap((x) => x.sentences), ...(happened.length ? [words.twin.last(happened.join(', '))] : [])],
    rows: all.flatMap((x) => x.rows),
  };
}
