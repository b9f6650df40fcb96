// What the page asks of the machine as it is and of its recording, and gets as plain data. Nothing here changes the machine.

import { placesOf } from './breaks.ts';
import { compare } from './compare.ts';
import { deedKind, deedWords } from './deeds.ts';
import { compile, explain } from './expr.ts';
import { addressOf, anyFields, listFields } from './expr_fields.ts';
import type { Lab } from './lab.ts';
import { lifeOf, wordAt, writtenAt } from './past.ts';
import { picture } from './picture.ts';
import type { LabApi } from './protocol.ts';
import { slotView } from './slot_view.ts';
import { nearPlace, nearest, strip } from './trace_view.ts';

/** More than so many in view are not told one by one. */
const DEEDS = 300;

interface Host {
  lab(): Lab;
  /** Parks it first. */
  parked(): Promise<void>;
}
type Reading = Pick<
  LabApi,
  'picture' | 'strip' | 'near' | 'nearPlace' | 'writtenAt' | 'word' | 'life' | 'slot' | 'compare' | 'fields' | 'address' | 'check'
>;

export function readingApi({ lab, parked }: Host): Reading {
  return {
    picture: async () => picture(lab()),
    async strip(query) {
      const t = lab().timeline.trace;
      if (!t) throw new Error('nothing is recorded');
      t.rename();
      const view = strip(t, query),
        { entries } = lab().timeline;
      const among = entries.filter((e) => e.at >= query.from && e.at < query.to && e.k !== 'clock');
      view.deeds = among.length > DEEDS ? [] : among.map((e) => ({ step: e.at + 1, kind: deedKind(e), words: deedWords(lab().world, e) }));
      return view;
    },
    async near(query, step, by) {
      const { trace } = lab().timeline;
      return trace && nearest(trace, query, step, by);
    },
    async nearPlace(place, step, by) {
      const { trace } = lab().timeline;
      return trace && nearPlace(trace, placesOf(place), step, by);
    },
    async writtenAt(tty, text) {
      await parked();
      return lab().ask((w, t) => writtenAt(w, t, tty, text), undefined);
    },
    async word(addr, bytes) {
      const still = lab().run === 'stopped';
      return lab().ask((w, t) => wordAt(w, t, addr, bytes, still), undefined);
    },
    async life(buf, ring) {
      await parked();
      return lab().ask((w, t) => lifeOf(w, t, buf, ring), undefined);
    },
    async slot(ring, slot) {
      return slotView(lab().world, ring, slot, lab().run !== 'running');
    },
    async compare(branch, after) {
      await parked();
      return lab().ask((w, t) => compare(w, t, branch, after), undefined);
    },
    async fields() {
      return listFields(lab().world).map((f) => f.path);
    },
    async address(path) {
      const f = addressOf(lab().world, path);
      return f.ok ? { addr: f.addr, bytes: f.bytes === 2 ? 2 : 4 } : undefined;
    },
    async check(condition) {
      const c = compile(condition, anyFields, 'bool');
      return c.ok ? '' : explain(c);
    },
  };
}
