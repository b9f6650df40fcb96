// The list behind "Embed": which picture, and the snippet of this moment to copy.
import { useState } from 'react';
import { Code } from '../icons';
import { linkToHere } from '../link';
import { Pop } from '../Pop';
import { page, useLab } from '../store';
import { PICTURES, type Picture, snippetOf } from './address';
import { showWords } from './show_words';

export function EmbedMenu() {
  const ready = useLab((v) => v.state !== null);
  const [picture, setPicture] = useState<Picture>('ring');
  const [snippet, setSnippet] = useState('');
  const [said, setSaid] = useState('');
  if (!ready) return null;
  const make = async () => {
    const url = await linkToHere();
    if (url === undefined) return setSnippet('');
    const text = snippetOf(url, picture, page.get().ring, showWords.openHere);
    setSnippet(text);
    try {
      await navigator.clipboard.writeText(text);
      setSaid(showWords.embedCopied);
    } catch {
      setSaid('');
    }
  };
  return (
    <Pop
      className="menu embed-menu"
      label={showWords.embedHint}
      sign={
        <>
          <Code />
          <span>{showWords.embed}</span>
        </>
      }
    >
      {() => (
        <div className="embed-make">
          <p className="quiet">{showWords.embedTitle}</p>
          <label>
            {showWords.picture}{' '}
            <select
              value={picture}
              onChange={(e) => {
                setPicture(PICTURES.find((p) => p === e.target.value) ?? 'ring');
                setSnippet('');
                setSaid('');
              }}
            >
              {PICTURES.map((p) => (
                <option key={p} value={p}>
                  {showWords.views[p]}
                </option>
              ))}
            </select>
          </label>
          <button type="button" className="primary" onClick={() => void make()}>
            {showWords.copy}
          </button>
          {snippet && <textarea readOnly rows={6} aria-label={showWords.snippet} value={snippet} />}
          <p role="status">{said}</p>
        </div>
      )}
    </Pop>
  );
}
