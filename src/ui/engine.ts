// The engine that a visitor chose, kept over Start over in this tab. Storage may be refused: then it is forgotten.
import type { EngineName } from '../lab/protocol';

const KEY = 'ringside-engine';

export function keepEngine(engine: EngineName | undefined): void {
  try {
    if (engine) sessionStorage.setItem(KEY, engine);
    else sessionStorage.removeItem(KEY);
  } catch {
    /* refused */
  }
}

export function keptEngine(): EngineName | undefined {
  try {
    const kept = sessionStorage.getItem(KEY);
    return kept === 'step' ? kept : undefined;
  } catch {
    return undefined;
  }
}
