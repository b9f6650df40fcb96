// The page at work, in Chromium: until it can be used with a slow CPU, its frames under full traffic, its longest task during a scripted
// walk, and what it keeps over minutes of traffic. README.md says how each is measured.
import { below, traced } from './page_trace.mjs';

const SLOW = 4;
const QUIET_MS = 500;
const FRAMES_MS = 10_000;
/** After the walk, whose pictures and panels are let go of. */
const SETTLED_MS = 5000;
const FRAME = 16.7;
/** What a terminal of the page keeps, src/ui/term/sessions.ts. */
const SCROLLBACK = 5000;
const VIEW = { viewport: { width: 1440, height: 900 } };
const prompt = /root@\S*:\S* # ?$/m;

const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const throttle = async (page, rate) => {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Emulation.setCPUThrottlingRate', { rate });
  return cdp;
};

/** Runs in the page: long tasks, and when the tour's first card asked for its act. */
function watchStart() {
  const w = globalThis;
  w.long = [];
  new PerformanceObserver((list) => {
    for (const e of list.getEntries()) w.long.push([e.startTime, e.startTime + e.duration]);
  }).observe({ type: 'longtask', buffered: true });
  const look = () => {
    if (document.querySelector('.tour-act')) w.cardAt = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** A first visit: first contentful paint, until it can be used, and until its first key is answered; ms. */
async function firstVisit(browser, url, rate) {
  const context = await browser.newContext(VIEW);
  try {
    const page = await context.newPage();
    await throttle(page, rate);
    await page.addInitScript(watchStart);
    await page.goto(url);
    const quiet = ([ms]) => {
      const { cardAt, long } = globalThis;
      if (cardAt === undefined) return false;
      const ready = Math.max(cardAt, ...long.filter(([from]) => from < cardAt + ms).map(([, to]) => to));
      return performance.now() > ready + ms && ready;
    };
    const ready = await (await page.waitForFunction(quiet, [QUIET_MS], { timeout: 90_000 })).jsonValue();
    const fcp = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0);
    const answered = await page.evaluate(
      () =>
        new Promise((done) => {
          const from = performance.now();
          dispatchEvent(new KeyboardEvent('keydown', { key: ' ', code: 'Space', bubbles: true, cancelable: true }));
          const look = () => {
            if (document.querySelector('[data-run=stopped]')) done(performance.now() - from);
            else requestAnimationFrame(look);
          };
          look();
        }),
    );
    const card = await page.evaluate(() => globalThis.cardAt);
    return { fcp, card, ready, answered };
  } finally {
    await context.close();
  }
}

const screen = (page, side) =>
  page.locator(`[data-region="${side}"] [data-tty]:not([hidden]) .xterm-rows > div`).evaluateAll((rows) =>
    rows
      .map((r) => (r.textContent ?? '').replaceAll('\u00a0', ' ').trimEnd())
      .join('\n')
      .trimEnd(),
  );
async function shows(page, side, what) {
  for (const end = Date.now() + 60_000; Date.now() < end; await wait(100)) if (what.test(await screen(page, side))) return;
  throw new Error(`the ${side}'s terminal never showed ${what}`);
}
async function type(page, side, line) {
  await page.locator(`[data-region="${side}"] [data-tty]:not([hidden]) .xterm-screen`).click();
  await page.keyboard.type(`${line}\r`);
}

/** A booted VM with packets from guest to host, at full speed. */
async function underTraffic(browser, url) {
  const context = await browser.newContext(VIEW);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(`${url}?bare`);
  await page.getByRole('button', { name: 'Boot the VM' }).click();
  await shows(page, 'guest', prompt);
  // terminals that have scrolled all they keep: what grows after that is no line of theirs
  for (const side of ['guest', 'host']) {
    await type(page, side, `seq ${SCROLLBACK}`);
    await shows(page, side, new RegExp(`\\n${SCROLLBACK}\\n`));
  }
  await type(page, 'host', 'pkt-gen -i vale1:2 -f rx');
  await type(page, 'guest', 'pkt-gen -i vtnet0 -f tx');
  await shows(page, 'guest', /[1-9][\d.]* [KM]?pps/);
  return { context, page };
}

/** What a visitor does, one thing after another. */
async function walk(page) {
  const press = async (key, times, pause) => {
    for (let i = 0; i < times; i++) {
      await page.keyboard.press(key);
      await wait(pause);
    }
  };
  const button = (name) => page.getByRole('button', { name, exact: true });
  await button('Park').click();
  await button('Run').waitFor();
  await page.locator('.stage').focus();
  await press('.', 10, 60);
  await press(',', 5, 120);
  for (const tab of await page.locator('.inspector [role=tab]').all()) {
    await tab.click();
    await wait(250);
  }
  for (const level of ['Level 2: ring', 'Level 3: slot', 'Level 1: machine']) {
    await page.getByRole('button', { name: level }).click();
    await wait(400);
  }
  await page.locator('.stage').focus();
  await press('Control+k', 1, 400);
  await press('Escape', 1, 200);
  await button('Run').click();
  await wait(1500);
}

/**
 * Runs in the page. Workers whose threads run freely never answer the browser, which waits a minute for them before it tells of the
 * others, the lab's among them; 0: not within two, or never.
 */
async function workersBytes() {
  if (!crossOriginIsolated || !performance.measureUserAgentSpecificMemory) return 0;
  const late = new Promise((done) => {
    setTimeout(() => done({ breakdown: [] }), 120_000);
  });
  const { breakdown } = await Promise.race([performance.measureUserAgentSpecificMemory(), late]);
  return breakdown.filter((b) => b.attribution.some((a) => /Worker/.test(a.scope))).reduce((sum, b) => sum + b.bytes, 0);
}

/** Bytes that are in use after a collection: the page's, and with its workers' where Chromium says; DOM nodes and listeners. */
async function heap(page, cdp, whole) {
  await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  const { nodes, jsEventListeners } = await cdp.send('Memory.getDOMCounters');
  const one = { page: usedSize / 1e6, nodes, listeners: jsEventListeners };
  return whole ? { ...one, workers: (await page.evaluate(workersBytes)) / 1e6 } : one;
}

/** MB a minute, by least squares. */
function slope(points) {
  const mean = (k) => points.reduce((s, p) => s + p[k], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const over = points.reduce((s, p) => s + (p[0] - x) * (p[1] - y), 0),
    under = points.reduce((s, p) => s + (p[0] - x) ** 2, 0);
  return under ? over / under : 0;
}

function frameRows(name, { frames, drawn, longest }) {
  const cpu = frames.map((f) => f.cpu);
  const share = (100 * cpu.filter((ms) => ms < FRAME).length) / Math.max(1, cpu.length);
  return [
    { what: `${name}: frames with under ${FRAME} ms of work (aim 95)`, unit: '%', rounds: [share] },
    { what: `${name}: work a frame, median`, unit: 'ms', rounds: [below(cpu, 0.5)] },
    { what: `${name}: work a frame, 95 % below`, unit: 'ms', rounds: [below(cpu, 0.95)] },
    {
      what: `${name}: drawing a frame, 95 % below (aim 2)`,
      unit: 'ms',
      rounds: [
        below(
          drawn.map((d) => d.cpu),
          0.95,
        ),
      ],
    },
    {
      what: `${name}: frames apart, median`,
      unit: 'ms',
      rounds: [
        below(
          frames.map((f) => f.apart),
          0.5,
        ),
      ],
    },
    {
      what: `${name}: frames apart, 95 % below`,
      unit: 'ms',
      rounds: [
        below(
          frames.map((f) => f.apart),
          0.95,
        ),
      ],
    },
    { what: `${name}: longest task (aim 50)`, unit: 'ms', rounds: [longest.cpu] },
  ];
}

/** Runs in the page: asks for each frame, so that one whose time was taken shows. What the page itself draws is not more often for it. */
function askFrames() {
  const next = () => requestAnimationFrame(next);
  next();
}

/** The rows of the page at work; `minutes` of traffic for what it keeps. */
export async function atWork(browser, url, { rounds, minutes }) {
  const rows = [];
  for (const rate of [1, SLOW]) {
    const visits = [];
    for (let i = 0; i < rounds; i++) visits.push(await firstVisit(browser, url, rate));
    const aims = rate === SLOW ? [' (aim 1000)', ' (aim 2000)'] : ['', ''];
    const all = (k) => visits.map((v) => v[k]);
    rows.push(
      { what: `CPU / ${rate}: first contentful paint${aims[0]}`, unit: 'ms', rounds: all('fcp') },
      { what: `CPU / ${rate}: the first card asks for its act`, unit: 'ms', rounds: all('card') },
      { what: `CPU / ${rate}: can be used: first card stands, and quiet${aims[1]}`, unit: 'ms', rounds: all('ready') },
      { what: `CPU / ${rate}: its first key answered after`, unit: 'ms', rounds: all('answered') },
    );
  }
  const { context, page } = await underTraffic(browser, url);
  try {
    await page.evaluate(askFrames);
    for (const rate of [1, SLOW]) {
      await throttle(page, rate);
      await wait(1000);
      rows.push(...frameRows(`CPU / ${rate}, default panels`, await traced(browser, page, () => wait(FRAMES_MS))));
      await page.getByRole('button', { name: 'Level 2: ring' }).click();
      await wait(1000);
      rows.push(...frameRows(`CPU / ${rate}, a ring`, await traced(browser, page, () => wait(FRAMES_MS / 2))));
      await page.getByRole('button', { name: 'Level 1: machine' }).click();
    }
    const cdp = await throttle(page, 1);
    for (const name of ['first time', 'again']) {
      const { longest, tasks, within } = await traced(browser, page, () => walk(page));
      if (process.env.BENCH_WHY) console.error(name, longest, within);
      rows.push(
        { what: `a walk, ${name}: longest task (aim 50)`, unit: 'ms', rounds: [longest.cpu] },
        { what: `a walk, ${name}: tasks over 50 ms, of ${tasks.length}`, unit: '', rounds: [tasks.filter((t) => t.cpu > 50).length] },
      );
    }
    await wait(SETTLED_MS);
    const from = Date.now(),
      kept = [];
    const looks = Math.max(6, minutes * 2);
    for (let i = 0; i <= looks; i++) {
      await wait(Math.max(0, from + (i * minutes * 60_000) / looks - Date.now()));
      kept.push([(Date.now() - from) / 60_000, await heap(page, cdp, i === 0 || i === looks)]);
    }
    const [first, last] = [kept[0][1], kept.at(-1)[1]];
    const grown = slope(kept.slice(1).map(([t, h]) => [t, h.page])) * 1000;
    for (const [k, what, unit] of [
      ['page', "the page's heap", 'MB'],
      ['workers', "the workers' heaps", 'MB'],
      ['nodes', 'DOM nodes', ''],
      ['listeners', 'listeners', ''],
    ])
      rows.push(
        { what: `${what}, before`, unit, rounds: [first[k]] },
        { what: `${what}, after ${minutes} min of traffic`, unit, rounds: [last[k]] },
      );
    rows.push({ what: "the page's heap, slope after the first look", unit: 'kB/min', rounds: [grown] });
  } finally {
    await context.close();
  }
  return rows;
}
