// A box of the page: its ground, its stripes, its borders, its outline, and what stands before and after its content.
import type { SvgPen } from './svg_pen';
import type { Frame } from './walk';
import { paintOf } from './xml';

const px = (s: string): number => Number.parseFloat(s) || 0;
const SIDES = ['Top', 'Right', 'Bottom', 'Left'] as const;

export const zoomOf = (el: Element): number => el.currentCSSZoom ?? 1;

interface Side {
  width: number;
  line: string;
  color: string;
}
type Rect = Pick<DOMRect, 'left' | 'top' | 'width' | 'height'>;

export const radiiOf = (style: CSSStyleDeclaration, r: Rect, zoom: number): number[] =>
  [style.borderTopLeftRadius, style.borderTopRightRadius, style.borderBottomRightRadius, style.borderBottomLeftRadius].map((v) =>
    v.includes('%') ? (px(v) / 100) * Math.min(r.width, r.height) : px(v) * zoom,
  );

/** Stripes, the only images that the page's style sheets have. */
function stripes(pen: SvgPen, image: string): string | undefined {
  const angle = /^repeating-linear-gradient\((-?\d+)deg/.exec(image)?.[1];
  const colors = [...image.matchAll(/(?:rgba?|color|oklab)\([^()]*\)|#[\da-f]{3,8}/gi)].map((m) => m[0]);
  const color = colors.findLast((c) => paintOf(c).alpha > 0),
    period = px(/([\d.]+)px\)$/.exec(image)?.[1] ?? '6');
  // at 45 degrees the stripes of a gradient rise to the right; the tile's side is the distance along an axis
  return angle === undefined || !color ? undefined : pen.hatch(color, Number(angle) < 0, period * Math.SQRT2, 1, 1);
}

function strokeSide(pen: SvgPen, s: Side, x1: number, y1: number, x2: number, y2: number): void {
  pen.strokeStyle = s.color;
  if (s.line === 'double' && s.width >= 3) {
    const third = s.width / 3,
      [ox, oy] = x1 === x2 ? [third, 0] : [0, third];
    for (const k of [-1, 1]) strokeSide(pen, { ...s, width: third, line: 'solid' }, x1 + k * ox, y1 + k * oy, x2 + k * ox, y2 + k * oy);
    return;
  }
  pen.lineWidth = s.width;
  pen.setLineDash(s.line === 'dashed' ? [s.width * 3, s.width * 2] : s.line === 'dotted' ? [s.width, s.width] : []);
  pen.beginPath();
  pen.moveTo(x1, y1);
  pen.lineTo(x2, y2);
  pen.stroke();
  pen.setLineDash([]);
}

function drawEdges(pen: SvgPen, style: CSSStyleDeclaration, r: Rect, radii: number[], zoom: number, x: number, y: number): void {
  const sides = SIDES.map((s) => {
    const line = style[`border${s}Style`];
    return { width: line === 'none' || line === 'hidden' ? 0 : px(style[`border${s}Width`]) * zoom, line, color: style[`border${s}Color`] };
  });
  const [top, right, bottom, left] = sides;
  if (!top || !right || !bottom || !left || !sides.some((s) => s.width && paintOf(s.color).alpha)) return;
  if (r.width <= left.width + right.width + 0.5 && r.height <= top.width + bottom.width + 0.5 && drawTriangle(pen, sides, x, y)) return;
  if (sides.every((s) => s.width === top.width && s.line === top.line && s.color === top.color)) {
    const h = top.width / 2;
    pen.strokeStyle = top.color;
    pen.lineWidth = top.width;
    pen.setLineDash(top.line === 'dashed' ? [top.width * 3, top.width * 2] : top.line === 'dotted' ? [top.width, top.width] : []);
    pen.beginPath();
    pen.roundRect(
      x + h,
      y + h,
      r.width - top.width,
      r.height - top.width,
      radii.map((v) => Math.max(0, v - h)),
    );
    pen.stroke();
    pen.setLineDash([]);
    return;
  }
  const x2 = x + r.width,
    y2 = y + r.height;
  if (top.width) strokeSide(pen, top, x, y + top.width / 2, x2, y + top.width / 2);
  if (bottom.width) strokeSide(pen, bottom, x, y2 - bottom.width / 2, x2, y2 - bottom.width / 2);
  if (left.width) strokeSide(pen, left, x + left.width / 2, y, x + left.width / 2, y2);
  if (right.width) strokeSide(pen, right, x2 - right.width / 2, y, x2 - right.width / 2, y2);
}

function fill(pen: SvgPen, color: string, r: Rect, radii: number[], x: number, y: number): void {
  pen.fillStyle = color;
  if (radii.every((v) => v === 0)) pen.fillRect(x, y, r.width, r.height);
  else {
    pen.beginPath();
    pen.roundRect(x, y, r.width, r.height, radii);
    pen.fill();
  }
}

/** A shadow that lies inside: the page's only ones, lines at an edge or all around. */
function drawInset(pen: SvgPen, shadow: string, r: Rect, zoom: number, x: number, y: number): void {
  if (!shadow.includes('inset')) return;
  const color = /^(?:rgba?|color)\([^)]*\)/.exec(shadow)?.[0],
    [dx = 0, dy = 0, , spread = 0] = [...shadow.replace(color ?? '', '').matchAll(/(-?[\d.]+)px/g)].map((m) => Number(m[1]) * zoom);
  if (!color) return;
  pen.fillStyle = color;
  if (dx > 0) pen.fillRect(x, y, dx, r.height);
  if (dx < 0) pen.fillRect(x + r.width + dx, y, -dx, r.height);
  if (dy > 0) pen.fillRect(x, y, r.width, dy);
  if (dy < 0) pen.fillRect(x, y + r.height + dy, r.width, -dy);
  if (spread <= 0) return;
  pen.strokeStyle = color;
  pen.lineWidth = spread;
  pen.strokeRect(x + spread / 2, y + spread / 2, r.width - spread, r.height - spread);
}

export function contentOf(style: CSSStyleDeclaration, r: Rect, zoom: number): Rect {
  const [top = 0, right = 0, bottom = 0, left = 0] = SIDES.map((s) => (px(style[`border${s}Width`]) + px(style[`padding${s}`])) * zoom);
  return { left: r.left + left, top: r.top + top, width: r.width - left - right, height: r.height - top - bottom };
}

/** A box without content whose borders make a triangle. */
function drawTriangle(pen: SvgPen, sides: readonly Side[], x: number, y: number): boolean {
  const [top, right, bottom, left] = sides,
    full = sides.filter((s) => s.width && paintOf(s.color).alpha > 0),
    [one] = full;
  if (!top || !right || !bottom || !left || full.length !== 1 || !one || sides.filter((s) => s.width).length < 3) return false;
  const x2 = x + left.width + right.width,
    y2 = y + top.width + bottom.width,
    tip: [number, number] = [x + left.width, y + top.width];
  const corners: [number, number][] = [
    [x, y],
    [x2, y],
    [x2, y2],
    [x, y2],
  ];
  const at = sides.indexOf(one),
    from = corners[at] ?? tip,
    to = corners[(at + 1) % 4] ?? tip;
  pen.fillStyle = one.color;
  pen.beginPath();
  pen.moveTo(...from);
  pen.lineTo(...to);
  pen.lineTo(...tip);
  pen.closePath();
  pen.fill();
  return true;
}

export function drawBox(pen: SvgPen, el: Element, style: CSSStyleDeclaration, r: DOMRect, f: Frame): void {
  const x = r.left - f.x,
    y = r.top - f.y,
    zoom = zoomOf(el),
    radii = radiiOf(style, r, zoom);
  if (paintOf(style.backgroundColor).alpha > 0) {
    const inside = style.backgroundClip === 'content-box' ? contentOf(style, r, zoom) : r;
    fill(pen, style.backgroundColor, inside, radii, inside.left - f.x, inside.top - f.y);
  }
  const striped = style.backgroundImage === 'none' ? undefined : stripes(pen, style.backgroundImage);
  if (striped) fill(pen, striped, r, radii, x, y);
  if (style.boxShadow !== 'none') drawInset(pen, style.boxShadow, r, zoom, x, y);
  drawEdges(pen, style, r, radii, zoom, x, y);
  // where the focus is says nothing of the machine
  if (style.outlineStyle !== 'none' && px(style.outlineWidth) && !el.matches(':focus-visible')) {
    const w = px(style.outlineWidth) * zoom,
      out = px(style.outlineOffset) * zoom + w / 2;
    pen.strokeStyle = style.outlineColor;
    pen.lineWidth = w;
    pen.setLineDash(style.outlineStyle === 'dotted' ? [w, w] : style.outlineStyle === 'dashed' ? [w * 3, w * 2] : []);
    pen.strokeRect(x - out, y - out, r.width + 2 * out, r.height + 2 * out);
    pen.setLineDash([]);
  }
}

/** The triangle before a summary. */
function drawMarker(pen: SvgPen, own: CSSStyleDeclaration, r: DOMRect, zoom: number, f: Frame): void {
  const x = r.left - f.x + (px(own.paddingLeft) + 1) * zoom,
    y = (r.top + r.bottom) / 2 - f.y,
    s = px(own.fontSize) * zoom * 0.3;
  const corners: [number, number][] = own.listStyleType.endsWith('open')
    ? [
        [x, y - s * 0.7],
        [x + 2 * s, y - s * 0.7],
        [x + s, y + s],
      ]
    : [
        [x, y - s],
        [x + 1.7 * s, y],
        [x, y + s],
      ];
  pen.fillStyle = own.color;
  pen.beginPath();
  for (const c of corners) pen.lineTo(...c);
  pen.closePath();
  pen.fill();
}

/** What style sheets put before and after the content: signs, and small boxes where they have a place of their own. */
export function drawBefore(pen: SvgPen, el: HTMLElement, own: CSSStyleDeclaration, r: DOMRect, f: Frame): void {
  if (own.display === 'list-item' && own.listStyleType.startsWith('disclosure')) drawMarker(pen, own, r, zoomOf(el), f);
  for (const which of ['::before', '::after'] as const) {
    const style = getComputedStyle(el, which),
      zoom = zoomOf(el);
    if (style.content === 'none' || style.content === 'normal' || style.display === 'none') continue;
    const words = /^"((?:[^"\\]|\\.)*)"/.exec(style.content)?.[1] ?? '';
    if (style.position === 'absolute') {
      const box = { width: px(style.width) * zoom, height: px(style.height) * zoom, left: 0, top: 0 },
        x = r.left - f.x + (px(own.borderLeftWidth) + px(style.left)) * zoom,
        y = r.top - f.y + (px(own.borderTopWidth) + px(style.top)) * zoom,
        radii = radiiOf(style, box, zoom);
      if (paintOf(style.backgroundColor).alpha > 0) fill(pen, style.backgroundColor, box, radii, x, y);
      drawEdges(pen, style, box, radii, zoom, x, y);
    }
    if (!words.trim() || which === '::after') continue;
    const size = px(style.fontSize) * zoom;
    pen.font = `${style.fontWeight} ${size}px ${style.fontFamily}`;
    pen.fillStyle = style.color;
    pen.textAlign = 'left';
    pen.textBaseline = 'alphabetic';
    const m = pen.measureText('x'),
      line = (px(style.lineHeight) || size * 1.4) * zoom;
    const x = r.left - f.x + (px(own.paddingLeft) + px(style.marginLeft)) * zoom,
      y = r.top - f.y + px(own.paddingTop) * zoom + (line - m.ascent - m.descent) / 2 + m.ascent;
    pen.fillText(words, x, y);
  }
}
