// Draws a part of the page as it stands: boxes, borders and lines of text where the browser has put them, canvases by their own
// painters, inline SVG as it is. The page stays as it was.
import { contentOf, drawBefore, drawBox, radiiOf, zoomOf } from './box';
import { copySvg } from './copied_svg';
import { drawControl, drawText } from './lettering';
import { painterOf } from './pen';
import type { SvgPen } from './svg_pen';
import { num } from './xml';

export interface Frame {
  /** What of the page's coordinates is the picture's origin. */
  x: number;
  y: number;
  /** What is seen, in the page's coordinates. */
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const CLIPS = /hidden|auto|scroll|clip/;
const outside = (r: DOMRect, f: Frame) => r.right <= f.left || r.left >= f.right || r.bottom <= f.top || r.top >= f.bottom;

function layer(style: CSSStyleDeclaration): number {
  if (style.position === 'static' && style.opacity === '1') return 0;
  const z = Number.parseInt(style.zIndex, 10);
  return Number.isNaN(z) ? 0.5 : z < 0 ? z : z + 0.6;
}

/** Nobody sees it: words for a screen reader alone. */
const unseen = (style: CSSStyleDeclaration, r: DOMRect) =>
  style.opacity === '0' || ((style.clipPath !== 'none' || style.clip !== 'auto') && r.width <= 1.5 && r.height <= 1.5);

function drawCanvas(pen: SvgPen, canvas: HTMLCanvasElement, r: DOMRect, f: Frame): void {
  const paint = painterOf(canvas),
    zoom = canvas.currentCSSZoom ?? 1;
  pen.save();
  pen.translate(r.left - f.x, r.top - f.y);
  if (paint) {
    if (zoom !== 1) pen.scale(zoom, zoom);
    pen.beginPath();
    pen.rect(0, 0, r.width / zoom, r.height / zoom);
    pen.clip();
    paint(pen);
  } else {
    // painted by somebody else: its points
    const points = canvas.toDataURL('image/png');
    if (/^data:image\/png;base64,[\w+/=]+$/.test(points))
      pen.put(`<image width="${num(r.width)}" height="${num(r.height)}" href="${points}"/>`);
  }
  pen.restore();
}

function drawElement(pen: SvgPen, el: Element, f: Frame, root: boolean): void {
  const style = getComputedStyle(el);
  if (style.display === 'none' || !el.checkVisibility()) return;
  const r = el.getBoundingClientRect();
  if (unseen(style, r)) return;
  if (el instanceof SVGSVGElement) {
    if (outside(r, f) || style.visibility === 'hidden') return;
    drawBox(pen, el, style, r, f);
    const inside = contentOf(style, r, zoomOf(el));
    copySvg(pen, el, inside.left - f.x, inside.top - f.y, inside.width, inside.height);
    return;
  }
  if (!(el instanceof HTMLElement)) return;
  const clips = !root && (CLIPS.test(style.overflowX) || CLIPS.test(style.overflowY));
  if (clips && outside(r, f)) return;
  pen.save();
  const opacity = Number(style.opacity);
  if (opacity < 0.999) pen.group(`opacity="${num(opacity)}"`);
  const seen = style.visibility !== 'hidden' && style.display !== 'contents' && !outside(r, f);
  if (seen) drawBox(pen, el, style, r, f);
  let inner = f;
  if (clips) {
    inner = {
      ...f,
      left: Math.max(f.left, r.left),
      top: Math.max(f.top, r.top),
      right: Math.min(f.right, r.right),
      bottom: Math.min(f.bottom, r.bottom),
    };
    pen.beginPath();
    const radii = radiiOf(style, r, zoomOf(el));
    if (radii.some((v) => v > 0)) pen.roundRect(r.left - f.x, r.top - f.y, r.width, r.height, radii);
    else pen.rect(inner.left - f.x, inner.top - f.y, Math.max(0, inner.right - inner.left), Math.max(0, inner.bottom - inner.top));
    pen.clip();
  }
  if (seen) drawBefore(pen, el, style, r, f);
  if (el instanceof HTMLCanvasElement) {
    if (seen) drawCanvas(pen, el, r, f);
  } else if (!drawControl(pen, el, style, r, f)) drawChildren(pen, el, style, inner);
  pen.restore();
}

function drawChildren(pen: SvgPen, el: Element, style: CSSStyleDeclaration, f: Frame): void {
  const later: { el: Element; layer: number }[] = [];
  const elements = [...el.children].map((child) => ({ el: child, layer: layer(getComputedStyle(child)) }));
  for (const e of elements.filter((x) => x.layer < 0).sort((a, b) => a.layer - b.layer)) drawElement(pen, e.el, f, false);
  const at = new Map(elements.map((e) => [e.el, e]));
  for (const node of el.childNodes) {
    if (node instanceof Text) {
      if (style.visibility !== 'hidden') drawText(pen, node, style, f);
    } else if (node instanceof Element) {
      const e = at.get(node);
      if (!e || e.layer < 0) continue;
      if (e.layer > 0) later.push(e);
      else drawElement(pen, node, f, false);
    }
  }
  for (const e of later.sort((a, b) => a.layer - b.layer)) drawElement(pen, e.el, f, false);
}

/** What stays in sight by itself would hide what is scrolled away: it goes to its own place until the picture is drawn, unseen. */
function unstick(el: HTMLElement): [HTMLElement, string][] {
  const all = [...el.querySelectorAll<HTMLElement>('*')].filter(
    (e) => e instanceof HTMLElement && getComputedStyle(e).position === 'sticky',
  );
  return all.map((e) => {
    const before = e.style.position;
    e.style.position = 'static';
    return [e, before];
  });
}

/** The whole of an element, also what of it is scrolled away; or, of the page, what is on the screen. */
export function drawPart(pen: SvgPen, el: HTMLElement | SVGElement, page: boolean): { width: number; height: number } {
  const r = el.getBoundingClientRect(),
    zoom = el.currentCSSZoom ?? 1,
    whole = el instanceof HTMLElement && !page,
    width = whole ? Math.max(r.width, el.scrollWidth * zoom) : r.width,
    height = whole ? Math.max(r.height, el.scrollHeight * zoom) : r.height,
    x = r.left - (whole ? el.scrollLeft * zoom : 0),
    y = r.top - (whole ? el.scrollTop * zoom : 0);
  const frame = { x, y, left: x, top: y, right: x + width, bottom: y + height };
  const loose = whole ? unstick(el) : [];
  try {
    drawElement(pen, el, frame, true);
  } finally {
    for (const [stuck, position] of loose) stuck.style.position = position;
  }
  return { width, height };
}
