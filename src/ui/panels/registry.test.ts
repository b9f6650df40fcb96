// The registry of panels: every panel has a title and a row, no layout begins empty, and a hostile name is no panel.
import { describe, expect, it } from 'vitest';
import { asPanel, panelIds, panelOf } from './registry.ts';

describe('the registry of panels', () => {
  it('titles every panel, each differently', () => {
    const titles = panelIds().map((id) => panelOf(id).title);
    expect(titles.every((t) => t.length > 0)).toBe(true);
    expect(new Set(titles).size).toBe(titles.length);
  });
  it.each(['free', 'stopped', 'lesson', 'explorer', 'experiment'] as const)('begins the layout %s with a panel', (mode) => {
    expect(panelIds().some((id) => panelOf(id).shownIn.includes(mode))).toBe(true);
  });
  it('believes no name that is not a panel', () => {
    for (const v of ['__proto__', 'constructor', 'toString', '', 'Source', 0, null, undefined, {}, ['source']])
      expect(asPanel(v)).toBeUndefined();
    expect(asPanel('source')).toBe('source');
  });
});
