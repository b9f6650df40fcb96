// The source that is about to run: the data plane's own text, the line of the next access marked.
import { memo, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { sourceText } from '../../lab/source';
import { ask } from '../call';
import { ArrowLeft, ArrowRight, Octagon } from '../icons';
import { usePhrase } from '../predict/predict';
import { lab, page, useLab, usePage, useStore } from '../store';
import { leaveReading, reading } from './reading';
import { goTo, order, refuse } from '../travel';
import { shownThreads, sourceThread } from '../time/threads';
import { say } from '../words';

function useText(file: string | undefined): string[] {
  const [text, setText] = useState<{ file: string; lines: string[] }>({ file: '', lines: [] });
  useEffect(() => {
    let live = true;
    if (file)
      void sourceText(file).then((t) => {
        if (live) setText({ file, lines: t.split('\n') });
      });
    return () => {
      live = false;
    };
  }, [file]);
  return text.file === file ? text.lines : [];
}

interface Shown {
  file: string;
  lines: string[];
  marked: number;
  side: string;
  /** Lines of this file with a stop point, by number: the stop point's. */
  stops: ReadonlyMap<number, number>;
}

const Lines = memo(function Lines({ file, lines, marked, side, stops }: Shown) {
  const box = useRef<HTMLPreElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the marked line is found in what was rendered
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const show = () => {
      const line = element.querySelector<HTMLElement>('.now');
      if (line) element.scrollTop = line.offsetTop - element.clientHeight * 0.4;
    };
    show();
    // Shown later, or in another size: the line is brought back into view.
    const observer = new ResizeObserver(show);
    observer.observe(element);
    return () => observer.disconnect();
  }, [lines, marked]);
  return (
    <pre className="source" ref={box} tabIndex={0} role="group" aria-label={say.panels.source}>
      {lines.map((words, i) => {
        const note = /^\s*(\/\/|\/?\*)/.test(words);
        const now = i + 1 === marked,
          stop = stops.get(i + 1);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line of a file is its number
          <code key={i} className={`${now ? `now now-${side}` : ''} ${note ? 'note' : ''}`} aria-current={now || undefined}>
            <span className="line-no" aria-hidden="true">
              {i + 1}
            </span>
            {(now || stop !== undefined) && (
              <button
                type="button"
                className="line-stop"
                aria-pressed={stop !== undefined}
                aria-label={`${stop === undefined ? say.source.stop : say.source.unstop} ${i + 1}`}
                title={`${stop === undefined ? say.source.stop : say.source.unstop} ${i + 1} (B)`}
                onClick={() => void order(stop === undefined ? `break at ${file}:${i + 1}` : `unbreak ${stop}`)}
              >
                <Octagon />
              </button>
            )}
            {words}
            {'\n'}
          </code>
        );
      })}
    </pre>
  );
});

/** To the moment before a place of the source is executed: the nearest one before or after this. */
async function timeHere(place: string, by: 1 | -1): Promise<void> {
  const { state } = lab.get();
  if (!state) return;
  const found = await ask((api) => api.nearPlace(place, state.step + 1, by));
  if (!found) refuse(by < 0 ? say.source.noBefore : say.source.noAfter);
  else {
    page.set({ thread: found.thread });
    await goTo(found.step - 1);
  }
}

/** What is read instead of what runs next. */
function Reading({ file, find }: { file: string; find: string }) {
  const lines = useText(file),
    at = lines.findIndex((l) => l.includes(find)) + 1;
  return (
    <div className="source-panel">
      <header>
        <b className="mono">{find.replace('(', '')}</b>
        <span className="quiet mono">
          {file}:{at || ''}
        </span>
        <p>
          <button type="button" onClick={leaveReading}>
            {say.source.leave}
          </button>
        </p>
      </header>
      <Lines file={file} lines={lines} marked={at} side="host" stops={NO_STOPS} />
    </div>
  );
}
const NO_STOPS: ReadonlyMap<number, number> = new Map();

export function Source() {
  const read = useStore(reading, (v) => v.at);
  return read ? <Reading file={read.file} find={read.find} /> : <Next />;
}

function Next() {
  const phrase = usePhrase();
  const state = useLab((v) => v.state);
  const chosen = usePage((v) => v.thread);
  const parked = state?.run === 'stopped';
  const thread = parked ? sourceThread(state, chosen) : undefined;
  const next = thread?.next;
  const lines = useText(next?.file);
  const breaks = state?.breaks;
  const stops = useMemo(() => {
    const out = new Map<number, number>();
    for (const b of breaks ?? []) {
      const at = /^at (.+):(\d+)$/.exec(b.text);
      if (at?.[1] && next?.file.endsWith(at[1])) out.set(Number(at[2]), b.id);
    }
    return out;
  }, [breaks, next?.file]);
  if (!next || !thread)
    return <p className="quiet pad">{!shownThreads(state).length ? say.sourceEmpty : parked ? say.noSource : say.sourceRunning}</p>;
  return (
    <div className="source-panel">
      <header data-addr={next.addr || undefined}>
        <b className="mono">{next.fn}</b>
        <span className="quiet mono">
          {next.file}:{next.line}
        </span>
        <p>
          <span className={`own-${thread.side}`}>{thread.name}</span> · {say.source.next}: {phrase(next)}
        </p>
        <span className="times-here">
          {say.source.here}
          {([-1, 1] as const).map((by) => (
            <button
              type="button"
              className="icon"
              key={by}
              aria-label={by < 0 ? say.source.before : say.source.after}
              title={by < 0 ? say.source.before : say.source.after}
              onClick={() => void timeHere(`${next.file}:${next.line}`, by)}
            >
              {by < 0 ? <ArrowLeft /> : <ArrowRight />}
            </button>
          ))}
        </span>
      </header>
      <Lines file={next.file} lines={lines} marked={next.line} side={thread.side} stops={stops} />
    </div>
  );
}
