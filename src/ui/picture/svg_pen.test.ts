// The pen that writes SVG: calls as elements, hostile text as text, the same scene as the same file.
import { describe, expect, it } from 'vitest';
import type { RingRef, RingSample } from '../../lab/protocol';
import { makeBrush } from '../ring/brush';
import { runsOf } from '../ring/ownership';
import { paintBar } from '../ring/bar';
import { shapeOf } from '../ring/shape';
import { paintStrip } from '../ring/strip';
import type { Palette } from '../theme';
import { fileName } from './file_name';
import { fileOf, type Measure, SvgPen } from './svg_pen';
import { escaped, num, paintOf } from './xml';

const measure: Measure = (_font, text) => ({ width: text.length * 7, ascent: 11, descent: 3 });
const SHEET = { width: 100, height: 50, title: 'a title', desc: 'words', ground: '#fdfcfb' };

/** Elements open and close in order, attributes are quoted, no `<` or bare `&` stands in text: answers the names of the elements. */
function wellFormed(xml: string): Set<string> {
  const names = new Set<string>(),
    open: string[] = [];
  const body = xml.replace(/^<\?xml [^?]*\?>/, '');
  const rest = body.replace(
    /<(\/?)([a-zA-Z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g,
    (_, close: string, name: string, at: string, empty: string) => {
      names.add(name);
      expect(at.replace(/&(?:amp|lt|gt|quot|#39);/g, ''), name).not.toContain('&');
      if (close) expect(open.pop()).toBe(name);
      else if (!empty) open.push(name);
      return '';
    },
  );
  expect(open).toEqual([]);
  expect(rest).not.toMatch(/[<>]/);
  expect(rest.replace(/&(?:amp|lt|gt|quot|#39);/g, '')).not.toContain('&');
  return names;
}

describe('the pen that writes SVG', () => {
  it('writes a call as an element', () => {
    const pen = new SvgPen(measure);
    pen.fillStyle = 'rgb(28, 89, 174)';
    pen.fillRect(1, 2, 30.456, 4);
    pen.strokeStyle = '#82807a';
    pen.lineWidth = 2;
    pen.setLineDash([4, 3]);
    pen.strokeRect(0.5, 0.5, 9, 9);
    pen.setLineDash([]);
    pen.beginPath();
    pen.moveTo(0, 0);
    pen.lineTo(10, 5);
    pen.closePath();
    pen.stroke();
    pen.font = '600 12px ui-monospace, "SF Mono", monospace';
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    pen.fillStyle = 'rgba(0, 0, 0, 0.5)';
    pen.fillText('head 9', 40, 20);
    expect(pen.body().split('\n')).toEqual([
      '<rect x="1" y="2" width="30.46" height="4" fill="#1c59ae"/>',
      '<rect x="0.5" y="0.5" width="9" height="9" fill="none" stroke="#82807a" stroke-width="2" stroke-dasharray="4 3"/>',
      '<path d="M0 0L10 5Z" fill="none" stroke="#82807a" stroke-width="2"/>',
      '<text x="40" y="24" font-family="ui-monospace, &quot;SF Mono&quot;, monospace" font-size="12" text-anchor="middle" font-weight="600" fill="#000000" fill-opacity="0.5">head 9</text>',
    ]);
  });

  it('closes what save, translate and clip have opened, and drops groups in which nothing is', () => {
    const pen = new SvgPen(measure);
    pen.save();
    pen.translate(3, 4);
    pen.save();
    pen.scale(0.5, 0.5);
    pen.restore();
    pen.beginPath();
    pen.rect(0, 0, 5, 5);
    pen.clip();
    pen.fillStyle = '#ffffff';
    pen.fillRect(0, 0, 1, 1);
    pen.restore();
    expect(pen.fillStyle).toBe('#000000');
    expect(pen.body()).not.toContain('scale');
    expect(pen.body().match(/<g /g)).toHaveLength(2);
    expect([...wellFormed(fileOf(pen, SHEET))]).toEqual(expect.arrayContaining(['g', 'clipPath', 'rect']));
  });

  it('keeps a hatch once, whoever asks', () => {
    const pen = new SvgPen(measure),
      a = pen.hatch('#93550b', true, 6);
    expect(pen.hatch('#93550b', true, 6)).toBe(a);
    expect(pen.hatch('#93550b', false, 6)).not.toBe(a);
    pen.fillStyle = a;
    pen.fillRect(0, 0, 5, 5);
    expect(pen.body()).toContain(`fill="${a}"`);
    expect(pen.defs().match(/<pattern /g)).toHaveLength(2);
  });

  it('what a guest wrote stays text', () => {
    const bad = '<script>alert(1)</script>&"\'\u0000\u001b[31m\ud800\u202e]]>',
      pen = new SvgPen(measure);
    pen.font = `400 12px x" onload="alert(1)`;
    pen.fillText(bad, 0, 0);
    pen.trace('M0 0" onclick="alert(1)');
    pen.fill();
    pen.fillStyle = 'url(javascript:alert)';
    const file = fileOf(pen, { ...SHEET, title: bad, desc: `</desc><script>${bad}` });
    expect([...wellFormed(file)].sort()).toEqual(['desc', 'rect', 'svg', 'text', 'title']);
    expect(file).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39;\ufffd\ufffd[31m\ufffd\ufffd]]&gt;');
    expect(file).not.toMatch(/<script|\son\w+="/);
    expect([...file].filter((c) => c < ' ' && c !== '\n')).toEqual([]);
  });

  it('knows colours and numbers', () => {
    expect(paintOf('#ABC')).toEqual({ color: '#aabbcc', alpha: 1 });
    expect(paintOf('rgb(1 2 3 / 50%)')).toEqual({ color: '#010203', alpha: 0.5 });
    expect(paintOf('transparent').alpha).toBe(0);
    expect([num(1.005), num(-0.001), num(Number.NaN), num(12)]).toEqual(['1', '0', '0', '12']);
    expect(escaped('a\tb\nc')).toBe('a\tb\nc');
  });

  it('names files by what they show and of which step', () => {
    expect(fileName('ring-vtnet0-TX0', 1284, 'svg')).toBe('ringside-ring-vtnet0-tx0-step-1284.svg');
    expect(fileName('ring-../../etc passwd', undefined, 'png')).toBe('ringside-ring-etc-passwd.png');
    expect(fileName('…', 0, 'png')).toBe('ringside-picture-step-0.png');
  });
});

describe('a ring on that pen', () => {
  const ref = { id: 'r', title: 'TX ring 0 of vtnet0', dir: 'TX', user: 'guest', slots: 16, port: 'vtnet0' } as RingRef;
  const sample = {
    id: 'r',
    n: 16,
    head: 9,
    cur: 9,
    tail: 1,
    rhead: 5,
    hwcur: 5,
    hwtail: 4,
    first: 0,
    slots: Array.from({ length: 16 }, (_, i) => ({ bufIdx: 100 + i, len: 60, flags: 0 })),
    torn: false,
  } as unknown as RingSample;
  const colors: Palette = new Proxy({} as Palette, { get: (_, name) => (name === 'mono' || name === 'sans' ? 'monospace' : '#123456') });
  const file = () => {
    const pen = new SvgPen(measure),
      shape = shapeOf(16, 1000, 400),
      brush = makeBrush(pen, colors, ref);
    paintStrip(brush, shape, ref, sample, runsOf(sample));
    paintBar(brush, shape, ref, { sample, spread: null } as never, runsOf(sample));
    return fileOf(pen, SHEET);
  };

  it('is the picture of the screen: hands, buffers, owners, hatches', () => {
    const svg = file();
    wellFormed(svg);
    for (const words of ['head = cur', 'hwcur', 'hwtail', '>115</text>', '8 guest may fill', 'in order'])
      expect(svg, words).toContain(words.replace('8 guest', 'guest'));
    expect(svg.match(/<pattern /g)).toHaveLength(2);
    expect(svg).toMatch(/fill="url\(#d\d\)"/);
  });

  it('is the same twice', () => {
    expect(file()).toBe(file());
  });
});
