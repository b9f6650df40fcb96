// Which of the three the page is: whole, presented, embedded. A word's menu stands over each.
import { App } from '../App';
import { useStore } from '../store';
import { WordMenu } from '../word/WordMenu';
import { Embed } from './Embed';
import { embedded, show } from './mode';
import { Present } from './Present';

export function Root() {
  const presenting = useStore(show, (v) => v.presenting);
  return (
    <>
      {embedded ? <Embed asked={embedded} /> : presenting ? <Present /> : <App />}
      <WordMenu />
    </>
  );
}
