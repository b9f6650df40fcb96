// The silhouette of a thread's state: six states, six shapes, the word beside them.
import type { ThreadView } from '../../lab/protocol';
import { stateWords } from '../words';

const SHAPES: Record<ThreadView['state'], React.ReactNode> = {
  running: <path d="M7 4.5v15l12-7.5z" fill="currentColor" />,
  ready: <path d="M7 4.5v15l12-7.5z" />,
  asleep: <path d="M12 3a6 6 0 0 0 9 9 9 9 0 1 1-9-9z" />,
  blocked: <path d="M8 3h8l5 5v8l-5 5H8l-5-5V8zM8 12h8" />,
  waiting: <path d="M12 7v5l3 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z" />,
  dead: <path d="M6 6l12 12M18 6 6 18" />,
};

export function Sign({ state, words = false }: { state: ThreadView['state']; words?: boolean }) {
  return (
    <span className="sign">
      <svg
        viewBox="0 0 24 24"
        width="16"
        height="16"
        aria-hidden={words}
        role={words ? undefined : 'img'}
        aria-label={words ? undefined : stateWords[state]}
      >
        {SHAPES[state]}
      </svg>
      {words && stateWords[state]}
    </span>
  );
}
