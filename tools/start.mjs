// `npm start`: builds what is missing or stale, serves dist/ on this machine, and opens the page where there is a desktop.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, distIsFresh } from './build.mjs';
import { serve } from './serve.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The command that opens an address, or undefined where nobody would see it. */
function opener({ platform, env }) {
  if (env.CI || env.SSH_CONNECTION) return undefined;
  if (platform === 'darwin') return ['open'];
  if (platform === 'win32') return ['cmd', '/c', 'start', ''];
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ['xdg-open'] : undefined;
}

/** Builds if need be and serves; answers the running server. */
export async function start({ port = Number(process.env.PORT) || 4173, open = true } = {}) {
  if (!distIsFresh()) {
    console.log('building …');
    await build();
  }
  const running = await serve(join(root, 'dist'), { port });
  console.log(`Ringside is at ${running.url}  (Ctrl-C stops it)`);
  const command = open ? opener(process) : undefined;
  if (command) {
    const child = spawn(command[0], [...command.slice(1), running.url], { stdio: 'ignore', detached: true });
    child.on('error', () => {}); // no such command: the address is on the screen
    child.unref();
  }
  const stop = () => {
    running.server.close();
    running.server.closeAllConnections();
    process.exit(0);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return running;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await start({ open: !process.argv.includes('--no-open') }).catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
}
