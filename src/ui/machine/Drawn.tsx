// A scene as SVG: places, then bars and tiles, arrows, words and signs; over them what can be clicked or entered.
import { Fragment } from 'react';
import { embedded } from '../show/mode';
import { markPaths, moonPath } from '../time/strip_icons';
import type { Act, Arrow, Place, Run, Scene, Sign, SignName, Text } from './scene';

const RADIUS: Partial<Record<Place['form'], number>> = { program: 10 };
const NOTCH = 6;

/** Acts that lead to parts of the page which an embedded picture has not. */
const ELSEWHERE: readonly Act['t'][] = ['type', 'boot', 'thread', 'word'];

function outline(p: Place): React.ReactNode {
  const cls = `m-place m-${p.form} m-${p.hue}${p.empty ? ' m-empty' : ''}${p.lit ? ` m-lit m-lit-${p.lit}${p.read ? ' m-read' : ''}` : ''}`;
  if (p.form === 'hardware') {
    const { x, y, w, h } = p,
      teeth = Array.from({ length: Math.max(1, Math.floor((w - 16) / 24)) }, (_, i) => x + 12 + i * 24);
    const edge = teeth.map((t) => `H${t}v${NOTCH}h8v${-NOTCH}`).join('');
    return <path className={cls} d={`M${x} ${y}${edge}H${x + w}V${y + h}H${x}Z`} />;
  }
  return <rect className={cls} x={p.x} y={p.y} width={Math.max(0, p.w)} height={Math.max(0, p.h)} rx={RADIUS[p.form] ?? 2} />;
}

function Lender({ p }: { p: Place }) {
  if (!p.lends || p.empty) return null;
  const owner = p.lends === 'left' ? 'guest' : 'host';
  return <rect className={`m-lends m-solid-${owner}`} x={p.lends === 'left' ? p.x : p.x + p.w - 4} y={p.y} width={4} height={p.h} />;
}

const fillOf = (r: Run): string => `m-run m-run-${r.fill}`;

function Word({ t }: { t: Text }) {
  const cls = [
    `m-text m-s${t.size}`,
    t.mono ? 'm-mono' : '',
    t.bold ? 'm-bold' : '',
    t.hue ? `m-ink-${t.hue}` : '',
    t.anchor ? `m-${t.anchor}` : '',
  ];
  return (
    <text className={cls.filter(Boolean).join(' ')} x={t.x} y={t.y}>
      {t.text}
    </text>
  );
}

function Line({ a }: { a: Arrow }) {
  const d = a.points.map(([x, y], i) => `${i ? 'L' : 'M'}${x} ${y}`).join('');
  const cls = `m-arrow m-line-${a.hue} m-w${a.width}${a.dashed ? ' m-dashed' : ''}${a.lit ? ' m-now' : ''}`;
  return <path className={cls} d={d} {...(a.head ? { markerEnd: `url(#m-head-${a.hue === 'guest' ? 'guest' : 'host'})` } : {})} />;
}

const SIGNS: Partial<Record<SignName, string>> = {
  ...markPaths,
  running: 'M7 4.5v15l12-7.5z',
  ready: 'M7 4.5v15l12-7.5z',
  asleep: moonPath,
  blocked: 'M8 3h8l5 5v8l-5 5H8l-5-5V8zM8 12h8',
  waiting: 'M12 7v5l3 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z',
  dead: 'M6 6l12 12M18 6 6 18',
  copy: 'M10 8h10a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H10a2 2 0 0 1-2-2V10a2 2 0 0 1 2-2zM4 16c-1.1 0-2-.9-2-2V4c0-1.1.9-2 2-2h10c1.1 0 2 .9 2 2',
  swap: 'M8 3 4 7l4 4M4 7h16M16 21l4-4-4-4M20 17H4',
  'one-tile': 'M6 4H3v16h3M18 4h3v16h-3M9 9h6v6H9z',
  'two-tiles': 'M2 8h7v7H2zM15 8h7v7h-7zM10.5 11.5h3',
};

export function Glyph({ name }: { name: SignName }) {
  return (
    <svg viewBox="0 0 24 24" width="16" height="16" aria-hidden="true" className="m-glyph">
      <path d={SIGNS[name] ?? ''} />
    </svg>
  );
}

