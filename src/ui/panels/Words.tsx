// A table of named words: owner by the bar and the word, value, note; what the last step touched and what changed with it.
import type { PanelViews } from '../../lab/protocol';
import { count, hex } from '../format';
import { useLab } from '../store';
import { showWord } from '../travel';
import type { Seen } from './usePanel';
import { useBefore } from './usePanel';
import { viewWords as say } from './view_words';

export type NamedWord = PanelViews['virtq']['view'] extends { queue: infer Q }
  ? NonNullable<Q> extends { device: (infer W)[] }
    ? W
    : never
  : never;

export const written = (w: Pick<NamedWord, 'value' | 'hex'>): string => (w.hex ? hex(w.value) : count(w.value));

/** What is to be said of a word's last step: a note, and the class that marks it. */
export interface Touch {
  cls: string;
  words: string;
}
export function useTouch<V>(seen: Seen<V> | undefined, all: () => NamedWord[]): (w: NamedWord) => Touch {
  const stopped = useLab((v) => v.state?.run === 'stopped');
  const touched = useLab((v) => v.state?.touched);
  const before = useBefore(stopped ? seen : undefined, () => new Map(all().map((w) => [w.addr, w.value])));
  return (w) => {
    if (!stopped) return { cls: '', words: '' };
    const was = before.get(w.addr),
      changed = was !== undefined && was !== w.value;
    if (touched && touched.addr === w.addr) {
      if (touched.kind === 'st' || touched.kind === 'rmw')
        return { cls: `mark-written own-${touched.side}`, words: changed ? say.was(written({ ...w, value: was })) : say.written };
      if (touched.kind === 'ld') return { cls: `mark-read own-${touched.side}`, words: say.read };
    }
    return changed ? { cls: 'mark-changed', words: say.was(written({ ...w, value: was })) } : { cls: '', words: '' };
  };
}

/** The value as a way to who wrote it, where it is a word of the machine. */
export function Value({ word, touch }: { word: NamedWord; touch?: Touch }) {
  const text = written(word);
  const link = word.addr > 0 && word.addr % 4 === 0 && word.bytes >= 4;
  return (
    <>
      {link ? (
        <button type="button" className="word-link num" title={say.open} onClick={() => showWord(word.addr)}>
          {text}
        </button>
      ) : (
        <span className="num">{text}</span>
      )}
      {touch?.words && <small className="touch-words">{touch.words}</small>}
      {word.says && <small className="says">{word.says}</small>}
    </>
  );
}

export function WordTable({ words, caption, touch }: { words: readonly NamedWord[]; caption: string; touch?: (w: NamedWord) => Touch }) {
  return (
    <table className="words-table">
      <caption>{caption}</caption>
      <tbody>
        {words.map((w) => {
          const t = touch?.(w);
          return (
            <tr key={`${w.name} ${w.addr}`} data-owner={w.owner}>
              <th scope="row">
                <code>{w.name}</code>
                <small>{w.note}</small>
                <span className="hidden">{say.side[w.owner]}</span>
              </th>
              <td className={t?.cls}>
                <Value word={w} {...(t ? { touch: t } : {})} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
