// What a trace of Chromium says about the page's main thread: how long its tasks were, and how much of each frame was work.

/** Runs `f` under a trace; the main thread's tasks and frames, in ms. CPU time is the thread's own: others on the machine do not count. */
export async function traced(browser, page, f) {
  await browser.startTracing(page, {
    categories: ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline', 'blink.user_timing'],
  });
  await f();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  return mainThread(traceEvents);
}

function mainThread(events) {
  // the thread that fires animation frames of the page; a worker has none
  const fired = events.filter((e) => e.name === 'FireAnimationFrame' && e.ph === 'X');
  const names = new Map(events.filter((e) => e.name === 'thread_name').map((e) => [`${e.pid}.${e.tid}`, e.args.name]));
  const main = fired.map((e) => `${e.pid}.${e.tid}`).find((id) => names.get(id) === 'CrRendererMain');
  const of = (name) => events.filter((e) => e.name === name && e.ph === 'X' && `${e.pid}.${e.tid}` === main).sort((a, b) => a.ts - b.ts);
  const ms = (e) => ({ at: e.ts / 1000, wall: (e.dur ?? 0) / 1000, cpu: (e.tdur ?? e.dur ?? 0) / 1000 });
  const tasks = of('RunTask').map(ms);
  const drawn = of('FireAnimationFrame').map(ms);
  // several callbacks of one frame follow each other without a task between
  const frames = drawn.filter((d, i) => i === 0 || d.at - drawn[i - 1].at > 4);
  const work = frames.slice(1).map((frame, i) => {
    const inside = tasks.filter((t) => t.at >= frames[i].at && t.at < frame.at);
    return { apart: frame.at - frames[i].at, cpu: inside.reduce((sum, t) => sum + t.cpu, 0) };
  });
  const longest = tasks.reduce((a, t) => (t.cpu > a.cpu ? t : a), { at: 0, wall: 0, cpu: 0 });
  return { tasks, frames: work, drawn, longest, within: longestInside(events, main, longest) };
}

/** The costliest thing by name inside of a task. */
function longestInside(events, main, task) {
  const inside = events.filter(
    (e) =>
      e.ph === 'X' &&
      `${e.pid}.${e.tid}` === main &&
      e.ts / 1000 >= task.at &&
      (e.ts + (e.dur ?? 0)) / 1000 <= task.at + task.wall + 0.01 &&
      /^(FunctionCall|EvaluateScript|v8.compile|UpdateLayoutTree|Layout|PrePaint|Paint|Layerize|Commit|MajorGC|MinorGC|EventDispatch|TimerFire|FireAnimationFrame|HitTest|RunMicrotasks|ParseHTML|RasterTask)$/.test(
        e.name,
      ),
  );
  const sums = new Map();
  for (const e of inside) sums.set(e.name, (sums.get(e.name) ?? 0) + (e.dur ?? 0) / 1000);
  return [...sums].sort((a, b) => b[1] - a[1]).slice(0, 4);
}

/** The value below which `share` of all are. */
export const below = (all, share) => [...all].sort((a, b) => a - b)[Math.min(all.length - 1, Math.floor(all.length * share))] ?? 0;
