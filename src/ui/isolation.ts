// The service worker: isolation headers where the host cannot send them, after one reload; offline afterwards.
import { once } from './seen';

const FLAG = 'ringside-isolating';
const PATIENCE_MS = 4000,
  KEEP_MS = 3000;

const later = (ms: number) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, ms);
  });

const possible = () => import.meta.env.PROD && isSecureContext && 'serviceWorker' in navigator;

/** Where the host isolates the page: the worker, which keeps every file for later, comes when the lab is there. */
export async function keepOffline(): Promise<void> {
  if (!possible() || !crossOriginIsolated) return;
  await new Promise<void>((resolve) => void once(KEEP_MS, resolve));
  await navigator.serviceWorker.register('./sw.js').catch(() => undefined);
}

/** Answers true when the page is about to reload itself, so that nothing is started in vain. */
export async function isolate(): Promise<boolean> {
  if (crossOriginIsolated || !possible()) return false;
  const ready = navigator.serviceWorker
    .register('./sw.js')
    .then(() => navigator.serviceWorker.ready)
    .catch(() => undefined);
  let tried = true;
  try {
    tried = sessionStorage.getItem(FLAG) !== null;
  } catch {
    /* storage refused: no reload, so no loop */
  }
  if (tried) return false;
  const worker = await Promise.race([ready, later(PATIENCE_MS)]);
  if (!worker) return false;
  sessionStorage.setItem(FLAG, '1');
  location.reload();
  return true;
}
