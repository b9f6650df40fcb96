// Where other histories part: a branch sign on the axis that offers to change over.
import type { BranchView } from '../../lab/protocol';
import { count } from '../format';
import { GitBranch } from '../icons';
import { useLab, useStore } from '../store';
import { toBranch } from '../travel';
import { say } from '../words';
import { Pop } from '../Pop';
import { now, shown } from './strip_view';
import { grouped, xOf } from './strip_window';

export type Forks = { at: number; all: (BranchView & { at: number })[] }[];
const SIGN = 24;
const NONE: BranchView[] = [];

/** Forks of the window, those that would lie over each other as one. */
export function useForks(): Forks {
  const branches = useLab((v) => v.state?.branches ?? NONE);
  useStore(shown, (v) => v);
  const inside = branches.filter((b) => b.fork >= now.window.from && b.fork <= now.window.to).map((b) => ({ ...b, at: b.fork }));
  return grouped(inside, now.window, now.width, SIGN);
}

/** Puts the signs where the window has their steps, outside React. */
export function placeForks(box: HTMLElement): void {
  const forks: number[] = [];
  for (const sign of box.children) {
    if (!(sign instanceof HTMLElement)) continue;
    const x = xOf(now.window, now.width, Number(sign.dataset.at));
    sign.style.setProperty('--x', `${Math.round(Math.min(Math.max(x, SIGN / 2), now.width - SIGN / 2))}px`);
    sign.hidden = x < 0 || x > now.width;
    if (!sign.classList.contains('strip-note')) forks.push(x);
    else
      sign.toggleAttribute(
        'data-beside',
        forks.some((f) => Math.abs(f - x) < SIGN),
      );
  }
}

export function Fork({ at, branches }: { at: number; branches: BranchView[] }) {
  const label = `${say.strip.fork(branches.length)}, ${say.strip.step} ${count(at)}`;
  return (
    <Pop className="strip-fork" label={label} title={label} at={at} sign={<GitBranch />}>
      {(close) => (
        <div className="strip-pop">
          <p className="quiet">{say.time.changeOver}</p>
          <ul>
            {branches.map((b) => (
              <li key={b.id}>
                <button
                  type="button"
                  onClick={() => {
                    close();
                    void toBranch(b.id);
                  }}
                >
                  <b>{b.name}</b>
                  <span>
                    {say.time.parted} {count(b.fork)}, {say.time.went} {count(b.end)}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Pop>
  );
}
