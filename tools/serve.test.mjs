// The static server: isolation headers, MIME types, a busy port, and no way out of its folder.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HEADERS, headersFile } from './headers.mjs';
import { serve } from './serve.mjs';

const folder = mkdtempSync(join(tmpdir(), 'serve-'));
const secret = `${folder}-secret`;
let running;

beforeAll(async () => {
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<p>hello');
  writeFileSync(join(folder, 'assets', 'free-Da9sGnYC.wasm'), '\0asm');
  writeFileSync(secret, 'secret'); // a neighbour whose name begins like the folder's
  symlinkSync(secret, join(folder, 'link'));
  running = await serve(folder, { port: 4290 });
});

afterAll(() => {
  running.server.closeAllConnections();
  running.server.close();
  rmSync(folder, { recursive: true });
  rmSync(secret);
});

/** The status line of a request that no client would send. */
const raw = (path) =>
  new Promise((done, fail) => {
    let text = '';
    const socket = connect(running.port, '127.0.0.1', () => socket.write(`GET ${path} HTTP/1.0\r\n\r\n`));
    socket.on('data', (data) => {
      text += data;
    });
    socket.on('error', fail);
    socket.on('close', () => done(Number(text.split(' ')[1])));
  });

it('isolates', async () => {
  const { status, headers } = await fetch(running.url);
  expect(status).toBe(200);
  expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
  expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
  expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin');
});

it('closes: every header of the page, on what is there and on what is not', async () => {
  for (const path of ['', 'nope', 'assets/free-Da9sGnYC.wasm']) {
    const { headers } = await fetch(running.url + path);
    for (const [name, value] of Object.entries(HEADERS)) expect(headers.get(name), `${name} of /${path}`).toBe(value);
  }
  expect(readFileSync('public/_headers', 'utf8'), 'public/_headers is headersFile() of tools/headers.mjs').toBe(headersFile());
  expect(HEADERS['Content-Security-Policy']).not.toMatch(/'unsafe-(?:inline|eval|hashes)'|https?:|\*;/);
});

it('says what wasm is, and that a hashed name may be kept', async () => {
  const { headers } = await fetch(`${running.url}assets/free-Da9sGnYC.wasm?x`);
  expect(headers.get('content-type')).toBe('application/wasm');
  expect(headers.get('cache-control')).toMatch('immutable');
});

it.each([
  ['/nope', 404],
  ['/assets', 404],
  ['/link', 403],
  ['/../../etc/passwd', 403],
  ['/..%2f..%2fetc%2fpasswd', 403],
  [`/../${secret.split('/').pop()}`, 403],
  ['/%2e%2e/etc/passwd', 403],
  ['/..%5cx', 403],
  ['/%00', 403],
  ['/%zz', 403],
])('answers %s with %i', async (path, status) => {
  expect(await raw(path)).toBe(status);
});

it('takes the next port when one is busy', async () => {
  const second = await serve(folder, { port: running.port });
  expect(second.port).toBeGreaterThan(running.port);
  second.server.close();
  await expect(serve(folder, { port: running.port, strictPort: true })).rejects.toThrow('EADDRINUSE');
});
