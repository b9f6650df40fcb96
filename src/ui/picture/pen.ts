// What the page's painters ask of a canvas: a part of its 2D context that the screen and an SVG file both offer.
type Used =
  | 'fillStyle'
  | 'strokeStyle'
  | 'lineWidth'
  | 'lineCap'
  | 'lineJoin'
  | 'globalAlpha'
  | 'font'
  | 'textAlign'
  | 'textBaseline'
  | 'save'
  | 'restore'
  | 'translate'
  | 'scale'
  | 'beginPath'
  | 'closePath'
  | 'moveTo'
  | 'lineTo'
  | 'arc'
  | 'rect'
  | 'roundRect'
  | 'clip'
  | 'fillRect'
  | 'strokeRect'
  | 'clearRect'
  | 'fillText'
  | 'createPattern'
  | 'setLineDash';

export interface Pen extends Pick<CanvasRenderingContext2D, Used> {
  fill(): void;
  stroke(): void;
  measureText(text: string): { width: number };
  /** Only in a file: begins a path as SVG writes it; a canvas has Path2D. */
  trace?(d: string): void;
  /** Only in a file: a pattern of slanted lines as a fill; a canvas has tiles. */
  hatch?(color: string, rising: boolean, size: number): string;
}

/** How a canvas was last painted, so that a file can be painted the same. */
const painted = new WeakMap<HTMLCanvasElement, (pen: Pen) => void>();
export const paintedBy = (canvas: HTMLCanvasElement, paint: (pen: Pen) => void) => painted.set(canvas, paint);
export const painterOf = (canvas: HTMLCanvasElement): ((pen: Pen) => void) | undefined => painted.get(canvas);
