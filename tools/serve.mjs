// A static server for dist/: Node's http, the headers of the page (tools/headers.mjs), and nothing else.
// It answers GET and HEAD, on this machine only, and never a path outside its folder.
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { HEADERS } from './headers.mjs';

const MIME = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/plain; charset=utf-8',
};

/** The file that a URL names: undefined if there is none, null if the path leaves the folder. */
export async function fileOf(folder, url) {
  let path;
  try {
    path = decodeURIComponent(url.split(/[?#]/, 1)[0]);
  } catch {
    return null;
  }
  if (!path.startsWith('/') || path.includes('\0') || path.includes('\\')) return null;
  const base = await realpath(folder);
  const inside = (p) => p === base || p.startsWith(base + sep);
  const asked = resolve(join(base, `.${path}`));
  if (path.split('/').includes('..') || !inside(asked)) return null;
  for (const candidate of [asked, join(asked, 'index.html')]) {
    const real = await realpath(candidate).catch(() => undefined);
    if (!real) continue;
    if (!inside(real)) return null; // a symbolic link that leads out
    const info = await stat(real);
    if (info.isFile()) return { file: real, size: info.size };
  }
  return undefined;
}

async function answer(folder, request, response) {
  const plain = (status, text, more = {}) => {
    response.writeHead(status, { ...HEADERS, 'Content-Type': 'text/plain; charset=utf-8', ...more });
    response.end(request.method === 'HEAD' ? undefined : `${text}\n`);
  };
  if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, 'GET and HEAD only', { Allow: 'GET, HEAD' });
  const found = await fileOf(folder, request.url ?? '/');
  if (found === null) return plain(403, 'no such place');
  if (found === undefined) return plain(404, 'not found');
  const hashed = /[\\/]assets[\\/].*-[\w-]{8}\.\w+$/.test(found.file); // Vite's names carry a hash of the contents
  response.writeHead(200, {
    ...HEADERS,
    'Content-Type': MIME[extname(found.file).toLowerCase()] ?? 'application/octet-stream',
    'Content-Length': found.size,
    'Cache-Control': hashed ? 'max-age=31536000, immutable' : 'no-cache',
  });
  if (request.method === 'HEAD') return response.end();
  const stream = createReadStream(found.file);
  stream.on('error', () => response.destroy());
  return stream.pipe(response);
}

/** Serves the folder at the first free port from `port` on (`strictPort`: that one or an error). */
export async function serve(folder, { port = 4173, host = '127.0.0.1', strictPort = false, tries = 50 } = {}) {
  const server = createServer((request, response) => {
    answer(folder, request, response).catch((error) => {
      console.error(error);
      if (!response.headersSent) response.writeHead(500, HEADERS);
      response.end();
    });
  });
  for (let p = port; ; p++) {
    const error = await new Promise((done) => {
      server.once('error', done);
      server.listen(p, host, () => {
        server.off('error', done);
        done(undefined);
      });
    });
    if (!error) {
      const actual = server.address().port;
      return { server, port: actual, url: `http://${host}:${actual}/` };
    }
    if (error.code !== 'EADDRINUSE' || strictPort || p - port >= tries) throw error;
  }
}
