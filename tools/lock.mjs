// Completes package-lock.json after `npm install`: npm leaves out an optional dependency that the registry at hand does
// not show (a mirror may lack other platforms' natives), and `npm ci` then refuses the lockfile everywhere.
// What is added has a version and a platform, but no integrity. Usage: node tools/lock.mjs [--check].
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const file = join(dirname(fileURLToPath(import.meta.url)), '..', 'package-lock.json');
const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];

/** What a native's name says: @biomejs/cli-linux-arm64-musl is for linux, arm64, musl. */
export function platformOf(name) {
  const words = name.split(/[/-]/);
  const at = words.findIndex((word) => SYSTEMS.includes(word));
  const [os, cpu, abi = ''] = at < 0 ? [] : words.slice(at);
  if (!os || !cpu) return undefined;
  const libc = os !== 'linux' ? undefined : abi.startsWith('musl') ? 'musl' : abi.startsWith('gnu') ? 'glibc' : undefined;
  return { cpu: [cpu], os: [os], ...(libc ? { libc: [libc] } : {}) };
}

/** The natives that a lockfile names but does not hold, as entries for it. */
export function missing(lock) {
  const found = {};
  for (const parent of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      const path = `node_modules/${name}`;
      const platform = platformOf(name);
      if (lock.packages[path] || !platform || !/^\d+\.\d+\.\d+[\w.-]*$/.test(version)) continue;
      found[path] = { version, ...(parent.dev ? { dev: true } : {}), optional: true, ...platform };
    }
  }
  return found;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const found = missing(lock);
  const names = Object.keys(found);
  if (names.length && process.argv.includes('--check')) {
    console.error(`package-lock.json lacks ${names.length} natives of other platforms: run node tools/lock.mjs`);
    process.exitCode = 1;
  } else if (names.length) {
    const all = Object.entries({ ...lock.packages, ...found }).sort(([a], [b]) => (a < b ? -1 : 1));
    writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(all) }, null, 2)}\n`);
    console.log(`added ${names.length} natives to package-lock.json`);
  }
}
