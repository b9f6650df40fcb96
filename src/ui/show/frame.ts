// What an embedded picture and the page around it tell each other: docs/EMBED.md. The page around is a stranger: what it sends is
// checked for shape, does no more than the transport's buttons do, and everything else is not answered.
import { once } from '../hotkeys';
import { back, forward } from '../link';
import { lab } from '../store';
import { setThemeUnkept } from '../theme';
import { goTo } from '../travel';
import type { Asked } from './address';

export type Order = { do: 'step' } | { do: 'back' } | { do: 'go'; step: number } | { do: 'theme'; theme: 'light' | 'dark' | 'auto' };

const FURTHEST = 2 ** 31 - 1;

/** A message as an order, or undefined. */
export function orderOf(data: unknown): Order | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { type, step, theme } = data as { type?: unknown; step?: unknown; theme?: unknown };
  if (type === 'ringside:step') return { do: 'step' };
  if (type === 'ringside:back') return { do: 'back' };
  if (type === 'ringside:go')
    return typeof step === 'number' && Number.isInteger(step) && step >= 0 && step <= FURTHEST ? { do: 'go', step } : undefined;
  if (type === 'ringside:theme') return theme === 'light' || theme === 'dark' || theme === 'auto' ? { do: 'theme', theme } : undefined;
  return undefined;
}

function tell(message: { type: 'ringside:size'; height: number } | { type: 'ringside:at'; step: number }): void {
  if (parent !== window) parent.postMessage(message, '*');
}

function onMessage(e: MessageEvent): void {
  if (e.source !== parent || parent === window) return;
  const order = orderOf(e.data);
  if (!order) return;
  if (order.do === 'theme') {
    setThemeUnkept(order.theme);
    return;
  }
  if (lab.get().state?.run !== 'stopped') return;
  if (order.do === 'step') once(forward);
  else if (order.do === 'back') once(() => back());
  else {
    const { step } = order;
    once(() => goTo(step));
  }
}

export function startFrame(asked: Asked): () => void {
  setThemeUnkept(asked.theme);
  let height = 0,
    step = -1;
  const measure = () => {
    const now = Math.ceil(document.querySelector('.embed main')?.scrollHeight ?? 0);
    if (now === height) return;
    height = now;
    tell({ type: 'ringside:size', height });
  };
  const at = () => {
    const { state } = lab.get();
    if (!state || state.run === 'running' || state.step === step) return;
    step = state.step;
    tell({ type: 'ringside:at', step });
  };
  const observer = new ResizeObserver(measure);
  for (const element of document.querySelectorAll('.embed, .embed main, .embed-body, .embed-body > *')) observer.observe(element);
  const grown = new MutationObserver(measure);
  grown.observe(document.body, { childList: true, subtree: true, characterData: true });
  const stop = lab.subscribe(at);
  addEventListener('message', onMessage);
  measure();
  at();
  return () => {
    observer.disconnect();
    grown.disconnect();
    stop();
    removeEventListener('message', onMessage);
  };
}
