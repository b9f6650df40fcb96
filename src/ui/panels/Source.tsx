// The source that is about to run: the data plane's own text, the line of the next access marked.
import { memo, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { sourceText } from '../../lab/source';
import { useLab, usePage } from '../store';
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

const Lines = memo(function Lines({ lines, marked, side }: { lines: string[]; marked: number; side: string }) {
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
        const now = i + 1 === marked;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line of a file is its number
          <code key={i} className={`${now ? `now now-${side}` : ''} ${note ? 'note' : ''}`} aria-current={now || undefined}>
            <span className="line-no" aria-hidden="true">
              {i + 1}
            </span>
            {words}
            {'\n'}
          </code>
        );
      })}
    </pre>
  );
});

export function Source() {
  const state = useLab((v) => v.state);
  const chosen = usePage((v) => v.thread);
  const parked = state?.run === 'stopped';
  const thread = parked ? sourceThread(state, chosen) : undefined;
  const next = thread?.next;
  const lines = useText(next?.file);
  if (!next || !thread)
    return <p className="quiet pad">{!shownThreads(state).length ? say.sourceEmpty : parked ? say.noSource : say.sourceRunning}</p>;
  return (
    <div className="source-panel">
      <header>
        <b className="mono">{next.fn}</b>
        <span className="quiet mono">
          {next.file}:{next.line}
        </span>
        <p>
          <span className={`own-${thread.side}`}>{thread.name}</span> · {say.source.next}: {next.phrase}
        </p>
      </header>
      <Lines lines={lines} marked={next.line} side={thread.side} />
    </div>
  );
}
