// The explorer as the page calls it: part of the lab worker's interface.

import type { Lab } from '../lab.ts';
import type { ExploreApi, LabEvent } from '../protocol.ts';
import { digits } from '../share_schema.ts';
import type { HazardRow } from './job.ts';
import { Explorer } from './explorer.ts';
import { delay } from '../turns.ts';
import table from './hazard_table.json' with { type: 'json' };
import { Pool } from './pool.ts';
import { PROMISES } from './promises.ts';
import { openRow } from './shipped.ts';
import { GOES_MS, type Parks } from './stress.ts';
import { poolSize, spawnSearcher } from './spawn_searcher.ts';

export interface Host {
  lab(): Lab;
  build(): string;
  emit(event: LabEvent): void;
  /** Before what changes the lab; and the lab parked. */
  act(): Promise<void>;
  parked(): Promise<void>;
  /** Shows the lab as it is now; `was`: which machine was there. */
  shown(was: Lab['world']): void;
  kick(): void;
  /** How often something was asked for since the beginning. */
  acts(): number;
  parks: Parks;
  /** Whether a replay that begins now may go on. */
  patience(): () => boolean;
}

export function explorerApi(h: Host): ExploreApi {
  let made: Explorer | undefined;
  const explorer = () => {
    made ??= new Explorer(h.lab, new Pool(spawnSearcher, poolSize()), h.build(), (job) => {
      h.emit({ t: 'explore', job });
    });
    return made;
  };
  const rows = table as readonly HazardRow[];
  return {
    async explore(asked) {
      if (!asked.scenario && asked.of === undefined && h.lab().run !== 'stopped') {
        await h.act();
        await h.parked();
        h.shown(h.lab().world);
      }
      return explorer().ask(asked);
    },
    async stopExploring(id) {
      explorer().stop(id);
    },
    async forgetExploring(id) {
      explorer().forget(id);
    },
    async story(id) {
      return explorer().story(id);
    },
    async showFound(id, moves) {
      await h.act();
      await h.parked();
      const was = h.lab().world,
        answer = explorer().show(id, moves, h.patience());
      h.shown(was);
      return answer;
    },
    async shareFound(id, layout) {
      return explorer().share(id, layout);
    },
    async stress(parks) {
      await h.act();
      const mine = h.acts();
      for (let i = 0; i < parks && h.acts() === mine; i++) {
        const { world } = h.lab();
        h.lab().start('free');
        h.kick();
        await delay(GOES_MS);
        if (h.acts() !== mine) break;
        await h.parked();
        if (h.lab().world !== world || h.lab().failure || h.parks.view(world)?.broken) break;
      }
      h.shown(h.lab().world);
      const { failure } = h.lab();
      return { ok: !failure, text: failure };
    },
    async promises() {
      return PROMISES;
    },
    async hazards() {
      return rows;
    },
    async showHazard(row, text) {
      const r = rows[row];
      await h.act();
      await h.parked();
      const was = h.lab().world,
        why = r ? await openRow(h.lab(), r, text, h.patience()) : 'There is no such row.',
        { world, sentence } = h.lab();
      h.shown(was);
      return why === undefined ? { ok: true, text: `Step ${digits(world.m.steps)}: ${sentence}` } : { ok: false, text: why };
    },
  };
}
