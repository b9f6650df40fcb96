// Which of the three the page is: whole, presented, embedded.
import { App } from '../App';
import { useStore } from '../store';
import { Embed } from './Embed';
import { embedded, show } from './mode';
import { Present } from './Present';

export function Root() {
  const presenting = useStore(show, (v) => v.presenting);
  if (embedded) return <Embed asked={embedded} />;
  return presenting ? <Present /> : <App />;
}
