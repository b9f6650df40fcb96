// Where the page begins.
import './trusted';
import '@xterm/xterm/css/xterm.css';
import './tokens.css';
import './css/base.css';
import './css/layout.css';
import './css/dock.css';
import './css/ring.css';
import './css/levels.css';
import './css/machine.css';
import './css/slot-parts.css';
import './css/slot.css';
import './css/word.css';
import './css/time.css';
import './css/strip.css';
import './css/panels.css';
import './css/past.css';
import './css/views.css';
import './css/tables.css';
import './css/charts.css';
import './css/explore.css';
import './css/guide.css';
import './css/notes.css';
import './css/menus.css';
import './css/picture.css';
import './css/trouble.css';
import './css/term.css';
import './css/small.css';
import './css/phone.css';
import './css/phone-term.css';
import './css/phone-low.css';
import './css/show.css';
import { createRoot } from 'react-dom/client';
import { startFocus } from './focus';
import { startLayout } from './dock/entry';
import { startKeys } from './hotkeys';
import { firstVisit } from './guide/tour';
import { isolate, keepOffline } from './isolation';
import { startLab } from './link';
import { goOnKept } from './mend';
import { startDrops, startKeeping } from './recording';
import { embedded } from './show/mode';
import { Root } from './show/Root';
import { startTheme } from './theme';

startTheme();
startKeys();
startFocus();
if (!embedded) {
  startLayout();
  startDrops();
  startKeeping();
}
const root = document.getElementById('root');
if (root) createRoot(root).render(<Root />);
if (embedded) await startLab();
else if (!(await isolate())) {
  await startLab(firstVisit);
  await goOnKept();
  await keepOffline();
}
