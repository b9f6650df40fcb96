// The top bar: the name, the lab's state in words, memory, what this browser cannot do, theme, keys, start over.
import { bytes, count } from './format';
import { BookOpen, Pause, RotateCcw, Search, SunMoon, Telescope } from './icons';
import type { LabState } from '../lab/protocol';
import { galleryWords } from './guide/gallery_words';
import { Help } from './guide/Help';
import { Limits } from './guide/Limits';
import { FileMenu } from './FileMenu';
import { toggleRun } from './link';
import { startOver } from './recording';
import { Share } from './Share';
import { EmbedMenu } from './show/EmbedMenu';
import { openExplorer, page, type Theme, useLab, usePage } from './store';
import { setTheme } from './theme';
import { engineWords, runWords, say } from './words';

const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];

function Wordmark() {
  return (
    <h1 className="wordmark">
      <svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
        <path className="g" d="M13.5 6H11a10 10 0 0 0 0 20h2.5" />
        <path className="h" d="M18.5 6H21a10 10 0 0 1 0 20h-2.5" />
      </svg>
      {say.name}
    </h1>
  );
}

const stateWords = ({ run, step, engine }: LabState): string =>
  run === 'stopped'
    ? `${runWords.stopped} at step ${count(step)}`
    : run === 'idle'
      ? runWords.idle
      : `${runWords.running}, ${engineWords[engine]}`;

function StateWords() {
  const run = useLab((v) => v.state?.run);
  const words = useLab(({ state }) => state && stateWords(state));
  if (!run) return <span className="state">{say.starting}</span>;
  return (
    <span className="state num" data-run={run}>
      {words}
    </span>
  );
}

function Reset() {
  return (
    <button type="button" className="reset start-over" aria-label={say.top.reset} title={say.top.reset} onClick={() => void startOver()}>
      <RotateCcw />
      <span>{say.top.reset}</span>
    </button>
  );
}

/** While a phone's keyboard hides the transport. */
function Park() {
  const keyboard = usePage((v) => v.keyboard);
  const moving = useLab((v) => v.state !== null && v.state.run !== 'stopped');
  if (!keyboard || !moving) return null;
  return (
    <button type="button" className="primary top-park" onClick={() => void toggleRun()}>
      <Pause />
      {say.time.park}
    </button>
  );
}

export function TopBar() {
  const theme = usePage((v) => v.theme);
  const memory = useLab((v) => v.state?.memory);
  const recording = useLab((v) => v.state?.recording);
  const nextTheme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto';
  const themeWords = { auto: say.top.auto, light: say.top.light, dark: say.top.dark };
  return (
    <header className="topbar" data-region="top" tabIndex={-1}>
      <Wordmark />
      <StateWords />
      <span className="grow" />
      <Park />
      <Limits />
      {recording && (
        <span className="fact" data-recording>
          {say.top.recording} <b className="num">{bytes(recording.bytes)}</b>, <b className="num">{count(recording.checkpoints)}</b>{' '}
          {recording.checkpoints === 1 ? say.top.checkpoint : say.top.checkpoints}
        </span>
      )}
      {memory && (
        <span className="fact">
          {say.top.memory} <b className="num">{bytes(memory.usedBytes)}</b>
          <span className="peak">
            {' '}
            · {say.top.peak} <b className="num">{bytes(memory.peakBytes)}</b>
          </span>
        </span>
      )}
      <button
        type="button"
        className="reset lessons-open"
        aria-label={galleryWords.open}
        title={galleryWords.open}
        onClick={() => page.set({ gallery: true })}
      >
        <BookOpen />
        <span>{galleryWords.title}</span>
      </button>
      <button
        type="button"
        className="reset explore-open"
        aria-label={say.explore.open}
        title={`${say.explore.open} (X)`}
        onClick={openExplorer}
      >
        <Telescope />
        <span>{say.explore.title}</span>
      </button>
      <Share />
      <EmbedMenu />
      <FileMenu />
      <Reset />
      <button
        type="button"
        className="icon find"
        aria-label={say.palette.title}
        title={`${say.palette.title} (Ctrl+K)`}
        onClick={() => page.set({ palette: true })}
      >
        <Search />
      </button>
      <button
        type="button"
        className="icon themes"
        aria-label={`${say.top.theme}: ${themeWords[theme]}`}
        title={`${say.top.theme}: ${themeWords[theme]}`}
        onClick={() => setTheme(nextTheme)}
      >
        <SunMoon />
      </button>
      <Help />
    </header>
  );
}
