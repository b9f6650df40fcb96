// How a page is asked for: the addresses of presenting and embedding, and the snippet that a course pastes.
import { describe, expect, it } from 'vitest';
import { askedOf, presentSearch, snippetOf } from './address';

describe('addresses', () => {
  it('an embedded picture is one of the list, and nothing else of the address is believed', () => {
    expect(askedOf('?x')).toBeUndefined();
    expect(askedOf('?embed=csb&ring=a&slot=3&theme=dark')).toEqual({ picture: 'csb', ring: 'a', slot: 3, theme: 'dark' });
    expect(askedOf('?embed=__proto__&slot=-4&theme=x')).toEqual({ picture: 'ring', ring: '', slot: -1, theme: 'auto' });
    expect(askedOf(`?embed&slot=1e99&ring=${'r'.repeat(500)}`)).toMatchObject({ slot: -1, ring: 'r'.repeat(99) });
  });
  it('?present comes and goes, what else was asked stays', () => {
    expect(presentSearch('?a=1&presently=2', true)).toBe('?present&a=1&presently=2');
    expect(presentSearch('?present&a=1', false)).toBe('?a=1');
    expect(presentSearch('?present=1', false)).toBe('');
  });
  it('a snippet carries moment and picture, and a link for who has no JavaScript; nothing breaks out of an attribute', () => {
    const s = snippetOf('https://lab.example/x/?present#r2.1.a', 'csb', '"><b', 'Open');
    expect(s).toContain('<script src="https://lab.example/x/ringside-embed.js" defer></script>');
    expect(s).toContain('view="csb" ring="&quot;>&lt;b" moment="r2.1.a"');
    expect(s).toContain('<a href="https://lab.example/x/#r2.1.a">Open</a>');
  });
});
