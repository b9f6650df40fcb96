// The fields of a real machine: where they are, against what the page is shown; names of ports, VMs and threads.
import { beforeAll, describe, expect, it } from 'vitest';
import * as L from '../../wasm/layout.ts';
import { booted, settle, type } from '../../test/booted.ts';
import { compile, explain } from './expr.ts';
import { addressOf, anyFields, fieldsOf, listFields } from './expr_fields.ts';
import { fieldAt } from './field_at.ts';
import { asWord, bind, read } from './expr_values.ts';
import { csbs, rings, threads } from './view.ts';
import type { World } from './world.ts';

let w: World;
const at = (path: string) => {
  const f = addressOf(w, path);
  if (!f.ok) throw new Error(`${path}: ${explain(f)}`);
  return f;
};
const value = (path: string) => read(w, at(path));
const error = (path: string) => {
  const f = addressOf(w, path);
  return f.ok ? 'fine' : explain(f);
};

describe('before anything is open', () => {
  beforeAll(() => {
    w = booted(16);
  });

  it('says what is not there, and why', () => {
    expect(error('csb.guest_csb_on')).toMatch(/^(fine|column 1: vtnet0 is an ordinary virtio device until a netmap program opens it\.)$/);
    expect(error('gkr.tx.hwcur')).toBe('column 1: vtnet0 is an ordinary virtio device until a netmap program opens it.');
    expect(error('vtnet9:tx.head')).toMatch(/^column 1: no port “vtnet9”\. There are vtnet0, vtnet1\. Did you mean vtnet[01]\?$/);
  });

  it('a stop point can be made before its port is open, and finds it then', () => {
    const c = compile('gkr.tx.hwcur >= 0 && changed(step)', anyFields, 'bool');
    if (!c.ok) throw new Error(explain(c));
    const b = bind(w, c.expr);
    expect(b.missing).toEqual([{ column: 1, message: 'vtnet0 is an ordinary virtio device until a netmap program opens it.' }]);
    expect(b.value()).toBeUndefined();
  });
});

