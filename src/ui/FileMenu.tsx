// The menu of the recording: files, exports, start over.
import { bytes, count } from './format';
import { Save } from './icons';
import { keepPicture } from './picture/PictureMenu';
import { pictureWords } from './picture/picture_words';
import { Pop } from './Pop';
import { chooseFile, exportAs, saveFile, startOver, takeBack } from './recording';
import { useLab } from './store';
import { say } from './words';

export function FileMenu() {
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
    [`${pictureWords.page}, PNG`, () => keepPicture('page', 'png')],
    [`${pictureWords.page}, SVG`, () => keepPicture('page', 'svg')],
    [say.top.reset, startOver],
    ...(canTakeBack ? [[say.file.takeBack, takeBack] as const] : []),
  ];
  return (
    <Pop
      className="menu"
      label={say.file.title}
      sign={
        <>
          <Save />
          <span>{say.file.title}</span>
        </>
      }
    >
      {(close) => (
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
              {say.file.recording}: <span className="num">{bytes(recording.bytes)}</span>{' '}
              {say.file.ofAtMost(Math.round(recording.limit / 1024 / 1024))} <span className="num">{count(recording.checkpoints)}</span>{' '}
              {recording.checkpoints === 1 ? say.top.checkpoint : say.top.checkpoints}
            </li>
          )}
        </ul>
      )}
    </Pop>
  );
}
