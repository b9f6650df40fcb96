// The ring in words: the summary, then its slots as a table.
import { useEffect, useRef, useState } from 'react';
import type { RingRef } from '../../lab/protocol';
import { hex } from '../format';
import { slotPlaces } from '../../lab/sample';
import { every } from '../seen';
import { showWord } from '../travel';
import { say } from '../words';
import { namesOf } from './names';
import { ownerOf, runsOf } from './ownership';
import { flagLetters } from './strip';
import { twinText } from './twin';
import { useLook } from './useLook';

const SLOT = 16;
const RING_HEADER = 256;

/** The summary for screen readers, once a second at most. */
function Spoken({ words }: { words: string }) {
  const last = useRef(words);
  const [said, setSaid] = useState('');
  useEffect(() => {
    last.current = words;
  }, [words]);
  useEffect(() => every(1000, () => setSaid(last.current)), []);
  return (
    <p className="hidden" aria-live="polite">
      {said}
    </p>
  );
}

export function Twin({ ring }: { ring: RingRef }) {
  const now = useLook(ring);
  if (!now) return <p className="quiet">{say.ring.noSample}</p>;
  const s = now.sample,
    runs = runsOf(s),
    names = namesOf(ring);
  const at = (base: string, slot: number) => {
    const n = Number.parseInt(base, 16);
    return Number.isNaN(n) ? '–' : hex(n + RING_HEADER + slot * SLOT);
  };
  return (
    <div className="twin">
      <p className="prose">{twinText(ring, s)}</p>
      <Spoken words={twinText(ring, s)} />
      <div className="scroll-x" tabIndex={0} role="group" aria-label={say.ring.slot}>
        <table className="grid">
          <thead>
            <tr>
              {[say.ring.slot, 'owner', say.ring.buf, say.ring.len, say.ring.flags, say.ring.guestAt, say.ring.hostAt].map((h) => (
                <th key={h} scope="col">
                  {h}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {s.slots.map((slot, i) => {
              const index = (s.first + i) % s.n,
                cls = ownerOf(runs, index, s.n);
              return (
                <tr key={index}>
                  <th scope="row">{index}</th>
                  <td className="words">{cls ? names[cls] : say.know.none}</td>
                  <td>
                    <button
                      type="button"
                      className="word-link"
                      data-addr={slotPlaces(ring, index).buf}
                      data-slot={index}
                      data-ring={ring.id}
                      data-title={`slot[${index}].buf_idx`}
                      title={say.word.open}
                      onClick={() => showWord(slotPlaces(ring, index).buf)}
                    >
                      {slot.bufIdx}
                    </button>
                  </td>
                  <td>
                    <button
                      type="button"
                      className="word-link"
                      title={say.word.open}
                      onClick={() => showWord(slotPlaces(ring, index).len, 2)}
                    >
                      {slot.len}
                    </button>
                  </td>
                  <td>
                    <button
                      type="button"
                      className="word-link"
                      title={say.word.open}
                      onClick={() => showWord(slotPlaces(ring, index).flags, 2)}
                    >
                      {flagLetters(slot.flags) || '0'}
                    </button>
                  </td>
                  <td>{ring.guestAddress ? at(ring.guestAddress, index) : '–'}</td>
                  <td>{at(ring.hostAddress, index)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </div>
  );
}