function Mark({ s }: { s: Sign }) {
  const k = s.size / 24;
  return (
    <path
      className={`m-sign m-line-${s.hue}${s.name === 'running' ? ' m-full' : ''}`}
      d={SIGNS[s.name] ?? ''}
      transform={`translate(${s.x} ${s.y}) scale(${k})`}
    />
  );
}

interface Props {
  scene: Scene;
  label: string;
  describedBy: string;
  onAct(act: Act, at: Element): void;
}

export function Drawn({ scene, label, describedBy, onAct }: Props) {
  const under = scene.places.filter((p) => p.hue !== 'off' || p.empty);
  return (
    <svg
      className="machine"
      width={scene.width}
      height={scene.height}
      viewBox={`0 0 ${scene.width} ${scene.height}`}
      role="group"
      aria-label={label}
      aria-describedby={describedBy}
    >
      <defs>
        <pattern id="m-toHost" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">
          <path className="m-hatch" d="M0 0V6" />
        </pattern>
        <pattern id="m-toGuest" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <path className="m-hatch" d="M0 0V6" />
        </pattern>
        {(['guest', 'host'] as const).map((hue) => (
          <marker
            key={hue}
            id={`m-head-${hue}`}
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="8"
            markerHeight="8"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path className={`m-solid-${hue}`} d="M0 .5L8 4L0 7.5z" />
          </marker>
        ))}
      </defs>
      {under.map((p) => (
        <g key={p.id} data-place={p.id} data-zone={p.zone} {...(p.on ? { 'data-on': p.on } : {})}>
          {outline(p)}
          <Lender p={p} />
        </g>
      ))}
      {scene.rules.map((r) => (
        <line key={`${r.x1}.${r.y1}`} className={`m-rule m-line-${r.hue}`} x1={r.x1} y1={r.y1} x2={r.x2} y2={r.y2} />
      ))}
      {scene.bars.map((b) => (
        <Fragment key={`${b.id}.${b.y}`}>
          {b.runs.map((r) => (
            <Fragment key={`${r.x}.${r.fill}`}>
              <rect className={fillOf(r)} x={r.x} y={r.y} width={r.w} height={r.h} />
              {r.hatch && <rect fill={`url(#m-${r.hatch})`} x={r.x} y={r.y} width={r.w} height={r.h} />}
            </Fragment>
          ))}
          <rect className="m-bar" x={b.x} y={b.y} width={b.w} height={b.h} />
        </Fragment>
      ))}
      {scene.tiles.map((t) => (
        <Fragment key={`${t.x}.${t.y}`}>
          <rect className={`m-tile m-line-${t.hue}`} x={t.x} y={t.y} width={t.w} height={t.h} />
          {t.full && <rect className={`m-solid-${t.hue}`} x={t.x + 4} y={t.y + 4} width={t.w - 8} height={t.h - 8} />}
        </Fragment>
      ))}
      {scene.arrows.map((a) => (
        <Line key={a.points.join(' ')} a={a} />
      ))}
      {scene.texts.map((t) => (
        <Word key={`${t.x}.${t.y}.${t.text}`} t={t} />
      ))}
      {scene.signs.map((s) => (
        <Mark key={`${s.name}.${s.x}.${s.y}`} s={s} />
      ))}
      {scene.places
        .filter((p) => p.lit || p.act)
        .map((p) => {
          const act = embedded && p.act && ELSEWHERE.includes(p.act.t) ? undefined : p.act,
            rect = (
              <rect
                key={p.id}
                className={`m-hit${p.lit ? ` m-lit m-lit-${p.lit}${p.read ? ' m-read' : ''}` : ''}`}
                x={p.x}
                y={p.y}
                width={p.w}
                height={p.h}
                rx={RADIUS[p.form] ?? 2}
              />
            );
          return act ? (
            <g
              key={p.id}
              role="button"
              tabIndex={0}
              aria-label={p.label}
              data-act={act.t}
              data-hit={p.id}
              className="m-act"
              onClick={(e) => onAct(act, e.currentTarget)}
              onKeyDown={(e) => {
                if (e.key !== 'Enter' && e.key !== ' ') return;
                e.preventDefault();
                e.stopPropagation();
                onAct(act, e.currentTarget);
              }}
            >
              {rect}
            </g>
          ) : (
            <g key={p.id}>{rect}</g>
          );
        })}
    </svg>
  );
}
