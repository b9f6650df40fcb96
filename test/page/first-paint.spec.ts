// What the first picture costs, in bytes and not in time: what index.html loads, and that terminals and panels come after it.
import { gzipSync } from 'node:zlib';
import { expect, open, test } from './lab';

/** Gzipped; it was 299 kB when all was one file. Raise it only for what the first picture shows. */
const LIMIT = 215_000;

test('the first picture stays small, and what it does not show comes when it is asked for', async ({ page, request }) => {
  const html = await (await request.get('./')).text(),
    names = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.(?:js|css))"/g)].map((m) => m[1] ?? '');
  expect(names.length).toBeGreaterThan(1);
  let bytes = gzipSync(html).length;
  for (const name of names) bytes += gzipSync(await (await request.get(`./${name}`)).body()).length;
  expect(bytes).toBeLessThan(LIMIT);
  expect(names.filter((name) => /xterm|more_bodies|virtual/.test(name))).toEqual([]);

  const asked: string[] = [];
  page.on('request', (r) => asked.push(r.url()));
  await open(page);
  const panels = () => asked.filter((url) => /more_bodies-[\w-]+\.js/.test(url));
  expect(asked.some((url) => /xterm-[\w-]+\.js/.test(url))).toBe(true);
  expect(panels()).toEqual([]);
  await page.getByRole('tab', { name: 'Threads' }).click();
  await expect(page.locator('#panel')).not.toBeEmpty();
  expect(panels().length).toBeGreaterThan(0);
});
