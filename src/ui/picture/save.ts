// A picture as a file: drawn again into SVG, and from that SVG into points. Nothing leaves the page: the browser saves it.
import { give, notice } from '../recording';
import { lab } from '../store';
import { palette } from '../theme';
import { fileName } from './file_name';
import { type Found, origin, type PictureId, pictureOf } from './pictures';
import { pictureWords as words } from './picture_words';
import { fileOf, type Measure, SvgPen } from './svg_pen';
import { drawPart } from './walk';
import { paintOf } from './xml';

export type Form = 'svg' | 'png' | 'copy';
const SCALE = 2;
/** The line below. */
const FOOT = 24;
/** What browsers refuse to make: more points than this. */
const MOST = 64_000_000;

let measuring: CanvasRenderingContext2D | null = null;
const known = new Map<string, { ascent: number; descent: number }>();
const measure: Measure = (font, text) => {
  measuring ??= document.createElement('canvas').getContext('2d');
  if (!measuring) return { width: text.length * 8, ascent: 11, descent: 3 };
  measuring.font = font;
  const m = measuring.measureText(text);
  const height = known.get(font) ?? { ascent: m.fontBoundingBoxAscent, descent: m.fontBoundingBoxDescent };
  known.set(font, height);
  return { width: m.width, ...height };
};

export interface Drawn {
  svg: string;
  width: number;
  height: number;
}

/** What the picture stands on, on the page. */
function groundOf(el: Element | null): string {
  for (let at = el; at; at = at.parentElement) {
    const color = getComputedStyle(at).backgroundColor;
    if (paintOf(color).alpha > 0.99) return color;
  }
  return palette().bg;
}

/** The picture as it is now, with a line below that says where it is from; the page itself says that. */
export function drawn(found: Found): Drawn {
  const pen = new SvgPen(measure),
    colors = palette(),
    page = found.id === 'page',
    edge = page ? 0 : 12,
    from = origin(found.id);
  pen.save();
  pen.translate(edge, edge);
  const size = drawPart(pen, found.element, page);
  pen.restore();
  const lines: string[] = [];
  const width = Math.ceil(page ? size.width : Math.max(size.width, 160) + 2 * edge);
  pen.font = `400 11px ${colors.sans}`;
  if (!page) {
    // as many of them on a line as there is room for
    for (const part of [found.title, ...from]) {
      const last = lines.at(-1),
        longer = `${last} · ${part}`;
      if (last !== undefined && pen.measureText(longer).width <= width - 2 * edge) lines[lines.length - 1] = longer;
      else lines.push(part);
    }
  }
  const below = page ? 0 : FOOT + (lines.length - 1) * 16;
  const height = Math.ceil(size.height + 2 * edge) + below;
  pen.textBaseline = 'middle';
  pen.fillStyle = colors.ink2;
  for (const [i, line] of lines.entries()) pen.fillText(line, edge, height - below + 8 + i * 16);
  const title = `${found.title} · ${from.join(' · ')}`,
    desc = found
      .words()
      .replace(/[^\S\n]+/g, ' ')
      .replace(/\s*\n\s*/g, '\n')
      .trim();
  return { svg: fileOf(pen, { width, height, title, desc, ground: groundOf(found.element) }), width, height };
}

/** The SVG as points. It holds no script and no address, so the canvas may be read. */
export async function pointsOf({ svg, width, height }: Drawn, scale = SCALE): Promise<Blob> {
  const k = Math.min(scale, Math.sqrt(MOST / (width * height)));
  // its own size is that of the points, or some browsers scale up a small one
  const large = svg.replace(
    / width="\d+" height="\d+" viewBox/,
    ` width="${Math.round(width * k)}" height="${Math.round(height * k)}" viewBox`,
  );
  const url = URL.createObjectURL(new Blob([large], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(width * k);
    canvas.height = Math.round(height * k);
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise<Blob>((done, failed) => {
      canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error(words.unmade))), 'image/png');
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}

const PATIENCE_MS = 10_000;

/** The menu or palette that asked for it is gone from the screen by then, and what was still being loaded is there. */
async function settled(): Promise<void> {
  const since = performance.now();
  do await new Promise((next) => setTimeout(next, 60));
  while (document.querySelector('[data-coming]') && performance.now() - since < PATIENCE_MS);
}

async function copied(points: Promise<Blob>): Promise<void> {
  try {
    if (typeof ClipboardItem === 'undefined') throw new Error(words.noClipboard);
    // the promise itself: some browsers ask for the item while the press lasts
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': points })]);
    notice(words.copied);
  } catch {
    notice(words.noClipboard);
  }
}

export async function savePicture(id: PictureId, form: Form): Promise<void> {
  const made = settled().then(() => {
    const found = pictureOf(id);
    return found && !found.element.querySelector('[data-coming]') && { found, picture: drawn(found) };
  });
  if (form === 'copy') {
    await copied(made.then((m) => (m ? pointsOf(m.picture) : Promise.reject(new Error(words.gone)))));
    return;
  }
  const m = await made;
  if (!m) return notice(words.gone);
  const name = fileName(m.found.name, lab.get().state?.step, form);
  if (form === 'svg') return give(new Blob([m.picture.svg], { type: 'image/svg+xml' }), name);
  try {
    give(await pointsOf(m.picture), name);
  } catch {
    notice(words.unmade);
  }
}
