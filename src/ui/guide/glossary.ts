// Where the glossary's words stand in a text: the longest spelling at a place wins, each word only at its first.
import { glossary, type GlossaryWord } from './glossary_words';

const spelled = new Map<string, GlossaryWord>();
for (const g of glossary) for (const s of [g.word, ...(g.as ?? [])]) spelled.set(s, g);

/** Prose begins sentences with capitals; names of the source are written one way. */
const lower = (s: string): GlossaryWord | undefined => spelled.get(s) ?? spelled.get(s.charAt(0).toLowerCase() + s.slice(1));
export const glossaryOf = (word: string): GlossaryWord | undefined => lower(word);

const escaped = (s: string): string => s.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const first = (s: string): string => (/^[a-z]/.test(s) ? `[${s.charAt(0)}${s.charAt(0).toUpperCase()}]${escaped(s.slice(1))}` : escaped(s));
const ANY = new RegExp(
  `(?<![\\w./-])(?:${[...spelled.keys()]
    .sort((a, b) => b.length - a.length)
    .map(first)
    .join('|')})(?![\\w-]|\\.\\w)`,
  'g',
);

export interface Part {
  text: string;
  of?: GlossaryWord;
}

export function parts(text: string): Part[] {
  const out: Part[] = [],
    had = new Set<GlossaryWord>();
  let at = 0;
  for (const m of text.matchAll(ANY)) {
    const of = lower(m[0]);
    if (!of || had.has(of)) continue;
    had.add(of);
    if (m.index > at) out.push({ text: text.slice(at, m.index) });
    out.push({ text: m[0], of });
    at = m.index + m[0].length;
  }
  if (at < text.length) out.push({ text: text.slice(at) });
  return out;
}
