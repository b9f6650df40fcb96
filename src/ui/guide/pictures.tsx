// Small still pictures of scenarios: guest left, host right, the memory that both see in the middle. Decoration beside words.
import type { Drawn } from './gallery_words';

const Guest = ({ y = 12, h = 48 }: { y?: number; h?: number }) => <rect className="pic-g" x="4" y={y} width="40" height={h} rx="8" />;
const Host = ({ x = 116, w = 40 }: { x?: number; w?: number }) => <rect className="pic-h" x={x} y="12" width={w} height="48" rx="1" />;
const Slab = ({ x = 60, y = 24, w = 40 }: { x?: number; y?: number; w?: number }) => (
  <g>
    <rect className="pic-s" x={x} y={y} width={w} height="24" />
    {Array.from({ length: Math.floor(w / 10) }, (_, i) => x + 2 + i * 10).map((at) => (
      <rect key={at} className="pic-tile" x={at} y={y + 8} width="6" height="8" />
    ))}
  </g>
);
/** A crossing from x1 to x2 with its head. */
const Arrow = ({ d, tip, own }: { d: string; tip: readonly [number, number]; own: 'g' | 'h' | 's' | 'k' }) => (
  <g className={`pic-line pic-${own}l`}>
    <path d={d} />
    <path d={`M${tip[0] - 5} ${tip[1] - 4}L${tip[0]} ${tip[1]}L${tip[0] - 5} ${tip[1] + 4}`} />
  </g>
);
const Through = () => (
  <>
    <Arrow d="M44 36H59" tip={[59, 36]} own="g" />
    <Arrow d="M100 36H115" tip={[115, 36]} own="h" />
  </>
);
const Cross = ({ x, y }: { x: number; y: number }) => <path className="pic-bad" d={`M${x - 5} ${y - 5}l10 10M${x + 5} ${y - 5}l-10 10`} />;

const PICTURES: Record<Drawn, React.ReactNode> = {
  vale: (
    <>
      <Guest />
      <Slab />
      <Host />
      <Through />
      <rect className="pic-k" x="122" y="30" width="10" height="12" />
      <rect className="pic-k" x="140" y="30" width="10" height="12" />
      <path className="pic-line pic-kl" d="M132 36H140" />
    </>
  ),
  pipe: (
    <>
      <Guest />
      <Slab w={20} />
      <Slab x={84} w={20} />
      <Host />
      <Arrow d="M44 36H59" tip={[59, 36]} own="g" />
      <Arrow d="M104 36H115" tip={[115, 36]} own="h" />
      <path className="pic-line pic-sl" d="M70 20C74 12 90 12 94 20M90 16l4 4l4-4M94 52C90 60 74 60 70 52M74 56l-4-4l-4 4" />
    </>
  ),
  nic: (
    <>
      <Guest />
      <Slab />
      <Host w={20} />
      <Through />
      <path className="pic-x" d="M142 24h4v-3h3v3h3v-3h3v3h3v24h-3v3h-3v-3h-3v3h-3v-3h-4z" />
    </>
  ),
  two: (
    <>
      <Guest y={6} h={26} />
      <Guest y={40} h={26} />
      <Slab y={8} />
      <Slab y={40} />
      <Host />
      <Arrow d="M44 20H59" tip={[59, 20]} own="g" />
      <Arrow d="M100 20H115" tip={[115, 20]} own="h" />
      <path className="pic-line pic-hl" d="M115 52H101M106 48l-5 4l5 4" />
      <path className="pic-line pic-gl" d="M60 52H45M50 48l-5 4l5 4" />
      <path className="pic-line pic-kl" d="M136 20V52" />
    </>
  ),
  both: (
    <>
      <Guest y={4} h={28} />
      <Slab y={6} />
      <Arrow d="M44 18H59" tip={[59, 18]} own="g" />
      <Arrow d="M100 18H115" tip={[115, 18]} own="h" />
      <rect className="pic-h" x="116" y="4" width="40" height="28" rx="1" />
      <Guest y={40} h={28} />
      <Slab x={54} y={42} w={20} />
      <Slab x={90} y={42} w={20} />
      <rect className="pic-h" x="116" y="40" width="40" height="28" rx="1" />
      <path className="pic-line pic-kl" d="M74 54C78 68 86 68 90 54" />
      <Arrow d="M44 54H53" tip={[53, 54]} own="g" />
      <Arrow d="M110 54H115" tip={[115, 54]} own="h" />
    </>
  ),
  mail: (
    <>
      <rect className="pic-k" x="20" y="8" width="120" height="56" />
      <path className="pic-line pic-kl" d="M30 22l5 4l-5 4M42 30H76M30 42H96M30 52H64" />
      <path className="pic-line pic-gl" d="M104 42H122" />
      <path className="pic-line pic-hl" d="M72 52H118" />
    </>
  ),
  tap: (
    <>
      <Guest />
      <Host />
      <Slab x={54} w={20} y={14} />
      <Slab x={90} w={20} y={14} />
      <path className="pic-line pic-kl" d="M64 38C64 62 100 62 100 40M96 44l4-5l4 5" />
      <path className="pic-line pic-gl" d="M44 26H53" />
      <path className="pic-line pic-hl" d="M110 26H115" />
      <path className="pic-line pic-hl" d="M124 44H148M130 44V36M142 44V36" />
    </>
  ),
  drops: (
    <>
      <Guest />
      <Slab />
      <Host />
      <Arrow d="M44 36H59" tip={[59, 36]} own="g" />
      <path className="pic-line pic-hl" d="M100 36H110" />
      <Cross x={111} y={36} />
      <path className="pic-line pic-hl" d="M124 26H148M124 34H148M124 42H148M124 50H148" />
    </>
  ),
  lost: (
    <>
      <Guest />
      <Host />
      <path className="pic-line pic-gl" d="M44 24H86" />
      <Cross x={88} y={24} />
      <path className="pic-line pic-hl" d="M140 30a9 9 0 1 0 4 12a8 8 0 0 1-4-12" />
      <Slab y={38} />
    </>
  ),
};

export function Picture({ of }: { of: Drawn }) {
  return (
    <svg className="picture" viewBox="0 0 160 72" aria-hidden="true">
      {PICTURES[of]}
    </svg>
  );
}