describe('with vtnet0 open', () => {
  beforeAll(() => {
    w = booted(16);
    type(w, 'ttyv1', 'pkt-gen -i vale1:2 -f rx');
    settle(w, 0.1);
    type(w, 'netmapvm', 'pkt-gen -i vtnet0 -f tx -n 0');
    for (let i = 0; i < 200 && !rings(w).some((r) => r.guestKring); i++) w.advance(2000, w.m.clock + 1e8);
    for (let i = 0; i < 200 && !csbs(w)[0]?.fields.find((f) => f.name === 'tx_ring.head')?.value; i++) w.advance(200, w.m.clock + 1e8);
    expect(rings(w).some((r) => r.guestKring)).toBe(true);
  });

  it('has every field of the CSB where the page has it', () => {
    const [csb] = csbs(w);
    expect(csb?.fields.length).toBeGreaterThan(15);
    for (const f of csb?.fields ?? []) {
      expect(at(`csb.${f.name}`)).toMatchObject({ addr: f.addr, owner: f.owner, bytes: 4 });
      expect(value(`vtnet0:csb.${f.name}`)).toBe(f.value);
      expect(value(`vale1:1:csb.${f.name}`)).toBe(f.value);
    }
    expect(value('csb.num_tx_slots')).toBe(16);
  });

  it('has every ring, slot and kring of every port', () => {
    for (const r of rings(w)) {
      const q = `"${r.port}".`,
        d = r.dir.toLowerCase();
      for (const [name, o] of [
        ['head', L.RING_HEAD],
        ['cur', L.RING_CUR],
        ['tail', L.RING_TAIL],
        ['flags', L.RING_FLAGS],
        ['num_slots', L.RING_NUM_SLOTS],
      ] as const)
        expect(at(`${q}${d}.${name}`).addr).toBe(r.ringAddr + o);
      expect(value(`${q}${d}.num_slots`)).toBe(r.slots);
      expect(at(`${q}${d}.head`).owner).toBe(r.user);
      for (const [name, o] of [
        ['hwcur', L.KR_NR_HWCUR],
        ['hwtail', L.KR_NR_HWTAIL],
        ['rhead', L.KR_RHEAD],
        ['rcur', L.KR_RCUR],
        ['rtail', L.KR_RTAIL],
        ['nr_busy', L.KR_NR_BUSY],
        ['nkr_stopped', L.KR_STOPPED],
        ['users', L.KR_USERS],
      ] as const) {
        expect(at(`${q}${d}.${name}`).addr).toBe(r.hostKring + o);
        if (r.guestKring) expect(at(`${q}gkr.${d}.${name}`)).toMatchObject({ addr: r.guestKring + o, owner: 'guest' });
      }
      expect(at(`${q}ring.${d}.slot[5].len`)).toMatchObject({ addr: r.ringAddr + L.RING_SLOT + 5 * L.SLOT_SIZE + L.SLOT_LEN, bytes: 2 });
      expect(value(`${q}${d}.slot[5].buf_idx`)).toBe(w.m.ld32(r.ringAddr + L.RING_SLOT + 5 * L.SLOT_SIZE));
    }
  });

  it('takes the open passthrough port when none is named', () => {
    const r = rings(w).find((x) => x.port === 'vtnet0' && x.dir === 'TX');
    expect(at('tx.head').addr).toBe((r?.ringAddr ?? 0) + L.RING_HEAD);
    expect(at('kr.tx.nr_hwcur')).toEqual(at('tx.hwcur'));
    expect(at('vale1:2:rx.hwtail').addr).not.toBe(at('rx.hwtail').addr);
  });

  it('has threads, the vCPU, the clock', () => {
    for (const t of threads(w, false)) {
      expect(at(`"${t.name}".thread.status`).addr).toBe(w.m.block(t.id) + L.T_STATUS);
      expect(at(`thread[${t.id}].status`).addr).toBe(w.m.block(t.id) + L.T_STATUS);
      const c = compile(`"${t.name}".thread.status == ASLEEP`, fieldsOf(w));
      if (!c.ok) throw new Error(explain(c));
      expect(bind(w, c.expr).value()).toBe(t.state === 'asleep');
    }
    expect(at('vcpu.irr[7]').addr).toBe((w.tree.host.vms[0]?.vcpu ?? 0) + L.VCPU_IRR + 28);
    expect(at('netmapvm:vcpu.irr[7]').addr).toBe(at('vcpu.irr[7]').addr);
    expect(value('clock')).toBe(w.m.clock);
    expect(value('step')).toBe(w.m.steps);
  });

  it.each([
    ['tx.slot[16].len', 'column 9: slot 16 is outside the ring’s 16 slots.'],
    ['vcpu.irr[8]', 'column 10: irr has 8 words, 0 to 7; 8 is not one of them.'],
    ['vale1:2:csb.guest_csb_on', 'column 1: vale1:2 is not passed through to a guest, so it has no CSB.'],
    ['vtnet1:gkr.tx.hwcur', 'column 1: vtnet1 is an ordinary virtio device until a netmap program opens it.'],
    ['netmapwm:vcpu.irr[0]', 'column 1: no VM “netmapwm”. Did you mean netmapvm?'],
    ['vtnet0:clock', 'column 1: clock is the machine’s: write clock.'],
    ['tx.head + 1', 'column 1: This is not the name of a field.'],
  ])('%s: %s', (path, want) => {
    expect(error(path)).toBe(want);
  });
  it('asks which thread, and knows near names', () => {
    expect(error('thread.status')).toMatch(/^column 1: Which thread\? Write ".+"\.thread\.status\.$/);
    expect(error('"vCPU 1".thread.status')).toMatch(/^column 1: no thread “vCPU 1”\. There are .*Did you mean vCPU 0\?$/);
    expect(error('thread[63].status')).toMatch(/^column 8: no thread 63\./);
  });

  it('lists every field by a name that leads back to it', () => {
    const all = listFields(w),
      paths = all.map((f) => f.path);
    expect(new Set(paths).size).toBe(paths.length);
    expect(paths).toEqual(
      expect.arrayContaining(['csb.host_need_txkick', 'tx.hwcur', 'clock', 'vtnet0:csb.tx_ring.head', 'vale1:2:rx.head']),
    );
    for (const f of all) expect(at(f.path)).toEqual({ ok: true, ...f });
    expect(all.filter((f) => !f.writable).map((f) => f.path)).toEqual(expect.arrayContaining(['clock', 'step', 'tx.num_slots']));
  });

  it('sees a change, once', () => {
    const c = compile('changed(tx.head) || changed(tx.slot[2].len)', fieldsOf(w), 'bool');
    if (!c.ok) throw new Error(explain(c));
    let b = bind(w, c.expr);
    expect(b.value()).toBe(false);
    b.remember();
    const { addr } = at('tx.slot[2].len'),
      was = w.m.ld16(addr);
    w.m.st16(addr, was ^ 1);
    expect(b.value()).toBe(true);
    b = bind(w, c.expr, b);
    expect(b.value()).toBe(true);
    b.remember();
    expect(b.value()).toBe(false);
    w.m.st16(addr, was);
  });

  it('stops a run where its condition first holds', () => {
    const c = compile('changed(csb.tx_ring.head) && csb.tx_ring.head == tx.head', fieldsOf(w), 'bool');
    if (!c.ok) throw new Error(explain(c));
    const b = bind(w, c.expr);
    let steps = 0;
    for (b.remember(); b.value() !== true && steps < 100_000; steps++) {
      b.remember();
      w.advance(1, w.m.clock + 1e8);
    }
    expect(steps).toBeLessThan(100_000);
    expect(value('csb.tx_ring.head')).toBe(value('tx.head'));
  });
});

