// The explorer's searches as the page knows them, the question that is being written, and which search is looked at.
import type { ExploreJob, Model, Scenario } from '../../lab/protocol';
import { createStore, useStore } from '../store';

/** Memory of a small device's searches, and of others', MiB. */
const SMALL = 128,
  USUAL = 512;
const device: { deviceMemory?: number; onLine?: boolean } = navigator;

export interface Draft {
  /** '': this moment; else a scenario's file. */
  from: string;
  model: Model;
  buffer: number;
  limit: number;
  seconds: number;
  memoryMiB: number;
  acts: 'no' | 'exits' | 'all';
  promises: readonly string[];
  /** Every schedule, or some drawn by lot: each move alike, or by priorities (PCT); or whatever the free engine does. */
  how: 'every' | 'lot' | 'pct' | 'free';
  runs: number;
  /** Of the free engine. */
  parks: number;
  seed: number;
  depth: number;
}
export interface ExploreView {
  jobs: readonly ExploreJob[];
  /** The search that is looked at, -1: none. */
  chosen: number;
  /** The question is open to be changed. */
  asking: boolean;
  draft: Draft;
  scenarios: readonly Scenario[];
  refusal: string;
}
export const explorer = createStore<ExploreView>({
  jobs: [],
  chosen: -1,
  asking: true,
  draft: {
    from: '',
    model: 'sc',
    buffer: 2,
    limit: 1_000_000,
    acts: 'no',
    seconds: 0,
    memoryMiB: (device.deviceMemory ?? 8) < 4 ? SMALL : USUAL,
    promises: [],
    how: 'every',
    runs: 1000,
    parks: 100,
    seed: 1,
    depth: 3,
  },
  scenarios: [],
  refusal: '',
});
export const useExplorer = <R>(select: (v: ExploreView) => R): R => useStore(explorer, select);

/** Of a search that began, goes on or ended. */
export function onJob(job: ExploreJob): void {
  const { jobs } = explorer.get();
  explorer.set({ jobs: jobs.some((j) => j.id === job.id) ? jobs.map((j) => (j.id === job.id ? job : j)) : [...jobs, job] });
}
