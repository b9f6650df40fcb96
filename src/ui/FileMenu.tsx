// The menu of the recording: files, exports, start over.
import { useRef } from 'react';
import { bytes, count } from './format';
import { Save } from './icons';
import { chooseFile, exportAs, saveFile, startOver, takeBack } from './recording';
import { useLab } from './store';
import { say } from './words';

export function FileMenu() {
  const box = useRef<HTMLDetailsElement>(null);
  const ready = useLab((v) => v.state !== null);
  const recording = useLab((v) => v.state?.recording);
  const canTakeBack = useLab((v) => v.state?.canTakeBack ?? false);
  if (!ready) return null;
  const items: readonly (readonly [string, () => unknown])[] = [
    [say.file.save, saveFile],
    [say.file.open, chooseFile],
    [say.file.trace, () => exportAs('trace')],
    [say.file.vcd, () => exportAs('vcd')],
    [say.file.capture, () => exportAs('capture')],
    [say.file.transcript, () => exportAs('transcript')],
    [say.top.reset, startOver],
    ...(canTakeBack ? [[say.file.takeBack, takeBack] as const] : []),
  ];
  const close = () => {
    if (box.current) box.current.open = false;
  };
  return (
    <details
      className="menu"
      ref={box}
      onKeyDown={(e) => {
        if (e.key !== 'Escape' || !box.current?.open) return;
        e.stopPropagation();
        close();
        box.current.querySelector('summary')?.focus();
      }}
      onBlur={(e) => {
        if (e.relatedTarget && !e.currentTarget.contains(e.relatedTarget)) close();
      }}
    >
      <summary aria-label={say.file.title}>
        <Save />
        <span>{say.file.title}</span>
      </summary>
      <ul>
        {items.map(([words, act]) => (
          <li key={words}>
            <button
              type="button"
              onClick={() => {
                close();
                void act();
              }}
            >
              {words}
            </button>
          </li>
        ))}
        <li className="quiet">{say.file.drop}</li>
        {recording && (
          <li className="quiet">
            {say.file.recording}: <span className="num">{bytes(recording.bytes)}</span> {say.file.ofAtMost}{' '}
            <span className="num">{count(recording.checkpoints)}</span>{' '}
            {recording.checkpoints === 1 ? say.top.checkpoint : say.top.checkpoints}
          </li>
        )}
      </ul>
    </details>
  );
}
