// Which of the three the page is: whole, presented, embedded. A word's menu stands over each.
import { lazy, Suspense } from 'react';
import { App } from '../App';
import { Coming } from '../Coming';
import { part } from '../mend';
import { useStore } from '../store';
import { WordMenu } from '../word/WordMenu';
import { embedded, show } from './mode';
import { Present } from './Present';

/** Only a frame in another page loads it. */
const Embed = lazy(async () => ({ default: (await part(() => import('./Embed'))).Embed }));

export function Root() {
  const presenting = useStore(show, (v) => v.presenting);
  return (
    <>
      {embedded ? (
        <Suspense fallback={<Coming />}>
          <Embed asked={embedded} />
        </Suspense>
      ) : presenting ? (
        <Present />
      ) : (
        <App />
      )}
      <WordMenu />
    </>
  );
}
