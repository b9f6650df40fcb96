// An inline SVG of the page as elements of the file: only known elements and attributes, styles as the browser resolved them,
// ids renamed.
import type { SvgPen } from './svg_pen';
import { escaped, num, paintOf } from './xml';

const GEOMETRY: Record<string, readonly string[]> = {
  g: [],
  path: ['d'],
  rect: ['x', 'y', 'width', 'height', 'rx', 'ry'],
  circle: ['cx', 'cy', 'r'],
  ellipse: ['cx', 'cy', 'rx', 'ry'],
  line: ['x1', 'y1', 'x2', 'y2'],
  polyline: ['points'],
  polygon: ['points'],
  text: ['x', 'y', 'dx', 'dy'],
  tspan: ['x', 'y', 'dx', 'dy'],
};
const REFERRED: Record<string, readonly string[]> = {
  marker: ['viewBox', 'refX', 'refY', 'markerWidth', 'markerHeight', 'markerUnits', 'orient'],
  pattern: ['x', 'y', 'width', 'height', 'patternUnits', 'patternTransform', 'viewBox'],
};
const PLAIN = /^[\w\s.,+()%#-]*$/;
const MARKERS = ['marker-start', 'marker-mid', 'marker-end'] as const;

class Copier {
  readonly #pen: SvgPen;
  readonly #svg: SVGSVGElement;
  constructor(pen: SvgPen, svg: SVGSVGElement) {
    this.#pen = pen;
    this.#svg = svg;
  }

  /** `url("#name")` of the page as one of the file: what is pointed at comes along. */
  #referred(value: string): string | undefined {
    const name = /^url\(["']?[^"')]*#([\w-]+)["']?\)/.exec(value)?.[1];
    const target = name === undefined ? null : (this.#svg.querySelector(`#${CSS.escape(name)}`) ?? document.getElementById(name));
    const allowed = target ? REFERRED[target.localName] : undefined;
    if (!target || !allowed) return undefined;
    const inner = [...target.children].map((c) => this.element(c)).join(''),
      own = allowed.map((a) => this.#kept(target, a)).join('');
    const id = this.#pen.define(
      `${target.localName}${own}${inner}`,
      (made) => `<${target.localName} id="${made}"${own}>${inner}</${target.localName}>`,
    );
    return `url(#${id})`;
  }

  #kept(el: Element, name: string): string {
    const value = el.getAttribute(name);
    return value !== null && PLAIN.test(value) ? ` ${name}="${value}"` : '';
  }

  #painted(el: Element, style: CSSStyleDeclaration): string {
    const out: string[] = [];
    for (const name of ['fill', 'stroke'] as const) {
      const value = style[name],
        referred = value.startsWith('url(') ? this.#referred(value) : undefined,
        { color, alpha } = value.startsWith('url(') ? { color: referred ?? 'none', alpha: 1 } : paintOf(value);
      out.push(` ${name}="${alpha > 0 ? color : 'none'}"`);
      const opacity = alpha * Number(name === 'fill' ? style.fillOpacity : style.strokeOpacity);
      if (alpha > 0 && opacity < 0.999) out.push(` ${name}-opacity="${num(opacity)}"`);
    }
    if (!out.includes(' stroke="none"')) {
      out.push(` stroke-width="${num(Number.parseFloat(style.strokeWidth))}"`);
      if (style.strokeDasharray !== 'none' && PLAIN.test(style.strokeDasharray))
        out.push(` stroke-dasharray="${style.strokeDasharray.replaceAll('px', '')}"`);
      if (style.strokeLinecap !== 'butt') out.push(` stroke-linecap="${style.strokeLinecap}"`);
      if (style.strokeLinejoin !== 'miter') out.push(` stroke-linejoin="${style.strokeLinejoin}"`);
      if (style.vectorEffect !== 'none') out.push(` vector-effect="${style.vectorEffect}"`);
      if (style.paintOrder.startsWith('stroke')) out.push(' paint-order="stroke"');
    }
    for (const name of MARKERS) {
      const value = style.getPropertyValue(name),
        url = value.startsWith('url(') ? this.#referred(value) : undefined;
      if (url) out.push(` ${name}="${url}"`);
    }
    if (el.localName === 'text' || el.localName === 'tspan') {
      out.push(` font-family="${escaped(style.fontFamily)}" font-size="${num(Number.parseFloat(style.fontSize))}"`);
      if (style.fontWeight !== '400') out.push(` font-weight="${num(Number(style.fontWeight))}"`);
      if (style.textAnchor !== 'start') out.push(` text-anchor="${style.textAnchor}"`);
      if (style.dominantBaseline !== 'auto') out.push(` dominant-baseline="${style.dominantBaseline}"`);
    }
    return out.join('');
  }

  element(el: Element): string {
    const geometry = GEOMETRY[el.localName];
    if (!geometry) return '';
    const style = getComputedStyle(el);
    if (style.display === 'none' || style.visibility === 'hidden') return '';
    const opacity = Number(style.opacity) < 0.999 ? ` opacity="${num(Number(style.opacity))}"` : '',
      moved = this.#kept(el, 'transform') + opacity;
    const words = el.localName === 'text' || el.localName === 'tspan';
    if (!words && el.localName !== 'g') {
      const paint = this.#painted(el, style);
      if (paint.startsWith(' fill="none" stroke="none"')) return '';
      return `<${el.localName}${geometry.map((a) => this.#kept(el, a)).join('')}${moved}${paint}/>\n`;
    }
    const inner = words
      ? [...el.childNodes].map((n) => (n instanceof Element ? this.element(n) : escaped(n.textContent ?? ''))).join('')
      : [...el.children].map((c) => this.element(c)).join('');
    if (!inner) return '';
    const own = words ? this.#painted(el, style) : '';
    return `<${el.localName}${geometry.map((a) => this.#kept(el, a)).join('')}${moved}${own}>${inner}</${el.localName}>\n`;
  }
}

/** Draws it where it stands, in pixels of the page. */
export function copySvg(pen: SvgPen, svg: SVGSVGElement, x: number, y: number, width: number, height: number): void {
  const copier = new Copier(pen, svg),
    inner = [...svg.children].map((c) => copier.element(c)).join('');
  if (!inner || width <= 0 || height <= 0) return;
  const box = svg.viewBox.baseVal,
    view = box?.width ? `${num(box.x)} ${num(box.y)} ${num(box.width)} ${num(box.height)}` : `0 0 ${num(width)} ${num(height)}`,
    ratio = svg.getAttribute('preserveAspectRatio'),
    overflow = getComputedStyle(svg).overflow === 'visible' ? ' overflow="visible"' : '';
  const fit = ratio !== null && PLAIN.test(ratio) ? ` preserveAspectRatio="${ratio}"` : '';
  const place = `x="${num(x)}" y="${num(y)}" width="${num(width)}" height="${num(height)}" viewBox="${view}"`;
  pen.put(`<svg ${place}${fit}${overflow}>\n${inner}</svg>`);
}
