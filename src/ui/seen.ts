// What the page does again and again, it does while its tab is seen: in a hidden one no timer of its runs.

/** Calls `f` each `ms` while the tab is shown; the time begins anew when it is shown again. Answers how to end it. */
export function every(ms: number, f: () => void, shown: () => void = () => {}): () => void {
  let timer = 0;
  const look = () => {
    clearInterval(timer);
    timer = document.hidden ? 0 : window.setInterval(f, ms);
    if (timer) shown();
  };
  look();
  document.addEventListener('visibilitychange', look);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', look);
  };
}

/** Calls `f` once, `ms` later; in a hidden tab the wait begins anew when it is shown again. Answers how to call it off. */
export function once(ms: number, f: () => void): () => void {
  const end = every(ms, () => {
    end();
    f();
  });
  return end;
}

/** When what was asked for has been painted; at once in a hidden tab, which paints nothing. */
export function painted(): Promise<void> {
  return new Promise((done) => {
    if (document.hidden) done();
    else requestAnimationFrame(() => setTimeout(done));
  });
}
