// The default layouts: the design's sizes at 1440 × 800, time in its place between running and stopped, and which one holds.
import { describe, expect, it } from 'vitest';
import { panelIds } from '../panels/registry.ts';
import { docksOf, LIMITS, MODES, modeOf, SIZES, sizesAt } from './modes.ts';

describe('the default layouts', () => {
  it('have the sizes of the design at 1440 × 800', () => {
    expect(sizesAt('stopped', 1440, 800)).toMatchObject({ term: 184, panel: 384 });
    expect(sizesAt('lesson', 1440, 800)).toMatchObject({ term: 208, left: 400, lanes: 76 });
    expect(sizesAt('explorer', 1440, 800)).toMatchObject({ term: 32, left: 360, lanes: 208 });
    expect(sizesAt('experiment', 1440, 800)).toMatchObject({ term: 32, left: 360 });
  });
  it.each([600, 700, 800, 900, 1080, 1440])('leave the transport where it is between running and stopped, %i high', (height) => {
    for (const twice of [false, true]) {
      const free = sizesAt('free', 1440, height, twice),
        stopped = sizesAt('stopped', 1440, height, twice);
      const lanes = Math.min(stopped.lanes, height * 0.26);
      expect(Math.abs(free.term - stopped.term - lanes)).toBeLessThanOrEqual(1);
    }
  });
  it('give the stage room for two machines', () => {
    const room = (twice: boolean) => {
      const s = sizesAt('stopped', 1440, 900, twice);
      return 900 - s.term - s.lanes;
    };
    expect(room(true) - room(false)).toBeGreaterThan(150);
  });
  it('keep within the borders’ limits', () => {
    for (const mode of MODES)
      for (const height of [480, 800, 1440])
        for (const name of SIZES) {
          const [least, most] = LIMITS[name],
            v = sizesAt(mode, 1280, height)[name];
          expect(v, `${mode} ${name} ${height}`).toBeGreaterThanOrEqual(least);
          expect(v, `${mode} ${name} ${height}`).toBeLessThanOrEqual(most);
        }
  });
  it('have each panel in one place', () => {
    for (const mode of MODES) {
      const shown = Object.values(docksOf(mode)).filter((id) => id !== '');
      expect(new Set(shown).size, mode).toBe(shown.length);
      for (const id of shown) expect(panelIds()).toContain(id);
    }
    expect(docksOf('free').panel).toBe('ledger');
    expect(docksOf('stopped').panel).toBe('source');
    expect(docksOf('explorer')).toMatchObject({ panel: 'source', left: 'explore' });
  });
  it('hold by what is open, then by what the machine does', () => {
    expect(modeOf({ room: '', found: false, free: false })).toBe('stopped');
    expect(modeOf({ room: '', found: false, free: true })).toBe('free');
    expect(modeOf({ room: '', found: true, free: true })).toBe('explorer');
    expect(modeOf({ room: 'lesson', found: true, free: true })).toBe('lesson');
  });
});