it('knows what fits in a field', () => {
  expect([asWord(-1, 2), asWord(65535, 2), asWord(65536, 2), asWord(-32769, 2), asWord(true, 4)]).toEqual([
    65535n,
    65535n,
    undefined,
    undefined,
    undefined,
  ]);
  expect(asWord(0xffffffffffffffffn, 8)).toBe(0xffffffffffffffffn);
});

describe('with a NIC of several rings open', () => {
  beforeAll(() => {
    w = booted(16);
    type(w, 'ttyv1', 'pkt-gen -i netmap:ix0* -f rx');
    settle(w, 0.1);
  });

  it('a ring is an index of tx or rx: the hardware rings, then the host ring', () => {
    const tx = rings(w).filter((r) => r.port === 'ix0' && r.dir === 'TX');
    expect(tx.length).toBe(3);
    tx.forEach((r, i) => {
      const name = `ix0:tx[${i}]`;
      expect(at(`${name}.head`)).toMatchObject({ addr: r.ringAddr + L.RING_HEAD, path: `ix0:tx${i ? `[${i}]` : ''}.head` });
      expect(at(`${name}.nr_hwcur`).addr).toBe(r.hostKring + L.KR_NR_HWCUR);
      expect(at(`ix0:ring.tx[${i}].slot[3].len`).addr).toBe(r.ringAddr + L.RING_SLOT + 3 * L.SLOT_SIZE + L.SLOT_LEN);
      const last = r.ringAddr + L.RING_SLOT + (r.slots - 1) * L.SLOT_SIZE;
      expect(fieldAt(w, last).map((f) => f.path)).toContain(`ix0:tx${i ? `[${i}]` : ''}.slot[${r.slots - 1}].buf_idx`);
    });
    expect(at('ix0:tx.head').addr).toBe((tx[0]?.ringAddr as number) + L.RING_HEAD);
    expect(error('ix0:tx[3].head')).toBe('column 8: ix0 has 3 TX rings, from 0.');
    expect(error('ix0:tx[1].hed')).toMatch(/Did you mean head\?$/);
    expect(listFields(w).filter((f) => /^ix0:rx\[[12]\]\.head$/.test(f.path)).length).toBe(2);
  });
});
