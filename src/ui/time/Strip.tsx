// The timeline: a lane a thread, what they did at each step, and what went between them.
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { PictureMenu } from '../picture/PictureMenu';
import { LIMITS } from '../dock/modes';
import { resize, useSize } from '../dock/sizes';
import { Splitter } from '../Splitter';
import { page, useLab, usePage, useStore } from '../store';
import { say } from '../words';
import { fitAll, nearMark, zoomBy } from './strip_act';
import { Filter } from './strip_filter';
import { ChevronDown, ChevronLeft, ChevronRight, Clock, Fit, ZoomIn, ZoomOut } from './strip_icons';
import { Lanes } from './strip_lanes';
import { Overview } from './strip_overview';
import { StripTwin } from './strip_twin';
import { isFree, shown, startStrip } from './strip_view';
import { summaryWords } from './strip_words';

const phone = matchMedia('(max-width: 719px)');
const onPhone = (listener: () => void) => {
  phone.addEventListener('change', listener);
  return () => phone.removeEventListener('change', listener);
};

/** What is under the pointer, else what is in the window. */
function Line({ free }: { free: boolean }) {
  const hint = useStore(shown, (v) => v.hint);
  const all = useStore(shown, (v) => v);
  const summary = free ? say.strip.free : all.rows.length ? summaryWords(all) : say.strip.empty;
  return (
    <p className="strip-line" title={hint || summary}>
      <span className={hint ? 'hidden' : ''}>{summary}</span>
      {hint && <span aria-hidden="true">{hint}</span>}
    </p>
  );
}

function Tools() {
  const tools = [
    [say.strip.earlier, 'Shift+N', () => void nearMark(-1), ChevronLeft],
    [say.strip.later, 'N', () => void nearMark(1), ChevronRight],
    [say.strip.zoomOut, 'S', () => zoomBy(1.5), ZoomOut],
    [say.strip.zoomIn, 'W', () => zoomBy(1 / 1.5), ZoomIn],
    [say.strip.fit, 'F', fitAll, Fit],
  ] as const;
  const time = usePage((v) => v.stripTime);
  return (
    <div className="strip-tools">
      <button
        type="button"
        className={`icon ${time ? 'on' : ''}`}
        aria-label={say.strip.time}
        aria-pressed={time}
        title={say.strip.time}
        onClick={() => page.set({ stripTime: !time })}
      >
        <Clock />
      </button>
      <Filter />
      {tools.map(([label, key, act, Icon]) => (
        <button key={label} type="button" className="icon" aria-label={label} title={`${label} (${key})`} onClick={act}>
          <Icon />
        </button>
      ))}
      <PictureMenu of="timeline" title={say.strip.open} />
    </div>
  );
}

export function Strip() {
  const region = useRef<HTMLElement>(null);
  const free = useLab((v) => isFree(v.state));
  const wanted = usePage((v) => v.stripOpen);
  const height = useSize('lanes');
  const twin = usePage((v) => v.twin);
  const busy = useStore(shown, (v) => v.busy);
  const small = useSyncExternalStore(onPhone, () => phone.matches);
  const empty = useLab((v) => (v.state?.threads.length ?? 0) === 0);
  const open = wanted && !free && !small && !empty;
  useEffect(startStrip, []);
  // what lies over the regions' borders must know how high this one is
  useEffect(() => {
    const element = region.current;
    if (!element) return;
    const observer = new ResizeObserver(() =>
      document.documentElement.style.setProperty('--strip-height', `${Math.round(element.offsetHeight)}px`),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return (
    <section
      ref={region}
      className="strip"
      data-region="strip"
      data-open={open}
      data-busy={busy}
      data-free={free}
      aria-label={say.regions.strip}
      tabIndex={-1}
      style={{ '--lanes': `${height}px` } as React.CSSProperties}
    >
      {open && (
        <Splitter
          label={say.strip.height}
          axis="y"
          value={height}
          min={LIMITS.lanes[0]}
          max={LIMITS.lanes[1]}
          set={(h) => resize('lanes', h)}
        />
      )}
      <div className="strip-head">
        <button
          type="button"
          className="strip-toggle"
          aria-expanded={open}
          disabled={free}
          title={open ? say.strip.hide : say.strip.show}
          onClick={() => page.set({ stripOpen: !wanted })}
        >
          {open ? <ChevronDown /> : <ChevronRight />}
          {say.strip.open}
        </button>
        <Line free={free} />
        {!free && <Overview scrubs={!open} />}
        {open && <Tools />}
      </div>
      {open && <Lanes twin={twin} />}
      {open && <StripTwin plain={twin} />}
    </section>
  );
}
