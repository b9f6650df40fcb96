// What `npm start` and `npm test` need is here, or is installed: dependencies and, for the page's tests, a Chromium.
// Plain Node, no dependencies: this runs before node_modules exists. Usage: node tools/ensure.mjs [deps] [browser].
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Prints the sentence and ends: nothing here has a stack trace worth reading. */
function giveUp(sentence) {
  console.error(sentence);
  process.exit(1);
}

function run(cmd, args, env = {}) {
  console.log('>', cmd, args.join(' '));
  const options = { stdio: 'inherit', cwd: root, env: { ...process.env, ...env }, shell: process.platform === 'win32' };
  return spawnSync(cmd, args, options).status === 0;
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const PLACES = {
  linux: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium'],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  ],
};

/** The browser for the page's tests: $CHROMIUM_PATH, the usual places, then $PATH. */
export function findBrowser() {
  const named = process.env.CHROMIUM_PATH;
  if (named && existsSync(named)) return named;
  const path = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const onPath = process.platform === 'win32' ? [] : path.flatMap((dir) => NAMES.map((name) => join(dir, name)));
  return [...(PLACES[process.platform] ?? []), ...onPath].find((p) => existsSync(p));
}

function ensureNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    giveUp(`Ringside needs Node 20.19 or newer; this is ${process.version}. See https://nodejs.org.`);
  }
}

/** npm ci, unless node_modules was made from this very lockfile. */
function ensureDeps() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = join(root, 'node_modules', '.ringside-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  const quiet = ['--no-audit', '--no-fund'];
  if (!run('npm', ['ci', ...quiet])) {
    // A lockfile made where a mirror lacks other platforms' natives is refused by npm ci (see tools/lock.mjs). The
    // versions are pinned all the same; nothing is written but node_modules.
    console.log('npm ci refused; trying npm install with the same lockfile');
    if (!run('npm', ['install', '--no-save', ...quiet])) giveUp('npm could not install: is the registry reachable? Try `npm ci` by hand.');
  }
  writeFileSync(stamp, lock);
}

function ensureBrowser() {
  if (findBrowser()) return;
  const debian = process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (debian) {
    const lock = ['-o', 'DPkg::Lock::Timeout=600'];
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    run('apt-get', [...lock, 'update'], env);
    run('apt-get', [...lock, 'install', '-y', '--no-install-recommends', 'chromium'], env);
  }
  if (!findBrowser()) {
    giveUp('The tests of the page need Chromium: install Chromium or Google Chrome, or set CHROMIUM_PATH to its binary.');
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensureNode();
  if (process.argv.includes('deps')) ensureDeps();
  if (process.argv.includes('browser')) ensureBrowser();
}
