// On a plain static host without headers, below a sub-path: isolated after one reload, and offline afterwards.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { expect, GUEST_PROMPT, shows, test, typeIn } from './lab';

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};
const root = process.env.RINGSIDE_DIST ?? 'dist';

function plainHost(): Promise<Server> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://x').pathname.replace(/^\/some\/where/, ''));
    const file = join(root, path.endsWith('/') ? `${path}index.html` : path);
    if (!existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

test('isolated after one reload, and there when the host is gone', async ({ page }) => {
  test.setTimeout(90_000);
  const server = await plainHost();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/some/where/`;
  let loads = 0;
  page.on('framenavigated', (frame) => {
    if (frame === page.mainFrame()) loads++;
  });
  await page.goto(url);
  await expect.poll(() => page.evaluate(() => crossOriginIsolated).catch(() => false), { timeout: 20_000 }).toBe(true);
  await expect(page.getByRole('button', { name: 'Boot the VM' })).toBeVisible({ timeout: 30_000 });
  expect(loads).toBe(2);
  server.closeAllConnections();
  await new Promise((done) => {
    server.close(done);
  });
  await page.reload();
  await expect(page.getByRole('button', { name: 'Boot the VM' })).toBeVisible({ timeout: 30_000 });
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
});

test.describe('without a service worker', () => {
  test.use({ serviceWorkers: 'block' });
  test('the step engine does everything, and the page says what is off', async ({ page }) => {
    const server = await plainHost();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/some/where/`);
    await expect(page.getByRole('button', { name: 'Boot the VM' })).toBeVisible({ timeout: 30_000 });
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    await expect(page.getByRole('radio', { name: 'Full speed' })).toBeDisabled();
    await page.getByText('Limits here').click();
    await expect(page.getByText('This page may not use several CPUs here')).toBeVisible();
    await page.getByRole('button', { name: 'Boot the VM' }).click();
    await shows(page, 'guest', GUEST_PROMPT);
    await typeIn(page, 'guest', 'pkt-gen -i vtnet0 -f tx');
    await shows(page, 'guest', /pps/);
    await expect(page.locator('.ring-box canvas')).toBeVisible();
    server.closeAllConnections();
    server.close();
  });
});
