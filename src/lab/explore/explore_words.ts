// The options of explore: names and bounds, for the command, its help and completion.

import * as L from '../../../wasm/layout.ts';
import { MODELS } from './question.ts';

export const EXPLORE_ARGS =
  "[--model sc|tso|pso] [--buffer N] [--limit N] [--seconds N] [--memory MiB] [--promise 'EXPR'] [--acts exits|all] [--no-reduce] [--whole] [--story] " +
  '[--random N] [--pct D] [--seed S] [--moves N] [--no-shrink] | --take [N]';

/** The lowest and highest number of each option. */
export const NUMBERS = {
  '--buffer': [1, L.SB_MAX],
  '--limit': [1, 100_000_000],
  '--seconds': [1, 86_400],
  '--memory': [16, 960],
  '--random': [1, 1_000_000],
  '--pct': [1, 100],
  '--seed': [0, 0xffffffff],
  '--moves': [1, 1_000_000],
} as const;
export type NumberOption = keyof typeof NUMBERS;
export const FLAGS = ['--no-reduce', '--whole', '--story', '--shrink', '--no-shrink'] as const;
export const EXPLORE_WORDS = [...Object.keys(NUMBERS), ...FLAGS, '--model', '--promise', '--acts', '--take', ...MODELS];
