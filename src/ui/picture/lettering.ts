// Text of the page as it is broken into lines, and what fields, lists and boxes to tick show.
import { zoomOf } from './box';
import type { SvgPen } from './svg_pen';
import type { Frame } from './walk';

const px = (s: string): number => Number.parseFloat(s) || 0;

interface Line {
  text: string;
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** A text node's lines: by the rectangles that the browser has for it, split where they begin anew. */
function linesOf(node: Text, keepsSpaces: boolean): Line[] {
  const range = document.createRange();
  range.selectNodeContents(node);
  const rects = [...range.getClientRects()].filter((r) => r.width > 0);
  const [first] = rects;
  if (!first) return [];
  const shown = (s: string) => (keepsSpaces ? s.replace(/\n$/, '') : s.replace(/\s+/g, ' '));
  const tops = new Set(rects.map((r) => Math.round(r.top)));
  if (tops.size === 1) {
    const { top, bottom } = first;
    // a space before the first letter may or may not take room
    if (!keepsSpaces) range.setStart(node, Math.max(0, node.data.search(/\S/)));
    const left = range.getBoundingClientRect().left;
    return [
      { text: keepsSpaces ? shown(node.data) : shown(node.data).trim(), left, top, bottom, right: Math.max(...rects.map((r) => r.right)) },
    ];
  }
  const lines: Line[] = [];
  let line: Line | undefined;
  const words = node.data.match(/\s+|[^\s-]+-*|-+/g) ?? [];
  let at = 0;
  const put = (from: number, to: number): boolean => {
    range.setStart(node, from);
    range.setEnd(node, to);
    const all = [...range.getClientRects()].filter((r) => r.width > 0);
    const [r] = all;
    if (!r) return true;
    if (all.some((o) => Math.abs(o.top - r.top) > 2)) return false;
    if (!line || Math.abs(line.top - r.top) > 2) {
      if (!keepsSpaces && !node.data.slice(from, to).trim()) return true;
      line = { text: '', left: r.left, top: r.top, right: r.right, bottom: r.bottom };
      lines.push(line);
    }
    line.text += node.data.slice(from, to);
    line.right = r.right;
    return true;
  };
  for (const word of words) {
    // a word that is broken goes letter by letter
    if (!put(at, at + word.length)) for (let i = 0; i < word.length; i++) put(at + i, at + i + 1);
    at += word.length;
  }
  return lines.map((l) => ({ ...l, text: keepsSpaces ? shown(l.text) : shown(l.text).trim() }));
}

/** The pen in the text's font; answers what is added to a line's middle to come to its base. */
function setPen(pen: SvgPen, style: CSSStyleDeclaration, zoom: number): { ascent: number; descent: number } {
  pen.font = `${style.fontStyle === 'italic' ? 'italic ' : ''}${style.fontWeight} ${Math.round(px(style.fontSize) * zoom * 100) / 100}px ${style.fontFamily}`;
  pen.fillStyle = style.color;
  pen.textAlign = 'left';
  pen.textBaseline = 'alphabetic';
  pen.letterSpacing = px(style.letterSpacing) * zoom;
  return pen.measureText('x');
}

/** As much of a text as there is room for. */
function fitted(pen: SvgPen, text: string, room: number): string {
  if (pen.measureText(text).width <= room + 1) return text;
  let n = text.length;
  while (n > 0 && pen.measureText(`${text.slice(0, n)}…`).width > room) n--;
  return `${text.slice(0, n)}…`;
}

const cased = (text: string, style: CSSStyleDeclaration): string => (style.textTransform === 'uppercase' ? text.toUpperCase() : text);

function underline(pen: SvgPen, style: CSSStyleDeclaration, x: number, y: number, width: number): void {
  pen.strokeStyle = style.textDecorationColor;
  pen.lineWidth = 1;
  pen.setLineDash(style.textDecorationStyle === 'dotted' ? [1, 2] : style.textDecorationStyle === 'dashed' ? [3, 2] : []);
  pen.beginPath();
  pen.moveTo(x, Math.round(y) + 0.5);
  pen.lineTo(x + width, Math.round(y) + 0.5);
  pen.stroke();
  pen.setLineDash([]);
}

export function drawText(pen: SvgPen, node: Text, style: CSSStyleDeclaration, f: Frame): void {
  const parent = node.parentElement;
  if (!parent || !node.data.trim()) return;
  const { ascent, descent } = setPen(pen, style, zoomOf(parent));
  const box = parent.getBoundingClientRect(),
    cut = style.textOverflow === 'ellipsis' && parent.scrollWidth > parent.clientWidth;
  for (const l of linesOf(node, style.whiteSpace.startsWith('pre'))) {
    if (l.right <= f.left || l.left >= f.right || l.bottom <= f.top || l.top >= f.bottom) continue;
    const text = cased(cut ? fitted(pen, l.text, box.right - px(style.paddingRight) - l.left) : l.text, style).replaceAll('\u00a0', ' ');
    const base = (l.top + l.bottom) / 2 - f.y + (ascent - descent) / 2;
    pen.fillText(text, l.left - f.x, base);
    if (style.textDecorationLine.includes('underline')) underline(pen, style, l.left - f.x, base + 3, pen.measureText(text).width);
  }
  pen.letterSpacing = 0;
}

/** What a control shows by itself; answers whether it was one that has no other content. */
export function drawControl(pen: SvgPen, el: HTMLElement, style: CSSStyleDeclaration, r: DOMRect, f: Frame): boolean {
  const field = el instanceof HTMLInputElement || el instanceof HTMLTextAreaElement;
  if (!field && !(el instanceof HTMLSelectElement)) return false;
  const zoom = zoomOf(el),
    x = r.left - f.x,
    y = r.top - f.y,
    { ascent, descent } = setPen(pen, style, zoom);
  if (el instanceof HTMLInputElement && (el.type === 'checkbox' || el.type === 'radio')) {
    if (style.appearance === 'none') return true;
    pen.strokeStyle = style.color;
    pen.lineWidth = 1;
    pen.beginPath();
    if (el.type === 'radio') pen.arc(x + r.width / 2, y + r.height / 2, r.width / 2 - 0.5, 0, 2 * Math.PI);
    else pen.roundRect(x + 0.5, y + 0.5, r.width - 1, r.height - 1, 2);
    pen.stroke();
    if (el.checked) pen.fillRect(x + r.width * 0.28, y + r.height * 0.28, r.width * 0.44, r.height * 0.44);
    return true;
  }
  const left = x + (px(style.borderLeftWidth) + px(style.paddingLeft)) * zoom,
    base = y + r.height / 2 + (ascent - descent) / 2;
  if (el instanceof HTMLSelectElement) {
    pen.fillText(fitted(pen, el.selectedOptions[0]?.text ?? '', r.right - f.x - left - 16 * zoom), left, base);
    if (style.appearance === 'none') return true;
    const right = r.right - f.x - 12 * zoom,
      middle = y + r.height / 2;
    pen.strokeStyle = style.color;
    pen.lineWidth = 1.5;
    pen.beginPath();
    pen.moveTo(right - 4, middle - 2);
    pen.lineTo(right, middle + 2);
    pen.lineTo(right + 4, middle - 2);
    pen.stroke();
    return true;
  }
  const value = el.value || el.placeholder;
  if (!el.value) pen.globalAlpha *= 0.6;
  const lines = el instanceof HTMLTextAreaElement ? value.split('\n') : [value],
    line = (px(style.lineHeight) || px(style.fontSize) * 1.4) * zoom;
  if (el instanceof HTMLInputElement && (el.type === 'range' || el.type === 'color' || el.type === 'file')) return true;
  lines.forEach((text, i) => {
    const at = el instanceof HTMLTextAreaElement ? y + px(style.paddingTop) * zoom + line * i + (line + ascent - descent) / 2 : base;
    pen.fillText(text, left, at);
  });
  return true;
}
