// The button that copies a link to this moment.
import { useEffect, useState } from 'react';
import { Check, Link } from './icons';
import { linkToHere } from './link';
import { notice } from './recording';
import { once } from './seen';
import { useLab } from './store';
import { say } from './words';

const SAID_MS = 3000;

export async function copyLink(dock = false): Promise<boolean> {
  const url = await linkToHere(dock);
  if (url === undefined) return false;
  try {
    await navigator.clipboard.writeText(url);
    return true;
  } catch {
    history.replaceState(null, '', url);
    notice(say.top.sharedAddress);
    return false;
  }
}

export function Share() {
  const ready = useLab((v) => v.state !== null);
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (done) return once(SAID_MS, () => setDone(false));
  }, [done]);
  return (
    <>
      <button
        type="button"
        className="reset"
        disabled={!ready}
        aria-label={done ? say.top.shared : say.top.shareHint}
        title={say.top.shareHint}
        onClick={() => void copyLink().then(setDone)}
      >
        {done ? <Check /> : <Link />}
        <span>{done ? say.top.shared : say.top.share}</span>
      </button>
      <span className="hidden" role="status">
        {done ? say.top.shared : ''}
      </span>
    </>
  );
}
